// The file of a checkpoint: whether it can be written, and whether what is in it is of the run that would go on from it.

import { checkWritable, FileError, type JsonObject } from "@plenoptic-js/formats";
import type { OwnRecipe, RecipeCall } from "../../recipe.ts";
import { type Standing, standingOf } from "../../recipeDifference.ts";
import type { CheckedCheckpoint } from "../frame/checkpointOptions.ts";
import type { OwnMetadata } from "../saving/dictionary/metadata.ts";
import { LoadError } from "../saving/loading/checks.ts";

/** Refuses, before anything is done, what cannot be written, and a file that would be lost. */
export function checkPlace({ path, resume }: CheckedCheckpoint): void {
  const isThere = checkWritable(path);
  if (!isThere || resume) return;
  throw new FileError(
    "not-written",
    path,
    "this file is there already; go on from it with checkpoint: { path, resume: true }, or choose another path",
  );
}

/** Names of settings that users know by others. */
const KNOWN_AS: Readonly<Record<string, string>> = {
  maxIter: "number of iterations (maxIter)",
  image: "image",
  model: "model, by its graph,",
};

/**
 * Where what is kept stands, seen from a call that is about to begin.
 *
 * @param own the recipe up to that call; null where Python's plenoptic began
 * @throws LoadError for the file of another run, with the first setting that is another one
 */
export function standingAt(
  path: string,
  kept: OwnMetadata | null,
  own: JsonObject | null,
  call: RecipeCall,
  maxIter: number,
): Exclude<Standing, { readonly at: "elsewhere" }> {
  const recipe = kept?.recipe as unknown as OwnRecipe | null | undefined;
  if (recipe === null || recipe === undefined || own === null) {
    throw new LoadError(
      `synthesize: ${path} cannot be told to be of this run: Python's plenoptic began ${own === null ? "it" : "what is in it"}, and it has no ` +
        "recipe. load() it into a new object, and go on with the iterations that are left",
    );
  }
  const standing = standingOf(recipe, own as unknown as OwnRecipe, call, maxIter);
  if (standing.at !== "elsewhere") return standing;
  const { what, values } = standing;
  const both = values === null ? "another one" : `${values[0]}, and here ${values[1]}`;
  const seed =
    what === "state of the generators" ? ". Call setSeed() with the same seed before the object is made" : "";
  throw new LoadError(
    `synthesize: ${path} is of another run: its ${KNOWN_AS[what] ?? what} is ${both}. Give the same settings, or choose another path${seed}`,
  );
}

/** What is said where the file has left a call behind. */
export const beyondText = (path: string): string =>
  `synthesize: ${path} is of a later call, so this one is done again, without a checkpoint; give each call a path of its own`;
