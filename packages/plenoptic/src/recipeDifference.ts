// What is different between two recipes, in words; and how far one has come on the way of another.

import { canonicalJson, type JsonObject } from "@plenoptic-js/formats";
import type { OwnRecipe, RecipeCall } from "./recipe.ts";

const textOf = (value: unknown): string => canonicalJson(value as JsonObject);

/** The first key whose values are not the same, for all that is equal otherwise; null where all are. */
function differentKey(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string | null {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.find((key) => textOf(a[key] ?? null) !== textOf(b[key] ?? null)) ?? null;
}

/** The options of a recipe, functions by their fingerprints. */
function comparableOptions({ options }: Pick<OwnRecipe, "options">): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options).map(
    ([name, value]) => [name, (value as { readonly fingerprint?: string } | null)?.fingerprint ?? value] as const,
  );
  return Object.fromEntries(entries);
}

/** Of a starting image its hash: how it was drawn may be said in one recipe and not in the other. */
function startText(said: unknown): string | null {
  return (said as { readonly sha256?: string } | null | undefined)?.sha256 ?? null;
}

const comparableCall = ({ call, options, numerics }: RecipeCall) => ({
  call,
  numerics: numerics ?? null,
  options: { ...options, initialImage: startText(options.initialImage) },
});

/** What decides of a call. */
export const callText = (made: RecipeCall): string => textOf(comparableCall(made));

/** The first part of two recipes that is not the same, in words; null where they make the same. */
export function differentPart(a: OwnRecipe, b: OwnRecipe): string | null {
  const parts = (recipe: OwnRecipe): Record<string, unknown> => {
    const { method, image, model, random, calls, numerics } = recipe;
    const { dtype, shape, sha256 } = image;
    return {
      "numeric contract": numerics,
      method,
      image: { dtype, shape, sha256 },
      model: model?.fingerprint ?? null,
      options: comparableOptions(recipe),
      "state of the generators": [random.torch, random.numpy.key, random.numpy.position, random.numpy.cachedGaussian],
      "list of calls": calls.map(comparableCall),
    };
  };
  return differentKey(parts(a), parts(b));
}

/** The same, with the name of the option, where it is one. */
function differentSetting(a: OwnRecipe, b: OwnRecipe): string | null {
  const part = differentPart(a, b);
  return part === "options" ? differentKey(comparableOptions(a), comparableOptions(b)) : part;
}

/** Where a kept run stands, seen from a call that is about to begin. */
export type Standing =
  | { readonly at: "here"; readonly iterations: number }
  /** It has not yet come to this call. */
  | { readonly at: "before" }
  /** It has left this call behind. */
  | { readonly at: "beyond" }
  /** It is another run; `what` is the first setting that is not the same, `values` those of the file and of this call, where they are short. */
  | { readonly at: "elsewhere"; readonly what: string; readonly values: readonly [string, string] | null };

/**
 * Where a kept run stands, seen from a call of synthesize() that is about to begin.
 *
 * @param own the recipe up to this call
 * @param call this call; its `maxIter` is what it may make at most
 */
export function standingOf(kept: OwnRecipe, own: OwnRecipe, call: RecipeCall, maxIter: number): Standing {
  const different = differentSetting({ ...kept, calls: [] }, { ...own, calls: [] });
  if (different !== null) {
    const options = [kept, own].map(comparableOptions);
    return elsewhere(
      different,
      options.map((one) => (Object.hasOwn(one, different) ? shortText(one[different]) : null)),
    );
  }
  const wanted = [...own.calls, call];
  for (const [i, made] of kept.calls.entries()) {
    if (i === wanted.length) return { at: "beyond" };
    const isThis = i === wanted.length - 1;
    const [a, b] = [made, wanted[i]].map((one) => {
      const { options, ...rest } = comparableCall(one);
      return { ...rest, ...options, ...(isThis && { maxIter: null }) };
    });
    const key = differentKey(a, b);
    if (key === "call") return elsewhere("list of calls", []);
    if (key !== null) return elsewhere(key, [shortText(a[key as "call"]), shortText(b[key as "call"])]);
    if (!isThis) continue;
    const iterations = Number(made.options.maxIter);
    // One more call was begun: this one was done.
    if (i < kept.calls.length - 1) return { at: "beyond" };
    if (iterations > maxIter) return elsewhere("maxIter", [String(iterations), String(maxIter)]);
    return { at: "here", iterations };
  }
  return { at: "before" };
}

function elsewhere(what: string, values: readonly (string | null)[]): Standing {
  const [kept = null, own = null] = values;
  return { at: "elsewhere", what, values: kept === null || own === null ? null : [kept, own] };
}

/** A value as a text, where it is short enough to be read. */
function shortText(value: unknown): string | null {
  const text = value === undefined ? "null" : textOf(value);
  return text.length <= 60 ? text : null;
}
