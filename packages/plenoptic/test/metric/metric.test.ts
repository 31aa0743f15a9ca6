// The metrics beyond their golden cases: what holds for every pair of images, warnings, refusals.

import { inputLeaf, pow64 } from "@plenoptic-js/tensor/engine";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const { modelMetricFactory, msSsim, mse, nlpd, oneMinusSsim, ssim } = po.metric;
const { ssimMap } = po.process;

let codes: string[] = [];
let off = (): void => {};
beforeEach(() => {
  codes = [];
  off = po.warnings.on((warning) => codes.push(warning.code));
});
afterEach(() => off());

type Float = "float32" | "float64";
type Metric = (a: po.Tensor, b: po.Tensor) => po.Tensor;

/** Uniform values in [0, 1). */
function noise(shape: readonly number[], seed: number, dtype: Float = "float64"): po.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return po.tensor(new po.TorchGenerator(seed).rand(count, dtype), { shape });
}

/** Not too far from another image, so that no factor of MS-SSIM is clipped. */
function near(image: po.Tensor, seed: number): po.Tensor {
  const mixed = image.mul(0.8).add(noise(image.shape, seed, image.dtype as Float).mul(0.2));
  mixed.dataSync();
  return mixed.detach();
}

const weighted: Metric = (a, b) => ssim(a, b, { weighted: true });
const padded: Metric = (a, b) => ssim(a, b, { pad: "reflect" });
const twoScales: Metric = (a, b) => msSsim(a, b, { powerFactors: [0.4, 0.6] });

/** Every batch entry and channel on its own. */
const perImage: readonly (readonly [name: string, metric: Metric])[] = [
  ["mse", mse],
  ["ssim", ssim],
  ["ssim, weighted", weighted],
  ["ssim, reflect", padded],
  ["oneMinusSsim", oneMinusSsim],
  ["msSsim", msSsim],
  ["msSsim, two scales", twoScales],
  ["nlpd", nlpd],
  ["ssimMap", ssimMap],
];

const every = [...perImage, ["a model's", modelMetricFactory(new po.models.Gaussian(5, { std: 1 }))] as const];

describe.each(every)("%s", (_name, metric) => {
  test.each(["float32", "float64"] as const)("is symmetric to the bit, in %s", async (dtype) => {
    const a = noise([1, 1, 40, 48], 1, dtype);
    const b = near(a, 2);
    expect(await metric(a, b).data()).toEqual(await metric(b, a).data());
    expect(metric(a, b).dtype).toBe(dtype);
  });

  test("has the gradients of its values", async () => {
    const a = noise([1, 1, 34, 36], 3);
    const b = near(a, 4);
    const weights = noise(metric(a, b).shape, 6);
    const value = (x: po.Tensor, y: po.Tensor): po.Tensor => metric(x, y).mul(weights).sum();
    const direction = noise(a.shape, 5).sub(0.5);
    const moved = (image: po.Tensor, by: number): po.Tensor => image.add(direction.mul(by));
    const gradients = po.gradient(value(a, b), [a, b]);
    for (const [i, along] of [(t: number) => value(moved(a, t), b), (t: number) => value(a, moved(b, t))].entries()) {
      const slope = await gradients[i].mul(direction).sum().item();
      const step = 1e-5;
      const difference = ((await along(step).item()) - (await along(-step).item())) / (2 * step);
      expect(Math.abs(difference - slope)).toBeLessThan(1e-6 * Math.abs(slope) + 1e-10);
      expect(slope).not.toBe(0);
    }
  });
});

describe.each(perImage)("%s of several images", (_name, metric) => {
  test("gives every one the bits it has alone, and broadcasts", async () => {
    const a = noise([2, 3, 35, 33], 7);
    const b = near(a, 8);
    const one = (x: po.Tensor, i: number, j: number): po.Tensor => x.slice(0, i, i + 1).slice(1, j, j + 1);
    const all = metric(a, b);
    const broadcast = metric(a, one(b, 0, 0));
    expect(all.shape.slice(0, 2)).toEqual([2, 3]);
    expect(broadcast.shape).toEqual(all.shape);
    for (const [i, j] of [
      [0, 0],
      [1, 2],
    ]) {
      expect(await one(all, i, j).data()).toEqual(await metric(one(a, i, j), one(b, i, j)).data());
      expect(await one(broadcast, i, j).data()).toEqual(await metric(one(a, i, j), one(b, 0, 0)).data());
    }
  });
});

