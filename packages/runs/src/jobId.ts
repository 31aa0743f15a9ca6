// What a job is called: the hash of what decides its result. Not of it: threads, hosts, paths, names of files, and what a recipe says for people.

import { canonicalJson, type JsonObject, type JsonValue, sha256Hex } from "@plenoptic-js/formats";
import type { OwnRecipe } from "plenoptic-js/engine";

/** A recipe that says what there is to make. */
export type JobRecipe = Omit<OwnRecipe, "result" | "marks" | "random"> & {
  readonly random: { readonly seed: number } & Partial<OwnRecipe["random"]>;
};

/** Digits of an id in the name of a folder. */
export const ID_DIGITS = 12;

/** SHA-256, in 64 hexadecimal digits, of what decides the result of a job. */
export function jobId(recipe: JobRecipe): string {
  return hashOf({ ...settledPart(recipe), seed: recipe.random.seed });
}

/** What decides a result besides the seed, as far as a recipe says it before it is run. */
export function settledPart({ numerics, method, image, model, options, calls }: JobRecipe): JsonObject {
  const { dtype, shape, sha256 } = image;
  return {
    numerics,
    method,
    image: { dtype, shape, sha256 },
    model: model?.fingerprint ?? null,
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, printOf(value)])),
    calls: calls.map(({ call, options: said }) => ({ call, options: { ...said, ...startOf(said) } })),
  };
}

export const hashOf = (value: JsonObject): string => sha256Hex(new TextEncoder().encode(canonicalJson(value)));

/** A function by the hash of its graph, or else by its name. */
function printOf(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { fingerprint, name } = value as JsonObject;
  return fingerprint ?? name ?? value;
}

/** A start that is drawn follows from the seed. */
function startOf({ initialImage = null }: JsonObject): JsonObject {
  if (initialImage === null) return {};
  const { drawn, sha256 = null } = initialImage as JsonObject;
  if (drawn === undefined) return { initialImage: sha256 };
  const { random: _, ...how } = drawn as JsonObject;
  return { initialImage: how };
}
