// Stretching values to a range (docs/science/process.md, "Range, middle, noise").

import { type DType, type Tensor, where } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shown } from "@plenoptic-js/tensor/engine";
import { checkFloat } from "./floatImage.ts";

export interface RescaleOptions {
  /** What the smallest value becomes. Default 0. */
  readonly a?: number;
  /** What the largest value becomes. Default 1. */
  readonly b?: number;
}

/**
 * Shifts and scales all values of a tensor together, so that they run from a to b. If all are equal they become a. Its derivative
 * is shared among equal extremes.
 *
 * @param x any shape, float32 or float64
 */
export function rescale<D extends DType>(x: Tensor<D>, options: RescaleOptions = {}): Tensor<D> {
  checkTensor("rescale", "x", x);
  checkOptions("rescale()", options, ["a", "b"]);
  const { a = 0, b = 1 } = options;
  if (!Number.isFinite(a) || !Number.isFinite(b)) {
    throw new RangeError(`rescale: a is ${shown(a)} and b is ${shown(b)}; both must be finite numbers`);
  }
  checkFloat("rescale", "x", x);
  const least = x.min();
  const range = x.max().sub(least);
  return x
    .sub(least)
    .div(where(range.eq(0), 1, range))
    .mul(b - a)
    .add(a);
}
