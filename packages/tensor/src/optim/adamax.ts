// Adamax, as torch.optim rounds it: Adam with the largest gradient so far in place of their running mean square.
// D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015, section 7.

import { checkOptions } from "../words/options.ts";
import { checkBetas, checkBooleans, checkNotNegative } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer } from "./optimizer.ts";
import { bias, descentGradient, towards } from "./parts.ts";

export interface AdamaxOptions {
  /** Learning rate. Default 0.01, what Python's plenoptic gives an optimizer without one. */
  readonly lr?: number;
  /** Decay of the running mean, and of the largest gradient, each in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the size of the gradient; 0 or more. Default 1e-8. */
  readonly eps?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const ADAMAX_OPTIONS = ["lr", "betas", "eps", "weightDecay", "maximize"] as const;

/** A description of Adamax. Throws TypeError or RangeError for options that make no sense. */
export function Adamax(options: AdamaxOptions = {}): FormulaOptimizer {
  checkOptions("Adamax()", options, ADAMAX_OPTIONS);
  const { lr = 0.01, eps = 1e-8, weightDecay = 0, maximize = false } = options;
  checkNotNegative("Adamax", { lr, eps, weightDecay });
  const betas = checkBetas("Adamax", options.betas ?? [0.9, 0.999]);
  checkBooleans("Adamax", { maximize });
  const all = { lr, betas, eps, weightDecay, maximize };
  const make = (moves: boolean): FormulaOptimizer =>
    formulaOptimizer("Adamax", all, {
      state: ["expAvg", "expInf"],
      numbers: moves ? ["factor", "weight"] : ["factor"],
      numbersAt: (t, rate, beta1 = betas[0]) => [-(rate / bias(beta1, t)), ...(moves ? [1 - beta1] : [])],
      update(x, gradient, state, { factor, weight }) {
        const g = descentGradient(gradient, maximize, x, weightDecay);
        const expAvg = towards(state.expAvg, g, moves ? weight : 1 - betas[0]);
        const expInf = state.expInf.mul(betas[1]).maximum(g.abs().add(eps));
        return { x: x.add(factor.mul(expAvg).div(expInf)), state: { expAvg, expInf } };
      },
      moving: () => make(true),
    });
  return make(false);
}
