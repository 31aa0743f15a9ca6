// The transfer function of sRGB (IEC 61966-2-1), between light from 0 to 1 and whole numbers in a file: the same bits everywhere.

import type { IntegerImage } from "@plenoptic-js/formats";
import { pow64 } from "@plenoptic-js/tensor/engine";

type Levels = 255 | 65535;

/** The light of an encoded value, both from 0 to 1. */
export function srgbToLight(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : pow64((encoded + 0.055) / 1.055, 2.4);
}

/** The light at which each number begins, from 1 on: half-way, as encoded, from the one before. A number has that light and more. */
function beginnings(levels: Levels): Float64Array {
  return Float64Array.from({ length: levels }, (_, i) => srgbToLight((i + 0.5) / levels));
}

/** As the function of the formats package does it in proportion: the nearest number as encoded, halves up. NaN is refused there. */
export function roundAndClipSrgb<M extends Levels>(values: ArrayLike<number>, levels: M): IntegerImage<M> {
  const data = new (levels === 65535 ? Uint16Array : Uint8Array)(values.length);
  const starts = beginnings(levels);
  const light = srgbTable(levels);
  let [below, above, maxRoundingError] = [0, 0, 0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (Number.isNaN(value)) throw new RangeError(`value ${index} is NaN, which no image file can hold`);
    if (value < 0) below++;
    else if (value > 1) {
      above++;
      data[index] = levels;
    } else {
      data[index] = countUpTo(starts, value);
      maxRoundingError = Math.max(maxRoundingError, Math.abs(light[data[index]] - value));
    }
  }
  return { data: data as IntegerImage<M>["data"], clipped: { below, above }, maxRoundingError };
}

/** The light of every number. */
export function srgbTable(levels: Levels): Float64Array {
  return Float64Array.from({ length: levels + 1 }, (_, i) => srgbToLight(i / levels));
}

/** How many of the sorted numbers are at most that. */
function countUpTo(sorted: Float64Array, most: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
