// The files of what a recipe makes; nothing is written here.

import { type JsonObject, writeNpy } from "@plenoptic-js/formats";
import { type FloatDType, hashTensor, type Tensor } from "@plenoptic-js/tensor";
import { Eigendistortion, MADCompetition, type replay } from "plenoptic-js";
import { keepRecipe, type Recipe } from "plenoptic-js/engine";
import { commandRecipe, type KnownToCommand } from "./commandRecipe.ts";
import { eigenvaluesCsv, eigenvaluesJson } from "./eigendistortionFiles.ts";
import { historyCsv } from "./historyCsv.ts";
import { type ExportedImage, exportImage, imageFileNames, imageFiles, type StimulusChoice } from "./imageFiles.ts";
import { measuresOf } from "./measures.ts";
import { recipeFile } from "./recipeFile.ts";
import type { ResultFile, ResultFiles } from "./resultFolder.ts";
import { type FoundDistortion, foundDistortions, stemOf } from "./runEigendistortion.ts";
import { recordedChoice } from "./stimulusFlags.ts";
import { inFlags } from "./wording.ts";

const STEM = "result";

/** Whether what a recipe makes is of images, gray or in colour, which PNG files of the command show. */
function isPicture({ recipe: { image } }: replay.ReadResult): boolean {
  const { shape } = image;
  return shape.length === 4 && shape[0] === 1 && (shape[1] === 1 || shape[1] === 3);
}

/** The places of the eigendistortions, as the recipe tells them; none where that makes no sense. */
function indicesIn({ recipe: { image, result } }: replay.ReadResult): readonly number[] {
  const eigenindex = result?.eigenindex;
  const count = image.shape.reduce((product, n) => product * n, 1);
  if (!Array.isArray(eigenindex) || eigenindex.length > count) return [];
  const isPlace = (index: unknown): boolean => Number.isInteger(index) && Number(index) >= 0 && Number(index) < count;
  return eigenindex.every(isPlace) ? (eigenindex as readonly number[]) : [];
}

/** What eigendistortions were multiplied by when they were added to the image; null where the recipe does not say it. */
function strengthOf(read: replay.ReadResult): number | null {
  const alpha = read.recipe.result?.alpha;
  return isPicture(read) && typeof alpha === "number" && indicesIn(read).length > 0 ? alpha : null;
}

/** What is chosen of the files. */
export interface FileChoice {
  /** What eigendistortions are multiplied by when they are added to the image; null: no such image is made. */
  readonly alpha: number | null;
  readonly stimuli: StimulusChoice;
  /** Whether the .pt file holds the model. */
  readonly withModel: boolean;
}

/** Files as those that a recipe tells of. What the file held of its model, the next one holds. */
function toldFiles(read: replay.ReadResult): FileChoice {
  return { alpha: strengthOf(read), stimuli: recordedChoice(read.recipe.exports), withModel: read.functions !== null };
}

/** All files, in the order in which they are put in place: the recipe last. */
export function runFileNames(read: replay.ReadResult): string[] {
  const exact = `${STEM}.npy`;
  if (read.recipe.method !== "Eigendistortion") {
    return [...(isPicture(read) ? imageFileNames(STEM) : [exact]), `${STEM}.pt`, "history.csv", "recipe.json"];
  }
  const indices = strengthOf(read) === null ? [] : indicesIn(read);
  const images = indices.flatMap((index) => imageFileNames(stemOf(index)));
  return [...images, exact, `${STEM}.pt`, "eigenvalues.csv", "eigenvalues.json", "recipe.json"];
}

