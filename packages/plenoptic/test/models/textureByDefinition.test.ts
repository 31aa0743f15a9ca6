// The texture model computes in the plane of frequencies. Here its statistics are taken pixel by pixel, as the paper and
// docs/science/models.md, "The statistics", define them, and compared.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

type Image = po.Tensor;

const mean = (x: Image): Image => x.mean([-2, -1], { keepdims: true });
const demeaned = (x: Image): Image => x.sub(mean(x));
const list = (x: Image): number[] => Array.from(x.dataSync());

/** Planes of the last two axes, as plain arrays. */
function planes(x: Image): number[][] {
  const [height, width] = x.shape.slice(-2);
  const values = list(x);
  return Array.from({ length: values.length / (height * width) }, (_, i) =>
    values.slice(i * height * width, (i + 1) * height * width),
  );
}

const average = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const dot = (x: readonly number[], y: readonly number[]): number => average(x.map((v, i) => v * y[i]));
const correlation = (x: readonly number[], y: readonly number[]): number =>
  dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));

/** Autocorrelation at lag (dy, dx), circular, over that at lag 0. */
function autocorrelation(x: readonly number[], size: number, dy: number, dx: number): number {
  const wrap = (i: number): number => ((i % size) + size) % size;
  const other = x.map((_, i) => x[wrap(Math.floor(i / size) + dy) * size + wrap((i % size) + dx)]);
  return dot(x, other) / dot(x, x);
}

const SIDE = 32;
const N = 2;
const K = 3;
const M = 5;

test("PortillaSimoncelli has the statistics that define it", () => {
  const values = new po.TorchGenerator(9).rand(SIDE * SIDE, "float64");
  const image = po.tensor(values, { shape: [1, 1, SIDE, SIDE] });
  const model = new po.models.PortillaSimoncelli([SIDE, SIDE], { nScales: N, nOrientations: K, spatialCorrWidth: M });
  const groups = model.convertToDict(model.forward(image));

  const pyramid = new po.process.SteerablePyramidFreq([SIDE, SIDE], { height: N, order: K - 1, isComplex: true });
  const bands = pyramid.forward(image);
  const band = (scale: number): Image => bands.get(scale) as Image;
  const lowpass = demeaned(bands.get("residual_lowpass") as Image);
  const all = new Map([...bands, ["residual_lowpass" as const, lowpass]]);
  const lowpassImages: number[][] = [];
  let sum = pyramid.reconPyr(all, { levels: ["residual_lowpass"] });
  for (let scale = N; scale >= 0; scale--) {
    if (scale < N) sum = sum.add(pyramid.reconPyr(all, { levels: [scale] }));
    const size = 2 ** scale;
    [lowpassImages[scale]] = planes(scale === 0 ? sum : po.process.shrink(sum, size).mul(size * size));
  }
  const magnitudes = [0, 1].map((scale) => planes(demeaned(band(scale).abs())));
  const doubled = po.process.modulatePhase(po.process.expand(band(1), 2).div(4), { phaseFactor: 2 });

  /** Compares the entries of a group that are kept; NaN marks those that others repeat. */
  const check = (key: string, at: (...index: number[]) => number): void => {
    const group = groups.get(key as "pixel_statistics") as Image;
    const shape = group.shape.slice(2);
    let kept = 0;
    list(group).forEach((value, flat) => {
      if (Number.isNaN(value)) return;
      kept++;
      let rest = flat;
      const index = shape.map(() => 0);
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        index[axis] = rest % shape[axis];
        rest = Math.floor(rest / shape[axis]);
      }
      const expected = at(...index);
      expect(Math.abs(value - expected), `${key} [${index}]`).toBeLessThan(1e-10 * Math.max(1, Math.abs(expected)));
    });
    expect(kept).toBeGreaterThan(0);
  };

  const pixels = list(image);
  const m = average(pixels);
  const centred = pixels.map((v) => v - m);
  const variance = (dot(centred, centred) * pixels.length) / (pixels.length - 1);
  const cubes = average(centred.map((v) => v * v * v));
  const fourths = average(centred.map((v) => v * v * v * v));
  const pixelStatistics = [
    m,
    variance,
    cubes / variance ** 1.5,
    fourths / variance ** 2,
    Math.min(...pixels),
    Math.max(...pixels),
  ];
  check("pixel_statistics", (i) => pixelStatistics[i]);

  const lag = Math.floor(M / 2);
  check("auto_correlation_magnitude", (i, j, k, s) =>
    autocorrelation(magnitudes[s][k], SIDE / 2 ** s, i - lag, j - lag),
  );
  check("auto_correlation_reconstructed", (i, j, s) =>
    autocorrelation(lowpassImages[s], SIDE / 2 ** s, i - lag, j - lag),
  );
  const power = (s: number): number => dot(lowpassImages[s], lowpassImages[s]);
  check("std_reconstructed", (s) => Math.sqrt(power(s)));
  check("skew_reconstructed", (s) => average(lowpassImages[s].map((v) => v ** 3)) / power(s) ** 1.5);
  check("kurtosis_reconstructed", (s) => average(lowpassImages[s].map((v) => v ** 4)) / power(s) ** 2);
  check("magnitude_std", (k, s) => Math.sqrt(dot(magnitudes[s][k], magnitudes[s][k])));
  check("cross_orientation_correlation_magnitude", (i, j, s) => correlation(magnitudes[s][i], magnitudes[s][j]));
  const doubledMagnitudes = planes(demeaned(doubled.abs()));
  check("cross_scale_correlation_magnitude", (i, j) => correlation(magnitudes[0][i], doubledMagnitudes[j]));
  const parts = [...planes(doubled.real()), ...planes(doubled.imag())];
  const reals = planes(band(0).real());
  check("cross_scale_correlation_real", (i, j) => correlation(reals[i], parts[j]));
  const [highpass] = planes(bands.get("residual_highpass") as Image);
  check("var_highpass_residual", () => dot(highpass, highpass));
});

describe("scales, orientations and widths of all kinds", () => {
  test.each([
    [1, 2, 3],
    [1, 16, 1],
    [3, 5, 4],
    [2, 8, 7],
  ])("%i scales, %i orientations, width %i: finite, and the gradient is right", (nScales, nOrientations, width) => {
    const model = new po.models.PortillaSimoncelli([32, 64], { nScales, nOrientations, spatialCorrWidth: width });
    const values = new po.TorchGenerator(2).rand(32 * 64, "float64");
    const image = po.tensor(values, { shape: [1, 1, 32, 64] });
    const statistics = model.forward(image);
    const weights = po.tensor(new po.TorchGenerator(3).rand(statistics.size, "float64"), { shape: statistics.shape });
    const f = (x: Image): Image => model.forward(x).mul(weights).sum();
    const slope = po.gradient(f(image), image);
    const direction = po.tensor(new po.TorchGenerator(5).rand(32 * 64, "float64"), { shape: image.shape }).sub(0.5);
    const step = 1e-5;
    const ahead = f(image.add(direction.mul(step)).detach()).itemSync();
    const behind = f(image.sub(direction.mul(step)).detach()).itemSync();
    const expected = (ahead - behind) / (2 * step);
    const found = slope.mul(direction).sum().itemSync();
    expect(Math.abs(found - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
  });
});
