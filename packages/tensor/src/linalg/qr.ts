// QR: a matrix as orthonormal columns times an upper triangle, by Householder reflections.
//
// G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition, section 5.2. Signs are those of LAPACK (dgeqr2),
// so that results can be compared with those of NumPy and torch.

import { checkMatrix, checkRange, exponentOf, largest, type Matrix, scale, transpose } from "./matrix.ts";
import { reflect, reflector } from "./vectors.ts";

export interface QrOf {
  /** m x k, k = min(m, n). Its columns are orthonormal. */
  readonly q: Matrix;
  /** k x n, zero below its diagonal. */
  readonly r: Matrix;
}

/** Entries up to 2 to this power are safe from overflow. */
const SAFE_EXPONENT = 1000;

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
  for (let j = 0; j < k; j++) {
    taus[j] = reflector(work, j * m + j, m - j);
    for (let c = j + 1; c < n; c++) reflect(work, j * m + j, taus[j], work, c * m + j, m - j);
  }

  const r = new Float64Array(k * n);
  for (let c = 0; c < n; c++) {
    for (let i = 0; i < k && i <= c; i++) r[i * n + c] = work[c * m + i];
  }
  scale(r, shift);
  checkRange("qr", r);

  // The first k columns of the product of all reflections, over the reflections themselves, from the last to the first.
  for (let j = k - 1; j >= 0; j--) {
    const at = j * m + j;
    for (let c = j + 1; c < k; c++) reflect(work, at, taus[j], work, c * m + j, m - j);
    for (let i = 1; i < m - j; i++) work[at + i] *= -taus[j];
    work[at] = 1 - taus[j];
    work.fill(0, j * m, at);
  }
  const q = transpose({ rows: k, columns: m, data: work.subarray(0, k * m) });
  return { q, r: { rows: k, columns: n, data: r } };
}
