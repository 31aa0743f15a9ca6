// One text for one value, so that recipes can be hashed and compared byte by byte.
// Follows RFC 8785 (JSON Canonicalization Scheme): no spaces, keys sorted by UTF-16 code units, shortest numbers.

import { whatIs } from "../whatIs.ts";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * The canonical JSON text of a value; `JSON.parse` gives back an equal value.
 *
 * @throws TypeError, naming the place, for anything JSON would lose or change: NaN, infinities, -0, undefined,
 *   functions, bigints, half surrogate pairs, objects that are not plain (Map, Date, typed arrays), cycles
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, "value", []);
}

function write(value: unknown, place: string, parents: readonly object[]): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value) || Object.is(value, -0)) {
      throw new TypeError(`${place} is ${Object.is(value, -0) ? "-0" : value}, which JSON cannot hold`);
    }
    return JSON.stringify(value);
  }
  if (typeof value === "string") return writeString(value, place);
  if (typeof value !== "object") throw new TypeError(`${place} is ${whatIs(value)}, which JSON cannot hold`);
  if (parents.includes(value)) throw new TypeError(`${place} contains itself; JSON holds only trees`);
  const inside = [...parents, value];
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => write(item, `${place}[${index}]`, inside)).join(",")}]`;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${place} is ${whatIs(value)}; use plain objects, arrays, strings and numbers`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0) throw new TypeError(`${place} has a symbol as a key`);
  const members = Object.keys(value)
    .sort()
    .map((key) => {
      const text = writeString(key, `a key of ${place}`);
      return `${text}:${write((value as Record<string, unknown>)[key], `${place}.${key}`, inside)}`;
    });
  return `{${members.join(",")}}`;
}

function writeString(text: string, place: string): string {
  // A lone half of a surrogate pair has no UTF-8, so it could not be stored.
  if (/\p{Surrogate}/u.test(text)) throw new TypeError(`${place} holds half a surrogate pair, which is not text`);
  return JSON.stringify(text);
}
