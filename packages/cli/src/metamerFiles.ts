// The files of a finished metamer; nothing is written here.

import { MetamerCTF } from "plenoptic-js";
import { historyCsv, type OwnColumn } from "./historyCsv.ts";
import { imageFileNames, imageFiles } from "./imageFiles.ts";
import { lossesOf } from "./objective.ts";
import { recipeFile } from "./recipeFile.ts";
import type { ResultFile, ResultFiles } from "./resultFolder.ts";
import type { Kept } from "./runFlags.ts";
import type { MadeMetamer } from "./runMetamer.ts";

/** All files, in the order in which they are put in place: the recipe last. */
export const METAMER_FILES = [
  ...imageFileNames("metamer"),
  "metamer.pt",
  "history.csv",
  "report.html",
  "recipe.json",
] as const;

/**
 * All files, by the names and in the order of `METAMER_FILES`. `page` is the report as HTML.
 *
 * @param kept what the files hold besides
 */
export async function metamerFiles(
  { synthesis, exported, recipe }: MadeMetamer,
  page: string,
  kept: Kept,
): Promise<ResultFiles> {
  const utf8 = new TextEncoder();
  return new Map<string, ResultFile>([
    ...imageFiles(exported, recipe, kept.target ? synthesis.image : null),
    ["metamer.pt", (path) => synthesis.save(path, { withModel: kept.model })],
    ["history.csv", utf8.encode(historyCsv(synthesis, ownColumns(synthesis), lossesOf(synthesis)))],
    ["report.html", utf8.encode(page)],
    ["recipe.json", recipeFile(recipe)],
  ]);
}

/** Of a metamer made from coarse to fine: the scale of each iteration, and the loss of the scales in use. */
function ownColumns(synthesis: MadeMetamer["synthesis"]): OwnColumn[] {
  if (!(synthesis instanceof MetamerCTF)) return [];
  const scales = new Array<string>(synthesis.numIter);
  for (const [label, [first, last = synthesis.numIter - 1]] of synthesis.scalesTiming) {
    if (first !== undefined) scales.fill(String(label), first, last + 1);
  }
  return [
    { name: "scale", values: scales },
    { name: "scales_loss", values: synthesis.scalesLoss },
  ];
}
