// Adam and AdamW, as torch.optim rounds them (spec/optimizers.md, section 3, plain profile).
// D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015; AMSGrad: S. J. Reddi, S. Kale and
// S. Kumar, "On the convergence of Adam and beyond", 2018; AdamW: I. Loshchilov and F. Hutter, "Decoupled weight decay
// regularization", 2019.

import { pow64 } from "../math/precise.ts";
import { checkOptions } from "../options.ts";
import type { Tensor } from "../tensor.ts";
import { checkBooleans, checkNotNegative, checkNumber, describe } from "./checks.ts";
import type { FormulaOptimizer } from "./optimizer.ts";

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

/** What the running means lack in step t, because they start at 0: 1 - beta1^t, and the root of 1 - beta2^t. */
export function adamBias(betas: readonly [number, number], t: number): { bias1: number; rootBias2: number } {
  return { bias1: 1 - pow64(betas[0], t), rootBias2: Math.sqrt(1 - pow64(betas[1], t)) };
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
  checkOptions(`${name}()`, options, ["lr", "betas", "eps", "weightDecay", "amsgrad", "maximize"]);
  const { lr = 0.01, betas = [0.9, 0.999], eps = 1e-8, weightDecay = defaultDecay } = options;
  const { amsgrad = false, maximize = false } = options;
  checkNotNegative(name, { lr, eps, weightDecay });
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new TypeError(`${name}: betas is ${String(betas)}; it must be two numbers, such as [0.9, 0.999]`);
  }
  const [beta1, beta2] = betas as readonly [number, number];
  betas.forEach((beta, i) => {
    checkNumber(name, `betas[${i}]`, beta, beta >= 0 && beta < 1, "at least 0 and below 1");
  });
  checkBooleans(name, { amsgrad, maximize });
  const decoupled = name === "AdamW" && weightDecay !== 0;
  const all = Object.freeze({ lr, betas: Object.freeze([beta1, beta2]), eps, weightDecay, amsgrad, maximize });
  return Object.freeze({
    kind: "formula",
    name,
    lr,
    options: all,
    state: amsgrad ? ["m", "v", "vmax"] : ["m", "v"],
    numbers: decoupled ? ["factor", "root", "shrink"] : ["factor", "root"],
    numbersAt(t, rate) {
      const { bias1, rootBias2 } = adamBias([beta1, beta2], t);
      return [-(rate / bias1), rootBias2, ...(decoupled ? [1 - rate * weightDecay] : [])];
    },
    update(x, gradient, state, { factor, root, shrink }) {
      let g = maximize ? gradient.neg() : gradient;
      if (weightDecay !== 0 && !decoupled) g = g.add(x.mul(weightDecay));
      const from = decoupled ? x.mul(shrink) : x;
      const m = towards(state.m, g, 1 - beta1);
      const v = state.v.mul(beta2).add(g.mul(1 - beta2).mul(g));
      const vmax = amsgrad ? state.vmax.maximum(v) : v;
      const denominator = vmax.sqrt().div(root).add(eps);
      return {
        x: from.add(factor.mul(m).div(denominator)),
        state: amsgrad ? { m, v, vmax } : { m, v },
      };
    },
    toString: () => describe(name, all),
  } satisfies FormulaOptimizer);
}

/** from + weight (to - from), in the form that is exact at the nearer end. */
function towards(from: Tensor, to: Tensor, weight: number): Tensor {
  const difference = to.sub(from);
  if (weight < 0.5) return from.add(difference.mul(weight));
  const rest = from.dtype === "float32" ? Math.fround(1 - Math.fround(weight)) : 1 - weight;
  return to.sub(difference.mul(rest));
}
