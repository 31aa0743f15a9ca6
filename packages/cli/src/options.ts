// Parsers of option values. What a parser refuses ends the command before anything is read or computed.

import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { Accepts } from "@plenoptic-js/runs";

/** What parsers take, for those who tell it elsewhere. */
const accepted = new WeakMap<object, Accepts>();

function told<P extends object>(parse: P, accepts: Accepts): P {
  accepted.set(parse, accepts);
  return parse;
}

/** What a parser of this file takes; undefined for another one. */
export const acceptedBy = (parse: object): Accepts | undefined => accepted.get(parse);

/** A whole number within bounds, both included, however it is written: 600, 6e2, 600.0. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  const parse = (text: string): number => {
    const value = readNumber(text);
    if (!(Number.isInteger(value) && value >= low && value <= high)) {
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    }
    return value;
  };
  return told(parse, { kind: "integer", minimum: low, maximum: high });
}

/** A finite number from `low` on; `above` asks for more than `low`. */
export function realNumber(low: number, bound: "from" | "above"): (text: string) => number {
  const parse = (text: string): number => {
    const value = readNumber(text);
    if (!(bound === "from" ? value >= low : value > low)) {
      throw new InvalidArgumentError(`It must be a number${bound === "from" ? `, ${low} or more` : ` above ${low}`}.`);
    }
    return value;
  };
  return told(parse, { kind: "number", ...(bound === "from" ? { minimum: low } : { above: low }) });
}

/** The stop rule: a number, or `off`, which is 0, as no change of the loss is below 0. */
export function stopCriterion(text: string): number {
  const value = text.toLowerCase() === "off" ? 0 : readNumber(text);
  if (!(value >= 0)) throw new InvalidArgumentError('It must be "off" or a number, 0 or more.');
  return value;
}

/** The name of a folder. An empty one, as from a shell variable that is not set, would mean the current folder. */
export function folderName(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError('It must be the name of a folder ("." for the current one).');
  return text;
}

/** A decimal number such as 3, 0.01 or 1e-6; NaN for any other text. */
function readNumber(text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value + 0 : Number.NaN; // -0 becomes 0
}
