// The recipe of a result of the command: the object's own, which decides the bits, and what people and programs around it
// want to know besides.

import { arch, platform } from "node:os";
import type { JsonObject, JsonValue } from "@plenoptic-js/formats";
import { buildRecipe, type Recipe, type RecipeExport, type RecipeParts } from "plenoptic-js/engine";
import { engineVersion } from "./engineVersion.ts";
import { packageVersions } from "./versions.ts";

/** What the command knows of a result that the object does not. */
export interface KnownToCommand {
  readonly image: { readonly name: string; readonly conversion: string };
  /** null where none was set. */
  readonly seed: number | null;
  /** The file of a model of the user's. */
  readonly modelFile?: { readonly name: string; readonly sha256: string } | undefined;
  /** What to say of options besides what the object says: the names of functions, for one. */
  readonly options?: { readonly [option: string]: JsonObject };
  /** What to say of the arrays of setup(). */
  readonly setup?: { readonly [option: string]: JsonObject };
  /** What is known of the result besides its bits. */
  readonly result: JsonObject;
  readonly exports: readonly RecipeExport[];
  readonly threads: number;
  /** The command that makes the same result again. */
  readonly command: string;
}

/** @param own what `recipe()` of the object gives */
export function commandRecipe(own: JsonObject | null, known: KnownToCommand): Recipe {
  if (own === null) throw new Error("a synthesis that this command made has no recipe");
  const parts = own as unknown as Omit<RecipeParts, "exports" | "versions" | "environment">;
  const { model, random, calls } = parts;
  return buildRecipe({
    ...parts,
    image: { ...parts.image, name: known.image.name, conversion: known.image.conversion },
    model: model === null || known.modelFile === undefined ? model : { ...model, file: known.modelFile },
    options: withMore(parts.options, known.options ?? {}),
    random: { ...random, seed: known.seed },
    calls: calls.map((call) => {
      return call.call === "setup" ? { ...call, options: withMore(call.options, known.setup ?? {}) } : call;
    }),
    result: { ...parts.result, ...known.result },
    exports: known.exports,
    command: known.command,
    versions: packageVersions(),
    environment: { ...engineVersion(), platform: platform(), arch: arch(), threads: known.threads },
  });
}

/** Objects among the options, with more entries. */
function withMore(options: JsonObject, more: { readonly [option: string]: JsonObject }): JsonObject {
  const result: { [key: string]: JsonValue } = { ...options };
  for (const [name, entries] of Object.entries(more)) {
    const before = options[name] ?? null;
    if (before !== null && typeof before === "object" && !Array.isArray(before)) {
      result[name] = { ...entries, ...(before as JsonObject) };
    }
  }
  return result;
}
