// Names that are chosen from a list: what is said of one that is not in it.

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { didYouMean } from "@plenoptic-js/tensor/engine";

/** `kind "typed"; did you mean "name"? (all the names)` */
export function unknownName(kind: string, typed: string, names: readonly string[], others = ""): string {
  return `${kind} "${typed}"${didYouMean(typed, names)} (${names.join(", ")}${others})`;
}

/** An option that takes one of some names. Like commander's own choices, but a mistyped one is told the nearest. */
export function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found =
      names.find((name) => name === text) ?? names.find((name) => name.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    const nearest = didYouMean(text, names).replace(/^; d/, " D");
    throw new InvalidArgumentError(`It must be one of ${names.join(", ")}.${nearest}`);
  };
}
