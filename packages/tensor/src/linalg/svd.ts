// Singular values and vectors: QR, then Jacobi rotations that make the rows of R orthogonal.
//
// M. R. Hestenes, "Inversion of matrices by biorthogonalization", 1958; Z. Drmac and K. Veselic, "New fast and accurate Jacobi
// SVD algorithm", 2008, who show why QR first makes it fast and that small singular values come out right too.

import { checkMatrix, checkRange, exponentOf, largest, type Matrix, scale, transpose } from "./matrix.ts";
import { qrOf } from "./qr.ts";
import { dot, fixColumn, length2, negateColumn } from "./vectors.ts";

export interface SvdOf {
  /** m x k, k = min(m, n). Column j is the left singular vector of value j. */
  readonly u: Matrix;
  /** The k singular values, descending. */
  readonly s: Float64Array;
  /** n x k. Column j is the right singular vector of value j; its entry of largest size is positive (`fixSign`). */
  readonly v: Matrix;
}

/** Rounds over all pairs of rows; up to 15 were seen (Hilbert matrix of order 200), and 60 are allowed. */
const ROUNDS = 60;

const EPSILON = 2.220446049250313e-16; // 2^-52

/** The largest entry is brought to 2 to this power, which leaves the squares of rows the whole range of float64. */
const TOP = 490;

/** Rows whose square is below this, and so their length below 2^-500 or 1e-298 of the largest entry, count as zero. */
const NOTHING = 9.332636185032189e-302; // 2^-1000

/**
 * Plane rotation by sine s and cosine c over n elements: x := c x - s y, y := s x + c y. With c as 1 - s tau, for tau = s / (1 + c),
 * as H. Rutishauser wrote it in 1966: c itself, rounded to 1 for small angles, would let the rows grow.
 */
function rotate(data: Float64Array, xAt: number, yAt: number, n: number, s: number, tau: number): void {
  const shift = yAt - xAt;
  const end = xAt + n;
  for (let i = xAt; i < end; i++) {
    const x = data[i];
    const y = data[i + shift];
    data[i] = x - s * (y + tau * x);
    data[i + shift] = y + s * (x - tau * y);
  }
}

/**
 * Makes the k rows of `x` orthogonal by rotations, which are applied to the rows of `j` too. Both are k x k.
 *
 * @throws Error if the given number of rounds is not enough
 */
export function orthogonalizeRows(x: Float64Array, j: Float64Array, k: number, rounds = ROUNDS): void {
  const tolerance = EPSILON * Math.sqrt(k);
  const squares = new Float64Array(k);
  for (let round = 0; round < rounds; round++) {
    // Squares are carried along through rotations, and computed anew once a round.
    for (let i = 0; i < k; i++) squares[i] = dot(x, i * k, x, i * k, k);
    let turned = false;
    for (let p = 0; p < k - 1; p++) {
      for (let q = p + 1; q < k; q++) {
        const a = squares[p];
        const b = squares[q];
        if (a < NOTHING || b < NOTHING) continue;
        const product = dot(x, p * k, x, q * k, k);
        if (Math.abs(product) <= tolerance * Math.sqrt(a) * Math.sqrt(b)) continue;
        turned = true;
        const d = b - a;
        const length = length2(d, 2 * product);
        const t = (2 * product) / (d < 0 ? d - length : d + length);
        const c = 1 / Math.sqrt(1 + t * t);
        const sine = c * t;
        const tau = sine / (1 + c);
        rotate(x, p * k, q * k, k, sine, tau);
        rotate(j, p * k, q * k, k, sine, tau);
        squares[p] = a - t * product;
        squares[q] = b + t * product;
      }
    }
    if (!turned) return;
  }
  throw new Error(`svd: no convergence within ${rounds} rounds over all pairs of ${k} rows; please report this matrix`);
}

/** Rows `known`, ..., k - 1 of `rows` become unit vectors that are orthogonal to the rows before and to each other. */
function complete(rows: Float64Array, known: number, k: number): void {
  // The columns of [known rows | identity] span everything; their QR begins with the known ones.
  const data = new Float64Array(k * (known + k));
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < known; j++) data[i * (known + k) + j] = rows[j * k + i];
    data[i * (known + k) + known + i] = 1;
  }
  const { q } = qrOf({ rows: k, columns: known + k, data });
  rows.set(transpose(q).data.subarray(known * k), known * k);
}

/** The decomposition of a matrix with at least as many rows as columns, signs left open. */
function tall(a: Matrix): SvdOf {
  const { rows: m, columns: k } = a;
  const { q, r } = qrOf(a);
  const x = r.data;
  const turns = new Float64Array(k * k);
  for (let i = 0; i < k; i++) turns[i * k + i] = 1;
  orthogonalizeRows(x, turns, k);

  // turns R = diag(s) V^T, so a = (Q turns^T) diag(s) V^T.
  const lengths = Float64Array.from({ length: k }, (_, i) => {
    const square = dot(x, i * k, x, i * k, k);
    return square < NOTHING ? 0 : Math.sqrt(square);
  });
  const order = Array.from(lengths, (_, i) => i).sort((i, j) => lengths[j] - lengths[i] || i - j);
  const s = Float64Array.from(order, (i) => lengths[i]);
  const rows = new Float64Array(k * k);
  const u = new Float64Array(m * k);
  order.forEach((from, to) => {
    if (s[to] > 0) for (let i = 0; i < k; i++) rows[to * k + i] = x[from * k + i] / s[to];
    for (let i = 0; i < m; i++) u[i * k + to] = dot(q.data, i * k, turns, from * k, k);
  });
  const rank = s.indexOf(0);
  if (rank >= 0) complete(rows, rank, k);
  return { u: { rows: m, columns: k, data: u }, s, v: transpose({ rows: k, columns: k, data: rows }) };
}

/**
 * The thin singular value decomposition a = u diag(s) v^T of an m x n matrix, for k = min(m, n): u is m x k, v is n x k, both with
 * orthonormal columns. Singular values below 1e-298 of the largest entry are 0.
 *
 * @throws RangeError for entries that are not finite, or results above the range of float64
 */
export function svdOf(a: Matrix): SvdOf {
  checkMatrix("svd", a);
  const wide = a.rows < a.columns;
  const work = wide ? transpose(a) : { ...a, data: a.data.slice() };
  const max = largest(a.data);
  const shift = max === 0 ? 0 : TOP - exponentOf(max);
  scale(work.data, shift);
  const { u, s, v } = tall(work);
  scale(s, -shift);
  checkRange("svd", s);
  const result = wide ? { u: v, s, v: u } : { u, s, v };
  for (let j = 0; j < s.length; j++) {
    if (fixColumn(result.v, j)) negateColumn(result.u, j);
  }
  return result;
}
