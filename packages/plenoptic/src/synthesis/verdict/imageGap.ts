// How far a metamer's pixels are from the target's. Two images that are one are no metamers, however alike the responses are.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import { type Gap, gapOf } from "../../gap.ts";
import { significant } from "../../significant.ts";

export interface ImageGap extends Gap {
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
  const { re: wanted } = heldValue(target);
  const { most, rms } = gapOf(made, target);
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) largest = Math.max(largest, Math.abs(wanted[i]));
  const isRounding = most <= ROUNDING[target.dtype] * largest;
  return { most, rms, same: most === 0 ? "exact" : isRounding ? "rounding" : null };
}

/** What is the matter with an image that is the target; null where it differs. */
export function sameWords(gap: ImageGap | null): string | null {
  if (gap === null || gap.same === null) return null;
  return gap.same === "exact"
    ? "the image is the target itself, pixel for pixel"
    : `the image is the target but for rounding: no pixel differs by more than ${significant(gap.most)}`;
}
