// The files of a finished MAD competition; nothing is written here.

import { writeNpy } from "@plenoptic-js/formats";
import { historyCsv } from "./historyCsv.ts";
import { imageFileNames, imageFiles } from "./imageFiles.ts";
import { recipeFile } from "./recipeFile.ts";
import type { ResultFile, ResultFiles } from "./resultFolder.ts";
import type { Kept } from "./runFlags.ts";
import type { MadeMad, MadImage } from "./runMad.ts";

export const madRecipeName = ({ stem }: MadImage): string => `${stem}.recipe.json`;

/** All files, in the order in which they are put in place: the recipes last. */
export function madFileNames(images: readonly MadImage[]): string[] {
  return [
    ...images.flatMap(({ stem }) => [...imageFileNames(stem), `${stem}.pt`, `${stem}.csv`]),
    "initial.npy",
    "report.html",
    ...images.map(madRecipeName),
  ];
}

/** All files, by the names and in the order of `madFileNames`. `page` is the report as HTML; `kept`: what the files hold besides. */
export async function madFiles(
  { images, initialImage, image }: MadeMad,
  page: string,
  kept: Kept,
): Promise<ResultFiles> {
  const utf8 = new TextEncoder();
  const files = new Map<string, ResultFile>();
  for (const { stem, exported, recipe, mad } of images) {
    for (const [name, file] of imageFiles(exported, recipe, kept.target ? image : null)) files.set(name, file);
    files.set(`${stem}.pt`, (path) => mad.save(path, { withModel: kept.model }));
    const columns = [
      { name: "optimized_metric", values: mad.optimizedMetricLoss },
      { name: "reference_metric", values: mad.referenceMetricLoss },
    ];
    files.set(`${stem}.csv`, utf8.encode(historyCsv(mad, columns)));
  }
  const { dtype, shape } = initialImage;
  files.set("initial.npy", writeNpy({ dtype, shape, data: await initialImage.data() }));
  files.set("report.html", utf8.encode(page));
  for (const image of images) files.set(madRecipeName(image), recipeFile(image.recipe));
  return files;
}
