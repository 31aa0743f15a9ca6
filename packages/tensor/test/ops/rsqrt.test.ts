// The inverse square root: its values, and derivatives of it, at ordinary arguments and at those that are nearly too small.

import { expect, it } from "vitest";
import { gradient, tensor } from "../../src/index.ts";

it("is 1 / sqrt(x), each rounded", () => {
  const values = [4, 2, 0.1, 1e-300, 0, -0, Number.POSITIVE_INFINITY];
  expect([...tensor(values, { dtype: "float64" }).rsqrt().dataSync()]).toEqual(values.map((x) => 1 / Math.sqrt(x)));
  expect([...tensor([-1, Number.NaN], { dtype: "float64" }).rsqrt().dataSync()]).toEqual([Number.NaN, Number.NaN]);
  expect(tensor([3], { dtype: "float32" }).rsqrt().itemSync()).toBe(Math.fround(1 / Math.fround(Math.sqrt(3))));
});

it("has derivatives -1/2 x^(-3/2) and 3/4 x^(-5/2)", () => {
  const x = tensor([4, 0.25], { dtype: "float64" });
  const first = gradient(x.rsqrt().sum(), x);
  expect([...first.dataSync()]).toEqual([-1 / 16, -4]);
  expect([...gradient(first.sum(), x).dataSync()]).toEqual([3 / 128, 24]);
});

it("has finite gradients where its cube is infinite, and what it is multiplied by small", () => {
  const a = tensor([0, 1e-140], { dtype: "float64" });
  const inverse = a.square().add(1e-300).rsqrt();
  expect([...gradient(a.square().mul(inverse).sum(), a).dataSync()].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([
    0, 1,
  ]);
});
