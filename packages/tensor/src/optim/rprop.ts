// Rprop, as torch.optim rounds it: every pixel has a step size, which grows while its gradient keeps its sign. M. Riedmiller
// and H. Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm", 1993.

import { where } from "../functions.ts";
import { checkOptions } from "../words/options.ts";
import { checkBooleans, checkNotNegative, checkPair } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer } from "./optimizer.ts";

export interface RpropOptions {
  /** Step size of the first step. Later ones do not look at it. Default 0.01. */
  readonly lr?: number;
  /** What step sizes are multiplied by where the gradient changes its sign, in (0, 1), and where it keeps it, above 1. Default [0.5, 1.2]. */
  readonly etas?: readonly [number, number];
  /** The smallest and the largest step size. Default [1e-6, 50]. */
  readonly stepSizes?: readonly [number, number];
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const RPROP_OPTIONS = ["lr", "etas", "stepSizes", "maximize"] as const;

/** A description of Rprop. Throws TypeError or RangeError for options that make no sense. */
export function Rprop(options: RpropOptions = {}): FormulaOptimizer {
  checkOptions("Rprop()", options, RPROP_OPTIONS);
  const { lr = 0.01, maximize = false } = options;
  checkNotNegative("Rprop", { lr });
  const etas = checkPair("Rprop", "etas", options.etas ?? [0.5, 1.2], "[0.5, 1.2]");
  const [less, more] = etas;
  if (!(0 < less && less < 1 && 1 < more && more < Infinity)) {
    throw new RangeError(`Rprop: etas are ${less} and ${more}; the first must be between 0 and 1, the second above 1`);
  }
  const stepSizes = checkPair("Rprop", "stepSizes", options.stepSizes ?? [1e-6, 50], "[1e-6, 50]");
  const [least, most] = stepSizes;
  if (!(0 <= least && least <= most && most < Infinity)) {
    throw new RangeError(`Rprop: stepSizes are ${least} and ${most}; they must be 0 or more, the smaller one first`);
  }
  checkBooleans("Rprop", { maximize });
  return formulaOptimizer(
    "Rprop",
    { lr, etas, stepSizes, maximize },
    {
      state: ["prev", "stepSize"],
      numbers: ["first"],
      // Later 0: a step size is never negative.
      numbersAt: (t, rate) => [t === 1 ? rate : 0],
      update(x, gradient, state, { first }) {
        const g = maximize ? gradient.neg() : gradient;
        const agreement = g.mul(state.prev);
        const before = where(first.gt(0), first, state.stepSize);
        const grown = where(agreement.gt(0), before.mul(more), where(agreement.lt(0), before.mul(less), before));
        const stepSize = grown.clip(least, most);
        // After a change of sign a step is left out, and the next one looks at no sign.
        const prev = where(agreement.lt(0), 0, g);
        return { x: x.sub(prev.sign().mul(stepSize)), state: { prev, stepSize } };
      },
    },
  );
}
