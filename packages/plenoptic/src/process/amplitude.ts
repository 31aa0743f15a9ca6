// The root of a local mean of squares, where the squares may all be 0.

import { type DType, type Tensor, where } from "@plenoptic-js/tensor";

/** Square root of what is 0 or more. Its derivative at 0, which is infinite, is taken to be 0: no direction is better than another. */
export function amplitude<D extends DType>(squares: Tensor<D>): Tensor<D> {
  const isZero = squares.eq(0);
  return where<D>(isZero, 0, where<D>(isZero, 1, squares).sqrt());
}
