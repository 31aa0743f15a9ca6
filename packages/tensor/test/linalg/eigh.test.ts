// Eigenvalues and vectors of symmetric matrices: by definition for random ones, and known matrices.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eighOf, eighSteps } from "../../src/linalg/eigh.ts";
import type { Matrix } from "../../src/linalg/matrix.ts";
import { iterate } from "../../src/linalg/qlIteration.ts";
import {
  anySymmetric,
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
  secondDifference,
  symmetric,
} from "./matrices.ts";

/** A v = v lambda, orthonormal vectors, ascending values, the sign convention; errors in units of eps n. */
function check(a: Matrix): void {
  const { values, vectors } = eighOf(a);
  const n = a.rows;
  const bound = 4 * EPSILON * n;
  expect(distance(product(a, vectors), product(vectors, diagonal(values)))).toBeLessThanOrEqual(bound * frobenius(a));
  expect(orthogonality(vectors)).toBeLessThanOrEqual(bound * Math.sqrt(n));
  for (let j = 0; j < n; j++) {
    if (j > 0) expect(values[j]).toBeGreaterThanOrEqual(values[j - 1]);
    const column = Array.from({ length: n }, (_, i) => vectors.data[i * n + j]);
    const size = Math.max(...column.map(Math.abs));
    expect(column.find((x) => Math.abs(x) === size)).toBeGreaterThan(0);
  }
}

function expectValues(a: Matrix, expected: readonly number[]): void {
  const { values } = eighOf(a);
  const sorted = [...expected].sort((x, y) => x - y);
  const bound = EPSILON * a.rows * frobenius(a);
  sorted.forEach((x, i) => {
    expect(Math.abs(values[i] - x)).toBeLessThanOrEqual(bound);
  });
}

const ROSSER = [
  [611, 196, -192, 407, -8, -52, -49, 29],
  [196, 899, 113, -192, -71, -43, -8, -44],
  [-192, 113, 899, 196, 61, 49, 8, 52],
  [407, -192, 196, 611, 8, 44, 59, -23],
  [-8, -71, 61, 8, 411, -599, 208, 208],
  [-52, -43, 49, 44, -599, 411, 208, 208],
  [-49, -8, 8, 59, 208, 208, 99, -911],
  [29, -44, 52, -23, 208, 208, -911, 99],
];

const wilkinson = (n: number): Matrix =>
  build(n, n, (i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : Math.abs(i - j) === 1 ? 1 : 0));

