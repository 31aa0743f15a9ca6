// How far a metamer's pixels are from the target's. Two images that are one are no metamers, however alike the responses are.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import { type Gap, gapOf } from "../../gap.ts";
import { significant } from "../../significant.ts";
import { rangeOf } from "./photographs.ts";
import { areOneButForRounding } from "./rounding.ts";

export interface ImageGap extends Gap {
  /**
   * "exact": the image is the target, pixel for pixel; "rounding": no pixel differs by more than rounding makes; "practically": none
   * differs by half a step of a picture of 16 bits, so that files do not hold the difference; null: they differ.
   */
  readonly same: "exact" | "rounding" | "practically" | null;
  /** Whether no pixel differs by half a step of a picture of 8 bits, which is what screens show. */
  readonly isBelow8Bits: boolean;
}

/** null where the shapes differ, so that no pixel has a counterpart. */
export function imageGapOf(made: Tensor<FloatDType>, target: Tensor<FloatDType>): ImageGap | null {
  if (made.shape.join() !== target.shape.join()) return null;
  const wanted = heldValue(target);
  const { most, rms } = gapOf(made, target);
  const isOne = areOneButForRounding(heldValue(made), wanted, wanted);
  const [low, high] = rangeOf(wanted.re);
  const isBelow = (steps: number): boolean => most < (high - low) / steps / 2;
  const same = most === 0 ? "exact" : isOne ? "rounding" : isBelow(65535) ? "practically" : null;
  return { most, rms, same, isBelow8Bits: isBelow(255) };
}

/** What is the matter with an image that is the target; null where it differs. */
export function sameWords(gap: ImageGap | null): string | null {
  switch (gap?.same) {
    case "exact":
      return "the image is the target itself, pixel for pixel";
    case "rounding":
      return `the image is the target but for rounding: no pixel differs by more than ${significant(gap.most)}`;
    case "practically":
      return `the image is practically the target: no pixel differs by more than ${significant(gap.most)}, less than half a step of a picture of 16 bits`;
    default:
      return null;
  }
}

/** How far the images are apart, in a sentence; null where there is nothing to be said. */
export function gapWords(gap: ImageGap | null): string | null {
  if (gap === null || gap.same === "exact") return null;
  const { most, rms, isBelow8Bits } = gap;
  const little = isBelow8Bits ? ": less than half a step of a picture of 8 bits, so that on a screen they are one" : "";
  return `The images differ by at most ${significant(most)} at a pixel, root mean square ${significant(rms)}${little}.`;
}
