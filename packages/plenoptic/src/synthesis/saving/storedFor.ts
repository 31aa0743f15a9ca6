// The functions of a synthesis as they are kept in its file: for the types of images that it has to do with.

import type { JsonObject } from "@plenoptic-js/formats";
import type { TensorSpec } from "@plenoptic-js/tensor";
import type { IndexFunction } from "../../stored/form.ts";
import { type KeptFunctions, type StoredFunctions, storeFunctions } from "../../stored/write.ts";
import { publicName, savedName } from "./dictionary/names.ts";

/** What is told of a function beside its graphs. */
type About = Omit<IndexFunction, "cases">;

/** What is told of a loss, a penalty or a metric. */
export const keptFunction = (thing: object): About => ({
  savedName: savedName(thing),
  name: publicName(thing).name ?? null,
});

/** What is told of a model. */
export function keptModel(model: object): About {
  const {
    name = null,
    options = null,
    scales,
  } = model as Partial<Pick<About, "name" | "scales">> & {
    readonly options?: JsonObject;
  };
  return { savedName: savedName(model), name, options, ...(scales !== undefined && { scales }) };
}

/**
 * The functions for the image as it is, and, where it had another precision when the synthesis began, as it was: making all of it again begins
 * there. Functions that know one precision only are kept for that.
 *
 * @param first the type of the image at the beginning
 * @param functionsFor the functions and their calls, for precisions
 */
export function storedFor(
  now: TensorSpec,
  first: TensorSpec | null,
  functionsFor: (specs: readonly TensorSpec[]) => KeptFunctions,
): StoredFunctions {
  if (first !== null && first.dtype !== now.dtype) {
    try {
      return storeFunctions(functionsFor([now, first]));
    } catch {
      // What they are for the present image decides.
    }
  }
  return storeFunctions(functionsFor([now]));
}
