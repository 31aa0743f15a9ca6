// Sets of long vectors, each an array of its own: what the iterative methods work on. All sums have one order.

import { addScaled as addScaledOf, dot as dotOf, type Matrix } from "@plenoptic-js/tensor/engine";
import type { Turn } from "./turn.ts";

export type Vectors = readonly Float64Array[];

export const dot = (x: Float64Array, y: Float64Array): number => dotOf(x, 0, y, 0, x.length);

export const norm = (x: Float64Array): number => Math.sqrt(dot(x, x));

export function addScaled(a: number, x: Float64Array, y: Float64Array): void {
  addScaledOf(a, x, 0, y, 0, x.length);
}

export function scaleBy(factor: number, x: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] *= factor;
}

/**
 * Takes from w, in place, its parts along orthonormal vectors; twice, after which nothing but rounding is left of them.
 *
 * @returns how much of each was in w
 */
export async function takeAway(vectors: Vectors, w: Float64Array, turn: Turn): Promise<Float64Array> {
  const parts = new Float64Array(vectors.length);
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < vectors.length; i++) {
      const part = dot(vectors[i], w);
      addScaled(-part, vectors[i], w);
      parts[i] += part;
      await turn.rest();
    }
  }
  return parts;
}

/** Entries of a vector that are combined at once, so that they stay in the cache. */
const STRIP = 4096;

/** Vector j of the result is the sum over i of coefficients[j][i] vectors[i]. */
export async function combine(
  vectors: Vectors,
  coefficients: readonly ArrayLike<number>[],
  turn: Turn,
): Promise<Float64Array[]> {
  const n = vectors[0]?.length ?? 0;
  const results = coefficients.map(() => new Float64Array(n));
  for (let start = 0; start < n; start += STRIP) {
    const size = Math.min(STRIP, n - start);
    for (let j = 0; j < results.length; j++) {
      for (let i = 0; i < vectors.length; i++) {
        addScaledOf(coefficients[j][i], vectors[i], start, results[j], start, size);
      }
    }
    await turn.rest();
  }
  return results;
}

/** A column of a matrix that is stored row by row. */
export function columnOf({ rows, columns, data }: Matrix, j: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => data[i * columns + j]);
}

/** The first `count` columns of a matrix. */
export function columnsOf(matrix: Matrix, count = matrix.columns): Float64Array[] {
  return Array.from({ length: count }, (_, j) => columnOf(matrix, j));
}

/** The matrix whose columns these are. */
export function matrixOf(vectors: Vectors): Matrix {
  const columns = vectors.length;
  const rows = vectors[0]?.length ?? 0;
  const data = new Float64Array(rows * columns);
  vectors.forEach((v, j) => {
    for (let i = 0; i < rows; i++) data[i * columns + j] = v[i];
  });
  return { rows, columns, data };
}
