// Matrices for the tests of linalg, and how far products of them are from each other.

import { generator } from "@plenoptic-js/proof/graphs/arrays";
import fc from "fast-check";
import type { Matrix } from "../../src/linalg/matrix.ts";

/** Distance from 1 to the next number. */
export const EPSILON = Number.EPSILON;

export function build(rows: number, columns: number, at: (i: number, j: number) => number): Matrix {
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[i * columns + j] = at(i, j);
  return { rows, columns, data };
}

export const identity = (n: number): Matrix => build(n, n, (i, j) => (i === j ? 1 : 0));

export const diagonal = (values: ArrayLike<number>): Matrix =>
  build(values.length, values.length, (i, j) => (i === j ? values[i] : 0));

export const transposed = (a: Matrix): Matrix => build(a.columns, a.rows, (i, j) => a.data[j * a.columns + i]);

export function product(a: Matrix, b: Matrix): Matrix {
  const out = build(a.rows, b.columns, () => 0);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const x = a.data[i * a.columns + k];
      for (let j = 0; j < b.columns; j++) out.data[i * b.columns + j] += x * b.data[k * b.columns + j];
    }
  }
  return out;
}

/** The Frobenius norm. */
export function frobenius(a: Matrix): number {
  const max = a.data.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  return max === 0 ? 0 : max * Math.sqrt(a.data.reduce((sum, x) => sum + (x / max) ** 2, 0));
}

/** The norm of a - b. */
export const distance = (a: Matrix, b: Matrix): number =>
  frobenius({ ...a, data: a.data.map((x, i) => x - b.data[i]) });

/** How far the columns of q are from being orthonormal. */
export const orthogonality = (q: Matrix): number => distance(product(transposed(q), q), identity(q.columns));

/** Entries in [-0.5, 0.5) from a seed. */
export function random(seed: number, rows: number, columns: number): Matrix {
  const draw = generator(seed);
  return build(rows, columns, () => draw() - 0.5);
}

export const symmetric = (a: Matrix): Matrix =>
  build(a.rows, a.rows, (i, j) => a.data[Math.max(i, j) * a.columns + Math.min(i, j)]);

/** Second differences: 2 on the diagonal, -1 beside it. */
export const secondDifference = (n: number): Matrix =>
  build(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));

export const hilbert = (n: number): Matrix => build(n, n, (i, j) => 1 / (i + j + 1));

/** Small whole numbers (so: repeated values, dependent rows), fractions, and entries of very different sizes. */
const entries = fc.oneof(
  fc.constant(fc.integer({ min: -2, max: 2 })),
  fc.constant(fc.double({ min: -1, max: 1, noNaN: true })),
  fc.constant(
    fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -25, max: 25 })).map(([x, e]) => x * 10 ** e),
  ),
);

const filled = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
  entries
    .chain((entry) => fc.array(entry, { minLength: rows * columns, maxLength: rows * columns }))
    .map((list) => ({ rows, columns, data: Float64Array.from(list) }));

const size = fc.integer({ min: 1, max: 11 });

/** Matrices of up to 11 rows and columns. */
export const anyMatrix: fc.Arbitrary<Matrix> = fc.tuple(size, size).chain(([m, n]) => filled(m, n));

/** Symmetric matrices of up to 11 rows. */
export const anySymmetric: fc.Arbitrary<Matrix> = size.chain((n) => filled(n, n)).map(symmetric);
