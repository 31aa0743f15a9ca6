// The files of what a recipe makes; nothing is written here.

import { arch, platform } from "node:os";
import { writeNpy } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { Eigendistortion, MADCompetition, type replay } from "plenoptic-js";
import { buildRecipe, type Recipe, type RecipeParts } from "plenoptic-js/engine";
import { engineVersion } from "./engineVersion.ts";
import { historyCsv } from "./historyCsv.ts";
import { type ExportedImage, exportImage, imageFileNames, imageFiles } from "./imageFiles.ts";
import { recipeFile } from "./recipeFile.ts";
import type { ResultFile, ResultFiles } from "./resultFolder.ts";
import { packageVersions } from "./versions.ts";

const STEM = "result";

/** Whether what a recipe makes is one gray image, which PNG files can show. */
function isGray({ recipe: { method, image } }: replay.ReadResult): boolean {
  const { shape } = image;
  return method !== "Eigendistortion" && shape.length === 4 && shape[0] === 1 && shape[1] === 1;
}

/** All files, in the order in which they are put in place: the recipe last. */
export function runFileNames(read: replay.ReadResult): string[] {
  const [eight, sixteen, exact] = imageFileNames(STEM);
  const images = isGray(read) ? [eight, sixteen, exact] : [exact];
  const history = read.recipe.method === "Eigendistortion" ? [] : ["history.csv"];
  return [...images, `${STEM}.pt`, ...history, "recipe.json"];
}

/** All files by the names and in the order of `runFileNames`, and the result itself. */
export async function runFiles(
  read: replay.ReadResult,
  synthesis: replay.Synthesis,
  command: string,
  threads: number,
): Promise<{ readonly files: ResultFiles; readonly result: Tensor<FloatDType>; readonly recipe: Recipe }> {
  const result = resultOf(synthesis);
  const exported = isGray(read) ? await exportImage(STEM, result) : null;
  const own = (await synthesis.recipe()) as unknown as RecipeParts;
  const recipe = buildRecipe(whole(own, read.recipe, exported, command, threads));
  const { dtype, shape } = result;
  const exact = async (): Promise<Uint8Array> => writeNpy({ dtype, shape, data: await result.data() });
  const images: [string, ResultFile][] =
    exported === null ? [[`${STEM}.npy`, await exact()]] : imageFiles(exported, recipe);
  return {
    result,
    recipe,
    files: new Map<string, ResultFile>([
      ...images,
      [`${STEM}.pt`, (path) => synthesis.save(path)],
      ...(synthesis instanceof Eigendistortion
        ? []
        : [["history.csv", new TextEncoder().encode(historyCsv(synthesis))] as const]),
      ["recipe.json", recipeFile(recipe)],
    ]),
  };
}

/** The recipe of what was made, with what the one that was run says for people. */
function whole(
  own: RecipeParts,
  { image, model, random }: replay.ReadResult["recipe"],
  exported: ExportedImage | null,
  command: string,
  threads: number,
): RecipeParts {
  const { name = "", conversion = "" } = image;
  return {
    ...own,
    image: { ...own.image, name, conversion },
    model: own.model === null || model?.file === undefined ? own.model : { ...own.model, file: model.file },
    random: { ...own.random, seed: random.seed ?? null },
    exports: exported?.records ?? [],
    command,
    versions: packageVersions(),
    environment: { ...engineVersion(), platform: platform(), arch: arch(), threads },
  };
}

function resultOf(synthesis: replay.Synthesis): Tensor<FloatDType> {
  if (synthesis instanceof Eigendistortion) {
    if (synthesis.eigendistortions === null) throw new Error("a search was run and has found nothing");
    return synthesis.eigendistortions;
  }
  return synthesis instanceof MADCompetition ? synthesis.madImage : synthesis.metamer;
}
