// The constants of the Portilla-Simoncelli model: weights on half planes, for all that is linear in the image, and the
// tables with which a few lags of an autocorrelation are summed from a power spectrum.

import { type FloatDType, type Shape, type Tensor, tensor } from "@plenoptic-js/tensor";
import { cos64, deferred, sin64 } from "@plenoptic-js/tensor/engine";
import { fillHalfPlane, halfPlaneWeights, halfRows } from "../../process/halfPlane.ts";
import { addToMiddle, type ImageSize } from "../../process/steerableMasks.ts";
import { fillWeights, type SteerablePyramidFreq } from "../../process/steerablePyramid.ts";
import { necessaryLags } from "./textureLayout.ts";

/** Constants of one scale; the last one stands for the lowpass residual; its bands are none. */
export interface ScaleTables {
  readonly size: ImageSize;
  /** [orientation, row, column]: weights that turn the image's half plane into the bands' real parts. */
  readonly realBands: Tensor;
  /** The same for their imaginary parts. */
  readonly imaginaryBands: Tensor;
  /** Weights of the lowpass image of this scale: this scale and all coarser ones. The mean has weight 0. */
  readonly lowpass: Tensor;
  /** [columns of sums, width]: cosines, then sines. The first factor of the lags. */
  readonly lagColumns: Tensor;
  /** [lags, rows of the half plane * columns of sums]: the second factor. Lag 0 is the first. */
  readonly lagRows: Tensor;
}

export interface TextureTables {
  readonly scales: readonly ScaleTables[];
  /** Weights of the power spectrum whose sum is the variance of the highpass residual. */
  readonly highpassPower: Tensor;
}

/** How often a row of the half plane stands in the whole: rows between the first and the middle one have a mirror image. */
const multiplicity = (row: number, height: number): number => (row === 0 || 2 * row === height ? 1 : 2);

/** The angle of `lag` steps of frequency k of n, in radians. */
const turn = (k: number, lag: number, n: number): number => (2 * Math.PI * ((k * lag) % n)) / n;

/**
 * Factors of the autocorrelation: with the power spectrum P of h x w pixels (half plane), the lag (i, j) of `lags` is
 * sum over rows u and columns v of P[u, v] cos(2 pi (u i / h + v j / w)) / (h w)^2, both halves counted. The cosine of a sum
 * splits into products, so columns can be summed first, into cosine and sine sums for every |j|.
 *
 * Odd widths follow the reference, whose inverse transform takes them for w - 1 (docs/science/process.md,
 * "Autocorrelation"): frequencies and the number of pixels are then those of that width, and the highest frequency counts
 * half.
 */
function lagTables([height, width]: ImageSize, lags: readonly (readonly [number, number])[], dtype: FloatDType) {
  const furthest = Math.max(...lags.map(([, j]) => Math.abs(j)));
  const period = width % 2 === 1 ? width - 1 : width;
  const count = 2 * furthest + 1;
  const columns = new Float64Array(count * width);
  for (let v = 0; v < width; v++) {
    const k = v < Math.ceil(width / 2) ? v : v - width;
    const weight = width % 2 === 1 && 2 * Math.abs(k) === period ? 0.5 : 1;
    for (let lag = 0; lag <= furthest; lag++) {
      columns[lag * width + v] = weight * cos64(turn(k, lag, period));
      if (lag > 0) columns[(furthest + lag) * width + v] = weight * sin64(turn(k, lag, period));
    }
  }
  const rows = halfRows(height);
  const sums = new Float64Array(lags.length * rows * count);
  const norm = height * width * height * period;
  lags.forEach(([i, j], at) => {
    for (let u = 0; u < rows; u++) {
      const weight = multiplicity(u, height) / norm;
      const row = (at * rows + u) * count;
      sums[row + Math.abs(j)] = weight * cos64(turn(u, i, height));
      if (j !== 0) sums[row + furthest + Math.abs(j)] = (j > 0 ? -weight : weight) * sin64(turn(u, i, height));
    }
  });
  return {
    lagColumns: tensor(columns, { shape: [count, width], dtype }) as Tensor,
    lagRows: tensor(sums, { shape: [lags.length, rows * count], dtype }) as Tensor,
  };
}

/**
 * Weights of an image made small by process.shrink. It takes the lowest frequency of a side for that of an even one, which stands
 * for both signs: of odd sides half is lost.
 */
function shrunk(weights: Float64Array, [height, width]: ImageSize): Float64Array {
  if (height % 2 === 0 && width % 2 === 0) return weights;
  const lost = (index: number, side: number): number => (side % 2 === 1 && index === 0 ? 0.5 : 1);
  return weights.map((x, i) => x * lost(Math.floor(i / width), height) * lost(i % width, width));
}

