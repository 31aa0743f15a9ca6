// Laplacian pyramids, plain and normalised.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { expectAdjoint, expectBatchBits, expectGradient, largestDifference, signed } from "./arrays.ts";

const { LaplacianPyramid, normalizedLaplacianPyramid } = po.process;

describe("LaplacianPyramid", () => {
  test.each([
    [64, 64],
    [61, 53],
    [48, 33],
    [17, 40],
  ])("gives images back, %i x %i", async (h, w) => {
    const image = signed([2, 3, h, w]);
    for (const scaleFilter of [true, false]) {
      for (const nScales of [1, 2, 5]) {
        const pyramid = new LaplacianPyramid({ nScales, scaleFilter });
        const levels = pyramid.forward(image);
        expect(levels.length).toBe(nScales);
        expect(await largestDifference(pyramid.reconPyr(levels), image)).toBeLessThan(1e-12);
      }
    }
  });

  test("defaults are Python's", () => {
    const { nScales, scaleFilter } = new LaplacianPyramid();
    expect([nScales, scaleFilter]).toEqual([5, false]);
  });

  test("sizes are halved and rounded up", () => {
    const levels = new LaplacianPyramid({ nScales: 4 }).forward(signed([1, 2, 33, 22]));
    expect(levels.map((level) => level.shape.slice(2))).toEqual([
      [33, 22],
      [17, 11],
      [9, 6],
      [5, 3],
    ]);
  });

  test("of a constant image only the residual is left, doubled at each level unless scaled", async () => {
    const flat = po.full([1, 1, 32, 33], 0.25, { dtype: "float64" });
    for (const scaleFilter of [true, false]) {
      const levels = new LaplacianPyramid({ nScales: 4, scaleFilter }).forward(flat);
      for (const level of levels.slice(0, -1)) expect(await level.abs().max().item()).toBeLessThan(1e-14);
      expect(await levels[3].mean().item()).toBeCloseTo(scaleFilter ? 0.25 : 2, 12);
    }
  });

  test("has the adjoints it should", async () => {
    const pyramid = new LaplacianPyramid({ nScales: 4 });
    for (let i = 0; i < 4; i++) await expectAdjoint((x) => pyramid.forward(x)[i], [1, 2, 18, 21]);
    const levels = pyramid.forward(signed([1, 2, 18, 21]));
    for (let i = 0; i < 4; i++) {
      await expectAdjoint(
        (x) => pyramid.reconPyr(levels.map((level, k) => (k === i ? x : level.mul(0)))),
        levels[i].shape,
      );
    }
  });

  test("a batch member has the bits it has alone", async () => {
    const pyramid = new LaplacianPyramid({ nScales: 3 });
    await expectBatchBits((x) => [...pyramid.forward(x), pyramid.reconPyr(pyramid.forward(x))], [2, 21, 18]);
  });

  test("is printed with its options", () => {
    expect(String(new LaplacianPyramid({ nScales: 3 }))).toBe("LaplacianPyramid(nScales: 3, scaleFilter: false)");
  });

  test.each<[string, () => unknown, RegExp]>([
    ["no level", () => new LaplacianPyramid({ nScales: 0 }), /nScales must be a positive integer, not 0/],
    ["an unknown option", () => new LaplacianPyramid({ scales: 3 } as never), /no option "scales"/],
    ["an image without channels", () => new LaplacianPyramid().forward(signed([32, 32])), /4d but has 2 dimensions/],
    ["a small image", () => new LaplacianPyramid().forward(signed([1, 1, 16, 40])), /at least 17/],
    ["no levels", () => new LaplacianPyramid().reconPyr([]), /no levels/],
    [
      "levels from coarse to fine",
      () => {
        const pyramid = new LaplacianPyramid({ nScales: 2 });
        return pyramid.reconPyr([...pyramid.forward(signed([1, 1, 16, 16]))].reverse());
      },
      /from fine to coarse/,
    ],
  ])("refuses %s", (_name, make, message) => {
    expect(make).toThrow(message);
  });

  test("takes images as small as it says", () => {
    expect(new LaplacianPyramid().forward(signed([1, 1, 17, 17]))).toHaveLength(5);
  });
});

describe("normalizedLaplacianPyramid", () => {
  test("is the pyramid divided by weighted neighbours, level by level", async () => {
    const image = signed([1, 1, 40, 33]);
    const plain = new LaplacianPyramid({ nScales: 6, scaleFilter: true }).forward(image);
    const ours = normalizedLaplacianPyramid(image);
    // The first level, with the filter of the paper as a dense kernel.
    const kernel = new Float64Array(25);
    kernel.set([0.1011], 7);
    kernel.set([0.1493, 0, 0.146, 0.0072], 11);
    kernel.set([0.1015], 17);
    const filt = po.tensor(kernel, { shape: [1, 1, 5, 5] });
    const dense = po.conv2d(plain[0].abs(), filt, { padMode: "constant" }).add(0.0248);
    expect(await largestDifference(ours[0], plain[0].div(dense))).toBeLessThan(1e-12);
    expect(ours.map((level) => level.shape)).toEqual(plain.map((level) => level.shape));
  });

  test("its gradient agrees with finite differences", async () => {
    await expectGradient(normalizedLaplacianPyramid, signed([1, 1, 33, 36]), [0, 40, 555, 1000, 1187], 1e-6);
  });

  test("has a derivative where the image is 0", async () => {
    const x = po.zeros([1, 1, 33, 33], { dtype: "float64" }) as po.Tensor;
    const sums = normalizedLaplacianPyramid(x).map((level) => level.sum());
    const objective = sums.reduce((a, b) => a.add(b));
    expect((await po.gradient(objective, x).data()).every(Number.isFinite)).toBe(true);
  });

  test("a batch member has the bits it has alone", async () => {
    await expectBatchBits(normalizedLaplacianPyramid, [2, 34, 37]);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["small images", () => normalizedLaplacianPyramid(signed([1, 1, 32, 64])), /32 x 64 pixels.*at least 33/],
    ["an image without channels", () => normalizedLaplacianPyramid(signed([64, 64])), /4d but has 2 dimensions/],
    ["integers", () => normalizedLaplacianPyramid(signed([1, 1, 64, 64]).cast("int32")), /int32/],
  ])("refuses %s", (_name, make, message) => {
    expect(make).toThrow(message);
  });
});
