// The largest eigenvalues of a symmetric operator and their vectors: block Lanczos with full reorthogonalisation and thick
// restarts.
//
// G. H. Golub and R. Underwood, "The block Lanczos method for computing eigenvalues", 1977; K. Wu and H. Simon,
// "Thick-restart Lanczos method for large symmetric eigenvalue problems", 2000. A block of b vectors finds eigenvalues of
// multiplicity up to b, which a single vector cannot.

import { eighOf } from "@plenoptic-js/tensor/engine";
import type { Turn } from "./turn.ts";
import { columnsOf, combine, norm, scaleBy, takeAway, type Vectors } from "./vectors.ts";

export interface LanczosTask {
  /** The operator, which commutes with the projection off `locked`. */
  readonly apply: (vectors: Vectors) => Promise<Float64Array[]>;
  /** A block of any vectors. They are changed. */
  readonly start: Vectors;
  /** Orthonormal vectors to stay away from. */
  readonly locked: Vectors;
  /** Most vectors to hold at a time. */
  readonly limit: number;
  /** Vectors that a restart keeps. */
  readonly keep: number;
  /** Looks at what was found after every application; true ends the search. */
  readonly enough: (found: Found) => Promise<boolean>;
  readonly turn: Turn;
}

/** What the space searched so far knows of the largest eigenvalues. */
export interface Found {
  /** All Ritz values, decreasing. */
  readonly values: readonly number[];
  /** How far each pair is from an eigenpair: |A x - theta x|. */
  readonly residuals: readonly number[];
  /** Applications to a block so far. */
  readonly steps: number;
  /** Whether the space can grow no more: then every pair is exact. */
  readonly complete: boolean;
  /** Vectors that are held now. */
  readonly size: number;
  /** The first Ritz vectors. */
  vectors(count: number): Promise<Float64Array[]>;
  /**
   * The first Ritz vectors after one more application, which the search has made already: parts of small eigenvalues have
   * become smaller. Orthonormal; fewer than asked for where they are not independent.
   */
  sharpened(count: number): Promise<Float64Array[]>;
}

/** What remains of a unit-sized vector below this share is rounding. */
const NOTHING = 1e-12;

/**
 * Searches until `enough`, or until the space is complete. At every moment A V = V H + N S for the basis V, the next block N
 * and a matrix S of which only the part of the latest block (or, after a restart, of all kept vectors) is not zero.
 */
export async function blockLanczos(task: LanczosTask): Promise<Found> {
  const { apply, start, locked, limit, keep, enough, turn } = task;
  const n = start[0].length;
  const room = n - locked.length;
  let basis: Float64Array[] = [];
  let h: number[][] = [];
  const sizes = start.map(norm);
  for (const w of start) await takeAway(locked, w, turn);
  let next = (await orthonormalize(start, locked, sizes, turn)).vectors;
  if (next.length === 0) throw new Error("block Lanczos: nothing is left of the vectors to start from");
  for (let steps = 1; ; steps++) {
    const old = basis.length;
    basis = [...basis, ...next];
    const images = await apply(next);
    const columns: Float64Array[] = [];
    for (const w of images) {
      await takeAway(locked, w, turn);
      columns.push(await takeAway(basis, w, turn));
    }
    h = basis.map((_, i) => basis.map((_, j) => (i < old && j < old ? h[i][j] : columnEntry(columns, old, i, j))));
    const { values, coefficients } = ritz(h);
    const scale = Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1]));
    // Where the whole space is filled, what remains is rounding.
    const remaining = basis.length < room ? images : [];
    const { vectors: fresh, parts } = await orthonormalize(
      remaining,
      [...locked, ...basis],
      remaining.map(() => scale),
      turn,
    );
    // Row i of S: how much of new vector i is in the image of each vector of the latest block.
    const residualsOf = (y: Float64Array): Float64Array =>
      Float64Array.from(fresh, (_, i) => parts.reduce((sum, part, j) => sum + part[i] * y[old + j], 0));
    const tails = coefficients.map(residualsOf);
    const current = basis;
    const found: Found = {
      values,
      residuals: tails.map(norm),
      steps,
      complete: fresh.length === 0,
      size: basis.length,
      vectors: (count) => combine(current, coefficients.slice(0, count), turn),
      sharpened: async (count) => {
        const applied = coefficients.slice(0, count).map((y, i) => [...y.map((x) => values[i] * x), ...tails[i]]);
        const given = await combine([...current, ...fresh], applied, turn);
        return (await orthonormalize(given, [], given.map(norm), turn)).vectors;
      },
    };
    if ((await enough(found)) || found.complete) return found;
    next = fresh;
    if (basis.length + next.length > limit) {
      basis = await found.vectors(keep);
      h = basis.map((_, i) => basis.map((_, j) => (i === j ? values[i] : 0)));
    }
  }
}

/** Entry [i, j] of H from what the latest images had of the basis. */
function columnEntry(columns: readonly Float64Array[], old: number, i: number, j: number): number {
  if (i >= old && j >= old) return (columns[i - old][j] + columns[j - old][i]) / 2;
  return i >= old ? columns[i - old][j] : columns[j - old][i];
}

/** Eigenvalues of a small symmetric matrix, decreasing, and its vectors. */
function ritz(h: readonly (readonly number[])[]): {
  readonly values: readonly number[];
  readonly coefficients: readonly Float64Array[];
} {
  const size = h.length;
  const { values, vectors } = eighOf({ rows: size, columns: size, data: Float64Array.from(h.flat()) });
  return { values: Array.from(values).reverse(), coefficients: columnsOf(vectors).reverse() };
}

/** A vector that loses so much of its size may have lost its orthogonality to others too. */
const MUCH = 0.1;

/**
 * Makes vectors orthonormal, one after the other, that are orthogonal to `others` already. Those of which nothing is left are
 * dropped.
 *
 * @param sizes what is not small for each of them
 * @returns the vectors, and for each given one its parts along them
 */
async function orthonormalize(
  given: Vectors,
  others: Vectors,
  sizes: readonly number[],
  turn: Turn,
): Promise<{ readonly vectors: Float64Array[]; readonly parts: Float64Array[] }> {
  const vectors: Float64Array[] = [];
  const parts: Float64Array[] = [];
  for (const [i, w] of given.entries()) {
    const part = new Float64Array(given.length);
    const before = norm(w);
    part.set(await takeAway(vectors, w, turn));
    let size = norm(w);
    if (size <= MUCH * before) {
      await takeAway(others, w, turn);
      await takeAway(vectors, w, turn);
      size = norm(w);
    }
    if (size > NOTHING * sizes[i]) {
      part[vectors.length] = size;
      scaleBy(1 / size, w);
      vectors.push(w);
    }
    parts.push(part);
  }
  return { vectors, parts };
}
