// Penalties on images; the namespace `po.regularize` (docs/science/synthesis.md, "Penalties").

import type { DType, Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shown } from "@plenoptic-js/tensor/engine";

export interface PenalizeRangeOptions {
  /** Values inside cost nothing. Default [0, 1]. */
  readonly allowedRange?: readonly [low: number, high: number];
}

/**
 * Sum of the squared distances of all values to the allowed range. A sum and not a mean: it grows with the number of
 * pixels.
 */
export function penalizeRange<D extends DType>(image: Tensor<D>, options: PenalizeRangeOptions = {}): Tensor<D> {
  checkTensor("penalizeRange", "image", image);
  checkOptions("penalizeRange()", options, ["allowedRange"]);
  const { allowedRange = [0, 1] } = options;
  if (!Array.isArray(allowedRange) || allowedRange.length !== 2 || !(allowedRange[0] <= allowedRange[1])) {
    throw new RangeError(
      `penalizeRange: allowedRange is ${shown(allowedRange)}; it must be [low, high] with low <= high`,
    );
  }
  const [low, high] = allowedRange;
  const below = image.sub(low).minimum(0).square().sum();
  const above = image.sub(high).maximum(0).square().sum();
  return below.add(above);
}
