// The files of eigendistortions; nothing is written here.

import { writeNpy } from "@plenoptic-js/formats";
import { imageFileNames, imageFiles } from "./imageFiles.ts";
import { recipeFile } from "./recipeFile.ts";
import type { ResultFile, ResultFiles } from "./resultFolder.ts";
import { type MadeEigendistortions, stemOf } from "./runEigendistortion.ts";
import type { Kept } from "./runFlags.ts";

/** All files, in the order in which they are put in place: the recipe last. */
export function eigendistortionFileNames(indices: readonly number[]): string[] {
  return [
    ...indices.flatMap((index) => imageFileNames(stemOf(index))),
    "eigendistortions.npy",
    "eigendistortions.pt",
    "eigenvalues.csv",
    "eigenvalues.json",
    "report.html",
    "recipe.json",
  ];
}

/** All files, by the names and in the order of `eigendistortionFileNames`. `page` is the report as HTML; `kept`: what the files hold besides. */
export async function eigendistortionFiles(made: MadeEigendistortions, page: string, kept: Kept): Promise<ResultFiles> {
  const { eig, eigendistortions, found, recipe } = made;
  const { dtype, shape } = eigendistortions;
  const utf8 = new TextEncoder();
  return new Map<string, ResultFile>([
    ...found.flatMap(({ exported }) => imageFiles(exported, recipe, kept.target ? eig.image : null)),
    ["eigendistortions.npy", writeNpy({ dtype, shape, data: await eigendistortions.data() })],
    ["eigendistortions.pt", (path) => eig.save(path, { withModel: kept.model })],
    ["eigenvalues.csv", utf8.encode(eigenvaluesCsv(made))],
    ["eigenvalues.json", utf8.encode(eigenvaluesJson(made))],
    ["report.html", utf8.encode(page)],
    ["recipe.json", recipeFile(recipe)],
  ]);
}

/** A line for each, in the order of eigendistortions.npy, with all digits. */
export function eigenvaluesCsv({ found }: Pick<MadeEigendistortions, "found">): string {
  const lines = found.map(({ index, eigenvalue, residual, verdict, group }) =>
    [index, eigenvalue, residual, verdict, group].join(","),
  );
  return `eigenindex,eigenvalue,residual,verdict,group\n${lines.join("\n")}\n`;
}

/** The same with the groups, and what the search says. */
export function eigenvaluesJson({ found, summary }: Pick<MadeEigendistortions, "found" | "summary">): string {
  const { converged, words, products, groups } = summary;
  const eigenvalues = found.map(({ index, eigenvalue, residual, verdict, group }) => {
    return { eigenindex: index, eigenvalue, residual, verdict, group };
  });
  const told = groups.map(({ first, last, high, low, verdict, dimension }) => {
    return { eigenindex: [found[first].index, found[last].index], high, low, verdict, dimension };
  });
  return `${JSON.stringify({ converged, words: words.split("\n"), products, eigenvalues, groups: told }, null, 2)}\n`;
}