/** All files by the names and in the order of `runFileNames`, where they are those that the recipe tells of; and the result itself. */
export async function runFiles(
  read: replay.ReadResult,
  synthesis: replay.Synthesis,
  command: string,
  threads: number,
  choice: FileChoice = toldFiles(read),
): Promise<{ readonly files: ResultFiles; readonly result: Tensor<FloatDType>; readonly recipe: Recipe }> {
  const result = resultOf(synthesis);
  const { alpha, stimuli, withModel } = choice;
  const isSearch = synthesis instanceof Eigendistortion;
  const found = isSearch ? await foundDistortions(synthesis, synthesis.search!, alpha ?? 1, stimuli) : [];
  const images = await imagesOf(read, synthesis, found, choice);
  const exports = images.flatMap(({ records }) => records);
  const more = isSearch && alpha !== null ? { alpha } : {};
  const recipe = await wholeRecipe(read, synthesis, { exports, more, command, threads });
  keepRecipe(synthesis, recipe);
  const { dtype, shape } = result;
  const utf8 = new TextEncoder();
  const files = new Map<string, ResultFile>(images.flatMap((one) => imageFiles(one, recipe)));
  files.set(`${STEM}.npy`, writeNpy({ dtype, shape, data: await result.data() }));
  files.set(`${STEM}.pt`, (path) => synthesis.save(path, { withModel }));
  if (synthesis instanceof Eigendistortion) {
    const summary = synthesis.search!;
    const made = { found, summary: { ...summary, words: inFlags(summary.words) } };
    files.set("eigenvalues.csv", utf8.encode(eigenvaluesCsv(made)));
    files.set("eigenvalues.json", utf8.encode(eigenvaluesJson(made)));
  } else {
    files.set("history.csv", utf8.encode(historyCsv(synthesis)));
  }
  files.set("recipe.json", recipeFile(recipe));
  return { result, recipe, files };
}

/** The images that PNG files show. */
async function imagesOf(
  read: replay.ReadResult,
  synthesis: replay.Synthesis,
  found: readonly FoundDistortion[],
  { alpha, stimuli }: FileChoice,
): Promise<readonly ExportedImage[]> {
  if (synthesis instanceof Eigendistortion) {
    return alpha === null ? [] : found.map(({ exported }) => exported);
  }
  if (!isPicture(read)) return [];
  return [await exportImage(STEM, resultOf(synthesis), stimuli, measuresOf(synthesis))];
}

/** The recipe of what was made, with what the one that was run says besides. */
async function wholeRecipe(
  { recipe }: replay.ReadResult,
  synthesis: replay.Synthesis,
  known: Pick<KnownToCommand, "exports" | "command" | "threads"> & { readonly more: JsonObject },
): Promise<Recipe> {
  const { name = "", conversion = "" } = recipe.image;
  const setup = recipe.calls.find(({ call }) => call === "setup")?.options ?? {};
  // Facts about other bits would be none.
  const { result } = recipe;
  const isSame = result !== undefined && (await hashTensor(resultOf(synthesis))) === result.sha256;
  return commandRecipe(await synthesis.recipe(), {
    image: { name, conversion },
    seed: recipe.random.seed ?? null,
    modelFile: recipe.model?.file,
    options: objectsIn(recipe.options),
    setup: objectsIn(setup),
    result: { ...(isSame && factsIn(result)), ...known.more },
    exports: known.exports,
    command: known.command,
    threads: known.threads,
  });
}

/** Those of the entries that are objects. */
function objectsIn(options: JsonObject): { readonly [option: string]: JsonObject } {
  const isObject = (value: JsonObject[string]): boolean =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isObject(value))) as Record<
    string,
    JsonObject
  >;
}

/** What is known of a result besides its bits. */
function factsIn(result: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(result).filter(([name]) => !["dtype", "shape", "sha256"].includes(name)));
}

function resultOf(synthesis: replay.Synthesis): Tensor<FloatDType> {
  if (synthesis instanceof Eigendistortion) {
    if (synthesis.eigendistortions === null) throw new Error("a search was run and has found nothing");
    return synthesis.eigendistortions;
  }
  return synthesis instanceof MADCompetition ? synthesis.madImage : synthesis.metamer;
}
