// Filtering on the way to smaller and larger images: definitions, adjoints, errors.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { dot, expectAdjoint, expectBatchBits, largestDifference, signed } from "./arrays.ts";

const { blurDownsample, correlateDownsample, upsampleBlur, upsampleConvolve } = po.process;

const MODES = ["reflect", "circular", "replicate", "constant"] as const;
const SIZES: readonly (readonly [number, number])[] = [
  [12, 16],
  [13, 17],
  [12, 17],
];

/** The taps of binom5, times the square root of 2 as in the specification, as a product. */
const BINOM5 = po.tensor(
  [1, 4, 6, 4, 1].map((a) => [1, 4, 6, 4, 1].map((b) => (2 * a * b) / 256)),
  { dtype: "float64" },
);

describe("definitions", () => {
  test.each(SIZES)("blurDownsample is correlateDownsample with the product of the taps, %i x %i", async (h, w) => {
    const image = signed([2, 3, h, w]);
    for (const scaleFilter of [true, false]) {
      const filt = scaleFilter ? BINOM5.div(2) : BINOM5;
      const both = [blurDownsample(image, { scaleFilter }), correlateDownsample(image, filt)] as const;
      expect(await largestDifference(...both)).toBeLessThan(1e-15);
    }
  });

  test.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ] as const)("upsampleBlur is upsampleConvolve with the product of the taps, odd %i %i", async (...odd) => {
    const image = signed([2, 3, 7, 5]);
    for (const scaleFilter of [true, false]) {
      const filt = scaleFilter ? BINOM5.mul(2) : BINOM5;
      const both = [upsampleBlur(image, odd, { scaleFilter }), upsampleConvolve(image, odd, filt)] as const;
      expect(both[0].shape).toEqual([2, 3, 14 - odd[0], 10 - odd[1]]);
      expect(await largestDifference(...both)).toBeLessThan(1e-15);
    }
  });

  test("correlateDownsample, sample by sample", async () => {
    const [image, filt] = [signed([1, 1, 9, 8]), signed([3, 4])];
    const [x, f] = [await image.data(), await filt.data()];
    const expected: number[] = [];
    for (let i = 0; i < 9; i += 2) {
      for (let j = 0; j < 8; j += 2) {
        let sum = 0;
        for (let a = 0; a < 3; a++) {
          // One sample is padded above and below, one on the left and two on the right.
          for (let b = 0; b < 4; b++) {
            const [row, column] = [i + a - 1, j + b - 1];
            const inside = row >= 0 && row < 9 && column >= 0 && column < 8;
            sum += inside ? f[a * 4 + b] * x[row * 8 + column] : 0;
          }
        }
        expected.push(sum);
      }
    }
    const ours = correlateDownsample(image, filt, { paddingMode: "constant" });
    expect(await largestDifference(ours, po.tensor(expected, { shape: [1, 1, 5, 4], dtype: "float64" }))).toBeLessThan(
      1e-15,
    );
  });

  test("constant images keep their value", async () => {
    const flat = po.full([1, 1, 13, 16], 0.75, { dtype: "float64" });
    for (const filtname of ["binom2", "binom3", "binom5", "binom9", "haar", "gauss3", "gauss5"]) {
      const small = blurDownsample(flat, { filtname });
      expect(await largestDifference(small, po.full(small.shape, 0.75, { dtype: "float64" }))).toBeLessThan(1e-15);
    }
    const large = upsampleBlur(flat, [1, 0]);
    expect(await largestDifference(large, po.full(large.shape, 0.75, { dtype: "float64" }))).toBeLessThan(1e-15);
  });

  test("tabulated filters have about the sum sqrt(2) and the norm 1", async () => {
    // The response to an impulse is the product of the taps with themselves.
    const impulse = po.pad(po.ones([1, 1, 1, 1], { dtype: "float64" }), [
      [32, 31],
      [32, 31],
    ]);
    for (const filtname of ["qmf5", "qmf8", "qmf9", "qmf12", "qmf13", "qmf16", "daub2", "daub3", "daub4", "haar"]) {
      const all = upsampleBlur(impulse, [0, 0], { filtname, scaleFilter: false });
      expect(Math.abs((await all.sum().item()) - 2)).toBeLessThan(0.02);
      expect(Math.abs((await all.square().sum().item()) - 1)).toBeLessThan(0.01);
    }
  });

  test("several scales are the same again and again", async () => {
    const image = signed([1, 2, 33, 45]);
    const twice = blurDownsample(blurDownsample(image));
    expect(await largestDifference(blurDownsample(image, { nScales: 2 }), twice)).toBe(0);
    const grown = upsampleBlur(upsampleBlur(image, [1, 0]), [1, 0]);
    expect(await largestDifference(upsampleBlur(image, [1, 0], { nScales: 2 }), grown)).toBe(0);
  });
});

