// Options of cards, held to their ranges by the classes: a range stands on the card alone.

import { shown } from "@plenoptic-js/tensor/engine";
import type { ModelOption } from "./card.ts";

/** Refuses a value that is not one of the option's. `caller` and `name` are for errors. */
export function checkOption(caller: string, name: string, option: ModelOption, value: number): void {
  const { kind, range } = option;
  const [least, greatest] = range;
  const fits =
    kind === "integer"
      ? Number.isInteger(value) && value >= least && value <= greatest
      : value > least && value < greatest;
  if (fits) return;
  const expected = kind === "integer" ? `an integer from ${least} to ${greatest}` : `between ${least} and ${greatest}`;
  throw new RangeError(`${caller}: ${name} must be ${expected}, not ${shown(value)}`);
}
