// Resizing: values by hand, what every size must keep, derivatives, refusals.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const { resize } = po.process;

const noise = (shape: readonly number[], dtype: "float32" | "float64" = "float64"): po.Tensor => {
  const values = new po.TorchGenerator(5).rand(
    shape.reduce((a, b) => a * b, 1),
    dtype,
  );
  return po.tensor(values, { shape });
};

describe("values", () => {
  test("half the size: triangles of four pixels, cut off at the edges", async () => {
    const x = po.tensor([0, 1, 2, 3, 4, 5, 6, 7], { shape: [1, 8], dtype: "float64" });
    const made = [...(await resize(x, [1, 4]).data())];
    // Weights 3/4, 3/4, 1/4 at the left edge, of 7/4 in all; 1/4, 3/4, 3/4, 1/4 inside.
    const expected = [
      (1 * 3 + 2) / 7,
      (1 + 2 * 3 + 3 * 3 + 4) / 8,
      (3 + 4 * 3 + 5 * 3 + 6) / 8,
      (5 + 6 * 3 + 7 * 3) / 7,
    ];
    for (const [i, value] of expected.entries()) expect(made[i]).toBeCloseTo(value, 14);
    const upright = x.reshape([8, 1]);
    expect(await resize(upright, [4, 1]).data()).toEqual(await resize(x, [1, 4]).data());
  });

  test("larger is linear interpolation, and the same size is the same tensor", async () => {
    const x = noise([2, 7, 5]);
    const [made, expected] = [await resize(x, [21, 40]).data(), await po.interpolate(x, [21, 40]).data()];
    expect(Math.max(...made.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-14);
    expect(resize(x, [7, 5])).toBe(x);
  });

  test("a stripe too fine for the result becomes gray, not a coarse stripe", async () => {
    const x = po.tensor(
      Float64Array.from({ length: 300 }, (_, i) => i % 2),
      { shape: [1, 300] },
    );
    const inside = [...(await resize(x, [1, 43]).data())].slice(1, -1);
    expect(Math.max(...inside.map((value) => Math.abs(value - 0.5)))).toBeLessThan(0.03);
  });
});

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  test.each([
    [13, 11],
    [64, 3],
    [1, 1],
    [100, 90],
  ])("%i x %i: white stays white, and no value leaves [0, 1]", async (height, width) => {
    expect(new Set(await resize(po.ones([2, 50, 37], { dtype }), [height, width]).data())).toEqual(new Set([1]));
    const bits = noise([50, 37], dtype).gt(0.5).cast(dtype);
    const values = await resize(bits, [height, width]).data();
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
  });

  test("members of a batch have the bits they have alone", async () => {
    const x = noise([2, 3, 40, 31], dtype);
    const one = x.slice(0, 1, 2).slice(1, 2, 3);
    const all = resize(x, [17, 19]);
    expect(all.shape).toEqual([2, 3, 17, 19]);
    expect(await all.slice(0, 1, 2).slice(1, 2, 3).data()).toEqual(await resize(one, [17, 19]).data());
  });
});

test("its derivative is that of a linear function", async () => {
  const x = noise([1, 1, 20, 23]);
  const weights = po.randn([1, 1, 9, 31], { dtype: "float64" });
  const value = resize(x, [9, 31]).mul(weights).sum();
  const [slope] = po.gradient(value, [x]);
  expect(await slope.mul(x).sum().item()).toBeCloseTo(await value.item(), 10);
});

test.each<[string, () => unknown, RegExp]>([
  ["one number", () => resize(noise([4, 4]), 2 as never), /size is 2; it must be \[height, width\]/],
  ["zero", () => resize(noise([4, 4]), [0, 2]), /two positive integers/],
  ["a fraction", () => resize(noise([4, 4]), [2.5, 2]), /two positive integers/],
  ["integers", () => resize(noise([4, 4]).cast("int32"), [2, 2]), /x is int32/],
  ["one axis", () => resize(noise([4]), [2, 2]), /\[\.\.\., height, width\]/],
  ["nothing", () => resize(noise([0, 4]), [2, 2]), /not empty/],
])("refuses %s", (_name, call, message) => {
  expect(call).toThrow(message);
});
