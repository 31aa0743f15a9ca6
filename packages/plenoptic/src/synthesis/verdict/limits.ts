// The limits of a verdict, as options.

import { checkNumber, checkOptions } from "@plenoptic-js/tensor/engine";

/**
 * The limits that options give, and the defaults of the others.
 *
 * @param others options of the same call that are no limits, which the caller checks
 */
export function checkLimits<L extends Readonly<Record<keyof L, number>>>(
  options: Partial<L> & object,
  defaults: L,
  others: readonly string[],
): L {
  const names = Object.keys(defaults) as (string & keyof L)[];
  checkOptions("summary()", options, [...names, ...others]);
  const limits = { ...defaults };
  for (const name of names) {
    const value = options[name] ?? defaults[name];
    checkNumber("summary", name, value);
    if (!(value >= 0)) throw new RangeError(`summary: ${name} is ${value}; it must be a number, 0 or more`);
    limits[name] = value;
  }
  return limits;
}
