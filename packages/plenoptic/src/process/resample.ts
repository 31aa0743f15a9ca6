// Filtering with every second sample kept, and its counterpart, filtering between samples (docs/science/process.md,
// "Resampling"). Filters correlate on the way down and are turned around on the way up, as in convolution.

import { conv2d, type DType, type PaddingMode, pad, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown, spread } from "@plenoptic-js/tensor/engine";
import { checkImage } from "./floatImage.ts";
import { type Pair, padModeOf, samePadding } from "./padding.ts";

export interface ResampleOptions {
  /** Default "reflect". */
  readonly paddingMode?: PaddingMode;
}

/** Checks the parities of the sizes that are wanted, 0 for even and 1 for odd. */
export function checkOdd(caller: string, odd: Pair): void {
  if (!Array.isArray(odd) || odd.length !== 2 || !odd.every((n) => n === 0 || n === 1)) {
    throw new RangeError(
      `${caller}: odd is ${shown(odd)}; it must be [height % 2, width % 2] of the result, each 0 or 1`,
    );
  }
}

/** Height and width modulo 2. */
export function parityOf(image: Tensor): Pair {
  return [image.shape[image.ndim - 2] % 2, image.shape[image.ndim - 1] % 2];
}

/** Every image and channel for itself: [planes, 1, height, width]. */
export function planesOf<D extends DType>(image: Tensor<D>): Tensor<D> {
  const [batch, channels, height, width] = image.shape;
  return image.reshape([batch * channels, 1, height, width]);
}

/** Planes correlated with a kernel [1, 1, rows, columns], at every `stride`-th place. */
export function correlatePlanes<D extends DType>(
  planes: Tensor<D>,
  kernel: Tensor<D>,
  stride: Pair,
  padMode: PaddingMode,
): Tensor<D> {
  const [, , rows, columns] = kernel.shape;
  return conv2d(samePadding(planes, [rows, columns], { padMode }), kernel, { stride });
}

/** What padding goes before and after an axis that gets zeros between its elements, counted with these zeros. */
function upwardPadding(taps: number, odd: number): Pair {
  const before = Math.floor(taps / 2);
  return [before, taps - odd - before];
}

/** How many elements of an axis are padded at one end before it gets zeros between its elements. */
export function upwardReach(taps: number, odd: number): number {
  const [before, after] = upwardPadding(taps, odd);
  return Math.floor(Math.max(before, after) / 2);
}

/**
 * An axis with zeros between its elements and room for a filter of `taps` taps: what is correlated with it gets twice
 * the size, or one less if `odd` is 1.
 */
export function betweenZeros<D extends DType>(
  x: Tensor<D>,
  axis: -1 | -2,
  taps: number,
  odd: number,
  padMode: PaddingMode,
): Tensor<D> {
  const [before, after] = upwardPadding(taps, odd);
  const room = [Math.floor(before / 2), Math.floor(after / 2)] as const;
  const padded = pad(x, axis === -1 ? [room] : [room, [0, 0]], padMode);
  const count = padded.shape[x.ndim + axis];
  const positions = Array.from({ length: count }, (_, i) => (before % 2) + 2 * i);
  return spread(padded, positions, (before % 2) + 2 * count - 1 + (after % 2), axis);
}

/** The filter as a kernel [1, 1, rows, columns]. */
function kernelOf<D extends DType>(caller: string, filt: Tensor<D>): Tensor<D> {
  if (filt.ndim !== 2) {
    throw new ShapeError(
      `${caller}: filt must be 2d but has ${filt.ndim} dimensions instead: it is ${shapeText(filt.shape)}, and ` +
        "should be [rows, columns]",
    );
  }
  return filt.reshape([1, 1, ...filt.shape]);
}

/**
 * Correlates every channel with a filter and keeps every second sample of rows and columns, from the first on.
 *
 * @param image [batch, channel, height, width], float32 or float64
 * @param filt [rows, columns], of the image's dtype
 * @returns [batch, channel, ceil(height / 2), ceil(width / 2)]
 */
export function correlateDownsample<D extends DType>(
  image: Tensor<D>,
  filt: Tensor<D>,
  options: ResampleOptions = {},
): Tensor<D> {
  checkTensor("correlateDownsample", "image", image);
  checkTensor("correlateDownsample", "filt", filt);
  checkOptions("correlateDownsample()", options, ["paddingMode"]);
  const padMode = padModeOf("correlateDownsample", options.paddingMode ?? "reflect");
  checkImage("correlateDownsample", image);
  const result = correlatePlanes(planesOf(image), kernelOf("correlateDownsample", filt), [2, 2], padMode);
  return result.reshape([...image.shape.slice(0, 2), ...result.shape.slice(2)]);
}

/**
 * Puts zeros between the samples of every channel and convolves with a filter: the adjoint of `correlateDownsample` with the
 * same filter, but for the edges; with the padding "constant" there too.
 *
 * @param image [batch, channel, height, width], float32 or float64
 * @param odd [height % 2, width % 2] of the result, each 0 or 1
 * @param filt [rows, columns], of the image's dtype
 * @returns [batch, channel, 2 height - odd[0], 2 width - odd[1]]
 */
export function upsampleConvolve<D extends DType>(
  image: Tensor<D>,
  odd: Pair,
  filt: Tensor<D>,
  options: ResampleOptions = {},
): Tensor<D> {
  checkTensor("upsampleConvolve", "image", image);
  checkTensor("upsampleConvolve", "filt", filt);
  checkOptions("upsampleConvolve()", options, ["paddingMode"]);
  const padMode = padModeOf("upsampleConvolve", options.paddingMode ?? "reflect");
  checkImage("upsampleConvolve", image);
  checkOdd("upsampleConvolve", odd);
  const kernel = kernelOf("upsampleConvolve", filt).flip([2, 3]);
  const [rows, columns] = filt.shape;
  const wide = betweenZeros(planesOf(image), -1, columns, odd[1], padMode);
  const result = conv2d(betweenZeros(wide, -2, rows, odd[0], padMode), kernel);
  return result.reshape([...image.shape.slice(0, 2), ...result.shape.slice(2)]);
}
