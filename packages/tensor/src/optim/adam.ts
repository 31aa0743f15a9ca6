// Adam, as torch.optim.Adam rounds it (spec/optimizers.md, section 3, plain profile).
// D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015; AMSGrad: S. J. Reddi, S. Kale and
// S. Kumar, "On the convergence of Adam and beyond", 2018.

import { pow64 } from "../math/precise.ts";
import { checkOptions } from "../options.ts";
import type { Tensor } from "../tensor.ts";
import type { Optimizer } from "./optimizer.ts";

export interface AdamOptions {
  /** Learning rate, 0 or more. Default 0.01, what Python's plenoptic gives an optimizer without one. */
  readonly lr?: number;
  /** Decay of the two running means, each in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator; 0 or more. Default 1e-8. */
  readonly eps?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** Divide by the largest second moment so far. Default false. */
  readonly amsgrad?: boolean;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

function checkNumber(name: string, value: number, fits: boolean, range: string): void {
  if (!fits) throw new RangeError(`Adam: ${name} is ${value}; it must be ${range}`);
}

/** What the running means lack in step t, because they start at 0: 1 - beta1^t, and the root of 1 - beta2^t. */
export function adamBias(betas: readonly [number, number], t: number): { bias1: number; rootBias2: number } {
  return { bias1: 1 - pow64(betas[0], t), rootBias2: Math.sqrt(1 - pow64(betas[1], t)) };
}

/** A description of Adam, to be given to a synthesis. Throws TypeError or RangeError for options that make no sense. */
export function Adam(options: AdamOptions = {}): Optimizer {
  checkOptions("Adam()", options, ["lr", "betas", "eps", "weightDecay", "amsgrad", "maximize"]);
  const { lr = 0.01, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, amsgrad = false, maximize = false } = options;
  for (const [name, value] of Object.entries({ lr, eps, weightDecay })) {
    checkNumber(name, value, value >= 0 && value < Infinity, "a finite number, 0 or more");
  }
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new TypeError(`Adam: betas is ${String(betas)}; it must be two numbers, such as [0.9, 0.999]`);
  }
  const [beta1, beta2] = betas as readonly [number, number];
  betas.forEach((beta, i) => {
    checkNumber(`betas[${i}]`, beta, beta >= 0 && beta < 1, "at least 0 and below 1");
  });
  for (const [name, value] of Object.entries({ amsgrad, maximize })) {
    if (typeof value !== "boolean") throw new TypeError(`Adam: ${name} is ${String(value)}; it must be true or false`);
  }

  const all = Object.freeze({ lr, betas: Object.freeze([beta1, beta2]), eps, weightDecay, amsgrad, maximize });
  return Object.freeze({
    name: "Adam",
    lr,
    options: all,
    state: amsgrad ? ["m", "v", "vmax"] : ["m", "v"],
    numbers: ["factor", "root"],
    numbersAt(t, rate) {
      const { bias1, rootBias2 } = adamBias([beta1, beta2], t);
      return [-(rate / bias1), rootBias2];
    },
    update(x, gradient, state, { factor, root }) {
      let g = maximize ? gradient.neg() : gradient;
      if (weightDecay !== 0) g = g.add(x.mul(weightDecay));
      const m = towards(state.m, g, 1 - beta1);
      const v = state.v.mul(beta2).add(g.mul(1 - beta2).mul(g));
      const vmax = amsgrad ? state.vmax.maximum(v) : v;
      const denominator = vmax.sqrt().div(root).add(eps);
      return {
        x: x.add(factor.mul(m).div(denominator)),
        state: amsgrad ? { m, v, vmax } : { m, v },
      };
    },
    toString: () =>
      `Adam(lr: ${lr}, betas: [${beta1}, ${beta2}], eps: ${eps}, weightDecay: ${weightDecay}, ` +
      `amsgrad: ${amsgrad}, maximize: ${maximize})`,
  } satisfies Optimizer);
}

/** from + weight (to - from), in the form that is exact at the nearer end. */
function towards(from: Tensor, to: Tensor, weight: number): Tensor {
  const difference = to.sub(from);
  if (weight < 0.5) return from.add(difference.mul(weight));
  const rest = from.dtype === "float32" ? Math.fround(1 - Math.fround(weight)) : 1 - weight;
  return to.sub(difference.mul(rest));
}