describe("eigh", () => {
  it("decomposes any symmetric matrix", () => {
    fc.assert(fc.property(anySymmetric, check), { numRuns: 400, seed: 2 });
  });

  it.each([
    ["of 150 rows", symmetric(random(1, 150, 150))],
    ["diagonal, unsorted", diagonal([3, -1, 2, 2, 0])],
    ["zero", build(5, 5, () => 0)],
    ["the identity", identity(6)],
    ["one value, and 0 many times", build(40, 40, () => 1)],
    [
      "rank 3",
      product(
        random(2, 50, 3),
        build(3, 50, (i, j) => random(2, 50, 3).data[j * 3 + i]),
      ),
    ],
    ["ill-conditioned", hilbert(12)],
    ["two blocks", build(8, 8, (i, j) => (i < 4 === j < 4 ? 1 / (i + j + 1) : 0))],
    ["graded down", build(9, 9, (i, j) => 10 ** (-2 * (i + j)))],
    ["graded up", build(9, 9, (i, j) => 10 ** (2 * (i + j)))],
    ["one entry", build(1, 1, () => -3)],
    ["none", build(0, 0, () => 0)],
    // The inner column's squares vanish next to 1, not next to each other.
    ["tiny beside 1", build(4, 4, (i, j) => (i === 0 && j === 0 ? 1 : 1e-160 * (1 + i + j)))],
  ])("decomposes: %s", (_, a) => {
    check(symmetric(a));
  });

  it("knows second differences: values 2 - 2 cos, vectors sines", () => {
    const n = 50;
    const angle = Math.PI / (n + 1);
    expectValues(
      secondDifference(n),
      Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((k + 1) * angle)),
    );
    const { vectors } = eighOf(secondDifference(n));
    for (const k of [0, 1, 20, 49]) {
      const sines = Array.from({ length: n }, (_, i) => Math.sqrt(2 / (n + 1)) * Math.sin((i + 1) * (k + 1) * angle));
      const sign = Math.sign(sines[0] * vectors.data[k]);
      sines.forEach((x, i) => {
        expect(sign * vectors.data[i * n + k]).toBeCloseTo(x, 12);
      });
    }
  });

  it("knows Rosser's matrix: a double value, one nearly triple, 0, and a pair of opposite sign", () => {
    // J. B. Rosser, C. Lanczos, M. R. Hestenes, W. Karush, 1951.
    const root = 10 * Math.sqrt(10405);
    const pair = 100 * Math.sqrt(26);
    expectValues(
      build(8, 8, (i, j) => ROSSER[i][j]),
      [-root, 0, 510 - pair, 1000, 1000, 510 + pair, 1020, root],
    );
  });

  it("knows Wilkinson's W21+, whose two largest values agree to 14 digits", () => {
    // J. H. Wilkinson, "The Algebraic Eigenvalue Problem", 1965, section 5.45.
    const { values } = eighOf(wilkinson(21));
    expect(Math.abs(values[20] - 10.746194182903393)).toBeLessThan(2e-14);
    expect(Math.abs(values[19] - 10.746194182903322)).toBeLessThan(2e-14);
    expect(values[20]).toBeGreaterThan(values[19]);
    check(wilkinson(21));
  });

  it("gives the same bits for a matrix times a power of two", () => {
    const a = symmetric(random(3, 20, 20));
    const plain = eighOf(a);
    for (const power of [2 ** 1000, 2 ** -950]) {
      const { values, vectors } = eighOf({ ...a, data: a.data.map((x) => x * power) });
      expect(values).toEqual(plain.values.map((x) => x * power));
      expect(vectors.data).toEqual(plain.vectors.data);
    }
  });

  it("uses the lower triangle, and refuses an upper one that is another", () => {
    const a = symmetric(random(4, 5, 5));
    const plain = eighOf(a);
    a.data[1] += 1e-6;
    expect(eighOf(a).values).toEqual(plain.values);
    a.data[1] += 0.1;
    expect(() => eighOf(a)).toThrow(
      /eigh: entry \[1, 0\] is \S+ and entry \[0, 1\] is \S+; the matrix must be symmetric/,
    );
    expect(() => eighOf(build(2, 3, () => 0))).toThrow(/eigh: the matrix has 2 rows and 3 columns; it must be square/);
  });

  it("names entries that are not finite, and refuses results above the range of float64", () => {
    expect(() => eighOf(build(2, 2, (i, j) => (i > j ? Infinity : 0)))).toThrow(/eigh: entry \[1, 0\] is Infinity/);
    expect(() => eighOf(build(2, 2, () => 1.7e308))).toThrow(/eigh: a result is too large/);
    expect(eighOf(diagonal([1.7e308, -1.7e308])).values).toEqual(Float64Array.of(-1.7e308, 1.7e308));
  });

  it("leaves its argument alone", () => {
    const a = symmetric(random(5, 6, 6));
    const copy = a.data.slice();
    eighOf(a);
    expect(a.data).toEqual(copy);
  });

  it("works in steps, which say how far it is", () => {
    const a = symmetric(random(6, 120, 120));
    const shares: number[] = [];
    const steps = eighSteps(a);
    let step = steps.next();
    for (; !step.done; step = steps.next()) shares.push(step.value);
    expect(step.value).toEqual(eighOf(a));
    expect(shares.length).toBeGreaterThan(179);
    expect(shares[0]).toBeGreaterThan(0);
    expect(shares.at(-1)).toBe(1);
    shares.forEach((share, i) => {
      expect(share).toBeGreaterThanOrEqual(i === 0 ? 0 : shares[i - 1]);
    });
  });

  it("never iterates without end", () => {
    const run = (sweepsPerRow: number): void => {
      const d = Float64Array.of(1, 2, 3, 4, 5);
      const e = Float64Array.of(1, 1, 1, 1, 0);
      for (const _ of iterate(d, e, { start: () => {}, push: () => {} }, sweepsPerRow));
    };
    expect(() => run(1)).toThrow(/eigh: no convergence within 1 sweeps for each of 5 rows/);
    expect(() => run(30)).not.toThrow();
  });
});
