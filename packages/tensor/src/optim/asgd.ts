// Averaged gradient descent, as torch.optim.ASGD rounds it: descent at a rate that falls, and beside it the mean of its points.
// The mean is remembered and saved; the image is the point itself, as in torch. B. T. Polyak and A. B. Juditsky, "Acceleration
// of stochastic approximation by averaging", 1992.

import { where } from "../functions.ts";
import { pow64 } from "../math/precise.ts";
import { checkOptions } from "../words/options.ts";
import { checkBooleans, checkFinite, checkNotNegative } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer, type NumberMemory } from "./optimizer.ts";
import { descentGradient } from "./parts.ts";

export interface ASGDOptions {
  /** Learning rate. Default 0.01. */
  readonly lr?: number;
  /** How fast the rate falls, and by how much the parameter shrinks in a step. Default 1e-4. */
  readonly lambd?: number;
  /** Power with which the rate falls. Default 0.75. */
  readonly alpha?: number;
  /** Step from which on points are averaged. Default 1e6. */
  readonly t0?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const ASGD_OPTIONS = ["lr", "lambd", "alpha", "t0", "weightDecay", "maximize"] as const;

/** A description of averaged gradient descent. Throws TypeError or RangeError for options that make no sense. */
export function ASGD(options: ASGDOptions = {}): FormulaOptimizer {
  checkOptions("ASGD()", options, ASGD_OPTIONS);
  const { lr = 0.01, lambd = 1e-4, alpha = 0.75, t0 = 1e6, weightDecay = 0, maximize = false } = options;
  checkNotNegative("ASGD", { lr, weightDecay });
  checkFinite("ASGD", { lambd, alpha, t0 });
  checkBooleans("ASGD", { maximize });
  /** The rate of the next step, and the weight of its point in the mean. */
  const memory: NumberMemory = {
    start: (rate) => ({ eta: Math.fround(rate), mu: 1 }),
    next: (_, t, rate) => ({
      eta: Math.fround(rate / pow64(1 + lambd * rate * t, alpha)),
      mu: Math.fround(1 / Math.max(1, t - t0)),
    }),
  };
  return formulaOptimizer(
    "ASGD",
    { lr, lambd, alpha, t0, weightDecay, maximize },
    {
      state: ["ax"],
      memory,
      numbers: ["shrink", "factor", "weight"],
      numbersAt(_t, rate, _momentum, { eta, mu } = memory.start(rate)) {
        return [1 - lambd * eta, -eta, mu];
      },
      update(x, gradient, state, { shrink, factor, weight }) {
        const g = descentGradient(gradient, maximize, x, weightDecay);
        const next = x.mul(shrink).add(g.mul(factor));
        const ax = where(weight.eq(1), next, state.ax.add(next.sub(state.ax).mul(weight)));
        return { x: next, state: { ax } };
      },
    },
  );
}
