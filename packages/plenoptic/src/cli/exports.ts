// The values of a metamer as whole numbers, for its two PNG files.

import { type IntegerImage, roundAndClip } from "../files/convert.ts";
import type { RecipeExport } from "../files/recipe.ts";

type FloatArray = Float32Array | Float64Array;

/** The values of an image as whole numbers for its two PNG files. */
export interface Exports {
  readonly eight: IntegerImage<255>;
  readonly sixteen: IntegerImage<65535>;
}

export function convertForExport(values: FloatArray): Exports {
  return { eight: roundAndClip(values, 255), sixteen: roundAndClip(values, 65535) };
}

/** What the recipe says about the PNG files. */
export function exportRecords({ eight, sixteen }: Exports): RecipeExport[] {
  const record = (file: string, bits: 8 | 16, image: IntegerImage): RecipeExport => ({
    file,
    bits,
    clippedBelow: image.clipped.below,
    clippedAbove: image.clipped.above,
    maxRoundingError: image.maxRoundingError,
  });
  return [record("metamer.png", 8, eight), record("metamer-16.png", 16, sixteen)];
}
