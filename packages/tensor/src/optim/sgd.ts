// Gradient descent with momentum, as torch.optim.SGD rounds it (spec/optimizers.md, section 2, plain profile).
// Momentum: B. T. Polyak, 1964; the look-ahead: Y. Nesterov, 1983; this form: I. Sutskever and others, 2013.

import { where } from "../functions.ts";
import { checkOptions } from "../options.ts";
import { checkBooleans, checkNotNegative, checkNumber, describe } from "./checks.ts";
import type { FormulaOptimizer } from "./optimizer.ts";

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

/** A description of gradient descent. Throws TypeError or RangeError for options that make no sense. */
export function SGD(options: SGDOptions = {}): FormulaOptimizer {
  checkOptions("SGD()", options, ["lr", "momentum", "dampening", "weightDecay", "nesterov", "maximize"]);
  const { lr = 0.01, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false, maximize = false } = options;
  checkNotNegative("SGD", { lr, momentum, weightDecay });
  checkNumber("SGD", "dampening", dampening, Number.isFinite(dampening), "a finite number");
  checkBooleans("SGD", { nesterov, maximize });
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new RangeError(
      `SGD: nesterov needs a momentum above 0 and no dampening; they are ${momentum} and ${dampening}`,
    );
  }
  const all = Object.freeze({ lr, momentum, dampening, weightDecay, nesterov, maximize });
  return Object.freeze({
    kind: "formula",
    name: "SGD",
    lr,
    options: all,
    state: momentum === 0 ? [] : ["momentum"],
    numbers: momentum === 0 ? ["factor"] : ["factor", "first"],
    numbersAt: (t, rate) => [-rate, ...(momentum === 0 ? [] : [t === 1 ? 1 : 0])],
    update(x, gradient, state, { factor, first }) {
      let g = maximize ? gradient.neg() : gradient;
      if (weightDecay !== 0) g = g.add(x.mul(weightDecay));
      if (momentum === 0) return { x: x.add(g.mul(factor)), state: {} };
      const later = state.momentum.mul(momentum).add(g.mul(1 - dampening));
      // The first step takes the gradient whole.
      const buffer = where(first.gt(0), g, later);
      const direction = nesterov ? g.add(buffer.mul(momentum)) : buffer;
      return { x: x.add(direction.mul(factor)), state: { momentum: buffer } };
    },
    toString: () => describe("SGD", all),
  } satisfies FormulaOptimizer);
}
