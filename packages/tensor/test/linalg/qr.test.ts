// QR decompositions: by definition for random matrices, and with the signs of LAPACK.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Matrix } from "../../src/linalg/matrix.ts";
import { qrOf } from "../../src/linalg/qr.ts";
import {
  anyMatrix,
  build,
  distance,
  EPSILON,
  frobenius,
  hilbert,
  orthogonality,
  product,
  random,
  secondDifference,
} from "./matrices.ts";

/** Shapes, a = q r, orthonormal columns, zeros below the diagonal; errors in units of eps n. */
function check(a: Matrix): void {
  const { q, r } = qrOf(a);
  const k = Math.min(a.rows, a.columns);
  expect([q.rows, q.columns, r.rows, r.columns]).toEqual([a.rows, k, k, a.columns]);
  const bound = 2 * EPSILON * Math.max(a.rows, a.columns);
  expect(distance(product(q, r), a)).toBeLessThanOrEqual(bound * frobenius(a));
  expect(orthogonality(q)).toBeLessThanOrEqual(bound * Math.max(1, Math.sqrt(k)));
  for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) expect(r.data[i * a.columns + j]).toBe(0);
}

const close = (found: Float64Array, expected: readonly number[], digits: number): void =>
  expected.forEach((x, i) => {
    expect(found[i]).toBeCloseTo(x, digits);
  });

describe("qr", () => {
  it("decomposes any matrix", () => {
    fc.assert(fc.property(anyMatrix, check), { numRuns: 400, seed: 1 });
  });

  it.each([
    ["square", random(1, 60, 60)],
    ["tall", random(2, 700, 9)],
    ["wide", random(3, 9, 150)],
    ["ill-conditioned", hilbert(12)],
    ["tridiagonal", secondDifference(30)],
    ["of rank 1", build(7, 5, (i, j) => (i + 1) * (j - 2))],
    ["zero", build(4, 3, () => 0)],
    ["one column", random(4, 20, 1)],
    ["one row", random(5, 1, 20)],
    ["upper triangle", build(5, 5, (i, j) => (i <= j ? i - j - 1 : 0))],
    ["no columns", build(4, 0, () => 0)],
    ["no rows", build(0, 4, () => 0)],
  ])("decomposes: %s", (_, a) => {
    check(a);
  });

  it("has LAPACK's signs: the example of A. S. Householder's method, as NumPy 2.4 decomposes it", () => {
    const a = { rows: 3, columns: 3, data: Float64Array.of(12, -51, 4, 6, 167, -68, -4, 24, -41) };
    const { q, r } = qrOf(a);
    close(r.data, [-14, -21, 14, 0, -175, 70, 0, 0, -35], 12);
    close(q.data, [-6 / 7, 69 / 175, 58 / 175, -3 / 7, -158 / 175, -6 / 175, 2 / 7, -6 / 35, 33 / 35], 14);
  });

  it("has LAPACK's signs where a pivot is zero, or alone in its column", () => {
    // As NumPy 2.4 gives them: zero above others turns negative, zeros below others leave the pivot as it is.
    const wide = qrOf({ rows: 2, columns: 3, data: Float64Array.of(0, 1, 2, 3, 4, 5) });
    close(wide.r.data, [-3, -4, -5, 0, -1, -2], 14);
    close(wide.q.data, [0, -1, -1, 0], 14);
    const tall = qrOf({ rows: 3, columns: 2, data: Float64Array.of(0, 1, 0, 3, 0, 4) });
    close(tall.r.data, [0, 1, 0, -5], 14);
    close(tall.q.data, [1, 0, 0, -0.6, 0, -0.8], 14);
    expect([...qrOf({ rows: 2, columns: 2, data: Float64Array.of(-3, 0, 0, 2) }).r.data]).toEqual([-3, 0, 0, 2]);
  });

  it("gives each column its own precision, from 1e-320 to 1e300", () => {
    const b = random(6, 12, 4);
    const scales = [1, 1e300, 1e-300, 1e-320];
    const a = build(12, 4, (i, j) => b.data[i * 4 + j] * scales[j]);
    const { q, r } = qrOf(a);
    expect(orthogonality(q)).toBeLessThan(20 * EPSILON);
    for (let j = 0; j < 4; j++) {
      // 1e-320 has eleven bits.
      const unit = j === 3 ? 5e-324 : EPSILON * scales[j];
      for (let i = 0; i < 12; i++) {
        let sum = 0;
        for (let l = 0; l <= j; l++) sum += q.data[i * 4 + l] * r.data[l * 4 + j];
        expect(Math.abs(sum - a.data[i * 4 + j])).toBeLessThanOrEqual(12 * unit);
      }
    }
  });

  it("refuses results above the range of float64, and only those", () => {
    const at = (x: number): Matrix => ({ rows: 2, columns: 1, data: Float64Array.of(x, x) });
    expect(qrOf(at(1.2e308)).r.data[0]).toBeCloseTo(-1.2e308 * Math.SQRT2, -294);
    expect(() => qrOf(at(1.7e308))).toThrow(/qr: a result is too large for its dtype; scale the matrix down/);
  });

  it("names an entry that is not finite, and leaves its argument alone", () => {
    const a = random(7, 3, 2);
    const copy = a.data.slice();
    qrOf(a);
    expect(a.data).toEqual(copy);
    a.data[3] = Number.NaN;
    expect(() => qrOf(a)).toThrow(/qr: entry \[1, 1\] is NaN; all entries must be finite/);
    a.data[3] = 0;
    a.data[4] = -Infinity;
    expect(() => qrOf(a)).toThrow(/qr: entry \[2, 0\] is -Infinity/);
    expect(() => qrOf({ rows: 2, columns: 2, data: new Float64Array(3) })).toThrow(
      /qr: 3 numbers do not fill a matrix of 2 rows, 2 columns/,
    );
  });

  it("keeps the columns of a very tall matrix orthonormal", () => {
    const a = random(8, 65536, 5);
    const { q, r } = qrOf(a);
    expect(orthogonality(q)).toBeLessThan(200 * EPSILON);
    expect(distance(product(q, r), a)).toBeLessThan(20 * EPSILON * Math.sqrt(65536 * 5));
  });
});
