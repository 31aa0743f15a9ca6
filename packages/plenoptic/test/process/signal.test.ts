// Ranges, polar form, crops, noise and moments.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { expectGradient, largestDifference, signed } from "./arrays.ts";

const { addNoise, centerCrop, kurtosis, polarToRectangular, rectangularToPolar, rescale, skew, variance } = po.process;

describe("rescale", () => {
  test("ends at a and b", async () => {
    const y = rescale(signed([2, 1, 5, 7]), { a: -3, b: 5 });
    expect([await y.min().item(), await y.max().item()]).toEqual([-3, 5]);
  });

  test("makes a of constants, with a finite gradient", async () => {
    const x = po.full([3, 4], 0.3, { dtype: "float64" }) as po.Tensor;
    const y = rescale(x, { a: -1, b: 2 });
    expect(await y.data()).toEqual(new Float64Array(12).fill(-1));
    expect((await po.gradient(y.sum(), x).data()).every(Number.isFinite)).toBe(true);
  });

  test("its gradient agrees with finite differences", async () => {
    const x = signed([3, 5]);
    const values = [...(await x.data())];
    const extremes = [Math.min(...values), Math.max(...values)].map((value) => values.indexOf(value));
    await expectGradient((at) => [rescale(at, { a: -1, b: 2 })], x, [0, 7, ...extremes], 1e-7);
  });

  test("refuses what it cannot do", () => {
    expect(() => rescale(signed([3]), { a: Number.NaN })).toThrow(/a is NaN/);
    expect(() => rescale(po.ones([3]).cast("int32"))).toThrow(/int32/);
    expect(() => rescale(signed([3]), { min: 0 } as never)).toThrow(/no option "min"/);
  });
});

describe("polar form", () => {
  const x = po.complex(signed([2, 5, 6]), signed([2, 5, 6], "float64", 3));

  test("and back", async () => {
    const [amplitude, phase] = rectangularToPolar(x);
    expect(await largestDifference(polarToRectangular(amplitude, phase), x)).toBeLessThan(1e-15);
  });

  test("of 0 is 0, with derivative 0", async () => {
    const zero = po.complex(po.zeros([2], { dtype: "float64" }), po.zeros([2], { dtype: "float64" })) as po.Tensor;
    const [amplitude, phase] = rectangularToPolar(zero);
    expect(await amplitude.data()).toEqual(new Float64Array(2));
    expect(await phase.data()).toEqual(new Float64Array(2));
    const slope = po.gradient(amplitude.sum().add(phase.sum()), zero);
    expect((await slope.abs().max().item()) + 0).toBe(0);
  });

  test("can be traced, when amplitudes have no values yet", () => {
    const { output } = po.trace(
      (amplitude) => polarToRectangular(amplitude, amplitude.mul(0)),
      [{ shape: [3], dtype: "float64" }],
    );
    expect(output.dtype).toBe("complex128");
  });

  test("of a pyramid and back", async () => {
    const pyramid = new po.process.SteerablePyramidFreq([16, 16], { height: 1, order: 1, isComplex: true });
    const coefficients = pyramid.forward(signed([1, 1, 16, 16]));
    const [bare, state] = po.process.rectangularToPolarDict(coefficients);
    expect([[...bare.keys()], [...state.keys()]]).toEqual([[0], [0]]);
    expect([...po.process.polarToRectangularDict(bare, state).keys()]).toEqual([0]);
    const [energy] = po.process.rectangularToPolarDict(coefficients, { residuals: true });
    const back = po.process.polarToRectangularDict(energy, state);
    expect([...back.keys()]).toEqual([0, "residual_lowpass", "residual_highpass"]);
    for (const [key, value] of coefficients) {
      expect(await largestDifference(back.get(key) as po.Tensor, value)).toBeLessThan(1e-12);
    }
    expect(() => po.process.polarToRectangularDict(energy, new Map())).toThrow(/state has no entry 0/);
  });

  test("refuses what it cannot do", () => {
    expect(() => rectangularToPolar(signed([3]))).toThrow(/x is float64; it must be complex/);
    expect(() => polarToRectangular(signed([9]), signed([9]))).toThrow(/amplitudes must be non-negative/);
    expect(() => polarToRectangular(x, x.real())).toThrow(/complex128/);
    expect(() => polarToRectangular(x.abs(), signed([2, 5, 6], "float32"))).toThrow(/float64 and phase float32/);
  });
});

