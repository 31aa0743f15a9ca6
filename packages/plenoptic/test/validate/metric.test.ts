// The checks of metrics, of models with scales, and of conversions: every condition with a minimal bad object.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const mse = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).square().mean();

describe("validateMetric", () => {
  test("accepts a mean squared error, in both precisions", () => {
    po.validate.validateMetric(mse);
    po.validate.validateMetric(mse, { imageDtype: "float64", imageShape: [2, 3, 8, 8] });
  });

  test("accepts a metric whose value for identical images is negligible beside typical distances", () => {
    po.validate.validateMetric((a, b) => mse(a, b).add(1e-10).sqrt());
  });

  test("draws 21 images, as Python does", () => {
    po.setSeed(3);
    po.validate.validateMetric(mse);
    const next = po.rand([4], { dtype: "float32" }).dataSync();
    const generator = new po.TorchGenerator(3);
    generator.rand(21 * 256, "float32");
    expect(next).toEqual(generator.rand(4, "float32"));
  });

  test.each<[string, (a: po.Tensor, b: po.Tensor) => po.Tensor, RegExp]>([
    ["several numbers", (a, b) => a.sub(b).square().mean([2, 3]), /one number/],
    ["an offset at identity", (a, b) => mse(a, b).add(1), /identical/],
    ["negative values", (a, b) => mse(a, b).neg(), /0 or more/],
    ["NaN", (a, b) => mse(a, b).neg().sqrt(), /0 or more/],
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
    expect(() => po.validate.validateCoarseToFine({ ...scaled, scales: [] })).toThrow(/no list `scales`/);
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
