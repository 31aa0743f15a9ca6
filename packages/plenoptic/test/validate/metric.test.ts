// The checks of metrics, of models with scales, and of conversions: every condition with a minimal bad object.

import { Program } from "@plenoptic-js/tensor/engine";
import { describe, expect, test, vi } from "vitest";
import * as po from "../../src/index.ts";

const mse = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).square().mean();

describe("validateMetric", () => {
  test("accepts a mean squared error, in both precisions", () => {
    po.validate.validateMetric(mse);
    po.validate.validateMetric(mse, { imageDtype: "float64", imageShape: [2, 3, 8, 8] });
  });

  test("accepts every metric that comes with the package, on one gray image", () => {
    const { metric } = po;
    const model = metric.modelMetricFactory(new po.models.CenterSurround(7));
    for (const distance of [metric.mse, metric.oneMinusSsim, metric.nlpd, model]) {
      po.validate.validateMetric(distance, { imageShape: [1, 1, 33, 33] });
    }
    po.validate.validateMetric(metric.nlpd, { imageShape: [1, 1, 33, 33], imageDtype: "float64" });
    expect(() => po.validate.validateMetric(metric.ssim)).toThrow(/oneMinusSsim/);
  });

  // The mean squared difference of uniform random images is 1/6, so a hundredth of it is about 1.7e-3.
  test.each([1, 1e-6, 1e6])("an offset counts beside typical distances, here of the order of %f", (scale) => {
    const withOffset = (share: number) => (a: po.Tensor, b: po.Tensor) => mse(a, b).add(share).mul(scale);
    po.validate.validateMetric(withOffset(1.5e-3));
    const tooMuch = scale < 1 ? 0.6 : 1.9e-3;
    expect(() => po.validate.validateMetric(withOffset(tooMuch))).toThrow(
      /for two identical images.*negligible: at most 5e-7, or a hundredth of the mean distance of 20 random images/,
    );
  });

  test("whatever the distances, 5e-7 is negligible, as in Python, on either side of 0", () => {
    const offset = (value: number) => (a: po.Tensor, b: po.Tensor) => mse(a, b).mul(1e-6).add(value);
    po.validate.validateMetric(offset(4.9e-7));
    expect(() => po.validate.validateMetric(offset(5.1e-7))).toThrow(/at most 5e-7/);
    po.validate.validateMetric((a, b) => mse(a, b).sub(4e-7));
  });

  test("draws 21 images, as Python does", () => {
    po.setSeed(3);
    po.validate.validateMetric(mse);
    const next = po.rand([4], { dtype: "float32" }).dataSync();
    const generator = new po.TorchGenerator(3);
    generator.rand(21 * 256, "float32");
    expect(next).toEqual(generator.rand(4, "float32"));
  });

  test("draws each of them when it is compared, so that few are held", () => {
    const rand = vi.spyOn(po.TorchGenerator.prototype, "rand");
    const run = vi.spyOn(Program.prototype, "run");
    po.validate.validateMetric(mse, { imageShape: [1, 1, 64, 64] });
    const calls = [
      ...rand.mock.invocationCallOrder.map((n) => [n, "draw"] as const),
      ...run.mock.invocationCallOrder.map((n) => [n, "run"] as const),
    ].sort(([m], [n]) => m - n);
    rand.mockRestore();
    run.mockRestore();
    const pairs = Array.from({ length: 20 }, () => ["draw", "run"]).flat();
    expect(calls.map(([, what]) => what)).toEqual(["draw", ...pairs, "run"]);
  });

  test.each<[string, (a: po.Tensor, b: po.Tensor) => po.Tensor, RegExp]>([
    ["several numbers", (a, b) => a.sub(b).square().mean([2, 3]), /one number/],
    ["an offset at identity", (a, b) => mse(a, b).add(1), /identical/],
    ["a function of one of the images", (_a, b) => b.square().mean(), /identical/],
    ["negative values", (a, b) => mse(a, b).neg(), /0 or more/],
    ["NaN", (a, b) => mse(a, b).neg().sqrt(), /0 or more/],
    ["infinite distances", (a, b) => mse(a, b).div(0), /Infinity for two random images.*finite/],
    ["no gradient", (a, b) => mse(a, b.detach()), /gradient/],
    ["another dtype", (a, b) => mse(a, b).cast("float64"), /float32/],
  ])("refuses %s", (_name, metric, message) => {
    const shape = _name === "several numbers" ? [2, 3, 8, 8] : [1, 1, 8, 8];
    expect(() => po.validate.validateMetric(metric, { imageShape: shape })).toThrow(message);
  });

  test("refuses what is no function", () => {
    expect(() => po.validate.validateMetric(3 as never)).toThrow(/function of two images/);
  });
});

/** Means over blocks of 8 and 4 pixels, and the pixels. */
const scaled = {
  scales: ["coarse", "middle", "fine"],
  forward(image: po.Tensor, { scales = null }: { scales?: readonly string[] | null } = {}): po.Tensor {
    const blocks = (n: number): po.Tensor =>
      image
        .reshape([16 / n, n, 16 / n, n])
        .mean([1, 3])
        .reshape([-1]);
    const parts: Record<string, po.Tensor> = { coarse: blocks(8), middle: blocks(4), fine: image.reshape([-1]) };
    return po.concat(this.scales.filter((s) => scales === null || scales.includes(s)).map((s) => parts[s]));
  },
};

describe("validateCoarseToFine", () => {
  test("accepts a model that leaves out what is not asked for", () => {
    po.validate.validateCoarseToFine(scaled);
    po.validate.validateCoarseToFine(scaled, { imageDtype: "float64" });
  });

  test("refuses a model without scales, and one that ignores them", () => {
    expect(() => po.validate.validateCoarseToFine({ ...scaled, scales: [] })).toThrow(/no list "scales"/);
    const deaf = { scales: ["a", "b"], forward: (image: po.Tensor) => image };
    expect(() => po.validate.validateCoarseToFine(deaf)).toThrow(/as it does for all/);
  });
});

describe("validateConvertTensorDict", () => {
  const grouped = {
    forward: (image: po.Tensor) => image.reshape([-1]),
    convertToDict: (r: po.Tensor) =>
      new Map([
        ["first", r.slice(0, 0, 100)],
        ["rest", r.slice(0, 100)],
      ]),
    convertToTensor: (groups: ReadonlyMap<string, po.Tensor>) => po.concat([...groups.values()]),
  };

  test("accepts exact inverses and leaves the global generator alone", async () => {
    po.setSeed(5);
    await po.validate.validateConvertTensorDict(grouped, { nChecks: 3 });
    expect(po.rand([2], { dtype: "float32" }).dataSync()).toEqual(new po.TorchGenerator(5).rand(2, "float32"));
  });

  test("names the seed of the first image that does not come back", async () => {
    const lossy = {
      ...grouped,
      convertToTensor: (g: ReadonlyMap<string, po.Tensor>) => grouped.convertToTensor(g).mul(2),
    };
    await expect(po.validate.validateConvertTensorDict(lossy, { nChecks: 3 })).rejects.toThrow(/seed 0/);
  });
});
