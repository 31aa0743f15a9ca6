// An image of the results as three files: 8-bit PNG, 16-bit PNG, and the exact values.

import { type IntegerImage, roundAndClip, writeNpy, writePng } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { RECIPE_KEYWORD, type Recipe, type RecipeExport, recipeText } from "plenoptic-js/engine";

/** An image with its values at hand, ready to be written. */
export interface ExportedImage {
  /** What its files are called, without endings. */
  readonly stem: string;
  readonly dtype: FloatDType;
  /** [1, 1, height, width]. */
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
  /** What the recipe says of the PNG files. */
  readonly records: readonly RecipeExport[];
  readonly eight: IntegerImage<255>;
  readonly sixteen: IntegerImage<65535>;
}

/** The names of the files of an image. */
export function imageFileNames(stem: string): [eight: string, sixteen: string, exact: string] {
  return [`${stem}.png`, `${stem}-16.png`, `${stem}.npy`];
}

/** Rounds a gray image to whole numbers, and counts what that changes. */
export async function exportImage(stem: string, image: Tensor<FloatDType>): Promise<ExportedImage> {
  const values = await image.data();
  const eight = roundAndClip(values, 255);
  const sixteen = roundAndClip(values, 65535);
  const [file8, file16] = imageFileNames(stem);
  const record = (file: string, bits: 8 | 16, { clipped, maxRoundingError }: IntegerImage): RecipeExport => ({
    file,
    bits,
    clippedBelow: clipped.below,
    clippedAbove: clipped.above,
    maxRoundingError,
  });
  const records = [record(file8, 8, eight), record(file16, 16, sixteen)];
  return { stem, dtype: image.dtype, shape: image.shape, values, records, eight, sixteen };
}

/** The bytes of the files of an image, by name. Both PNG files hold the recipe, as text. */
export function imageFiles(image: ExportedImage, recipe: Recipe): [name: string, bytes: Uint8Array][] {
  const { stem, dtype, shape, values, eight, sixteen } = image;
  const [height, width] = shape.slice(-2);
  const size = { height, width, channels: 1 } as const;
  const text = new Map([[RECIPE_KEYWORD, recipeText(recipe)]]);
  const [file8, file16, exact] = imageFileNames(stem);
  return [
    [file8, writePng({ ...size, maxValue: 255, data: eight.data }, { text })],
    [file16, writePng({ ...size, maxValue: 65535, data: sixteen.data }, { text })],
    [exact, writeNpy({ dtype, shape, data: values })],
  ];
}