/** Half planes of the weights of one scale. */
interface Weights {
  realBands: Float64Array;
  imaginaryBands: Float64Array;
  lowpass: Float64Array;
}

/** The tables of a model. Their large parts are made when they are first needed, all at once. */
export function textureTables(
  pyramid: SteerablePyramidFreq,
  spatialCorrWidth: number,
  dtype: FloatDType,
): TextureTables {
  const { imageShape, numScales, numOrientations } = pyramid;
  const centre = Math.floor(spatialCorrWidth / 2);
  const lags = [[0, 0] as const, ...necessaryLags(spatialCorrWidth).map(([i, j]) => [i - centre, j - centre] as const)];
  let made: Partial<Weights>[] | undefined;
  const table = (s: number, part: keyof Weights, shape: Shape): Tensor =>
    deferred(
      () => {
        made ??= weightsOf(pyramid);
        const weights = made[s][part] as Float64Array;
        // Each is asked for once.
        delete made[s][part];
        return weights;
      },
      { shape, dtype },
    );
  const scales = Array.from({ length: numScales + 1 }, (_, s): ScaleTables => {
    const size = pyramid.pyrSize.get(s === numScales ? "residual_lowpass" : s) as ImageSize;
    const plane = [halfRows(size[0]), size[1]];
    const bands = [s === numScales ? 0 : numOrientations, ...plane];
    return {
      size,
      realBands: table(s, "realBands", bands),
      imaginaryBands: table(s, "imaginaryBands", bands),
      lowpass: table(s, "lowpass", [1, ...plane]).squeeze(0),
      ...lagTables(size, lags, dtype),
    };
  });
  const highpassPower = deferred(() => highpassPowerOf(pyramid), {
    shape: [halfRows(imageShape[0]), imageShape[1]],
    dtype,
  });
  return { scales, highpassPower };
}

/** The weights of all scales, from fine to coarse. */
function weightsOf(pyramid: SteerablePyramidFreq): Weights[] {
  const { imageShape, numScales, numOrientations, order } = pyramid;
  const pixels = imageShape[0] * imageShape[1];
  const [own, other] = order % 2 === 0 ? (["even", "odd"] as const) : (["odd", "even"] as const);

  const scales: Weights[] = [];
  let lowpass = new Float64Array(0);
  let from: ImageSize = [0, 0];
  // One orientation after the other, in the same memory.
  const [forward, backward] = [new Float64Array(pixels), new Float64Array(pixels)];
  for (let s = numScales; s >= 0; s--) {
    const key = s === numScales ? "residual_lowpass" : s;
    const size = pyramid.pyrSize.get(key) as ImageSize;
    const area = size[0] * size[1];
    const [there, back] = [forward.subarray(0, area), backward.subarray(0, area)];
    const length = halfRows(size[0]) * size[1];
    const count = s === numScales ? 1 : numOrientations;
    const bands = s === numScales ? 0 : count * length;
    const [realBands, imaginaryBands] = [new Float64Array(bands), new Float64Array(bands)];
    // To the band and back, without the factors of the transforms; then the factor of this size's transform.
    const through = new Float64Array(area);
    for (let b = 0; b < count; b++) {
      fillWeights(there, pyramid, "forward", key, b);
      fillWeights(back, pyramid, "backward", key, b);
      addProducts(through, there, back, pixels);
      if (bands === 0) continue;
      fillHalfPlane(realBands, b * length, there, size, own);
      fillHalfPlane(imaginaryBands, b * length, there, size, other);
    }
    addToMiddle(through, size, lowpass, from, (from[0] * from[1]) / area);
    through[Math.floor(size[0] / 2) * size[1] + Math.floor(size[1] / 2)] = 0;
    [lowpass, from] = [through, size];
    const kept = halfPlaneWeights(s > 0 ? shrunk(lowpass, size) : lowpass, size, "even");
    scales.unshift({ realBands, imaginaryBands, lowpass: kept });
  }
  return scales;
}

function highpassPowerOf(pyramid: SteerablePyramidFreq): Float64Array {
  const [height, width] = pyramid.imageShape;
  const [highpass] = pyramid.weights("forward", "residual_highpass");
  const power = halfPlaneWeights(highpass, [height, width], "even");
  for (let u = 0; u * width < power.length; u++) {
    square(power.subarray(u * width, (u + 1) * width), multiplicity(u, height));
  }
  return power;
}

// Loops over many numbers are functions of their own: engines optimize small ones sooner, and until then every number is garbage.

function addProducts(sum: Float64Array, a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] += a[i] * b[i] * factor;
}

function square(x: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] = factor * x[i] * x[i];
}
