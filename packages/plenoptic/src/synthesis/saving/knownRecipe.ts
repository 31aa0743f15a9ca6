// What a program around a synthesis knows of its result, and the object does not: how the image was made gray, the file of a model, the
// image files, the command. It belongs into the file that the synthesis is saved in, so that this says as much as they do.

import type { JsonObject } from "@plenoptic-js/formats";
import type { MadeRecipe, Recipe } from "../../recipe.ts";

const known = new WeakMap<object, Recipe>();

/** From now on files of the synthesis hold this recipe of its result, as long as it is that of its result. */
export function keepRecipe(synthesis: object, recipe: Recipe): void {
  known.set(synthesis, recipe);
}

/** @param own the recipe as the object knows it */
export function recipeToSave(synthesis: object, own: JsonObject | null): JsonObject | null {
  const kept = known.get(synthesis);
  if (kept === undefined || own === null) return own;
  const { result, calls } = own as unknown as MadeRecipe;
  // It may have gone on since.
  const isSame = result.sha256 === kept.result.sha256 && calls.length === kept.calls.length;
  return isSame ? (kept as unknown as JsonObject) : own;
}
