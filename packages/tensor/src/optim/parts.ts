// Parts that the steps of several optimizers have in common, each rounded as torch rounds it on a machine without fused
// multiply-adds: every operation on its own.

import { where } from "../functions.ts";
import { pow64 } from "../math/precise.ts";
import type { Tensor } from "../tensor.ts";

/** The gradient of what is made small, and with `decay` that of half its multiple of the squared parameter. */
export function descentGradient(gradient: Tensor, maximize: boolean, x: Tensor, decay: number): Tensor {
  const g = maximize ? gradient.neg() : gradient;
  return decay === 0 ? g : g.add(x.mul(decay));
}

/**
 * from + weight (to - from), in the form that is exact at the nearer end.
 *
 * @param weight a double, or a 0-d tensor of the dtype
 */
export function towards(from: Tensor, to: Tensor, weight: number | Tensor): Tensor {
  const difference = to.sub(from);
  const near = (): Tensor => from.add(difference.mul(weight));
  if (typeof weight !== "number") {
    return where(weight.lt(0.5), near(), to.sub(difference.mul(weight.neg().add(1))));
  }
  if (weight < 0.5) return near();
  const rest = from.dtype === "float32" ? Math.fround(1 - Math.fround(weight)) : 1 - weight;
  return to.sub(difference.mul(rest));
}

/** A running mean of squares: mean decay + (1 - decay) values^2. */
export function squareMean(mean: Tensor, values: Tensor, decay: number): Tensor {
  return mean.mul(decay).add(values.mul(1 - decay).mul(values));
}

/** What a running mean that starts at 0 lacks after t steps: 1 - beta^t. */
export function bias(beta: number, t: number): number {
  return 1 - pow64(beta, t);
}
