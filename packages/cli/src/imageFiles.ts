// An image of the results as three files: 8-bit PNG, 16-bit PNG, and the exact values.

import { writeFileAtomic, writeNpy } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import {
  measured,
  numbersOf,
  RECIPE_KEYWORD,
  type Recipe,
  type RecipeExport,
  recipeText,
  type StimulusForm,
  type StimulusMeasures,
  stimulusOf,
  stimulusPng,
  TARGET_KEYWORD,
  targetText,
} from "plenoptic-js/engine";
import type { ResultFile } from "./resultFolder.ts";

/** What is chosen of the PNG files: all but the bits, of which there is a file each. */
export type StimulusChoice = Required<Omit<StimulusForm, "bits">>;

/** An image, and what its PNG files will hold. */
export interface ExportedImage {
  /** What its files are called, without endings. */
  readonly stem: string;
  /** [1, 1, height, width]. */
  readonly image: Tensor<FloatDType>;
  /** What the recipe says of the PNG files. */
  readonly records: readonly RecipeExport[];
}

const BITS = [8, 16] as const;

/** The names of the files of an image. */
export function imageFileNames(stem: string): [eight: string, sixteen: string, exact: string] {
  return [`${stem}.png`, `${stem}-16.png`, `${stem}.npy`];
}

/**
 * What is recorded of the PNG files of a gray image. Their pixels are made again for the files: large images are held once.
 *
 * @param measures what to know of the image, and of what is written of it
 */
export async function exportImage(
  stem: string,
  image: Tensor<FloatDType>,
  choice: StimulusChoice,
  measures: StimulusMeasures = {},
): Promise<ExportedImage> {
  const names = imageFileNames(stem);
  const exact = await measured(measures, image);
  const records: RecipeExport[] = [];
  for (const [i, bits] of BITS.entries()) {
    const { record } = await stimulusOf(names[i], image, { ...choice, bits }, measures, exact);
    records.push(record);
  }
  return { stem, image, records };
}

/**
 * The files of an image, by name. Both PNG files hold the recipe, as text.
 *
 * @param target what they hold besides, to be verified from themselves alone; null: nothing
 */
export function imageFiles(
  { stem, image, records }: ExportedImage,
  recipe: Recipe,
  target: Tensor<FloatDType> | null = null,
): [name: string, file: ResultFile][] {
  const { dtype, shape } = image;
  const text = new Map([[RECIPE_KEYWORD, recipeText(recipe)]]);
  if (target !== null) text.set(TARGET_KEYWORD, targetText(target));
  const png = (record: RecipeExport): Uint8Array => {
    const { bits, encoding = "linear" } = record;
    const { data } = numbersOf(image, bits, encoding);
    return stimulusPng({ record, data }, shape, text);
  };
  const exact = (): Uint8Array => writeNpy({ dtype, shape, data: heldValue(image).re });
  return [
    ...records.map((record): [string, ResultFile] => [record.file, (path) => writeFileAtomic(path, png(record))]),
    [imageFileNames(stem)[2], (path) => writeFileAtomic(path, exact())],
  ];
}
