// Eigenvalues and eigenvectors of symmetric matrices: reduction to tridiagonal form, then the implicit QL iteration.
//
// G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition, section 8.3.

import { ShapeError } from "../ops/rules.ts";
import { checkMatrix, checkRange, exponentOf, largest, type Matrix, scale, transpose } from "./matrix.ts";
import { iterate } from "./qlIteration.ts";
import { RotationLog } from "./rotations.ts";
import { tridiagonalize } from "./tridiagonal.ts";
import { fixSign } from "./vectors.ts";

export interface EighOf {
  /** The n eigenvalues, ascending. */
  readonly values: Float64Array;
  /** n x n. Column j is the eigenvector of value j; its entry of largest size is positive (`fixSign`). */
  readonly vectors: Matrix;
}

/** Entries on both sides of the diagonal may differ by this much of the largest entry: 2^-13. It finds mistakes, not rounding. */
const ASYMMETRY = 1 / 8192;

/** Share of the time that the reduction takes. */
const REDUCTION = 0.35;

/** Rows that take all collected rotations between two yields. */
const ROWS = 64;

function checkSymmetric({ rows: n, columns, data }: Matrix, max: number): void {
  if (n !== columns) throw new ShapeError(`eigh: the matrix has ${n} rows and ${columns} columns; it must be square`);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const below = data[i * n + j];
      const above = data[j * n + i];
      if (Math.abs(below / max - above / max) > ASYMMETRY) {
        throw new RangeError(
          `eigh: entry [${i}, ${j}] is ${below} and entry [${j}, ${i}] is ${above}; the matrix must be symmetric`,
        );
      }
    }
  }
}

/**
 * As `eighOf`, in many short parts: yields the share of the work that is done after each, so that the caller can pause or stop.
 */
export function* eighSteps(a: Matrix): Generator<number, EighOf> {
  checkMatrix("eigh", a);
  const n = a.rows;
  const max = largest(a.data);
  checkSymmetric(a, max);
  const shift = max === 0 ? 0 : exponentOf(max);
  const work = a.data.slice();
  scale(work, -shift);

  const reduction = tridiagonalize(work, n);
  let part = reduction.next();
  for (; !part.done; part = reduction.next()) yield REDUCTION * part.value;
  const { diagonal, beside, q } = part.value;

  const log = new RotationLog(n);
  const rotateAll = function* (share: number): Generator<number, void> {
    for (let i = 0; i < n; i += 4) {
      // The last group may hold fewer than four rows; its last row is then named several times.
      const row = (k: number): number => Math.min(i + k, n - 1) * n;
      log.apply(q, row(0), row(1), row(2), row(3));
      if (i % ROWS === 0) yield share;
    }
    log.clear();
  };
  for (const share of iterate(diagonal, beside, log)) {
    if (log.full) yield* rotateAll(REDUCTION + (1 - REDUCTION) * share);
  }
  yield* rotateAll(1);

  const order = Array.from(diagonal, (_, i) => i).sort((i, j) => diagonal[i] - diagonal[j] || i - j);
  const values = Float64Array.from(order, (i) => diagonal[i]);
  scale(values, shift);
  checkRange("eigh", values);
  const found = transpose({ rows: n, columns: n, data: q }).data;
  const rows = new Float64Array(n * n);
  order.forEach((i, k) => {
    const vector = found.subarray(i * n, (i + 1) * n);
    fixSign(vector);
    rows.set(vector, k * n);
  });
  return { values, vectors: transpose({ rows: n, columns: n, data: rows }) };
}

/**
 * All eigenvalues and eigenvectors of a symmetric n x n matrix: a = vectors diag(values) vectors^T. The lower triangle is used; the
 * upper one is only compared with it. Errors are those of a matrix that differs from `a` by rounding of its largest
 * entries: eigenvalues much smaller than the largest have few right digits. Entries below 2e-308 of the largest count as 0.
 *
 * @throws ShapeError for a matrix that is not square, RangeError for one that is not symmetric, for entries that are not finite,
 * or for results above the range of float64
 */
export function eighOf(a: Matrix): EighOf {
  const steps = eighSteps(a);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
