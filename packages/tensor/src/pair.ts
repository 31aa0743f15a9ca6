// Sizes of windows, and what is around images: one number for both directions, or one for each.

import type { Padding } from "./graph/build.ts";
import { shown } from "./words/shown.ts";

/** A vertical and a horizontal size, or one for both. */
export type Pair = number | readonly [vertical: number, horizontal: number];

/** What is added at the edges: one size for all, one for each direction, or one for each of the four edges. */
export type SidePadding = Pair | readonly [vertical: Padding, horizontal: Padding];

export function pairOf(name: string, value: Pair, least: number): readonly [number, number] {
  const pair = typeof value === "number" ? ([value, value] as const) : value;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n >= least)) {
    throw new RangeError(`${name} is ${shown(value)}; it must be one or two integers from ${least} on`);
  }
  return pair;
}

/** Sizes before and after, of both directions. */
export function sidesOf(name: string, value: SidePadding): readonly [Padding, Padding] {
  const pair = typeof value === "number" ? [value, value] : value;
  const sides = Array.isArray(pair) ? pair.map((side) => (typeof side === "number" ? [side, side] : side)) : [];
  const isSide = (side: unknown): boolean =>
    Array.isArray(side) && side.length === 2 && side.every((n) => Number.isInteger(n) && n >= 0);
  if (sides.length !== 2 || !sides.every(isSide)) {
    throw new RangeError(
      `${name} is ${shown(value)}; it must be one or two integers from 0 on, or two pairs of them, [before, after]`,
    );
  }
  return sides as unknown as readonly [Padding, Padding];
}
