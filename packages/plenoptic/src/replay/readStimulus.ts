// What a PNG file says of itself: the record that every image of ours has inside.

import { readPng } from "@plenoptic-js/formats";
import { STIMULUS_KEYWORD } from "../io/stimulus.ts";
import { pixelHash } from "../pixelHash.ts";
import type { RecipeExport } from "../recipe.ts";
import { parseStimulus } from "./checkRecipe.ts";
import { pixelsOf, type ReadPixels } from "./readResult.ts";

/** The pixels of an image, and what it says of them; what there is not is null. */
export interface ReadStimulus {
  readonly pixels: ReadPixels | null;
  /** That of the pixels, as records have it. */
  readonly sha256: string | null;
  readonly stimulus: Omit<RecipeExport, "file"> | null;
}

/** @throws FileError for what is no PNG file, or has a record that is none */
export async function readStimulus(bytes: Uint8Array, file: string): Promise<ReadStimulus> {
  const png = readPng(bytes, { name: file });
  const pixels = pixelsOf(png);
  const said = png.text?.get(STIMULUS_KEYWORD);
  const stimulus = said === undefined ? null : await parseStimulus(said, file);
  return { pixels, sha256: pixels === null ? null : hashOfPixels(pixels), stimulus };
}

/** The hash of pixels, as records have it. */
export function hashOfPixels({ data, height, width }: ReadPixels): string {
  const channels = data.length / (height * width);
  return pixelHash(data, channels === 1 ? [height, width] : [channels, height, width]);
}
