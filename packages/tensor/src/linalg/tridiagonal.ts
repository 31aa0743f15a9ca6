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

/** A vector in a stretch of an array; its other entries are of no matter. */
type Vector = Float64Array;

/**
 * A := A - u w^T - w u^T on the lower triangle of the leading n x n part, and then p := A v. Both at once, two rows at a time,
 * since moving the matrix takes longer than computing. An entry of p adds its row up to the diagonal left to right, and then,
 * row by row, what stands below the diagonal.
 */
function updateAndMultiply(
  a: Float64Array,
  stride: number,
  n: number,
  u: Vector,
  w: Vector,
  v: Vector,
  p: Vector,
): void {
  let i = 0;
  for (; i + 1 < n; i += 2) {
    const row = i * stride;
    const next = row + stride;
    const u0 = u[i];
    const w0 = w[i];
    const v0 = v[i];
    const u1 = u[i + 1];
    const w1 = w[i + 1];
    const v1 = v[i + 1];
    let sum0 = 0;
    let sum1 = 0;
    for (let j = 0; j < i; j++) {
      const uj = u[j];
      const wj = w[j];
      const vj = v[j];
      const x = a[row + j] - (u0 * wj + w0 * uj);
      const y = a[next + j] - (u1 * wj + w1 * uj);
      a[row + j] = x;
      a[next + j] = y;
      sum0 += x * vj;
      sum1 += y * vj;
      p[j] += x * v0 + y * v1;
    }
    // The corner of three entries at the diagonal.
    const x = a[row + i] - (u0 * w0 + w0 * u0);
    const y = a[next + i] - (u1 * w0 + w1 * u0);
    const z = a[next + i + 1] - (u1 * w1 + w1 * u1);
    a[row + i] = x;
    a[next + i] = y;
    a[next + i + 1] = z;
    p[i] = sum0 + x * v0 + y * v1;
    p[i + 1] = sum1 + y * v0 + z * v1;
  }
  if (i < n) {
    updateRow(a, i * stride, i + 1, u, w);
    p[i] = dot(a, i * stride, v, 0, i + 1);
    addScaled(v[i], a, i * stride, p, 0, i);
  }
}

/** The last of the n entries of a row, and all before it, of A := A - u w^T - w u^T. */
function updateRow(a: Float64Array, row: number, n: number, u: Vector, w: Vector): void {
  const un = u[n - 1];
  const wn = w[n - 1];
  for (let j = 0; j < n; j++) a[row + j] -= un * w[j] + wn * u[j];
}

/** A reflection I - tau u u^T. */
interface Reflection {
  readonly tau: number;
  readonly u: Vector;
}

/**
 * Q := G H Q for two reflections G, H and the leading n x n part. Both at once: g := G's u^T Q and h := H's u^T Q are summed over
 * the rows, two at a time; then rows change by multiples of g and h. `g` and `h` are room for n numbers.
 */
function reflectRows(
  q: Float64Array,
  stride: number,
  n: number,
  { tau: tauG, u: uG }: Reflection,
  { tau: tauH, u: uH }: Reflection,
  g: Vector,
  h: Vector,
): void {
  g.fill(0, 0, n);
  h.fill(0, 0, n);
  for (let i = 0; i < n; i += 2) {
    const row = i * stride;
    // An odd last row stands in for the one that would follow, with factors of 0.
    const more = i + 1 < n;
    const next = more ? row + stride : row;
    const g0 = uG[i];
    const h0 = uH[i];
    const g1 = more ? uG[i + 1] : 0;
    const h1 = more ? uH[i + 1] : 0;
    for (let j = 0; j < n; j++) {
      const x = q[row + j];
      const y = q[next + j];
      g[j] += g0 * x + g1 * y;
      h[j] += h0 * x + h1 * y;
    }
  }
  // G H Q = Q - tauH uH h - tauG uG (g - tauH (uG . uH) h)
  addScaled(-tauH * dot(uG, 0, uH, 0, n), h, 0, g, 0, n);
  for (let i = 0; i < n; i += 2) {
    const row = i * stride;
    const g0 = -tauG * uG[i];
    const h0 = -tauH * uH[i];
    if (i + 1 === n) {
      for (let j = 0; j < n; j++) q[row + j] += g0 * g[j] + h0 * h[j];
      return;
    }
    const next = row + stride;
    const g1 = -tauG * uG[i + 1];
    const h1 = -tauH * uH[i + 1];
    for (let j = 0; j < n; j++) {
      const gj = g[j];
      const hj = h[j];
      q[row + j] += g0 * gj + h0 * hj;
      q[next + j] += g1 * gj + h1 * hj;
    }
  }
}

/**
 * Reduces the symmetric n x n matrix `a`, of which the lower triangle is read, and which is overwritten. Yields after each of
 * its parts, about 1.5 n, with the share of the work that is done.
 */
export function* tridiagonalize(a: Float64Array, n: number): Generator<number, Tridiagonal> {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const taus = new Float64Array(n);
  const cube = n * n * n;
  // The matrix lacks the update by u and w; the vector of the next reflection is v.
  let u = new Float64Array(n);
  let w = new Float64Array(n);
  let v = new Float64Array(n);
  let p = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    // The reflection takes the row's entries before the diagonal to (0, ..., 0, beta). It is made on the reversed row,
    // whose first entry is the one beside the diagonal.
    const row = i * n;
    updateRow(a, row, i + 1, u, w);
    diagonal[i] = a[row + i];
    if (i === 0) break;
    v.set(a.subarray(row, row + i));
    const reversed = v.subarray(0, i).reverse();
    const tau = reflector(reversed, 0, i);
    beside[i - 1] = reversed[0];
    taus[i] = tau;
    if (tau === 0) reversed.fill(0);
    else reversed[0] = 1;
    reversed.reverse();
    a.set(reversed, row);

    updateAndMultiply(a, n, i, u, w, v, p);
    for (let j = 0; j < i; j++) p[j] *= tau;
    addScaled(-0.5 * tau * dot(p, 0, v, 0, i), v, 0, p, 0, i);
    [u, v] = [v, u];
    [w, p] = [p, w];
    yield (1 - (i * i * i) / cube) / 2;
  }

  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  // Reflection i mixes the coordinates before i. Two of them at a time, the smaller one first.
  for (let i = 1; i < n; i += 2) {
    const second = Math.min(i + 1, n - 1);
    u.fill(0);
    v.fill(0);
    u.set(a.subarray(i * n, i * n + i));
    if (second > i) v.set(a.subarray(second * n, second * n + second));
    const tau = second > i ? taus[second] : 0;
    reflectRows(q, n, second, { tau, u: v }, { tau: taus[i], u }, w, p);
    yield (1 + (i * i * i) / cube) / 2;
  }
  return { diagonal, beside, q };
}
