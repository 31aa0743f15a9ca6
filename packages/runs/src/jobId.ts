// What a job is called: the hash of what decides its result. Not of it: threads, hosts, paths, names of files, and what a recipe says for people.

import { createHash } from "node:crypto";
import { canonicalJson, type JsonObject, type JsonValue } from "@plenoptic-js/formats";
import type { OwnRecipe } from "plenoptic-js/engine";

/** A recipe that says what there is to make. */
export type JobRecipe = Omit<OwnRecipe, "result" | "marks" | "random"> & {
  readonly random: { readonly seed: number } & Partial<OwnRecipe["random"]>;
};

/** Digits of an id in the name of a folder. */
export const ID_DIGITS = 12;

/** SHA-256, in 64 hexadecimal digits, of what decides the result of a job. */
export function jobId(recipe: JobRecipe): string {
  return hashOf({ settled: settledHash(recipe), seed: recipe.random.seed });
}

/** By the calls, which jobs of a kind share: the rest that they share, and hashes by image. */
const known = new WeakMap<
  object,
  { readonly options: object; readonly model: object | null; readonly byImage: Map<string, string> }
>();

/** The hash of what decides a result besides the seed. */
export function settledHash(recipe: JobRecipe): string {
  const { calls, options, model, image } = recipe;
  let entry = known.get(calls);
  if (entry === undefined || entry.options !== options || entry.model !== model) {
    entry = { options, model, byImage: new Map() };
    known.set(calls, entry);
  }
  const settled = entry.byImage.get(image.sha256) ?? hashOf(settledPart(recipe));
  entry.byImage.set(image.sha256, settled);
  return settled;
}

/** What decides a result besides the seed, as far as a recipe says it before it is run. */
function settledPart({ numerics, method, image, model, options, calls }: JobRecipe): JsonObject {
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

export const hashOf = (value: JsonObject): string => createHash("sha256").update(canonicalJson(value)).digest("hex");

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
