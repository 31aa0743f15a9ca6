// Adam and AdamW, as torch.optim rounds them.
// D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015; AMSGrad: S. J. Reddi, S. Kale and
// S. Kumar, "On the convergence of Adam and beyond", 2018; AdamW: I. Loshchilov and F. Hutter, "Decoupled weight decay
// regularization", 2019.

import { checkOptions } from "../words/options.ts";
import { checkBetas, checkBooleans, checkNotNegative } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer } from "./optimizer.ts";
import { bias, descentGradient, squareMean, towards } from "./parts.ts";

export interface AdamOptions {
  /** Learning rate. Default 0.01, what Python's plenoptic gives an optimizer without one. */
  readonly lr?: number;
  /** Decay of the two running means, each in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator; 0 or more. Default 1e-8. */
  readonly eps?: number;
  /**
   * 0 or more. Adam adds this multiple of the parameter to the gradient (default 0); AdamW shrinks the parameter itself by
   * lr times this before the step (default 0.01).
   */
  readonly weightDecay?: number;
  /** Divide by the largest second moment so far. Default false. */
  readonly amsgrad?: boolean;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const ADAM_OPTIONS = ["lr", "betas", "eps", "weightDecay", "amsgrad", "maximize"] as const;

/** What the running means lack in step t, because they start at 0: 1 - beta1^t, and the root of 1 - beta2^t. */
export function adamBias(betas: readonly [number, number], t: number): { bias1: number; rootBias2: number } {
  return { bias1: bias(betas[0], t), rootBias2: Math.sqrt(bias(betas[1], t)) };
}

/** A description of Adam, to be given to a synthesis. Throws TypeError or RangeError for options that make no sense. */
export function Adam(options: AdamOptions = {}): FormulaOptimizer {
  return adam("Adam", options, 0);
}

/** Adam with decoupled weight decay. Throws TypeError or RangeError for options that make no sense. */
export function AdamW(options: AdamOptions = {}): FormulaOptimizer {
  return adam("AdamW", options, 0.01);
}

function adam(name: "Adam" | "AdamW", options: AdamOptions, defaultDecay: number): FormulaOptimizer {
  checkOptions(`${name}()`, options, ADAM_OPTIONS);
  const { lr = 0.01, eps = 1e-8, weightDecay = defaultDecay, amsgrad = false, maximize = false } = options;
  checkNotNegative(name, { lr, eps, weightDecay });
  const betas = checkBetas(name, options.betas ?? [0.9, 0.999]);
  checkBooleans(name, { amsgrad, maximize });
  const decoupled = name === "AdamW" && weightDecay !== 0;
  const all = { lr, betas, eps, weightDecay, amsgrad, maximize };
  const make = (moves: boolean): FormulaOptimizer =>
    formulaOptimizer(name, all, {
      state: amsgrad ? ["expAvg", "expAvgSq", "maxExpAvgSq"] : ["expAvg", "expAvgSq"],
      numbers: ["factor", "root", ...(decoupled ? ["shrink"] : []), ...(moves ? ["weight"] : [])],
      numbersAt(t, rate, beta1 = betas[0]) {
        const { bias1, rootBias2 } = adamBias([beta1, betas[1]], t);
        const shrink = decoupled ? [1 - rate * weightDecay] : [];
        return [-(rate / bias1), rootBias2, ...shrink, ...(moves ? [1 - beta1] : [])];
      },
      update(x, gradient, state, { factor, root, shrink, weight }) {
        const g = descentGradient(gradient, maximize, x, decoupled ? 0 : weightDecay);
        const from = decoupled ? x.mul(shrink) : x;
        const expAvg = towards(state.expAvg, g, moves ? weight : 1 - betas[0]);
        const expAvgSq = squareMean(state.expAvgSq, g, betas[1]);
        const maxExpAvgSq = amsgrad ? state.maxExpAvgSq.maximum(expAvgSq) : expAvgSq;
        const denominator = maxExpAvgSq.sqrt().div(root).add(eps);
        return {
          x: from.add(factor.mul(expAvg).div(denominator)),
          state: amsgrad ? { expAvg, expAvgSq, maxExpAvgSq } : { expAvg, expAvgSq },
        };
      },
      moving: () => make(true),
    });
  return make(false);
}
