// Models and the functions under them: what the golden cases do not show.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const ramp = <D extends "float32" | "float64" = "float64">(shape: number[], dtype: D = "float64" as D): po.Tensor<D> =>
  po.tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 29) % 64) / 64),
    { shape, dtype },
  );

describe("Gaussian", () => {
  test("follows the dtype of the image", () => {
    const model = new po.models.Gaussian(5);
    expect(model.forward(ramp([1, 1, 8, 8], "float32")).dtype).toBe("float32");
    expect(model.forward(ramp([1, 1, 8, 8], "float64")).dtype).toBe("float64");
    expect(() => model.forward(po.ones([1, 1, 8, 8], { dtype: "int32" as never }))).toThrow(/the image is int32/);
  });

  test("the separable path and the full kernel agree, even sizes and several channels too", () => {
    const model = new po.models.Gaussian([4, 7], { std: [1, 2.5], padMode: "circular" });
    const image = ramp([2, 1, 9, 10]);
    const separable = model.forward(image).dataSync();
    const full = po.conv2d(po.process.samePadding(image, [4, 7]), model.filt()).dataSync();
    expect(separable.length).toBe(2 * 2 * 9 * 10);
    separable.forEach((value, i) => {
      expect(Math.abs(value - full[i])).toBeLessThan(1e-15);
    });
  });

  test("standard deviations are float32 numbers", () => {
    expect(new po.models.Gaussian(3, { std: 1.7 }).std).toEqual([Math.fround(1.7)]);
  });

  test("blurs every channel by itself with groups", () => {
    const model = new po.models.Gaussian(3, { std: 1, outChannels: 3 });
    const image = ramp([1, 3, 6, 6]);
    const grouped = model.forward(image, { groups: 3 });
    const alone = new po.models.Gaussian(3, { std: 1 }).forward(image.slice(1, 2, 3));
    const last = grouped.slice(1, 2, 3).dataSync();
    alone.dataSync().forEach((value, i) => {
      expect(Math.abs(value - last[i])).toBeLessThan(1e-15);
    });
  });

  test("says what to do with several channels, and with a small image", () => {
    expect(() => new po.models.Gaussian(3).forward(ramp([1, 3, 6, 6]))).toThrow(/\[1, 3, 6, 6\].*\{ groups \}/);
    expect(() => new po.models.Gaussian(31).forward(ramp([1, 1, 8, 8]))).toThrow(/reflect/);
  });

  test.each([
    [[0.5], {}, /kernelSize must be integer-valued, not 0.5/],
    [[[3, 3, 3]], {}, /kernelSize is \[3, 3, 3\]; it must be an integer or \[height, width\]/],
    [[-1], {}, /kernelSize must be positive, not -1/],
    [[3], { std: 0 }, /std must be positive and finite, not 0/],
    [[3], { std: [1, Number.NaN] }, /std must be positive and finite, not NaN/],
    [[3], { outChannels: 1.5 }, /outChannels must be a positive integer, not 1.5/],
    [[0.5], { std: -1, outChannels: 0 }, /outChannels must be a positive integer, not 0/],
    [[3], { std: [1, 2], outChannels: 3 }, /2 values of std do not fit outChannels 3/],
    [[3], { padMode: "mirror" }, /padMode is "mirror"; it must be one of constant, reflect, replicate, circular/],
    [[3], { sigma: 1 }, /has no option "sigma"/],
  ])("Gaussian(%o, %o) is refused", ([size], options, message) => {
    expect(() => new po.models.Gaussian(size as never, options as never)).toThrow(message);
  });
});

describe("Linear", () => {
  test("has a blur, and a narrower blur minus it", () => {
    const filt = new po.models.Linear().filt().dataSync();
    const sums = [0, 9].map((from) => filt.slice(from, from + 9).reduce((a, b) => a + b, 0));
    expect(sums[0]).toBeCloseTo(1, 14);
    expect(sums[1]).toBeCloseTo(0, 14);
    expect(filt[9 + 4]).toBeGreaterThan(0);
    expect(filt[9]).toBeLessThan(0);
    expect(new po.models.Linear({ kernelSize: 1 }).filt().dataSync()).toEqual(Float64Array.of(1, 0));
  });

  test("takes 2 kh kw numbers from the stream, as torch does, and uses them when asked to", () => {
    for (const defaultFilters of [true, false]) {
      po.setSeed(4);
      const model = new po.models.Linear({ kernelSize: [3, 5], defaultFilters });
      const generator = new po.TorchGenerator(4);
      const u = generator.uniform(30, -1 / Math.sqrt(15), 1 / Math.sqrt(15), "float32");
      expect(po.defaultGenerator().getState()).toEqual(generator.getState());
      if (!defaultFilters) expect(model.filt("float32").dataSync()).toEqual(u);
    }
  });

  test("refuses other channels and other kernels", () => {
    expect(() => new po.models.Linear().forward(ramp([1, 2, 6, 6]))).toThrow(/one channel/);
    expect(() => new po.models.Linear({ kernel: ramp([1, 1, 3, 3]) })).toThrow(/it must be \[2, 1, height, width\]/);
  });
});

describe("samePadding", () => {
  test("wants pairs and two axes", () => {
    const image = ramp([4, 4]);
    expect(() => po.process.samePadding(image, 3 as never)).toThrow(
      /kernelSize is 3; it must be two positive integers/,
    );
    expect(() => po.process.samePadding(image, [3, 3], { stride: 2 as never })).toThrow(/stride is 2/);
    expect(() => po.process.samePadding(ramp([4]), [3, 3])).toThrow(/two axes at least/);
    expect(po.process.samePadding(image, [2, 4], { padMode: "constant" }).shape).toEqual([5, 7]);
  });
});

describe("circularGaussian2d", () => {
  test("follows the default dtype", () => {
    expect(po.process.circularGaussian2d(3, 1).dtype).toBe("float32");
    expect(po.process.circularGaussian2d(3, 1, { dtype: "float64" }).dtype).toBe("float64");
  });
});

describe("model", () => {
  test("wants a name and a function", () => {
    expect(() => po.model("", (x) => x)).toThrow(/the name is ""/);
    expect(() => po.model("mine", undefined as never)).toThrow(/the model is undefined/);
    expect(String(po.model("mine", (x) => x))).toBe("mine");
  });
});
