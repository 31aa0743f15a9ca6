/**
 * Which image values become black and white: the range rules of pyrtools' `imshow`, by their names there.
 * Values that are NaN or infinite take no part.
 */

import { quantile } from "d3-array";
import type { Plane } from "./planes.ts";

/**
 * The values shown as the darkest and the brightest, as a pair or as a rule. "auto" rules look at all pictures
 * together and give them one range, "indep" rules look at each picture alone. The digit says how:
 *
 * - 0: symmetric about 0, out to the largest absolute value; drawn in colour, blue below 0 and red above
 * - 1: from the minimum to the maximum
 * - 2: the mean minus and plus two standard deviations
 * - 3: such that the 10th and the 90th percentile lie at 10 % and 90 % of the range
 */
export type VRange =
  | "auto0"
  | "auto1"
  | "auto2"
  | "auto3"
  | "indep0"
  | "indep1"
  | "indep2"
  | "indep3"
  | readonly [number, number];

/** The range of each picture. A picture without a finite value gets [0, 1]. */
export function displayRanges(planes: readonly Plane[], vrange: VRange, caller: string): [number, number][] {
  if (typeof vrange !== "string") {
    const [low, high] = vrange;
    if (vrange.length !== 2 || !Number.isFinite(low) || !Number.isFinite(high) || low >= high) {
      throw new RangeError(`${caller}: vrange must be two finite numbers, the lower first, got [${vrange.join(", ")}]`);
    }
    return planes.map(() => [low, high]);
  }
  const match = /^(auto|indep)([0-3])$/.exec(vrange);
  if (match === null) {
    throw new RangeError(
      `${caller}: vrange must be two numbers or one of "auto0" to "auto3", "indep0" to "indep3", got "${vrange}"`,
    );
  }
  const rule = Number(match[2]);
  if (match[1] === "indep") return planes.map((plane) => rangeOf([plane], rule));
  const range = rangeOf(planes, rule);
  return planes.map(() => [...range]);
}

/** What there is to say of a range besides its ends. */
export interface RangeKind {
  /** Whether it is drawn with the diverging colours. */
  readonly diverging: boolean;
  /** Whether it was found for several pictures together. */
  readonly shared: boolean;
}

export function kindOf(vrange: VRange, planes: readonly Plane[]): RangeKind {
  return {
    diverging: vrange === "auto0" || vrange === "indep0",
    shared: planes.length > 1 && typeof vrange === "string" && vrange.startsWith("auto"),
  };
}

function rangeOf(planes: readonly Plane[], rule: number): [number, number] {
  const [low, high] = finiteExtent(planes);
  if (low > high) return [0, 1];
  if (rule === 1) return [low, high];
  if (rule === 0) {
    const most = Math.max(Math.abs(low), Math.abs(high));
    return [-most, most];
  }
  const values = finiteValues(planes);
  const n = values.length;
  if (rule === 2) {
    const mean = values.reduce((sum, v) => sum + v, 0) / n;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / n);
    return [mean - 2 * deviation, mean + 2 * deviation];
  }
  const low10 = quantile(values, 0.1)!;
  const high10 = quantile(values, 0.9)!;
  const margin = (high10 - low10) / 8;
  return [low10 - margin, high10 + margin];
}

/** The smallest and the largest of `finiteValues`, without an array of them; infinite, and the larger first, where there are none. */
function finiteExtent(planes: readonly Plane[]): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values, channels } of planes) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!Number.isFinite(value) || (channels === 4 && i % 4 === 3)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** The finite values of all pictures; an alpha channel is opacity, not a value. */
function finiteValues(planes: readonly Plane[]): Float64Array {
  const all = new Float64Array(planes.reduce((sum, plane) => sum + plane.values.length, 0));
  let n = 0;
  for (const { values, channels } of planes) {
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i]) && !(channels === 4 && i % 4 === 3)) all[n++] = values[i]!;
    }
  }
  return all.subarray(0, n);
}
