// A symmetric matrix as an orthogonal one times a tridiagonal one, by Householder reflections.
//
// G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition, section 8.3. Rows are reduced from the last to the
// first, so that everything runs along rows of the lower triangle, as in EISPACK's tred2 (Martin, Reinsch, Wilkinson 1968).

import { addScaled, dot, reflector } from "./vectors.ts";

/** A = Q T Q^T. */
export interface Tridiagonal {
  /** The n diagonal entries of T. */
  readonly diagonal: Float64Array;
  /** The n - 1 entries beside it, and one more place. */
  readonly beside: Float64Array;
  /** Q, row by row. */
  readonly q: Float64Array;
}

/** p := A u for the leading n x n part of a symmetric matrix, of which the lower triangle is read. */
function multiply(a: Float64Array, stride: number, n: number, u: Float64Array, p: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * stride;
    p[i] = dot(a, row, u, 0, i + 1);
    addScaled(u[i], a, row, p, 0, i);
  }
}

/** A := A - u w^T - w u^T on the lower triangle. */
function update(a: Float64Array, stride: number, n: number, u: Float64Array, w: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * stride;
    const ui = u[i];
    const wi = w[i];
    for (let j = 0; j <= i; j++) a[row + j] -= ui * w[j] + wi * u[j];
  }
}

/** Q := (I - tau u u^T) Q for the leading n x n part; `w` is room for n numbers. */
function reflectRows(
  q: Float64Array,
  stride: number,
  n: number,
  tau: number,
  u: Float64Array,
  uAt: number,
  w: Float64Array,
): void {
  w.fill(0, 0, n);
  let i = 0;
  for (; i + 3 < n; i += 4) {
    const row = i * stride;
    const u0 = u[uAt + i];
    const u1 = u[uAt + i + 1];
    const u2 = u[uAt + i + 2];
    const u3 = u[uAt + i + 3];
    for (let j = 0; j < n; j++) {
      const at = row + j;
      w[j] += u0 * q[at] + u1 * q[at + stride] + (u2 * q[at + 2 * stride] + u3 * q[at + 3 * stride]);
    }
  }
  for (; i < n; i++) addScaled(u[uAt + i], q, i * stride, w, 0, n);
  for (i = 0; i < n; i++) addScaled(-tau * u[uAt + i], w, 0, q, i * stride, n);
}

/**
 * Reduces the symmetric n x n matrix `a`, of which the lower triangle is read, and which is overwritten. Yields after each of
 * its 2 n parts, with the share of the work that is done.
 */
export function* tridiagonalize(a: Float64Array, n: number): Generator<number, Tridiagonal> {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const taus = new Float64Array(n);
  const u = new Float64Array(n);
  const w = new Float64Array(n);
  const order = new Float64Array(n);
  const size = n * n * n;
  for (let i = n - 1; i > 0; i--) {
    // The reflection takes the row's entries before the diagonal to (0, ..., 0, beta). It is made on the reversed row,
    // whose first entry is the one beside the diagonal.
    const row = i * n;
    for (let j = 0; j < i; j++) order[j] = a[row + i - 1 - j];
    const tau = reflector(order, 0, i);
    taus[i] = tau;
    beside[i - 1] = order[0];
    order[0] = 1;
    for (let j = 0; j < i; j++) u[j] = order[i - 1 - j];
    if (tau !== 0) {
      multiply(a, n, i, u, w);
      for (let j = 0; j < i; j++) w[j] *= tau;
      addScaled(-0.5 * tau * dot(w, 0, u, 0, i), u, 0, w, 0, i);
      update(a, n, i, u, w);
    }
    a.set(u.subarray(0, i), row);
    yield (1 - (i * i * i) / size) / 2;
  }
  for (let i = 0; i < n; i++) diagonal[i] = a[i * n + i];

  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    q[i * n + i] = 1;
    // Reflection i mixes the coordinates before i; those from i on are still their own.
    if (taus[i] !== 0) reflectRows(q, n, i, taus[i], a, i * n, w);
    yield (1 + (i * i * i) / size) / 2;
  }
  return { diagonal, beside, q };
}
