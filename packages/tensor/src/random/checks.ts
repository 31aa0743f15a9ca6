// Argument checks shared by the two generators. All run before the first draw, so a refusal leaves the stream alone.

import { shown } from "../words/shown.ts";

/** The number of elements asked for: an integer from 0 up. */
export function checkCount(n: number, where: string): void {
  if (!Number.isSafeInteger(n) || n < 0) {
    throw new RangeError(`${where}: the number of elements must be an integer of at least 0, not ${shown(n)}.`);
  }
}

/** A standard deviation: at least 0, and not NaN. */
export function checkScale(std: number, where: string): void {
  if (typeof std !== "number" || !(std >= 0))
    throw new RangeError(`${where}: the standard deviation must be at least 0, not ${shown(std)}.`);
}

/** An integer as a bigint. Numbers beyond 2^53 are refused, because their digits may already be lost. */
export function toInteger(value: number | bigint, name: string, where: string): bigint {
  if (typeof value === "bigint") return value;
  if (Number.isSafeInteger(value)) return BigInt(value);
  const hint = Number.isInteger(value) ? "; write integers beyond 2^53 as a bigint, such as 1n" : "";
  throw new RangeError(`${where}: ${name} must be an integer, not ${shown(value)}${hint}.`);
}

/** Bounds of a draw of integers: low < high, both from `smallest` to `largest`, high one more. */
export function checkBounds(
  low: number | bigint,
  high: number | bigint,
  [smallest, largest]: readonly [bigint, bigint],
  where: string,
): { low: bigint; range: bigint } {
  const from = toInteger(low, "low", where);
  const to = toInteger(high, "high", where);
  if (from < smallest || to > largest + 1n) {
    throw new RangeError(`${where}: low ${low} and high ${high} must lie in ${smallest}..${largest + 1n}.`);
  }
  if (from >= to) throw new RangeError(`${where}: low must be less than high, but low is ${low} and high is ${high}.`);
  return { low: from, range: to - from };
}
