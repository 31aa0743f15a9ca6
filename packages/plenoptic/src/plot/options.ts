/** The one check that every plotting function makes of its options: a mistyped name is an error, never ignored. */

/** Throws when `options` holds a name that is not among `known`. */
export function checkOptions(caller: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TypeError(`${caller} has no option "${name}"; its options are ${known.join(", ")}`);
    }
  }
}
