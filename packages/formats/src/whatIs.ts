// A value that belongs elsewhere, in the words of a message. (The tensor package has more of them; neither knows the other.)

/** What something is that is not what it should be. */
export function whatIs(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Promise) return "a Promise (did you forget `await`?)";
  return typeof value === "string" ? JSON.stringify(value) : typeof value === "number" ? String(value) : typeof value;
}
