// Singular values and vectors: by definition for random matrices, and known matrices.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Matrix } from "../../src/linalg/matrix.ts";
import { orthogonalizeRows, svdOf } from "../../src/linalg/svd.ts";
import {
  anyMatrix,
  build,
  diagonal,
  distance,
  EPSILON,
  frobenius,
  hilbert,
  identity,
  orthogonality,
  product,
  random,
  transposed,
} from "./matrices.ts";

/** a = u diag(s) v^T, orthonormal columns, descending values, the sign convention; errors in units of eps n. */
function check(a: Matrix): void {
  const { u, s, v } = svdOf(a);
  const k = Math.min(a.rows, a.columns);
  expect([u.rows, u.columns, s.length, v.rows, v.columns]).toEqual([a.rows, k, k, a.columns, k]);
  const bound = 4 * EPSILON * Math.max(a.rows, a.columns);
  expect(distance(product(product(u, diagonal(s)), transposed(v)), a)).toBeLessThanOrEqual(bound * frobenius(a));
  expect(orthogonality(u)).toBeLessThanOrEqual(bound * Math.sqrt(k));
  expect(orthogonality(v)).toBeLessThanOrEqual(bound * Math.sqrt(k));
  for (let j = 0; j < k; j++) {
    expect(s[j]).toBeGreaterThanOrEqual(0);
    if (j > 0) expect(s[j]).toBeLessThanOrEqual(s[j - 1]);
    const column = Array.from({ length: a.columns }, (_, i) => v.data[i * k + j]);
    const size = Math.max(...column.map(Math.abs));
    expect(column.find((x) => Math.abs(x) === size)).toBeGreaterThan(0);
  }
}

describe("svd", () => {
  it("decomposes any matrix", () => {
    fc.assert(fc.property(anyMatrix, check), { numRuns: 400, seed: 3 });
  });

  it.each([
    ["square", random(1, 60, 60)],
    ["tall", random(2, 500, 8)],
    ["wide", random(3, 8, 200)],
    ["ill-conditioned", hilbert(14)],
    ["of rank 1", build(7, 5, (i, j) => (i + 1) * (j - 2))],
    ["of rank 2, wide", build(6, 20, (i, j) => (i + 1) * (j - 2) + i * i)],
    ["zero", build(4, 3, () => 0)],
    ["with zero columns", build(6, 5, (i, j) => (j % 2 ? 0 : 1 / (i + j + 1)))],
    ["the identity", identity(7)],
    ["all ones", build(9, 9, () => 1)],
    ["a column", random(4, 20, 1)],
    ["a row", random(5, 1, 20)],
    ["no columns", build(4, 0, () => 0)],
    ["no rows", build(0, 4, () => 0)],
    ["huge", build(3, 3, (i, j) => 1e307 / (i + j + 1))],
    ["tiny", build(3, 3, (i, j) => 1e-306 / (i + j + 1))],
  ])("decomposes: %s", (_, a) => {
    check(a);
  });

  it("knows an example of Golub and Van Loan", () => {
    // "Matrix Computations", 3rd edition, example 2.5.1, with v's signs by our convention.
    const { u, s, v } = svdOf({ rows: 2, columns: 2, data: Float64Array.of(0.96, 1.72, 2.28, 0.96) });
    const near = (found: Float64Array, expected: readonly number[]): void =>
      expected.forEach((x, i) => {
        expect(found[i]).toBeCloseTo(x, 14);
      });
    near(s, [3, 1]);
    near(u.data, [0.6, 0.8, 0.8, -0.6]);
    near(v.data, [0.8, -0.6, 0.6, 0.8]);
  });

  it("knows the Hilbert matrix of order 5", () => {
    const { s } = svdOf(hilbert(5));
    const published = [
      1.567050691098231, 0.2085342186110133, 0.01140749162341981, 0.0003058980401511918, 3.287928772171574e-6,
    ];
    published.forEach((x, i) => {
      expect(Math.abs(s[i] - x)).toBeLessThan(5 * EPSILON * 1.6);
    });
  });

  it("finds small values of graded columns to full relative precision", () => {
    // The product of the values of [[1, d], [1, 0]] is d, and the larger is the root of 2.
    for (const d of [1e-20, 1e-100, 1e-200, 1e-290]) {
      const { s } = svdOf({ rows: 2, columns: 2, data: Float64Array.of(1, d, 1, 0) });
      expect(s[0] / Math.SQRT2).toBeCloseTo(1, 15);
      expect((s[1] / d) * Math.SQRT2).toBeCloseTo(1, 14);
    }
    check({ rows: 3, columns: 3, data: Float64Array.of(1, 1e-200, 2e-200, 1, 1e-200, -1e-200, 3, 5e-200, 1e-200) });
  });

  it("gives the same bits for a matrix times a power of two, and those of the transposed one", () => {
    const a = random(6, 9, 6);
    const plain = svdOf(a);
    for (const power of [2 ** 1000, 2 ** -950]) {
      const { u, s, v } = svdOf({ ...a, data: a.data.map((x) => x * power) });
      expect(s).toEqual(plain.s.map((x) => x * power));
      expect([u, v]).toEqual([plain.u, plain.v]);
    }
    expect(svdOf(transposed(a)).s).toEqual(plain.s);
  });

  it("names entries that are not finite, refuses results above the range of float64, leaves its argument alone", () => {
    expect(() => svdOf(build(2, 3, (i, j) => (i * j === 2 ? Number.NaN : 0)))).toThrow(/svd: entry \[1, 2\] is NaN/);
    expect(() => svdOf(build(2, 2, () => 1.7e308))).toThrow(/svd: a result is too large/);
    for (const a of [random(7, 3, 5), random(7, 5, 3)]) {
      const copy = a.data.slice();
      svdOf(a);
      expect(a.data).toEqual(copy);
    }
  });

  it("never iterates without end", () => {
    const run = (rounds: number): void => orthogonalizeRows(random(8, 6, 6).data, identity(6).data, 6, rounds);
    expect(() => run(1)).toThrow(/svd: no convergence within 1 rounds over all pairs of 6 rows/);
    expect(() => run(12)).not.toThrow();
  });
});
