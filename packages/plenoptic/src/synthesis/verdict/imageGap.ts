// How far a metamer's pixels are from the target's. Two images that are one are no metamers, however alike the responses are.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import { type Gap, gapOf } from "../../gap.ts";
import { significant } from "../../significant.ts";
import { areOneButForRounding } from "./rounding.ts";

export interface ImageGap extends Gap {
  /**
   * "exact": the image is the target, pixel for pixel; "rounding": no pixel differs by more than rounding makes; null: they differ.
   */
  readonly same: "exact" | "rounding" | null;
}

/** null where the shapes differ, so that no pixel has a counterpart. */
export function imageGapOf(made: Tensor<FloatDType>, target: Tensor<FloatDType>): ImageGap | null {
  if (made.shape.join() !== target.shape.join()) return null;
  const wanted = heldValue(target);
  const { most, rms } = gapOf(made, target);
  const isOne = areOneButForRounding(heldValue(made), wanted, wanted);
  return { most, rms, same: most === 0 ? "exact" : isOne ? "rounding" : null };
}

/** What is the matter with an image that is the target; null where it differs. */
export function sameWords(gap: ImageGap | null): string | null {
  if (gap === null || gap.same === null) return null;
  return gap.same === "exact"
    ? "the image is the target itself, pixel for pixel"
    : `the image is the target but for rounding: no pixel differs by more than ${significant(gap.most)}`;
}
