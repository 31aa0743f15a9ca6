// "a" or "an" before the name of a class, as it is said: a Map, an Array, a Uint8Array.

/** The name with its article. An empty name is that of an object whose class has none. */
export function withArticle(name: string): string {
  if (name === "") return "an object of a class without a name";
  return `${/^([AEIO]|U(?!int|RL|ser))/i.test(name) ? "an" : "a"} ${name}`;
}
