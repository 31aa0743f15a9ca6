// Any value in a message, so that it can be told from others: the text "2" from the number 2, nothing from null.

import { withArticle } from "./withArticle.ts";

/** Characters of a text, and entries of a list, that are written at most. */
const MOST_CHARACTERS = 60;
const MOST_ENTRIES = 8;
/** Arrays within arrays that are written. */
const MOST_DEPTH = 4;

/**
 * A value as messages show it: texts in quotes, numbers as they are, arrays entry by entry; functions, objects and long things by
 * what they are. Never fails, whatever the value is.
 */
export function shown(value: unknown): string {
  return shownAt(value, 0);
}

function shownAt(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return text(value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return `${value}n`;
    case "function":
      return typeof value.name === "string" && value.name !== "" ? `the function ${value.name}` : "a function";
    case "object":
      return value === null ? "null" : object(value, depth);
    default:
      return String(value);
  }
}

function text(value: string): string {
  return value.length <= MOST_CHARACTERS
    ? JSON.stringify(value)
    : `${JSON.stringify(value.slice(0, MOST_CHARACTERS))}...`;
}

function object(value: object, depth: number): string {
  if (Array.isArray(value) && depth < MOST_DEPTH) {
    const entries = Array.from(value.slice(0, MOST_ENTRIES), (entry) => shownAt(entry, depth + 1));
    return `[${entries.join(", ")}${value.length > MOST_ENTRIES ? ", ..." : ""}]`;
  }
  if (typeof (value as Partial<PromiseLike<unknown>>).then === "function") return "a Promise (did you forget `await`?)";
  const kind: unknown = value.constructor?.name;
  if (typeof kind === "string" && kind !== "" && kind !== "Object") return withArticle(kind);
  // Optimizers, schedulers and their like.
  const own: unknown = Object.hasOwn(value, "toString") && (value as { readonly name?: unknown }).name;
  if (typeof own === "string" && own !== "") return `${own}(...)`;
  const names = Object.keys(value);
  if (names.length === 0) return "an empty object";
  return `an object with ${names.slice(0, MOST_ENTRIES).join(", ")}${names.length > MOST_ENTRIES ? ", ..." : ""}`;
}
