// The image a metamer starts from when none is given.

import { defaultGenerator, type FloatDType, type Shape, type Tensor } from "@plenoptic-js/tensor";
import { deferred } from "@plenoptic-js/tensor/engine";

/**
 * Uniform noise of the shape and dtype of `image`, drawn from the global generator when its values are first asked for: by then
 * memory for the whole synthesis is there.
 */
export const uniformStart = ({ shape, dtype }: Tensor<FloatDType>): Tensor<FloatDType> =>
  deferred(() => stretchedNoise(shape, dtype), { shape, dtype });

/**
 * Uniform noise from the global generator, stretched so that its smallest value is
 * exactly 0 and its largest exactly 1. Rounded step by step in that dtype, as Python does.
 */
function stretchedNoise(shape: Shape, dtype: FloatDType): Float32Array | Float64Array {
  const values = defaultGenerator().rand(
    shape.reduce((product, n) => product * n, 1),
    dtype,
  );
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const round = dtype === "float32" ? Math.fround : (x: number): number => x;
  const range = round(high - low);
  // Stored between the steps: a float32 array rounds.
  for (let i = 0; i < values.length; i++) {
    values[i] -= low;
    if (range > 0) values[i] /= range;
  }
  return values;
}
