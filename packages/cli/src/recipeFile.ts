// The file of a recipe, for people and programs: indented, with the states of the random generators, which are long, at its end. The
// recipe inside the PNG files is canonical JSON (RFC 8785); both hold the same.

import type { JsonObject, JsonValue } from "@plenoptic-js/formats";
import type { Recipe } from "plenoptic-js/engine";

/** The bytes of the file; those of equal recipes are equal. */
export function recipeFile(recipe: Recipe): Uint8Array {
  const { calls, random, ...rest } = recipe;
  const text = JSON.stringify({ ...rest, calls: statesLast(calls as unknown as JsonValue), random }, null, 2);
  // Lists of numbers, such as shapes, stay on one line.
  const short = text.replace(/\[\n *(-?[\d.e+-]+(?:,\n *-?[\d.e+-]+)*)\n *\]/g, (_, items: string) => {
    return `[${items.replaceAll(/,\n */g, ", ")}]`;
  });
  return new TextEncoder().encode(`${short}\n`);
}

/** The same value, with what is called "random" last in every object. */
function statesLast(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(statesLast);
  if (typeof value !== "object" || value === null) return value;
  const { random, ...rest } = value as JsonObject;
  const others = Object.fromEntries(Object.entries(rest).map(([name, entry]) => [name, statesLast(entry)]));
  return random === undefined ? others : { ...others, random };
}
