// All pairs, from the Jacobian as a matrix.
//
// With as many outputs as pixels, or more, from J^T J. With fewer outputs m from the m x m matrix J J^T, which has the same
// eigenvalues other than 0: if u is its eigenvector, J^T u is one of J^T J. The n - m others are 0.

import { type FloatDType, TorchGenerator } from "@plenoptic-js/tensor";
import type { Matrix } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../../warnings.ts";
import { decompose, gram, times, transpose, transposedTimes } from "./dense.ts";
import { LARGE, MOST_BYTES, mebibytes } from "./jacobian.ts";
import type { Turn } from "./turn.ts";
import { addScaled, columnOf, columnsOf, dot, norm, scaleBy, takeAway, type Vectors } from "./vectors.ts";
import { joined, measureOf, type Pairs, pairsOf, sorted } from "./verdict.ts";

/** Floating-point operations that a symmetric decomposition of size n takes, as a multiple of n^3: 8/3 for the reduction, 3 to 5.5 for rotations. */
const DECOMPOSITION = 7;

/** How many are made in a second, about: one core of a machine of 2020 or later makes 2 to 5 thousand million. */
const PER_SECOND = 3e9;

/** Refuses what cannot be held, before the Jacobian is computed. */
export function refuseLargeExact(m: number, n: number, count: number): void {
  const size = Math.min(m, n);
  const bytes = 8 * Math.max(size * size, count * n);
  if (bytes > MOST_BYTES) {
    throw new RangeError(
      `synthesize: method "exact" needs ${mebibytes(bytes)} for ${count} vectors of ${n} pixels and a matrix of ` +
        `${size} x ${size}, more than ${mebibytes(MOST_BYTES)}. Ask for a few with k, use method: "krylov", or a smaller image.`,
    );
  }
}

/** Tells of a large decomposition where the Jacobian, with which it is told otherwise, is known already. */
export function announceDecomposition(m: number, n: number): void {
  if (m * n <= LARGE) return;
  warn(new UserWarning("exact-size", `synthesize: method "exact" takes ${decompositionWords(m, n)}`));
}

/** Floating-point operations of what is done with a Jacobian of m x n: its products with itself, and their decomposition. */
export function exactOperations(m: number, n: number): number {
  const size = Math.min(m, n);
  return (DECOMPOSITION * size + Math.max(m, n)) * size * size;
}

/** What is done with the Jacobian, and the time it will take, about. */
export function decompositionWords(m: number, n: number): string {
  const size = Math.min(m, n);
  const seconds = Math.ceil(exactOperations(m, n) / PER_SECOND);
  return `about ${seconds} s for the decomposition of a matrix of ${size} x ${size}`;
}

/** The first `top` and the last `bottom` of the n pairs, values decreasing. */
export async function exact(
  jacobian: Matrix,
  dtype: FloatDType,
  top: number,
  bottom: number,
  turn: Turn,
): Promise<Pairs> {
  const { rows: m, columns: n } = jacobian;
  const progress = (share: number): void => turn.report({ stage: "decomposition", share, products: 0, residual: null });
  progress(0);
  if (m < n) return throughOutputs(jacobian, dtype, top, bottom, turn, progress);
  const fisher = await gram(transpose(jacobian), turn);
  const { vectors } = await decompose(fisher, turn, progress);
  // Columns belong to increasing values.
  const chosen = [
    ...Array.from({ length: top }, (_, i) => columnOf(vectors, n - 1 - i)),
    ...columnsOf(vectors, bottom).reverse(),
  ];
  const images: Float64Array[] = [];
  for (const v of chosen) images.push(await times(fisher, v, turn));
  return sorted(pairsOf(chosen, images));
}

async function throughOutputs(
  jacobian: Matrix,
  dtype: FloatDType,
  top: number,
  bottom: number,
  turn: Turn,
  progress: (share: number) => void,
): Promise<Pairs> {
  const { rows: m, columns: n } = jacobian;
  const { values, vectors } = await decompose(await gram(jacobian, turn), turn, progress);
  const { rounding } = measureOf(values[m - 1], 0, n, dtype);
  const first = values.findIndex((value) => value > rounding);
  const rank = first < 0 ? 0 : m - first;
  // Of the outputs' space, largest first, without what is 0.
  const directions = columnsOf(vectors).reverse().slice(0, rank);
  const strengths = Array.from(values).reverse().slice(0, rank);

  const pixelPairs = async (from: number, to: number, away: Vectors): Promise<Pairs> => {
    const found: Float64Array[] = [];
    for (const u of directions.slice(from, to)) {
      const v = await transposedTimes(jacobian, u, turn);
      scaleBy(1 / norm(v), v);
      await takeAway(away, v, turn);
      await takeAway(found, v, turn);
      scaleBy(1 / norm(v), v);
      found.push(v);
    }
    return imaged(jacobian, found, turn);
  };
  const high = await pixelPairs(0, Math.min(top, rank), []);
  const zeros = Math.min(top + bottom - high.values.length, n - rank);
  const low = await pixelPairs(rank - (top + bottom - high.values.length - zeros), rank, high.vectors);
  const unseen = await nullBasis(jacobian, directions, strengths, zeros, turn);
  return sorted(joined(joined(high, low), await imaged(jacobian, unseen, turn)));
}

async function imaged(jacobian: Matrix, vectors: Vectors, turn: Turn): Promise<Pairs> {
  const images: Float64Array[] = [];
  for (const v of vectors) images.push(await transposedTimes(jacobian, await times(jacobian, v, turn), turn));
  return pairsOf(vectors, images);
}

/** Orthonormal vectors of the null space: what is left of random ones, which are the same at every call. */
async function nullBasis(
  jacobian: Matrix,
  directions: Vectors,
  strengths: readonly number[],
  count: number,
  turn: Turn,
): Promise<Float64Array[]> {
  const { columns: n } = jacobian;
  const generator = new TorchGenerator(0);
  const found: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const x = generator.randn(n, "float64");
    for (let pass = 0; pass < 2; pass++) {
      // x - J^T (J J^T)^+ J x
      const seen = await times(jacobian, x, turn);
      const solved = new Float64Array(seen.length);
      directions.forEach((u, j) => {
        addScaled(dot(u, seen) / strengths[j], u, solved);
      });
      const back = await transposedTimes(jacobian, solved, turn);
      addScaled(-1, back, x);
      await takeAway(found, x, turn);
      scaleBy(1 / norm(x), x);
    }
    found.push(x);
  }
  return found;
}