describe("centerCrop", () => {
  test.each([
    [6, 4, 1],
    [7, 4, 1],
    [6, 3, 2],
    [7, 3, 2],
    [7, 7, 0],
    [6, 1, 3],
  ])("of %i keeps %i, from %i on", async (n, count, start) => {
    const rows = centerCrop(po.arange(0, n * n).reshape([n, n]), count);
    expect([...(await rows.data())].slice(0, count)).toEqual(
      Array.from({ length: count }, (_, j) => start * n + start + j),
    );
    expect(rows.shape).toEqual([count, count]);
  });

  test.each<[string, unknown, RegExp]>([
    ["a pair", [3, 3], /single number/],
    ["a fraction", 2.5, /must be an integer, not 2.5/],
    ["too much", 6, /bigger than the image's height or width: 6, and the image is 5 x 8/],
    ["nothing", 0, /must be positive, not 0/],
  ])("refuses %s", (_name, size, message) => {
    expect(() => centerCrop(signed([1, 1, 5, 8]), size as number)).toThrow(message);
  });
});

describe("addNoise", () => {
  test("has the error that is asked for, in every channel of every image", async () => {
    const image = signed([1, 3, 8, 9]);
    const noisy = addNoise(image, [0.5, 0.01, 0]);
    expect(noisy.shape).toEqual([3, 3, 8, 9]);
    const errors = await noisy.sub(image).square().mean([2, 3]).data();
    [0.5, 0.5, 0.5, 0.01, 0.01, 0.01, 0, 0, 0].forEach((mse, i) => {
      expect(Math.abs(errors[i] - mse)).toBeLessThan(1e-14);
    });
  });

  test("draws float32 numbers, one for every value of the result", () => {
    for (const dtype of ["float32", "float64"] as const) {
      po.setSeed(7);
      addNoise(signed([1, 1, 6, 5], dtype), [1, 2]);
      const next = po.randn([4], { dtype: "float32" }).dataSync();
      po.setSeed(7);
      po.randn([2, 1, 6, 5], { dtype: "float32" });
      expect(po.randn([4], { dtype: "float32" }).dataSync()).toEqual(next);
    }
  });

  test("a refusal draws nothing", () => {
    po.setSeed(7);
    const image = signed([2, 1, 4, 4]);
    expect(() => addNoise(image, [1, 2, 3])).toThrow(/2 images and 3 values of noiseMse/);
    expect(() => addNoise(image, -1)).toThrow(/noiseMse is -1/);
    expect(() => addNoise(image, [])).toThrow(/noiseMse is \[\]/);
    expect(() => addNoise(signed([4, 4]), 1)).toThrow(/4d but has 2 dimensions/);
    expect(() => addNoise(signed([1, 1, 1, 1]), 1)).toThrow(/one pixel/);
    const drawn = po.randn([3], { dtype: "float32" }).dataSync();
    po.setSeed(7);
    expect(po.randn([3], { dtype: "float32" }).dataSync()).toEqual(drawn);
  });

  test("is refused while a function is traced", () => {
    const spec = { shape: [1, 1, 4, 4], dtype: "float64" } as const;
    expect(() => po.trace((x) => addNoise(x, 1), [spec])).toThrow(po.TraceError);
  });
});

describe("moments", () => {
  test("of few numbers", async () => {
    const x = po.tensor([1, 2, 3, 10], { dtype: "float64" }) as po.Tensor;
    // The mean is 4, and the distances -3, -2, -1, 6.
    expect(await variance(x).item()).toBe(12.5);
    expect(await skew(x).item()).toBeCloseTo(45 / 12.5 ** 1.5, 14);
    expect(await kurtosis(x).item()).toBeCloseTo(348.5 / 12.5 ** 2, 14);
  });

  test("of normal numbers", async () => {
    po.setSeed(1);
    const x = po.randn([100_000], { dtype: "float64" }) as po.Tensor;
    expect(Math.abs((await variance(x).item()) - 1)).toBeLessThan(0.02);
    expect(Math.abs(await skew(x).item())).toBeLessThan(0.04);
    expect(Math.abs((await kurtosis(x).item()) - 3)).toBeLessThan(0.08);
  });

  test("take a known mean and variance, numbers or tensors", async () => {
    const x = signed([2, 3, 8]);
    const mean = x.mean(2, { keepdims: true });
    const options = { mean, var: variance(x, { mean, dim: 2 }), dim: 2 };
    expect(await largestDifference(skew(x, options), skew(x, { dim: 2 }))).toBe(0);
    expect(await largestDifference(kurtosis(x, options), kurtosis(x, { dim: 2 }))).toBe(0);
    const numbers = kurtosis(x, { mean: 0.25, var: 0.5 });
    const scalars = kurtosis(x, {
      mean: po.tensor(0.25, { dtype: "float64" }),
      var: po.tensor(0.5, { dtype: "float64" }),
    });
    expect(await largestDifference(numbers, scalars)).toBe(0);
  });

  test("reduce the axes they are told", () => {
    const x = signed([2, 3, 8]);
    expect(variance(x, { dim: [-1, 0] }).shape).toEqual([3]);
    expect(skew(x, { dim: 1, keepdim: true }).shape).toEqual([2, 1, 8]);
    expect(kurtosis(x, { dim: null }).shape).toEqual([]);
  });

  test("gradients agree with finite differences", async () => {
    const x = signed([2, 3, 8]);
    await expectGradient((at) => [variance(at, { dim: 2 }), skew(at, { dim: 2 }), kurtosis(at)], x, [0, 13, 47], 1e-7);
  });

  test("of equal numbers: variance 0, with gradient 0; the others are NaN", async () => {
    const x = po.full([4], 0.5, { dtype: "float64" }) as po.Tensor;
    expect(await variance(x).item()).toBe(0);
    expect(await po.gradient(variance(x), x).data()).toEqual(new Float64Array(4));
    expect([await skew(x).item(), await kurtosis(x).item()]).toEqual([Number.NaN, Number.NaN]);
  });

  test("refuse what they cannot do", () => {
    const x = signed([2, 3]);
    expect(() => variance(x, { mean: signed([4, 2, 3]) })).toThrow(/mean is \[4, 2, 3\], which does not broadcast/);
    expect(() => skew(x, { mean: signed([2, 4]) })).toThrow(/\[2, 4\]/);
    expect(() => kurtosis(x.cast("int32"))).toThrow(/x is int32/);
    expect(() => variance(x, { axis: 0 } as never)).toThrow(/no option "axis"/);
    expect(() => variance(x, { var: 1 } as never)).toThrow(/no option "var"/);
  });
});