describe("adjoints", () => {
  test.each(SIZES)("of blurDownsample and upsampleBlur, %i x %i", async (h, w) => {
    for (const filtname of ["binom5", "haar", "daub3", "qmf12"]) {
      await expectAdjoint((x) => blurDownsample(x, { filtname }), [2, 2, h, w]);
      await expectAdjoint((x) => upsampleBlur(x, [h % 2, w % 2], { filtname }), [2, 2, h, w]);
    }
  });

  test.each(MODES)("of correlateDownsample and upsampleConvolve, %s", async (paddingMode) => {
    for (const [h, w] of SIZES) {
      const filt = signed([4, 5]);
      await expectAdjoint((x) => correlateDownsample(x, filt, { paddingMode }), [2, 2, h, w]);
      await expectAdjoint((x) => upsampleConvolve(x, [h % 2, w % 2], filt, { paddingMode }), [2, 2, h, w]);
      await expectAdjoint((f) => correlateDownsample(signed([1, 2, h, w]), f, { paddingMode }), [3, 5]);
      await expectAdjoint((f) => upsampleConvolve(signed([1, 2, h, w]), [1, 0], f, { paddingMode }), [3, 5]);
    }
  });

  test.each(SIZES)("with zeros beyond the edges the two are each other's, %i x %i", async (h, w) => {
    for (const taps of [
      [5, 5],
      [4, 7],
    ] as const) {
      const filt = signed(taps);
      const [x, y] = [signed([1, 2, h, w]), signed([1, 2, Math.ceil(h / 2), Math.ceil(w / 2)], "float64", 4)];
      const options = { paddingMode: "constant" } as const;
      const one = await dot(correlateDownsample(x, filt, options), y);
      const other = await dot(x, upsampleConvolve(y, [h % 2, w % 2], filt, options));
      expect(Math.abs(one - other)).toBeLessThan(1e-12 * Math.max(1, Math.abs(one)));
    }
  });
});

test("a batch member has the bits it has alone", async () => {
  await expectBatchBits((x) => [blurDownsample(x), upsampleBlur(x, [1, 0])], [3, 21, 18]);
  await expectBatchBits(
    (x) => {
      const filt = signed([5, 4], x.dtype as "float32");
      return [correlateDownsample(x, filt), upsampleConvolve(x, [0, 1], filt)];
    },
    [3, 21, 18],
  );
});

describe("errors", () => {
  const image = signed([1, 1, 16, 16]);
  test.each<[string, () => unknown, RegExp]>([
    ["an image without channels", () => blurDownsample(signed([16, 16])), /4d but has 2 dimensions/],
    ["an image of integers", () => blurDownsample(image.cast("int32")), /int32; it must be float32 or float64/],
    ["a filter with channels", () => correlateDownsample(image, signed([1, 1, 5, 5])), /filt must be 2d but has 4/],
    ["a filter of another dtype", () => upsampleConvolve(image, [0, 0], signed([5, 5], "float32")), /float32/],
    ["a vector as filter", () => upsampleConvolve(image, [0, 0], signed([5])), /filt must be 2d but has 1/],
    ["no scale", () => blurDownsample(image, { nScales: 0 }), /nScales must be a positive integer, not 0/],
    ["half a scale", () => upsampleBlur(image, [0, 0], { nScales: 1.5 }), /nScales must be a positive integer/],
    ["an unknown filter", () => blurDownsample(image, { filtname: "binom" }), /unknown filter name: "binom"/i],
    ["binom1", () => blurDownsample(image, { filtname: "binom1" }), /unknown filter name: "binom1"/],
    ["a set of filters", () => upsampleBlur(image, [0, 0], { filtname: "sp1Filters" }), /unknown filter name/],
    ["a name of Object's", () => blurDownsample(image, { filtname: "constructor" }), /unknown filter name/],
    ["a parity of 2", () => upsampleBlur(image, [2, 0]), /odd is \[2, 0\]/],
    ["one parity", () => upsampleConvolve(image, 1 as never, signed([5, 5])), /odd is 1/],
    ["an unknown option", () => blurDownsample(image, { n_scales: 2 } as never), /no option "n_scales"/],
    ["an unknown padding", () => correlateDownsample(image, signed([5, 5]), { paddingMode: "wrap" as never }), /wrap/],
    ["a small image", () => blurDownsample(signed([1, 1, 2, 16])), /2 x 16 pixels is too small.*3 x 3/],
    ["too many scales", () => blurDownsample(image, { nScales: 5 }), /too small/],
    ["a single pixel", () => upsampleBlur(signed([1, 1, 1, 4]), [0, 0]), /1 x 4 pixels is too small.*2 x 2/],
  ])("refuses %s", (_name, make, message) => {
    expect(make).toThrow(message);
  });
});