describe("identical images", () => {
  test.each(["float32", "float64"] as const)("are at the end of every scale, in %s", async (dtype) => {
    const a = noise([1, 1, 40, 48], 1, dtype);
    for (const metric of [ssim, weighted, padded]) expect(await metric(a, a).item()).toBeCloseTo(1, 6);
    expect(await ssim(a, a).item()).toBe(1);
    expect(await msSsim(a, a).item()).toBe(1);
    expect(await oneMinusSsim(a, a).item()).toBe(0);
    expect(await mse(a, a).item()).toBe(0);
    expect(new Set(await ssimMap(a, a).data())).toEqual(new Set([1]));
    for (const offset of [nlpd(a, a), modelMetricFactory(new po.models.Identity())(a, a)]) {
      expect(Math.abs((await offset.item()) - 1e-5)).toBeLessThan(1e-11);
    }
    expect(await nlpd(a, a, { epsilon: 0 }).item()).toBe(0);
  });

  test("have a finite gradient", async () => {
    const a = noise([1, 1, 33, 34], 9);
    const b = noise([1, 1, 33, 34], 9);
    for (const [, metric] of every) {
      const [slope] = po.gradient(metric(a, b).sum(), [b]);
      expect((await slope.data()).every(Number.isFinite)).toBe(true);
    }
  });
});

describe("sizes of maps", () => {
  const a = noise([1, 1, 20, 17], 10);
  const b = near(a, 11);

  test("the window stays inside, or is centred on every pixel", () => {
    expect(ssimMap(a, b).shape).toEqual([1, 1, 10, 7]);
    // With padding every pixel counts, also those no window is centred on without.
    const outer = (metric: Metric): number => {
      const [slope] = po.gradient(metric(a, b).sum(), [b]);
      return Math.abs(slope.dataSync()[0]);
    };
    expect(outer(padded)).toBeGreaterThan(10 * outer(ssim));
  });

  test("the four paddings differ, and none is the mean of the map", async () => {
    const pads = ["reflect", "constant", "replicate", "circular"] as const;
    const values = await Promise.all([...pads, false as const].map((pad) => ssim(a, b, { pad }).item()));
    expect(new Set(values).size).toBe(5);
    expect(values[4]).toBe(await ssimMap(a, b).mean().item());
  });

  test.each([1, 2, 5, 10])("images of %i pixels have one window, of their size", async (size) => {
    const x = noise([1, 1, size, size + 2], 12);
    const y = near(x, 13);
    expect(ssimMap(x, y).shape).toEqual([1, 1, 1, 3]);
    expect(codes).toEqual(["ssim-window"]);
    for (const pad of ["reflect", "circular"] as const) {
      expect(await ssim(x, y, { pad }).item()).toBeLessThan(1);
    }
    expect(await msSsim(x, y).item()).toBeGreaterThan(0);
  });
});

describe("msSsim", () => {
  test("with one scale and exponent 1 it is ssim", async () => {
    const a = noise([1, 1, 30, 30], 14);
    const b = near(a, 15);
    expect(await msSsim(a, b, { powerFactors: [1] }).item()).toBe(await ssim(a, b).item());
  });

  test("an odd size counts its last row and column twice", async () => {
    const a = noise([1, 1, 23, 24], 16);
    const b = near(a, 17);
    const doubled = (x: po.Tensor): po.Tensor => po.concat([x, x.slice(2, 22)], 2);
    const half = (x: po.Tensor): po.Tensor => po.avgPool2d(doubled(x), 2);
    const coarse = await ssim(half(a), half(b)).item();
    expect(await msSsim(a, b, { powerFactors: [0, 1] }).item()).toBe(coarse);
  });

  test("is 0 where a mean is negative, and so is the gradient", async () => {
    const a = noise([1, 1, 40, 40], 18);
    const b = a.neg().add(1);
    const value = msSsim(a, b);
    const slopes = po.gradient(value.sum(), [a, b]);
    expect(await value.item()).toBe(0);
    for (const slope of slopes) expect((await slope.data()).every((x) => x === 0)).toBe(true);
  });
});

