// Whether numbers differ by more than rounding makes. The one rule for photographs, responses and images, in verdicts and in figures.
//
// Each number is judged by its own size: a large constant beside it, or the number of all, says nothing of how well it is known. Only
// what sums leave when they cancel is known no better than the numbers around it; of these, those that are carried over exactly do not
// count.

import type { DType } from "@plenoptic-js/tensor";
import type { ArrayValue } from "@plenoptic-js/tensor/engine";

/** The distance of two numbers, at 1. */
const epsilonOf = (dtype: DType): number =>
  dtype === "float32" || dtype === "complex64" ? 1.1920928955078125e-7 : Number.EPSILON;

/**
 * So many of these distances. What is constant but for rounding, such as the power of an image over itself, was found up to 6 apart for
 * different photographs; much more would take a response such as 30000 + x for a constant.
 */
const UNITS = 8;

/** What rounding makes of a number at most, as a part of its size. */
export const roundingPart = (dtype: DType): number => UNITS * epsilonOf(dtype);

/**
 * Whether no number differs by more than rounding.
 *
 * @param gap the absolute difference of the number at a place; NaN where there is no number
 * @param size the absolute value of the number itself
 */
export function isRounding(
  count: number,
  gap: (i: number) => number,
  size: (i: number) => number,
  dtype: DType,
): boolean {
  let [sum, differing] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (!(gap(i) > 0)) continue;
    const own = size(i);
    sum += own * own;
    differing++;
  }
  const part = roundingPart(dtype);
  const around = Math.sqrt(sum / Math.max(1, differing));
  for (let i = 0; i < count; i++) if (gap(i) > part * Math.max(size(i), around)) return false;
  return true;
}

/**
 * Whether two arrays are one but for rounding.
 *
 * @param target what both are compared with, of the same kind: places where it holds no number take no part
 */
export function areOneButForRounding(a: ArrayValue, b: ArrayValue, target: ArrayValue): boolean {
  const parts = [[a.re, b.re, target.re] as const, [a.im, b.im, target.im] as const];
  return parts.every(([one, other, wanted]) => {
    if (one === undefined || other === undefined || wanted === undefined) return true;
    const gap = (i: number): number => (Number.isNaN(wanted[i]) ? 0 : Math.abs(one[i] - other[i]));
    const size = (i: number): number => Math.max(Math.abs(one[i]), Math.abs(other[i]), Math.abs(wanted[i]));
    return isRounding(wanted.length, gap, size, target.dtype);
  });
}
