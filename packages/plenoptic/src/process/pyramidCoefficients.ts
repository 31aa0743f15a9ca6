// What a steerable pyramid consists of.

import type { Tensor } from "@plenoptic-js/tensor";

/** The name of a part of a pyramid: a scale, 0 being the finest, or one of the two residuals. */
export type BandKey = number | "residual_highpass" | "residual_lowpass";

/** Coefficients by scale: oriented bands [..., orientation, height, width], residuals [..., height, width]. */
export type PyramidCoefficients = ReadonlyMap<BandKey, Tensor>;
