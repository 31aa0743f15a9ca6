// NAdam, as torch.optim rounds it: Adam that looks ahead along its momentum. T. Dozat, "Incorporating Nesterov momentum into
// Adam", 2016; decoupled weight decay: I. Loshchilov and F. Hutter, 2019.

import { pow64 } from "../math/precise.ts";
import { checkOptions } from "../words/options.ts";
import { checkBetas, checkBooleans, checkNotNegative } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer, type NumberMemory } from "./optimizer.ts";
import { bias, descentGradient, squareMean, towards } from "./parts.ts";

export interface NAdamOptions {
  /** Learning rate. Default 0.01, what Python's plenoptic gives an optimizer without one. */
  readonly lr?: number;
  /** Decay of the two running means, each in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator; 0 or more. Default 1e-8. */
  readonly eps?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** How fast the momentum rises from half of betas[0] to betas[0]; 0 or more. Default 0.004. */
  readonly momentumDecay?: number;
  /** Shrink the parameter itself by lr weightDecay before the step instead. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const NADAM_OPTIONS = [
  "lr",
  "betas",
  "eps",
  "weightDecay",
  "momentumDecay",
  "decoupledWeightDecay",
  "maximize",
] as const;

/** A description of NAdam. Throws TypeError or RangeError for options that make no sense. */
export function NAdam(options: NAdamOptions = {}): FormulaOptimizer {
  checkOptions("NAdam()", options, NADAM_OPTIONS);
  const { lr = 0.01, eps = 1e-8, weightDecay = 0, momentumDecay = 0.004 } = options;
  const { decoupledWeightDecay = false, maximize = false } = options;
  checkNotNegative("NAdam", { lr, eps, weightDecay, momentumDecay });
  const betas = checkBetas("NAdam", options.betas ?? [0.9, 0.999]);
  checkBooleans("NAdam", { decoupledWeightDecay, maximize });
  const shrinks = decoupledWeightDecay && weightDecay !== 0;
  const all = { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize };

  /** The momentum of step t. */
  const mu = (t: number, beta1: number): number => beta1 * (1 - 0.5 * pow64(0.96, t * momentumDecay));
  /** The product of the momenta of all steps. */
  const memory: NumberMemory = {
    start: () => ({ muProduct: 1 }),
    next: ({ muProduct }, t, _, beta1 = betas[0]) => ({
      muProduct: Math.fround(muProduct * Math.fround(mu(t, beta1))),
    }),
  };
  const make = (moves: boolean): FormulaOptimizer =>
    formulaOptimizer("NAdam", all, {
      state: ["expAvg", "expAvgSq"],
      memory,
      numbers: ["ofGradient", "ofMean", "bias2", ...(shrinks ? ["shrink"] : []), ...(moves ? ["weight"] : [])],
      numbersAt(t, rate, beta1 = betas[0], before = memory.start(rate)) {
        const [now, next] = [mu(t, beta1), mu(t + 1, beta1)];
        const { muProduct } = memory.next(before, t, rate, beta1);
        return [
          (-rate * (1 - now)) / (1 - muProduct),
          (-rate * next) / (1 - muProduct * next),
          bias(betas[1], t),
          ...(shrinks ? [1 - rate * weightDecay] : []),
          ...(moves ? [1 - beta1] : []),
        ];
      },
      update(x, gradient, state, { ofGradient, ofMean, bias2, shrink, weight }) {
        const g = descentGradient(gradient, maximize, x, shrinks ? 0 : weightDecay);
        const from = shrinks ? x.mul(shrink) : x;
        const expAvg = towards(state.expAvg, g, moves ? weight : 1 - betas[0]);
        const expAvgSq = squareMean(state.expAvgSq, g, betas[1]);
        const denominator = expAvgSq.div(bias2).sqrt().add(eps);
        const ahead = from.add(ofGradient.mul(g).div(denominator));
        return { x: ahead.add(ofMean.mul(expAvg).div(denominator)), state: { expAvg, expAvgSq } };
      },
      moving: () => make(true),
    });
  return make(false);
}
