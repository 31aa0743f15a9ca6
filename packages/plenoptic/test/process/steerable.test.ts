// Properties of the steerable pyramid that hold by its definition, beyond the golden cases.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const noise = (shape: readonly number[], seed = 4): po.Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return po.tensor(new po.TorchGenerator(seed).rand(n, "float64"), { shape });
};

const largest = (x: po.Tensor): number => x.abs().max().itemSync();

const { SteerablePyramidFreq } = po.process;
type Coefficients = po.process.PyramidCoefficients;

const real = (x: po.Tensor): po.Tensor => (x.dtype === "complex128" ? po.stack([x.real(), x.imag()], 0) : x);

/** The sum of products of all bands. */
function product(a: Coefficients, b: Coefficients): po.Tensor {
  const terms = [...a].map(([key, band]) =>
    real(band)
      .mul(real(b.get(key) as po.Tensor))
      .sum(),
  );
  return terms.reduce((sum, term) => sum.add(term));
}

describe("every order", () => {
  test.each(Array.from({ length: 16 }, (_, order) => order))("%i reconstructs to 2e-5, real and complex", (order) => {
    const image = noise([1, 1, 32, 32]);
    for (const isComplex of order === 0 ? [false] : [false, true]) {
      const pyramid = new SteerablePyramidFreq([32, 32], { order, isComplex, height: 2 });
      const coefficients = pyramid.forward(image);
      expect(coefficients.get(0)?.shape).toEqual([1, 1, order + 1, 32, 32]);
      expect(largest(pyramid.reconPyr(coefficients).sub(image))).toBeLessThan(2e-5);
    }
  });
});

describe.each([
  { height: 3, order: 3 },
  { height: 2, order: 2, isComplex: true },
  { height: 2, order: 3, downsample: false },
  { height: 2, order: 4, tightFrame: true },
  { height: 2, order: 1, tightFrame: true, isComplex: true, downsample: false },
])("%j", (options) => {
  const pyramid = new SteerablePyramidFreq([32, 48], options);
  const image = noise([2, 3, 32, 48]);

  test("its derivative is its adjoint", () => {
    const x = image.detach();
    const coefficients = pyramid.forward(x);
    const others = new Map([...coefficients].map(([key, band], i) => [key, likeNoise(band, 20 + i)]));
    const left = product(coefficients, others);
    const adjoint = po.gradient(left, x);
    const right = adjoint.mul(x).sum().itemSync();
    expect(Math.abs(left.itemSync() - right)).toBeLessThan(1e-12 * adjoint.norm().itemSync() * x.norm().itemSync());
  });

  test("parts of a reconstruction add up to the whole", () => {
    const coefficients = pyramid.forward(image);
    const whole = pyramid.reconPyr(coefficients);
    const parts = pyramid.scales.map((level) => pyramid.reconPyr(coefficients, { levels: [level] }));
    expect(largest(parts.reduce((sum, part) => sum.add(part)).sub(whole))).toBeLessThan(1e-12);
    const bands = Array.from({ length: pyramid.numOrientations }, (_, band) =>
      pyramid.reconPyr(coefficients, { levels: [0], bands: [band] }),
    );
    const scale0 = pyramid.reconPyr(coefficients, { levels: [0] });
    expect(largest(bands.reduce((sum, part) => sum.add(part)).sub(scale0))).toBeLessThan(1e-12);
  });

  test("a member of a batch has the bits it has alone", () => {
    const all = pyramid.forward(image);
    const alone = pyramid.forward(image.slice(0, 1, 2).slice(1, 2, 3).detach());
    for (const [key, band] of alone) {
      const member = (all.get(key) as po.Tensor).slice(0, 1, 2).slice(1, 2, 3);
      expect(Array.from(real(member).dataSync())).toEqual(Array.from(real(band).dataSync()));
    }
  });
});

function likeNoise(band: po.Tensor, seed: number): po.Tensor {
  const part = noise(band.shape, seed);
  return band.dtype === "complex128" ? po.complex(part, noise(band.shape, seed + 100)) : part;
}

test("a tight frame keeps the energy, and reconstructs by its adjoint", () => {
  const image = noise([1, 1, 32, 32]);
  for (const isComplex of [false, true]) {
    const pyramid = new SteerablePyramidFreq([32, 32], { height: 2, order: 3, tightFrame: true, isComplex });
    const x = image.detach();
    const coefficients = pyramid.forward(x);
    const energy = product(coefficients, coefficients);
    const whole = image.square().sum().itemSync();
    expect(Math.abs(energy.itemSync() - whole)).toBeLessThan(2e-5 * whole);
    // Half the gradient of the energy is the adjoint of the coefficients.
    expect(largest(po.gradient(energy, x).div(2).sub(image))).toBeLessThan(2e-5);
  }
});

test("without downsampling, a scale is the downsampled one, filled in", () => {
  const image = noise([1, 1, 32, 32]);
  const make = (downsample: boolean): Coefficients =>
    new SteerablePyramidFreq([32, 32], { height: 3, order: 2, downsample }).forward(image);
  const [small, full] = [make(true), make(false)];
  for (const scale of [0, 1, 2]) {
    const step = 2 ** scale;
    const aligned = (full.get(scale) as po.Tensor).slice(-1, 0, 32, step).slice(-2, 0, 32, step);
    const band = small.get(scale) as po.Tensor;
    expect(largest(aligned.mul(step).sub(band))).toBeLessThan(1e-11 * largest(band));
  }
});

