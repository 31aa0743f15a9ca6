// RAdam, as torch.optim rounds it: Adam that does without the second moment until that is known well enough. L. Liu and
// others, "On the variance of the adaptive learning rate and beyond", 2020; decoupled weight decay: I. Loshchilov and
// F. Hutter, 2019.

import { tensor } from "../create.ts";
import { where } from "../functions.ts";
import { pow64 } from "../math/precise.ts";
import { checkOptions } from "../words/options.ts";
import { checkBetas, checkBooleans, checkNotNegative } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer } from "./optimizer.ts";
import { bias, descentGradient, squareMean, towards } from "./parts.ts";

export interface RAdamOptions {
  /** Learning rate. Default 0.01, what Python's plenoptic gives an optimizer without one. */
  readonly lr?: number;
  /** Decay of the two running means, each in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator; 0 or more. Default 1e-8. */
  readonly eps?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** Shrink the parameter itself by lr weightDecay before the step instead. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const RADAM_OPTIONS = ["lr", "betas", "eps", "weightDecay", "decoupledWeightDecay", "maximize"] as const;

/** A description of RAdam. Throws TypeError or RangeError for options that make no sense. */
export function RAdam(options: RAdamOptions = {}): FormulaOptimizer {
  checkOptions("RAdam()", options, RADAM_OPTIONS);
  const { lr = 0.01, eps = 1e-8, weightDecay = 0, decoupledWeightDecay = false, maximize = false } = options;
  checkNotNegative("RAdam", { lr, eps, weightDecay });
  const betas = checkBetas("RAdam", options.betas ?? [0.9, 0.999]);
  checkBooleans("RAdam", { decoupledWeightDecay, maximize });
  const shrinks = decoupledWeightDecay && weightDecay !== 0;
  const all = { lr, betas, eps, weightDecay, decoupledWeightDecay, maximize };
  const make = (moves: boolean): FormulaOptimizer =>
    formulaOptimizer("RAdam", all, {
      state: ["expAvg", "expAvgSq"],
      numbers: ["rate", "bias1", "root", "rectified", ...(shrinks ? ["shrink"] : []), ...(moves ? ["weight"] : [])],
      numbersAt(t, rate, beta1 = betas[0]) {
        const bias2 = bias(betas[1], t);
        return [
          rate,
          bias(beta1, t),
          Math.sqrt(bias2),
          rectification(betas[1], t, bias2),
          ...(shrinks ? [1 - rate * weightDecay] : []),
          ...(moves ? [1 - beta1] : []),
        ];
      },
      update(x, gradient, state, { rate, bias1, root, rectified, shrink, weight }) {
        const g = descentGradient(gradient, maximize, x, shrinks ? 0 : weightDecay);
        const from = shrinks ? x.mul(shrink) : x;
        const expAvg = towards(state.expAvg, g, moves ? weight : 1 - betas[0]);
        const expAvgSq = squareMean(state.expAvgSq, g, betas[1]);
        const plain = expAvg.div(bias1).mul(rate);
        // A number over an array is its reciprocal times the number.
        const adaptive = tensor(1, { dtype: x.dtype }).div(expAvgSq.sqrt().add(eps)).mul(root);
        const step = where(rectified.gt(0), plain.mul(adaptive).mul(rectified), plain);
        return { x: from.sub(step), state: { expAvg, expAvgSq } };
      },
      moving: () => make(true),
    });
  return make(false);
}

/** What makes up for the variance of the second moment in step t; 0 while too little is known. */
function rectification(beta2: number, t: number, bias2: number): number {
  const most = 2 / (1 - beta2) - 1;
  const length = most - (2 * t * pow64(beta2, t)) / bias2;
  if (!(length > 5)) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
}
