// Between whole numbers in image files and real numbers from 0 to 1: the rules of Python plenoptic's `load_images`
// and `convert_float_to_int`, without their failures on 1-bit, gray-and-alpha and out-of-range data.
// Values are linear: no gamma is applied or removed.

import { checkOptions } from "../options.ts";
import type { Pixels } from "./pixels.ts";

type FloatDtype = "float32" | "float64";
type FloatArray<D extends FloatDtype> = D extends "float64" ? Float64Array : Float32Array;

export interface GrayImage<D extends FloatDtype = FloatDtype> {
  readonly height: number;
  readonly width: number;
  /** `height * width` values in [0, 1], row by row. */
  readonly data: FloatArray<D>;
}

export interface ChannelImage<D extends FloatDtype = FloatDtype> {
  readonly channels: 3 | 4;
  readonly height: number;
  readonly width: number;
  /** `channels * height * width` values in [0, 1], one channel after the other. */
  readonly data: FloatArray<D>;
}

/**
 * One gray value a pixel, in [0, 1]: the stored value divided by `maxValue`; for colour the luminance
 * 0.2125 R + 0.7154 G + 0.0721 B, and where R = G = B that value itself. Transparent pixels are laid on white first. Computed
 * in float64.
 *
 * @param options.dtype float32 (default) rounds at the end, as Python's loader does; float64 does not round
 */
export function toGray<D extends FloatDtype = "float32">(pixels: Pixels, options: { dtype?: D } = {}): GrayImage<D> {
  checkOptions("toGray()", options, ["dtype"]);
  const { width, height, channels, maxValue, data } = pixels;
  const out = allocate(options.dtype, height * width);
  const hasAlpha = channels === 2 || channels === 4;
  const isColour = channels >= 3;
  for (let pixel = 0, at = 0; pixel < out.length; pixel++, at += channels) {
    const alpha = hasAlpha ? data[at + channels - 1] / maxValue : null;
    const first = onWhite(data[at] / maxValue, alpha);
    // The weights add up to 1, but their rounded products do not: a gray pixel is as gray as in a file of grays.
    if (!isColour || (data[at] === data[at + 1] && data[at] === data[at + 2])) {
      out[pixel] = first;
      continue;
    }
    const second = onWhite(data[at + 1] / maxValue, alpha);
    const third = onWhite(data[at + 2] / maxValue, alpha);
    out[pixel] = 0.2125 * first + 0.7154 * second + 0.0721 * third;
  }
  return { height, width, data: out as FloatArray<D> };
}

/** A value as it is seen on white, where the pixel has an alpha. */
function onWhite(value: number, alpha: number | null): number {
  return alpha === null ? value : Math.min(value * alpha + (1 - alpha), 1);
}

/**
 * The channels one after the other, each value divided by `maxValue`. Gray is repeated three times; alpha stays, as
 * the fourth channel.
 *
 * @param options.dtype float32 (default) rounds at the end, as Python's loader does; float64 does not round
 */
export function toChannels<D extends FloatDtype = "float32">(
  pixels: Pixels,
  options: { dtype?: D } = {},
): ChannelImage<D> {
  checkOptions("toChannels()", options, ["dtype"]);
  const { width, height, maxValue, data } = pixels;
  const channels = pixels.channels % 2 === 0 ? 4 : 3;
  const size = height * width;
  const out = allocate(options.dtype, channels * size);
  for (let channel = 0; channel < channels; channel++) {
    // Which stored channel this one shows: of two, the gray one three times, then alpha.
    const from = pixels.channels >= 3 ? channel : channel === 3 ? 1 : 0;
    for (let pixel = 0; pixel < size; pixel++) {
      out[channel * size + pixel] = data[pixel * pixels.channels + from] / maxValue;
    }
  }
  return { channels, height, width, data: out as FloatArray<D> };
}

function allocate(dtype: FloatDtype | undefined, length: number): Float32Array | Float64Array {
  return dtype === "float64" ? new Float64Array(length) : new Float32Array(length);
}

export interface IntegerImage<M extends 255 | 65535 = 255 | 65535> {
  readonly data: M extends 65535 ? Uint16Array : Uint8Array;
  /** How many values lay outside [0, 1] and were moved to the nearer end. */
  readonly clipped: { readonly below: number; readonly above: number };
  /** The largest |data / maxValue - value| of the values inside [0, 1]; half a step at most. */
  readonly maxRoundingError: number;
}

/**
 * Whole numbers for an image file: `value * maxValue`, rounded to the nearest, halves up. Values outside [0, 1] are
 * clipped, and counted.
 *
 * @throws RangeError for NaN
 */
export function roundAndClip<M extends 255 | 65535>(values: ArrayLike<number>, maxValue: M): IntegerImage<M> {
  const data = new (maxValue === 65535 ? Uint16Array : Uint8Array)(values.length);
  let below = 0;
  let above = 0;
  let maxRoundingError = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (Number.isNaN(value)) throw new RangeError(`value ${index} is NaN, which no image file can hold`);
    if (value < 0) {
      below++;
    } else if (value > 1) {
      above++;
      data[index] = maxValue;
    } else {
      const scaled = value * maxValue;
      const whole = Math.floor(scaled);
      data[index] = scaled - whole >= 0.5 ? whole + 1 : whole;
      maxRoundingError = Math.max(maxRoundingError, Math.abs(data[index] / maxValue - value));
    }
  }
  return { data: data as IntegerImage<M>["data"], clipped: { below, above }, maxRoundingError };
}
