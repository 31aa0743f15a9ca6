// QR: a matrix as orthonormal columns times an upper triangle, by Householder reflections.
//
// G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition, section 5.2. Signs are those of LAPACK (dgeqr2),
// so that results can be compared with those of NumPy and torch.

import { checkMatrix, checkRange, exponentOf, largest, type Matrix, scale, transpose } from "./matrix.ts";
import { dot, reflect, reflector } from "./vectors.ts";

export interface QrOf {
  /** m x k, k = min(m, n). Its columns are orthonormal. */
  readonly q: Matrix;
  /** k x n, zero below its diagonal. */
  readonly r: Matrix;
}

/** Entries up to 2 to this power are safe from overflow. */
const SAFE_EXPONENT = 1000;

/** Column j of `work`, which holds reflection j, becomes column j of that reflection. */
function startColumn(work: Float64Array, m: number, j: number, tau: number): void {
  const at = j * m + j;
  for (let i = 1; i < m - j; i++) work[at + i] *= -tau;
  work[at] = 1 - tau;
  work.fill(0, j * m, at);
}

/** Rows whose products are added before they join the sum, as in `dot`. */
const BLOCK = 512;

/**
 * Applies reflections j and j + 1 to columns from, ..., to - 1, in this order if `forward`. Both at once, and to two columns at a
 * time, since moving the columns takes longer than computing. Entry [i] of column c is work[c m + i].
 */
function reflectPair(
  work: Float64Array,
  m: number,
  j: number,
  tau0: number,
  tau1: number,
  from: number,
  to: number,
  forward: boolean,
): void {
  const v = j * m;
  const w = v + m;
  const top = j + 2;
  const overlap = work[v + j + 1] + dot(work, v + top, work, w + top, m - top);
  for (let c = from; c < to; c += 2) {
    const x = c * m;
    // A last column without a neighbour is its own: both are computed alike, and written twice.
    const y = c + 1 < to ? x + m : x;
    let vx = work[x + j] + work[v + j + 1] * work[x + j + 1];
    let vy = work[y + j] + work[v + j + 1] * work[y + j + 1];
    let wx = work[x + j + 1];
    let wy = work[y + j + 1];
    for (let start = top; start < m; start += BLOCK) {
      const stop = Math.min(m, start + BLOCK);
      let blockVx = 0;
      let blockVy = 0;
      let blockWx = 0;
      let blockWy = 0;
      for (let i = start; i < stop; i++) {
        const vi = work[v + i];
        const wi = work[w + i];
        const xi = work[x + i];
        const yi = work[y + i];
        blockVx += vi * xi;
        blockVy += vi * yi;
        blockWx += wi * xi;
        blockWy += wi * yi;
      }
      vx += blockVx;
      vy += blockVy;
      wx += blockWx;
      wy += blockWy;
    }
    // What the first reflection subtracts is seen by the second.
    if (forward) {
      vx *= tau0;
      vy *= tau0;
      wx = tau1 * (wx - vx * overlap);
      wy = tau1 * (wy - vy * overlap);
    } else {
      wx *= tau1;
      wy *= tau1;
      vx = tau0 * (vx - wx * overlap);
      vy = tau0 * (vy - wy * overlap);
    }
    const x0 = work[x + j] - vx;
    const y0 = work[y + j] - vy;
    const x1 = work[x + j + 1] - (vx * work[v + j + 1] + wx);
    const y1 = work[y + j + 1] - (vy * work[v + j + 1] + wy);
    work[x + j] = x0;
    work[y + j] = y0;
    work[x + j + 1] = x1;
    work[y + j + 1] = y1;
    for (let i = top; i < m; i++) {
      const vi = work[v + i];
      const wi = work[w + i];
      const xi = work[x + i] - (vx * vi + wx * wi);
      const yi = work[y + i] - (vy * vi + wy * wi);
      work[x + i] = xi;
      work[y + i] = yi;
    }
  }
}

/**
 * The reduced QR decomposition a = q r of an m x n matrix, for k = min(m, n): q is m x k, r is k x n. An entry of r's diagonal
 * has the sign opposite to the number that the reflection met there, and is negative if that was 0; where nothing but zeros
 * stood below, there is no reflection and it is that number. Columns may differ much in size: each has its own precision.
 *
 * @throws RangeError for entries that are not finite, or results above the range of float64
 */
export function qrOf(a: Matrix): QrOf {
  checkMatrix("qr", a);
  const { rows: m, columns: n } = a;
  const k = Math.min(m, n);
  // Row j of `work` is column j of a: reflections then run along the memory.
  const work = transpose(a).data;
  const max = largest(work);
  const shift = max === 0 ? 0 : Math.max(0, exponentOf(max) - SAFE_EXPONENT);
  scale(work, -shift);

  const taus = new Float64Array(k);
  for (let j = 0; j < k; j += 2) {
    taus[j] = reflector(work, j * m + j, m - j);
    if (j + 1 < n) reflect(work, j * m + j, taus[j], work, (j + 1) * m + j, m - j);
    if (j + 1 < k) taus[j + 1] = reflector(work, (j + 1) * m + j + 1, m - j - 1);
    if (j + 1 < k) reflectPair(work, m, j, taus[j], taus[j + 1], j + 2, n, true);
    else for (let c = j + 2; c < n; c++) reflect(work, j * m + j, taus[j], work, c * m + j, m - j);
  }

  const r = new Float64Array(k * n);
  for (let c = 0; c < n; c++) {
    for (let i = 0; i < k && i <= c; i++) r[i * n + c] = work[c * m + i];
  }
  scale(r, shift);
  checkRange("qr", r);

  // The first k columns of the product of all reflections, over the reflections themselves, from the last to the first.
  for (let j = (k - 1) & ~1; j >= 0; j -= 2) {
    if (j + 1 < k) {
      reflectPair(work, m, j, taus[j], taus[j + 1], j + 2, k, false);
      startColumn(work, m, j + 1, taus[j + 1]);
      reflect(work, j * m + j, taus[j], work, (j + 1) * m + j, m - j);
    }
    startColumn(work, m, j, taus[j]);
  }
  const q = transpose({ rows: k, columns: m, data: work.subarray(0, k * m) });
  return { q, r: { rows: k, columns: n, data: r } };
}
