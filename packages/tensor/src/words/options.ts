// The one check of every options object: a mistyped name is an error, never ignored.

import { didYouMean } from "./didYouMean.ts";
import { shown } from "./shown.ts";

/**
 * Throws TypeError when `options` is no object, or holds a name that is not among `known`.
 *
 * @param caller what the options were given to, for the message
 */
export function checkOptions(caller: string, options: object, known: readonly string[]): void {
  const list = known.length === 0 ? "it takes none" : `its options are ${known.join(", ")}`;
  const wrong = (): TypeError =>
    new TypeError(`${caller}: options are given as one object, not ${shown(options)}; ${list}`);
  // Arrays, Promises, Maps and the like are no options, though they may have no names of their own.
  if (Object.prototype.toString.call(options) !== "[object Object]") throw wrong();
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    if (isMade(options)) throw wrong();
    const near = didYouMean(name, known);
    const rest = near === "" ? `; ${list}` : `${near} ${list.replace("i", "I")}`;
    throw new TypeError(`${caller} has no option "${name}"${rest}`);
  }
}

/** Whether it is an object of a class, such as a Tensor, or has a text of its own, as an optimizer has. */
const isMade = (options: object): boolean =>
  (options.constructor?.name ?? "Object") !== "Object" || Object.hasOwn(options, "toString");