describe("flat images", () => {
  const flat = (value: number, dtype: Float): po.Tensor => po.full([1, 1, 40, 40], value, { dtype });

  test.each([
    [0.5, 0.5],
    [0.3, 0.8],
    [0.7, 0.7001],
    [1, 0],
    [0.02, 0.01],
  ])("of %d and %d have the SSIM of their luminance, in float32 too", async (a, b) => {
    // The window's sum is not 1, so that flat images have tiny variances and covariances.
    const sum = 1 + 3.026161721209064e-8;
    const similarity = (scale: number, c: number): number => (2 * a * b * scale + c) / ((a * a + b * b) * scale + c);
    const luminance = similarity(sum * sum, 0.01 ** 2);
    const contrast = similarity(sum * (1 - sum), 0.03 ** 2);
    const expected = luminance * contrast;
    for (const dtype of ["float32", "float64"] as const) {
      const [x, y] = [flat(a, dtype), flat(b, dtype)];
      for (const metric of [ssim, weighted, padded]) {
        const [slope] = po.gradient(metric(x, y).sum(), [x]);
        expect(Math.abs((await metric(x, y).item()) - expected)).toBeLessThan(2e-7);
        expect((await slope.data()).every(Number.isFinite)).toBe(true);
      }
      const both = pow64(contrast, 0.4) * pow64(expected, 0.6);
      expect(Math.abs((await twoScales(x, y).item()) - both)).toBeLessThan(5e-7);
      const [slope] = po.gradient(nlpd(x, y).sum(), [x]);
      expect((await slope.data()).every(Number.isFinite)).toBe(true);
    }
  });

  test("in parts: no place is above 1, and float32 is near float64", async () => {
    const quarters = (levels: readonly number[]): po.Tensor =>
      po.tensor(
        Float32Array.from({ length: 1600 }, (_, i) => levels[(i < 800 ? 0 : 2) + (i % 40 < 20 ? 0 : 1)]),
        { shape: [1, 1, 40, 40] },
      );
    const a = quarters([0.9, 0.1, 0.8, 0.3]);
    for (const b of [quarters([0.9, 0.6, 0.8, 0.3]), quarters([0.9003, 0.1, 0.8, 0.3]), near(a, 23)]) {
      const map = (await ssimMap(a, b).data()) as Float32Array;
      const exact = (await ssimMap(a.cast("float64"), b.cast("float64")).data()) as Float64Array;
      expect(Math.max(...map, ...exact)).toBeLessThanOrEqual(1);
      expect(Math.max(...exact.map((value, i) => Math.abs(value - map[i])))).toBeLessThan(5e-5);
    }
  });

  test("a step of contrast at identical images has the curvature of its formula", async () => {
    // SSIM of x and x + h d: its second derivative along d, by differences and from two gradients.
    const x = noise([1, 1, 16, 16], 24);
    const d = noise([1, 1, 16, 16], 25).sub(0.5);
    const slopeAt = async (t: number): Promise<number> => {
      const y = x.add(d.mul(t));
      return po.gradient(ssim(x, y).sum(), [y])[0].mul(d).sum().item();
    };
    const y = x.add(0);
    const [slope] = po.gradient(ssim(x, y).sum(), [y]);
    const [second] = po.gradient(slope.mul(d).sum(), [y]);
    const curvature = await second.mul(d).sum().item();
    const step = 1e-4;
    expect(curvature).toBeLessThan(-0.01);
    expect(((await slopeAt(step)) - (await slopeAt(-step))) / (2 * step) / curvature).toBeCloseTo(1, 4);
  });
});

describe("weighted ssim", () => {
  test("is NaN for two black images, and only then", async () => {
    const black = po.zeros([1, 1, 16, 16], { dtype: "float64" });
    expect(await weighted(black, black).item()).toBeNaN();
    expect(await weighted(black, noise([1, 1, 16, 16], 19)).item()).toBeLessThan(1);
  });
});

