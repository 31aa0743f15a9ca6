// The one check of every options object: a mistyped name is an error, never ignored. (The tensor package has the same
// few lines; neither knows the other.)

import { didYouMean } from "./didYouMean.ts";

/**
 * Throws TypeError when `options` is no object, or holds a name that is not among `known`.
 *
 * @param caller what the options were given to, for the message
 */
export function checkOptions(caller: string, options: object, known: readonly string[]): void {
  const list = `its options are ${known.join(", ")}`;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${caller}: options are given as one object, not ${String(options)}; ${list}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known);
    const rest = near === "" ? `; ${list}` : `${near} ${list.replace("i", "I")}`;
    throw new TypeError(`${caller} has no option "${name}"${rest}`);
  }
}
