// Adagrad, as torch.optim rounds it. J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and
// stochastic optimization", 2011.

import { where } from "../functions.ts";
import { checkOptions } from "../words/options.ts";
import { checkBooleans, checkNotNegative } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer } from "./optimizer.ts";
import { descentGradient } from "./parts.ts";

export interface AdagradOptions {
  /** Learning rate. Default 0.01. */
  readonly lr?: number;
  /** Step t is made at lr / (1 + (t - 1) lrDecay); 0 or more. Default 0. */
  readonly lrDecay?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** What the sum of squared gradients starts from; 0 or more. Default 0. */
  readonly initialAccumulatorValue?: number;
  /** Added to the denominator; 0 or more. Default 1e-10. */
  readonly eps?: number;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const ADAGRAD_OPTIONS = ["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps", "maximize"] as const;

/** A description of Adagrad. Throws TypeError or RangeError for options that make no sense. */
export function Adagrad(options: AdagradOptions = {}): FormulaOptimizer {
  checkOptions("Adagrad()", options, ADAGRAD_OPTIONS);
  const { lr = 0.01, lrDecay = 0, weightDecay = 0, initialAccumulatorValue = 0, eps = 1e-10 } = options;
  const { maximize = false } = options;
  checkNotNegative("Adagrad", { lr, lrDecay, weightDecay, initialAccumulatorValue, eps });
  checkBooleans("Adagrad", { maximize });
  const startsAtZero = initialAccumulatorValue === 0;
  const all = { lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize };
  return formulaOptimizer("Adagrad", all, {
    state: ["sum"],
    numbers: startsAtZero ? ["factor"] : ["factor", "first"],
    numbersAt: (t, rate) => [-(rate / (1 + (t - 1) * lrDecay)), ...(startsAtZero ? [] : [t === 1 ? 1 : 0])],
    update(x, gradient, state, { factor, first }) {
      const g = descentGradient(gradient, maximize, x, weightDecay);
      const before = startsAtZero ? state.sum : where(first.gt(0), initialAccumulatorValue, state.sum);
      const sum = before.add(g.mul(g));
      return { x: x.add(factor.mul(g).div(sum.sqrt().add(eps))), state: { sum } };
    },
  });
}