describe("warnings", () => {
  const a = noise([1, 1, 200, 180], 20);
  const wide = a.mul(2);
  const colour = noise([1, 3, 12, 12], 21);

  test("of values outside [0, 1]: once, whichever image it is", () => {
    for (const metric of [ssim, oneMinusSsim, msSsim, nlpd, ssimMap]) {
      codes = [];
      metric(a, a);
      expect(codes).toEqual([]);
      metric(a, wide);
      metric(wide, a);
      expect(codes).toEqual(["metric-range", "metric-range"]);
    }
    codes = [];
    mse(a, wide);
    expect(codes).toEqual([]);
  });

  test("of channels, and of images smaller than the window", () => {
    ssim(colour, colour);
    expect(codes).toEqual(["metric-channels"]);
    codes = [];
    msSsim(colour, colour);
    expect(codes).toEqual(["metric-channels", "ssim-window"]);
    codes = [];
    // The last of five scales of 161 pixels has 11, of 160 it has 10.
    msSsim(noise([1, 1, 161, 170], 1), noise([1, 1, 161, 170], 2));
    expect(codes).toEqual([]);
    msSsim(noise([1, 1, 160, 170], 1), noise([1, 1, 160, 170], 2));
    expect(codes).toEqual(["ssim-window"]);
  });

  test("nothing is computed or said of values while a model is built", () => {
    const x = new po.Tensor(inputLeaf([1, 1, 20, 20], "float64"));
    expect(ssim(x, wide.slice(2, 0, 20).slice(3, 0, 20)).shape).toEqual([1, 1]);
    codes = [];
    const two = a.slice(2, 0, 20).slice(3, 0, 20).mul(2);
    po.trace((y) => ssim(y, two), [{ shape: [1, 1, 20, 20], dtype: "float64" }]);
    expect(codes).toEqual([]);
    expect(two.toString()).toMatch(/not computed yet/);
  });
});

describe("refusals", () => {
  const a = noise([1, 1, 16, 16], 22);

  test.each<[string, () => unknown, RegExp]>([
    ["three axes", () => ssim(a.reshape([1, 16, 16]), a), /\[batch, channel, height, width\]/],
    ["other sizes", () => msSsim(a, noise([1, 1, 16, 18], 1)), /16, 16\] and \[1, 1, 16, 18\].*same height and width/],
    ["batches that do not fit", () => ssimMap(noise([2, 1, 16, 16], 1), noise([3, 1, 16, 16], 2)), /equal, or 1/],
    ["nothing", () => ssim(noise([0, 1, 16, 16], 1), a), /no values/],
    ["two dtypes", () => ssim(a, a.cast("float32")), /float64 and float32.*cast\("float64"\)/],
    ["integers", () => ssim(a.cast("int32"), a.cast("int32")), /int32.*cast/],
    ["integers in mse", () => mse(a.cast("int32"), a.cast("int32")), /^mse: .*int32/],
    ["vectors in mse", () => mse(noise([4], 1), noise([4], 2)), /two axes at least/],
    ["an unknown padding", () => ssim(a, a, { pad: "mirror" as never }), /"mirror".*"reflect".*"circular"/],
    ["padding without a way", () => oneMinusSsim(a, a, { pad: true as never }), /^oneMinusSsim: pad is true/],
    ["an unknown option", () => ssim(a, a, { sigma: 1.5 } as never), /no option "sigma"/],
    ["no exponents", () => msSsim(a, a, { powerFactors: [] }), /powerFactors is \[\]/],
    ["a negative exponent", () => msSsim(a, a, { powerFactors: [0.5, -0.5] }), /from 0 on/],
    ["one exponent outside a list", () => msSsim(a, a, { powerFactors: 1 as never }), /a list/],
    ["images too small for the pyramid", () => nlpd(a, a), /at least 33/],
    ["a negative epsilon", () => nlpd(a, a, { epsilon: -1 }), /epsilon is -1/],
    ["what is no model", () => modelMetricFactory(3 as never), /function from a Tensor to a Tensor/],
    ["complex representations", () => modelMetricFactory((x) => po.fft2(x))(a, a), /complex128.*moduli/],
  ])("%s", (_name, call, message) => {
    expect(call).toThrow(message);
    expect(codes).toEqual([]);
  });
});
