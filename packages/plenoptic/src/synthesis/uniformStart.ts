// The image a metamer starts from when none is given.

import { type FloatDType, randLike, type Tensor, tensor } from "@plenoptic-js/tensor";

/**
 * Uniform noise of the shape and dtype of `image`, from the global generator, stretched so that its smallest value is
 * exactly 0 and its largest exactly 1. Rounded step by step in that dtype, as Python does.
 */
export function uniformStart(image: Tensor<FloatDType>): Tensor<FloatDType> {
  const values = randLike(image).dataSync();
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const round = image.dtype === "float32" ? Math.fround : (x: number): number => x;
  const range = round(high - low);
  // Stored between the steps: a float32 array rounds.
  for (let i = 0; i < values.length; i++) {
    values[i] -= low;
    if (range > 0) values[i] /= range;
  }
  return tensor(values, { shape: image.shape, dtype: image.dtype });
}
