// How far a metamer's pixels are from the target's. Two images that are one are no metamers, however alike the responses are.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import { significant } from "../../significant.ts";

export interface ImageGap {
  /** The largest difference of two pixels, and the root of the mean square of all. */
  readonly most: number;
  readonly rms: number;
  /**
   * "exact": the image is the target, pixel for pixel; "rounding": no pixel differs by more than rounding makes; null: they differ.
   */
  readonly same: "exact" | "rounding" | null;
}

/** What rounding makes at most, as a part of the largest value: some 4500 and 8 units in the last place. */
export const ROUNDING = { float64: 1e-12, float32: 1e-6 };

/** null where the shapes differ, so that no pixel has a counterpart. */
export function imageGapOf(made: Tensor<FloatDType>, target: Tensor<FloatDType>): ImageGap | null {
  if (made.shape.join() !== target.shape.join()) return null;
  const [{ re: own }, { re: wanted }] = [heldValue(made), heldValue(target)];
  let [most, largest, sum] = [0, 0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const difference = own[i] - wanted[i];
    most = Math.max(most, Math.abs(difference));
    largest = Math.max(largest, Math.abs(wanted[i]));
    sum += difference * difference;
  }
  const isRounding = most <= ROUNDING[target.dtype] * largest;
  return { most, rms: Math.sqrt(sum / wanted.length), same: most === 0 ? "exact" : isRounding ? "rounding" : null };
}

/** What is the matter with an image that is the target; null where it differs. */
export function sameWords(gap: ImageGap | null): string | null {
  if (gap === null || gap.same === null) return null;
  return gap.same === "exact"
    ? "the image is the target itself, pixel for pixel"
    : `the image is the target but for rounding: no pixel differs by more than ${significant(gap.most)}`;
}
