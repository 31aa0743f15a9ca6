// Polynomials of F that make its smallest eigenvalues the largest, far apart from the others.
//
// A Chebyshev polynomial stays within [-1, 1] on [cutoff, top], and grows steeply below: Y. Saad, "Numerical Methods for
// Large Eigenvalue Problems", 2nd edition, 2011, chapter 4. One step of Lanczos with it does the work of `degree` steps with
// F, without keeping the vectors between.

import type { Chebyshev } from "./products.ts";

/**
 * How much the polynomial grows: up to about cosh(3) = 10 at the smallest eigenvalue. More would make Lanczos see little but
 * that one.
 */
const GROWTH = 3;

export interface Filter extends Chebyshev {
  /** Eigenvalues below are made larger than 1. */
  readonly cutoff: number;
}

/** The highest degree for n pixels. Above 24, keeping vectors costs next to nothing beside the products with F. */
export const highestDegree = (n: number): number => Math.max(1, Math.min(24, Math.floor(Math.sqrt(n) / 4)));

/**
 * The filter of F whose eigenvalues lie in [low, top], of which those up to `wanted` are looked for; null where a filter does
 * not pay.
 */
export function filterFor(low: number, wanted: number, top: number, mostDegree: number): Filter | null {
  // With the highest degree nothing below this can be told apart by growth; a higher cutoff lets more vectors help.
  const narrowest = top * squared(GROWTH / (2 * mostDegree));
  const cutoff = Math.max(wanted, narrowest);
  // cosh(degree x acosh(t)) is about cosh(degree sqrt(2 (t - 1))).
  const t = 1 + (2 * (cutoff - low)) / (top - cutoff);
  const degree = Math.min(mostDegree, Math.floor(GROWTH / Math.sqrt(2 * (t - 1))));
  if (!(degree >= 2)) return null;
  return { degree, cutoff, scale: -2 / (top - cutoff), shift: (top + cutoff) / (top - cutoff) };
}

const squared = (x: number): number => x * x;

/** Value and slope of T_degree at t. */
function chebyshev(degree: number, t: number): { readonly value: number; readonly slope: number } {
  let [before, value] = [1, t];
  let [slopeBefore, slope] = [0, 1];
  for (let i = 1; i < degree; i++) {
    [before, value, slopeBefore, slope] = [
      value,
      2 * t * value - before,
      slope,
      2 * value + 2 * t * slope - slopeBefore,
    ];
  }
  return { value, slope };
}

/**
 * The eigenvalue of F at which the filter has a value, and the size of its slope there; null if the value is not above 1, so
 * that it may be anywhere above the cutoff. There are as many eigenvalues of F below it as values of the filter above.
 */
export function invert(filter: Filter, value: number): { readonly value: number; readonly slope: number } | null {
  if (!(value > 1)) return null;
  let low = 1;
  let high = 2;
  while (chebyshev(filter.degree, high).value < value) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (chebyshev(filter.degree, middle).value < value) low = middle;
    else high = middle;
  }
  const t = (low + high) / 2;
  const { slope } = chebyshev(filter.degree, t);
  return { value: Math.max(0, (t - filter.shift) / filter.scale), slope: -filter.scale * slope };
}
