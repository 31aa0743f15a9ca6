// Real lines, two at a time: real lines a and b make one complex line a + i b. With A, B, Z the transforms of a, b and
// a + i b, all of size n:
//
//   A[k] = (Z[k] + conj Z[n - k]) / 2,   B[k] = (Z[k] - conj Z[n - k]) / 2i,   Z[k] = A[k] + i B[k]
//
// A[n - k] = conj A[k], so only 0 <= k <= n / 2 is kept. At k = 0, and at k = n / 2 if n is even, the mirror image of k
// is k itself, and A and B are real: A = Re Z, B = Im Z.

import { type Arithmetic, type Pair, plusI } from "./butterfly.ts";

/** How many elements of the transform of a real line of size n are kept. */
export function halfSize(n: number): number {
  return Math.floor(n / 2) + 1;
}

/** Where k lies: its mirror image n - k is above it, below it, or (at 0 and n / 2) k itself. */
export type Side = "lower" | "upper" | "own";

export function sideOf(k: number, n: number): Side {
  if (k === 0 || 2 * k === n) return "own";
  return 2 * k < n ? "lower" : "upper";
}

/** A[k] and B[k] from Z[k] and Z[n - k], for 0 <= k <= n / 2. `own`: k is its own mirror image. */
export function separate<V>(
  a: Arithmetic<V>,
  own: boolean,
  z: Pair<V>,
  mirrored: Pair<V>,
): [first: Pair<V>, second: Pair<V>] {
  if (own) {
    const zero = a.constant(0);
    return [
      { re: z.re, im: zero },
      { re: z.im, im: zero },
    ];
  }
  const half = a.constant(0.5);
  return [
    { re: a.mul(a.add(z.re, mirrored.re), half), im: a.mul(a.sub(z.im, mirrored.im), half) },
    { re: a.mul(a.add(z.im, mirrored.im), half), im: a.mul(a.sub(mirrored.re, z.re), half) },
  ];
}

/**
 * Z[k]. `first` and `second` are A and B at k, or at n - k if k is on the upper side. Where k is its own mirror image
 * their imaginary parts are ignored.
 */
export function join<V>(a: Arithmetic<V>, side: Side, first: Pair<V>, second: Pair<V>): Pair<V> {
  switch (side) {
    case "own":
      return { re: first.re, im: second.re };
    case "lower":
      return plusI(a, first, second);
    case "upper":
      // conj A + i conj B
      return { re: a.add(first.re, second.im), im: a.sub(second.re, first.im) };
  }
}
