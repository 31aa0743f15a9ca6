// The search for eigenvalues without the whole space: Lanczos, its filter and null vectors, at spectra that are known.

import { dot } from "@plenoptic-js/tensor/engine";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { krylov } from "../../src/synthesis/eigendistortion/krylov.ts";
import { linearize } from "../../src/synthesis/eigendistortion/linearized.ts";
import { Products } from "../../src/synthesis/eigendistortion/products.ts";
import { Turn } from "../../src/synthesis/eigendistortion/turn.ts";
import type { Pairs } from "../../src/synthesis/eigendistortion/verdict.ts";
import { fillsSpace, wholeSpace } from "../../src/synthesis/eigendistortion/wholeSpace.ts";

/** k of each end of the model that multiplies each pixel by one number, without outputs for those of 0. */
function found(factors: readonly number[], k: number, search: typeof krylov | typeof wholeSpace): Promise<Pairs> {
  const n = factors.length;
  const kept = factors.map((factor, i) => (factor === 0 ? -1 : i)).filter((i) => i >= 0);
  const weights = po.tensor(factors, { dtype: "float64" });
  const model = (x: po.Tensor): po.Tensor => po.take(x.mul(weights), kept);
  const products = new Products(linearize(model, po.full([n], 0.5, { dtype: "float64" })));
  po.setSeed(1);
  const start = Array.from({ length: 2 * k }, () => po.randn([n], { dtype: "float64" }).dataSync());
  const limits = { tolerance: 1e-6, maxIter: 1500, dtype: "float64" } as const;
  return search({ products, n, m: kept.length, start, turn: new Turn(), ...limits }, k, k);
}

function expectPairs({ values, vectors }: Pairs, want: readonly number[], error: number): void {
  expect(values.length).toBe(want.length);
  want.forEach((value, i) => {
    expect(Math.abs(values[i] - value), `value ${i}: ${values[i]}, expected ${value}`).toBeLessThanOrEqual(error);
  });
  vectors.forEach((a, i) => {
    vectors.forEach((b, j) => {
      expect(Math.abs(dot(a, 0, b, 0, a.length) - (i === j ? 1 : 0))).toBeLessThan(1e-9);
    });
  });
}

const EVEN = Array.from({ length: 60 }, (_, i) => 1 + i / 10);
const squares = (factors: readonly number[]): number[] => factors.map((f) => f * f).sort((a, b) => b - a);
const ends = (factors: readonly number[], k: number): number[] => {
  const all = squares(factors);
  return [...all.slice(0, k), ...all.slice(-k)];
};

describe.each([
  ["krylov", krylov],
  ["wholeSpace", wholeSpace],
] as const)("%s", (_, search) => {
  test.each<[string, number[], number, number]>([
    ["distinct eigenvalues", [5, 4, 3, 2, 1, 0.5], 3, 1e-12],
    ["one eigenvalue", [3, 3, 3, 3, 3], 2, 1e-12],
    ["repeated eigenvalues", [2, 1, 5, 1, 5, 5, 3, 1], 4, 1e-12],
    ["more than a block holds", EVEN, 12, 1e-5],
    ["a null space", [5, 4, 3, 0, 0, 0], 3, 1e-12],
    ["a null space, and others beside it", [5, 4, 3, 2, 0, 0], 3, 1e-12],
  ])("%s", async (_, factors, k, error) => {
    expectPairs(await found(factors, k, search), ends(factors, k), error);
  });
});

test("the whole space is filled where pixels are few and products enough", () => {
  expect([fillsSpace(576, 1, 1500), fillsSpace(577, 1, 1500), fillsSpace(576, 1, 575), fillsSpace(2, 1, 1)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("a spectrum that Lanczos does not resolve is exact where the space is filled", async () => {
  po.setSeed(0);
  const eig = new po.Eigendistortion(
    po.rand([1, 1, 16, 16], { dtype: "float64" }),
    new po.models.Gaussian(5, { std: 1 }),
  );
  const { eigenvalues: all } = await eig.synthesize({ method: "exact" });
  const search = await eig.synthesize({ k: 4, maxIter: 255 });
  expect(search.converged).toBe(false);
  const whole = await eig.synthesize({ k: 4 });
  expect(whole.converged).toBe(true);
  expect(whole.products).toBe(256 + 8);
  [...all.slice(0, 4), ...all.slice(-4)].forEach((value, i) => {
    expect(Math.abs(whole.eigenvalues[i] - value)).toBeLessThan(1e-14);
  });
});
