// Sums over stretches of arrays, in one fixed order (docs/numerics.md, "Linear algebra"), and Householder reflections.
//
// G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition, section 5.1. Signs are those of LAPACK's dlarfg.

import { exponentOf, type Matrix, scale } from "./matrix.ts";

/** Elements whose products are added in four lanes before they join the sum; keeps rounding errors of long sums small. */
const BLOCK = 512;

/**
 * The sum of x[i] y[i] over n elements from `xAt` and `yAt`. Blocks of 512 are added left to right; in a block, element i
 * belongs to lane i mod 4, lanes are added as (0 + 1) + (2 + 3), and then what is left of the last block one by one.
 */
export function dot(x: Float64Array, xAt: number, y: Float64Array, yAt: number, n: number): number {
  let sum = 0;
  const shift = yAt - xAt;
  const end = xAt + n;
  for (let start = xAt; start < end; start += BLOCK) {
    const stop = Math.min(end, start + BLOCK);
    const even = stop - ((stop - start) & 3);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let i = start;
    for (; i < even; i += 4) {
      const j = i + shift;
      s0 += x[i] * y[j];
      s1 += x[i + 1] * y[j + 1];
      s2 += x[i + 2] * y[j + 2];
      s3 += x[i + 3] * y[j + 3];
    }
    let block = s0 + s1 + (s2 + s3);
    for (; i < stop; i++) block += x[i] * y[i + shift];
    sum += block;
  }
  return sum;
}

/** y := y + a x over n elements. */
export function addScaled(a: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number, n: number): void {
  const shift = yAt - xAt;
  const end = xAt + n;
  for (let i = xAt; i < end; i++) y[i + shift] += a * x[i];
}

/** Squares below this may have lost bits to underflow, squares above the other to overflow. */
const SMALL_SQUARE = 2.004168360008973e-292; // 2^-969
const LARGE_SQUARE = 8.98846567431158e307; // 2^1023

/** The Euclidean norm of n elements, without harm from overflow or underflow of squares. */
function norm(x: Float64Array, at: number, n: number): number {
  const square = dot(x, at, x, at, n);
  if (square >= SMALL_SQUARE && square <= LARGE_SQUARE) return Math.sqrt(square);
  const part = x.slice(at, at + n);
  let max = 0;
  for (const v of part) max = Math.max(max, Math.abs(v));
  if (max === 0) return 0;
  const e = exponentOf(max);
  scale(part, -e);
  const result = Float64Array.of(Math.sqrt(dot(part, 0, part, 0, n)));
  scale(result, e);
  return result[0];
}

/** Below 2^-960 a norm may have too few bits left; the vector is then reflected 1000 powers of two higher. */
const SMALL_NORM = 1.0261342003245941e-289;
const LIFT = 1000;

/**
 * The Householder reflection H = I - tau v v^T that takes n elements x to (beta, 0, 0, ...), with v[0] = 1 and
 * beta = -sign(x[0]) |x|. x is overwritten with beta, v[1], v[2], ... Returns tau; 0, for H = I, if only x[0] is not zero.
 */
export function reflector(x: Float64Array, at: number, n: number): number {
  const rest = n > 1 ? norm(x, at + 1, n - 1) : 0;
  if (rest === 0) return 0;
  const alpha = x[at];
  const size = length2(alpha, rest);
  if (size < SMALL_NORM) {
    const lifted = x.slice(at, at + n);
    scale(lifted, LIFT);
    const tau = reflector(lifted, 0, n);
    x.set(lifted, at);
    scale(x.subarray(at, at + 1), -LIFT);
    return tau;
  }
  const beta = alpha < 0 ? size : -size;
  const divisor = alpha - beta;
  for (let i = at + 1; i < at + n; i++) x[i] /= divisor;
  x[at] = beta;
  return (beta - alpha) / beta;
}

/** x := H x, for the v (v[0] = 1 is not read) and tau of a reflection. */
export function reflect(v: Float64Array, vAt: number, tau: number, x: Float64Array, xAt: number, n: number): void {
  if (tau === 0) return;
  const s = tau * (x[xAt] + dot(v, vAt + 1, x, xAt + 1, n - 1));
  x[xAt] -= s;
  addScaled(-s, v, vAt + 1, x, xAt + 1, n - 1);
}

/** The length of the vector (a, b), without harm from overflow or underflow of squares. */
export function length2(a: number, b: number): number {
  const x = Math.abs(a);
  const y = Math.abs(b);
  const large = Math.max(x, y);
  if (large === 0) return 0;
  const ratio = Math.min(x, y) / large;
  return large * Math.sqrt(1 + ratio * ratio);
}

export function negateColumn({ rows, columns, data }: Matrix, j: number): void {
  for (let i = 0, at = j; i < rows; i++, at += columns) data[at] = -data[at];
}

/** `fixSign` of column j. */
export function fixColumn(matrix: Matrix, j: number): boolean {
  const { rows, columns, data } = matrix;
  let largest = j;
  for (let i = 1, at = j + columns; i < rows; i++, at += columns) {
    if (Math.abs(data[at]) > Math.abs(data[largest])) largest = at;
  }
  const turn = data[largest] < 0;
  if (turn) negateColumn(matrix, j);
  return turn;
}

/**
 * Turns the vector, if need be, so that its entry of largest size is positive; the first one of equal sizes decides. Gives
 * whether it was turned. Decompositions leave the sign of a vector open; this is the convention of the library.
 */
export function fixSign(vector: Float64Array): boolean {
  return fixColumn({ rows: vector.length, columns: 1, data: vector }, 0);
}
