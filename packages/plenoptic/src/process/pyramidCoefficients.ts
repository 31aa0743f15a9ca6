// What a steerable pyramid consists of.

import type { Tensor } from "@plenoptic-js/tensor";
import { checkTensor, shown } from "@plenoptic-js/tensor/engine";

/** The name of a part of a pyramid: a scale, 0 being the finest, or one of the two residuals. */
export type BandKey = number | "residual_highpass" | "residual_lowpass";

/** Coefficients by scale: oriented bands [..., orientation, height, width], residuals [..., height, width]. */
export type PyramidCoefficients = ReadonlyMap<BandKey, Tensor>;

/** Refuses what are no coefficients: a Map of tensors. */
export function checkCoefficients(caller: string, coefficients: unknown): void {
  if (!(coefficients instanceof Map)) {
    throw new TypeError(
      `${caller}: the coefficients are ${shown(coefficients)}; they must be a Map, as SteerablePyramidFreq.forward() gives`,
    );
  }
  for (const [key, part] of coefficients) checkTensor(caller, `the part ${shown(key)}`, part);
}
