// The files of a finished synthesis, as bytes; nothing is written here.

import { encodeNpy } from "../files/npy.ts";
import { encodePng } from "../files/png.ts";
import { RECIPE_KEYWORD, recipeText } from "../files/recipe.ts";
import type { SynthesisSource } from "../plot/sources.ts";
import type { ResultFiles } from "./resultFolder.ts";
import type { MadeMetamer } from "./runMetamer.ts";

/** All files, in the order in which they are put in place: the recipe last. */
export const RESULT_FILES = [
  "metamer.png",
  "metamer-16.png",
  "metamer.npy",
  "history.csv",
  "report.html",
  "recipe.json",
] as const;

/** The bytes of all files, by the names and in the order of `RESULT_FILES`. `page` is the report as HTML. */
export function makeFiles({ synthesis, values, exports, recipe }: MadeMetamer, page: string): ResultFiles {
  const json = recipeText(recipe);
  const { dtype, shape } = synthesis.metamer;
  const [, , height, width] = shape;
  const size = { height, width, channels: 1 } as const;
  const text = new Map([[RECIPE_KEYWORD, json]]);
  const utf8 = new TextEncoder();
  const bytes: Record<(typeof RESULT_FILES)[number], Uint8Array> = {
    "metamer.png": encodePng({ ...size, maxValue: 255, data: exports.eight.data }, { text }),
    "metamer-16.png": encodePng({ ...size, maxValue: 65535, data: exports.sixteen.data }, { text }),
    "metamer.npy": encodeNpy({ dtype, shape, data: values }),
    "history.csv": utf8.encode(historyCsv(synthesis)),
    "report.html": utf8.encode(page),
    "recipe.json": utf8.encode(`${json}\n`),
  };
  return new Map(RESULT_FILES.map((name) => [name, bytes[name]]));
}

/** One line an iteration, and one for the final image, which no step was taken from. */
function historyCsv({ losses, penalties, gradientNorm, pixelChangeNorm }: SynthesisSource): string {
  let text = "iteration,loss,penalty,gradient_norm,pixel_change_norm\n";
  losses.forEach((loss, i) => {
    text += `${i},${loss},${penalties[i]},${gradientNorm[i] ?? ""},${pixelChangeNorm[i] ?? ""}\n`;
  });
  return text;
}
