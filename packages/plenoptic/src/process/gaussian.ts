// Gaussian kernels (docs/science/process.md, "Gaussian kernels"). Made on the host in float64, rounded once to the
// dtype asked for.

import { type FloatDType, getDefaultDtype, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkArray, checkOptions, exp64, shown } from "@plenoptic-js/tensor/engine";

/** A kernel size: one number for a square, or [height, width]. */
export type KernelSize = number | readonly [height: number, width: number];

/** Checks a kernel size. `caller` names the function or class in errors. */
export function kernelSizeOf(caller: string, kernelSize: KernelSize): readonly [height: number, width: number] {
  const pair: readonly number[] = typeof kernelSize === "number" ? [kernelSize, kernelSize] : kernelSize;
  const got = shown(kernelSize);
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new RangeError(`${caller}: kernelSize is ${got}; it must be an integer or [height, width]`);
  }
  if (!pair.every(Number.isInteger)) {
    throw new RangeError(`${caller}: kernelSize must be integer-valued, not ${got}`);
  }
  if (!pair.every((n) => n > 0)) throw new RangeError(`${caller}: kernelSize must be positive, not ${got}`);
  return [pair[0], pair[1]];
}

/** One standard deviation for each of `outChannels` channels. `caller` and `name` are for errors. */
export function stdsOf(
  caller: string,
  std: number | readonly number[],
  outChannels: number | null,
  name = "std",
): readonly number[] {
  if (typeof std !== "number") checkArray(caller, name, std, "positive numbers, or one");
  const list = typeof std === "number" ? [std] : [...std];
  for (const value of list) {
    if (!(value > 0 && value < Infinity)) {
      throw new RangeError(`${caller}: ${name} must be positive and finite, not ${shown(value)}`);
    }
  }
  const count = outChannels ?? list.length;
  if (list.length !== 1 && list.length !== count) {
    throw new RangeError(
      `${caller}: ${list.length} values of ${name} do not fit outChannels ${count}; give 1 or ${count}`,
    );
  }
  return Array.from({ length: count }, (_, i) => list[list.length === 1 ? 0 : i]);
}

/** Checks a number of output channels; null leaves it to the standard deviations. */
export function outChannelsOf(caller: string, outChannels: number | null): number | null {
  if (outChannels !== null && !(Number.isInteger(outChannels) && outChannels > 0)) {
    throw new RangeError(`${caller}: outChannels must be a positive integer, not ${shown(outChannels)}`);
  }
  return outChannels;
}

/** Samples of a Gaussian around the middle of `size` places, with sum 1: the taps of a separable kernel. */
export function gaussianTaps(size: number, std: number): Float64Array {
  const taps = new Float64Array(size);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const d = i - (size - 1) / 2;
    taps[i] = exp64(-(d * d) / (2 * std * std));
    sum += taps[i];
  }
  return taps.map((tap) => tap / sum);
}

export interface CircularGaussianOptions<D extends FloatDType> {
  /** Number of kernels. Default: as many as standard deviations. */
  readonly outChannels?: number | null;
  /** Default: the default dtype. */
  readonly dtype?: D;
}

/**
 * Circular Gaussian kernels with sum 1, [outChannels, 1, height, width].
 *
 * @param std standard deviation in pixels: one for all kernels, or one for each
 */
export function circularGaussian2d<D extends FloatDType = FloatDType>(
  kernelSize: KernelSize,
  std: number | readonly number[],
  options: CircularGaussianOptions<D> = {},
): Tensor<D> {
  checkOptions("circularGaussian2d()", options, ["outChannels", "dtype"]);
  const { outChannels = null, dtype = getDefaultDtype() as D } = options;
  const channels = outChannelsOf("circularGaussian2d", outChannels);
  const [height, width] = kernelSizeOf("circularGaussian2d", kernelSize);
  const stds = stdsOf("circularGaussian2d", std, channels);
  const out = new Float64Array(stds.length * height * width);
  stds.forEach((s, k) => {
    const rows = gaussianTaps(height, s);
    const columns = gaussianTaps(width, s);
    rows.forEach((row, i) => {
      columns.forEach((column, j) => {
        out[(k * height + i) * width + j] = row * column;
      });
    });
  });
  return tensor(out, { shape: [stds.length, 1, height, width], dtype });
}
