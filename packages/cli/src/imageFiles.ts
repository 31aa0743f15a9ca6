// An image of the results as three files: 8-bit PNG, 16-bit PNG, and the exact values.

import { type IntegerImage, roundAndClip, writeFileAtomic, writeNpy, writePng } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import {
  pixelHash,
  RECIPE_KEYWORD,
  type Recipe,
  type RecipeExport,
  recipeText,
  TARGET_KEYWORD,
  targetText,
} from "plenoptic-js/engine";
import { type Channels, interleaved } from "./colour.ts";
import type { ResultFile } from "./resultFolder.ts";

/** An image, and what rounding its values for the PNG files does. */
export interface ExportedImage {
  /** What its files are called, without endings. */
  readonly stem: string;
  /** [1, channels, height, width]. */
  readonly image: Tensor<FloatDType>;
  /** What the recipe says of the PNG files. */
  readonly records: readonly RecipeExport[];
}

/** Not copied: large images are held once. */
const valuesOf = (image: Tensor<FloatDType>) => heldValue(image).re as Float32Array | Float64Array;

const channelsOf = ({ shape }: Tensor<FloatDType>): Channels => (shape[1] === 3 ? 3 : 1);

/** The names of the files of an image. */
export function imageFileNames(stem: string): [eight: string, sixteen: string, exact: string] {
  return [`${stem}.png`, `${stem}-16.png`, `${stem}.npy`];
}

/** Counts what rounding an image to whole numbers changes. They are made again for the files: large images are held once. */
export async function exportImage(stem: string, image: Tensor<FloatDType>): Promise<ExportedImage> {
  const values = valuesOf(image);
  const [file8, file16] = imageFileNames(stem);
  const record = (file: string, bits: 8 | 16, { clipped, maxRoundingError, data }: IntegerImage): RecipeExport => ({
    file,
    bits,
    encoding: "linear",
    pixels: pixelHash(data, image.shape.slice(channelsOf(image) === 1 ? -2 : -3)),
    clippedBelow: clipped.below,
    clippedAbove: clipped.above,
    maxRoundingError,
  });
  const records = [record(file8, 8, roundAndClip(values, 255)), record(file16, 16, roundAndClip(values, 65535))];
  return { stem, image, records };
}

/**
 * The files of an image, by name. Both PNG files hold the recipe, as text.
 *
 * @param target what they hold besides, to be verified from themselves alone; null: nothing
 */
export function imageFiles(
  { stem, image }: ExportedImage,
  recipe: Recipe,
  target: Tensor<FloatDType> | null = null,
): [name: string, file: ResultFile][] {
  const { dtype, shape } = image;
  const [height, width] = shape.slice(-2);
  const channels = channelsOf(image);
  const size = { height, width, channels } as const;
  const text = new Map([[RECIPE_KEYWORD, recipeText(recipe)]]);
  if (target !== null) text.set(TARGET_KEYWORD, targetText(target));
  const [file8, file16, exact] = imageFileNames(stem);
  const png = async (maxValue: 255 | 65535): Promise<Uint8Array> =>
    writePng(
      { ...size, maxValue, data: interleaved(roundAndClip(valuesOf(image), maxValue).data, channels) },
      { text },
    );
  return [
    [file8, async (path) => writeFileAtomic(path, await png(255))],
    [file16, async (path) => writeFileAtomic(path, await png(65535))],
    [exact, async (path) => writeFileAtomic(path, writeNpy({ dtype, shape, data: valuesOf(image) }))],
  ];
}
