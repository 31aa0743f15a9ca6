// A value that belongs elsewhere, in the words of a message. (The tensor package has more of them; neither knows the other.)

import { withArticle } from "./withArticle.ts";

/** What something is that is not what it should be. Never fails, whatever the value is. */
export function whatIs(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Promise) return "a Promise (did you forget `await`?)";
  const kind: unknown = value.constructor?.name;
  return typeof kind !== "string" || kind === "Object" ? "an object" : withArticle(kind);
}