describe("steering", () => {
  test.each([1, 2, 3, 4, 5])("to the angles of the basis gives the basis, order %i", (order) => {
    const pyramid = new SteerablePyramidFreq([32, 32], { height: 2, order });
    const coefficients = pyramid.forward(noise([1, 1, 32, 32]));
    const angles = Array.from({ length: order + 1 }, (_, k) => (Math.PI * k) / (order + 1));
    const [steered] = po.process.steerCoeffs(coefficients, angles);
    for (const [scale, bands] of steered) {
      const basis = coefficients.get(scale) as po.Tensor;
      expect(largest(bands.sub(basis))).toBeLessThan(1e-12 * largest(basis));
    }
  });

  test("by half a turn turns the sign of odd orders, and not of even ones", () => {
    for (const order of [2, 3]) {
      const pyramid = new SteerablePyramidFreq([32, 32], { height: 1, order });
      const coefficients = pyramid.forward(noise([1, 1, 32, 32]));
      const [steered] = po.process.steerCoeffs(coefficients, [0.4, 0.4 + Math.PI]);
      const bands = steered.get(0) as po.Tensor;
      const [a, b] = [bands.slice(2, 0, 1), bands.slice(2, 1, 2)];
      expect(largest(order % 2 === 0 ? a.sub(b) : a.add(b))).toBeLessThan(1e-12 * largest(a));
    }
  });
});

test("the functions on coefficients are methods of the object and of the class too", () => {
  const pyramid = new SteerablePyramidFreq([32, 32], { height: 2, downsample: false });
  const coefficients = pyramid.forward(noise([1, 2, 32, 32]));
  const bits = (x: po.Tensor): number[] => Array.from(x.dataSync());
  const [tensor, info] = pyramid.convertPyrToTensor(coefficients);
  expect(tensor.shape).toEqual([1, 20, 32, 32]);
  for (const back of [
    pyramid.convertTensorToPyr(tensor, info),
    SteerablePyramidFreq.convertTensorToPyr(tensor, info),
  ]) {
    for (const [key, band] of coefficients) expect(bits(back.get(key) as po.Tensor)).toEqual(bits(band));
  }
  const [steered, weights] = pyramid.steerCoeffs(coefficients, [0.3], { evenPhase: false });
  const [expected, expectedWeights] = po.process.steerCoeffs(coefficients, [0.3], { evenPhase: false });
  for (const scale of [0, 1]) {
    expect(bits(steered.get(scale) as po.Tensor)).toEqual(bits(expected.get(scale) as po.Tensor));
    expect(bits(weights.get(scale) as po.Tensor)).toEqual(bits(expectedWeights.get(scale) as po.Tensor));
  }
});

describe("the mean of an image", () => {
  /** The pyramid, what it was warned of, and the mean of the reconstruction of an image of ones. */
  function made(
    shape: readonly [number, number],
    options: po.process.SteerablePyramidOptions,
  ): { warning: string | null; mean: number } {
    let warning: string | null = null;
    const off = po.warnings.on(({ code, message }) => {
      if (code === "pyramid-mean") warning = message;
    });
    const pyramid = new SteerablePyramidFreq(shape, options);
    off();
    const ones = po.ones([1, 1, ...shape], { dtype: "float64" });
    return { warning, mean: pyramid.reconPyr(pyramid.forward(ones)).mean().itemSync() };
  }

  test.each([
    { height: 3, isComplex: false },
    { height: 3, isComplex: true },
    { height: 4, isComplex: false },
    { height: 4, isComplex: false, downsample: false },
    { height: 4, isComplex: true },
  ])("%j: a warning where it is lost, with what it becomes, and no other", (options) => {
    for (const order of [1, 2, 3]) {
      for (const twidth of [1, 2, 3]) {
        const { warning, mean } = made([64, 64], { ...options, order, twidth });
        if (Math.abs(mean - 1) < 1e-6) expect(warning).toBeNull();
        else expect(warning).toContain(`has ${Number(mean.toPrecision(3))} times the mean`);
      }
    }
  });

  test("is kept by what the warning says", () => {
    const shapes = [
      [64, 64],
      [64, 48],
      [48, 64],
      [32, 128],
    ] as const;
    for (const shape of shapes) {
      for (const isComplex of [false, true]) {
        const { warning } = made(shape, { twidth: 3, height: 3, isComplex });
        const [, twidth, height] = warning?.match(/twidth of at most (\d), or a height of at most (\d)$/) ?? [];
        if (shape[1] === 128) expect(warning).toBeNull();
        else {
          expect(made(shape, { twidth: Number(twidth), height: 3, isComplex })).toMatchObject({ warning: null });
          expect(made(shape, { twidth: 3, height: Number(height), isComplex }).mean).toBeCloseTo(1, 8);
          expect(made(shape, { twidth: Number(twidth) + 1, height: 3, isComplex }).mean).not.toBeCloseTo(1, 2);
          expect(made(shape, { twidth: 3, height: Number(height) + 1, isComplex }).mean).not.toBeCloseTo(1, 2);
        }
      }
    }
    expect(made([64, 64], { twidth: 2 }).warning).toMatch(
      /twidth 2 and 4 scales.*0\.5 times the mean.*at most 1, or a height of at most 3$/,
    );
  });
});
