// expand and shrink: what they keep, adjoints, errors.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { expectAdjoint, expectBatchBits, largestDifference, signed } from "./arrays.ts";

const { expand, shrink } = po.process;

/** A sum of waves of low frequency, sampled on any grid over the same area. */
function waves(height: number, width: number): po.Tensor {
  const at = (i: number, j: number): number => {
    const [y, x] = [(2 * Math.PI * i) / height, (2 * Math.PI * j) / width];
    return 0.5 + Math.cos(y + 2 * x + 0.3) + 0.7 * Math.sin(2 * y - x) + 0.2 * Math.cos(3 * x);
  };
  return po.tensor(
    Float64Array.from({ length: height * width }, (_, k) => at(Math.floor(k / width), k % width)),
    { shape: [1, 1, height, width] },
  );
}

test.each([
  [8, 12, 2],
  [8, 12, 1.5],
  [9, 15, 3],
  [9, 15, 2],
  [10, 14, 1.5],
  [12, 8, 1.25],
])("expand continues waves, and shrink undoes it, %i x %i by %f", async (h, w, factor) => {
  const [small, large] = [waves(h, w), waves(h * factor, w * factor)];
  expect(await largestDifference(expand(small, factor), large)).toBeLessThan(1e-13);
  expect(await largestDifference(shrink(large, factor), small)).toBeLessThan(1e-13);
});

test("means are kept", async () => {
  for (const [h, w, factor] of [
    [8, 12, 2],
    [10, 14, 1.5],
    [9, 15, 3],
  ] as const) {
    const x = signed([1, 2, h, w]);
    const mean = x.mean([2, 3]);
    expect(await largestDifference(expand(x, factor).mean([2, 3]), mean)).toBeLessThan(1e-15);
    const large = signed([1, 2, h * factor, w * factor]);
    expect(await largestDifference(shrink(large, factor).mean([2, 3]), large.mean([2, 3]))).toBeLessThan(1e-15);
  }
});

test("complex images are resized part by part, where the highest frequency is empty", async () => {
  const [re, im] = [waves(8, 12), waves(8, 12).flip([2])];
  const both = expand(po.complex(re, im), 2);
  expect(both.dtype).toBe("complex128");
  expect(await largestDifference(both.imag(), expand(im, 2))).toBeLessThan(1e-14);
});

test("any leading shape is a batch", async () => {
  const x = signed([3, 8, 12]);
  expect(expand(x, 2).shape).toEqual([3, 16, 24]);
  expect(shrink(x.slice(0, 0, 1).squeeze(0), 2).shape).toEqual([4, 6]);
  await expectBatchBits((y) => [expand(y, 1.5), shrink(y, 2)], [2, 8, 12]);
});

test.each([
  [8, 12],
  [9, 15],
])("adjoints, %i x %i", async (h, w) => {
  await expectAdjoint((x) => expand(x, 2), [1, 2, h, w]);
  await expectAdjoint((x) => expand(x, 3), [h, w]);
  await expectAdjoint((x) => shrink(x, h % 2 === 0 ? 4 : 3), [1, 2, h, w]);
});

describe("errors", () => {
  const x = signed([1, 1, 8, 10]);
  test.each<[string, () => unknown, RegExp]>([
    ["the factor 1", () => expand(x, 1), /factor must be strictly greater than 1.*not 1/],
    ["a factor below 1", () => shrink(x, 0.5), /factor must be strictly greater than 1/],
    ["NaN", () => shrink(x, Number.NaN), /not NaN/],
    ["a broken width", () => expand(x, 1.25), /factor times the width must be an integer, but 10 would become 12.5/],
    ["a broken height", () => expand(x, 1.3), /height must be an integer, but 8 would become 10.4/],
    ["an indivisible width", () => shrink(x, 4), /the width divided by factor must be an integer, but 10/],
    ["an indivisible height", () => shrink(x, 5), /the height divided by factor must be an integer, but 8/],
    ["a vector", () => expand(signed([8]), 2), /\[8\]; it must be \[..., height, width\]/],
    ["integers", () => expand(x.cast("int32"), 2), /int32/],
    ["too small a step", () => expand(signed([5, 5]), 1.2), /5 cannot become 6.*choose a larger factor/],
  ])("refuses %s", (_name, make, message) => {
    expect(make).toThrow(message);
  });
});
