// Gradient descent with momentum, as torch.optim.SGD rounds it.
// Momentum: B. T. Polyak, 1964; the look-ahead: Y. Nesterov, 1983; this form: I. Sutskever and others, 2013.

import { where } from "../functions.ts";
import { checkOptions } from "../words/options.ts";
import { checkBooleans, checkFinite, checkNotNegative } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer } from "./optimizer.ts";
import { descentGradient } from "./parts.ts";

export interface SGDOptions {
  /** Learning rate. Default 0.01, what Python's plenoptic gives an optimizer without one. */
  readonly lr?: number;
  /** Share of the last step that is taken again; 0 or more. Default 0. */
  readonly momentum?: number;
  /** Lessens the gradient's part in the momentum, from the second step on. Default 0. */
  readonly dampening?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** Look ahead along the momentum. Needs momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const SGD_OPTIONS = ["lr", "momentum", "dampening", "weightDecay", "nesterov", "maximize"] as const;

/** A description of gradient descent. Throws TypeError or RangeError for options that make no sense. */
export function SGD(options: SGDOptions = {}): FormulaOptimizer {
  checkOptions("SGD()", options, SGD_OPTIONS);
  const { lr = 0.01, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false, maximize = false } = options;
  checkNotNegative("SGD", { lr, momentum, weightDecay });
  checkFinite("SGD", { dampening });
  checkBooleans("SGD", { nesterov, maximize });
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new RangeError(
      `SGD: nesterov needs a momentum above 0 and no dampening; they are ${momentum} and ${dampening}`,
    );
  }
  const all = { lr, momentum, dampening, weightDecay, nesterov, maximize };
  const make = (moves: boolean): FormulaOptimizer => {
    const hasBuffer = moves || momentum !== 0;
    return formulaOptimizer("SGD", all, {
      state: hasBuffer ? ["momentumBuffer"] : [],
      numbers: ["factor", ...(hasBuffer ? ["first"] : []), ...(moves ? ["share"] : [])],
      numbersAt: (t, rate, present = momentum) => [
        -rate,
        ...(hasBuffer ? [t === 1 ? 1 : 0] : []),
        ...(moves ? [present] : []),
      ],
      update(x, gradient, state, numbers) {
        const { factor, first } = numbers;
        const g = descentGradient(gradient, maximize, x, weightDecay);
        if (!hasBuffer) return { x: x.add(g.mul(factor)), state: {} };
        const share = moves ? numbers.share : momentum;
        const later = state.momentumBuffer.mul(share).add(g.mul(1 - dampening));
        // The first step takes the gradient whole.
        const momentumBuffer = where(first.gt(0), g, later);
        const direction = nesterov ? g.add(momentumBuffer.mul(share)) : momentumBuffer;
        return { x: x.add(direction.mul(factor)), state: { momentumBuffer } };
      },
      moving: () => make(true),
    });
  };
  return make(false);
}
