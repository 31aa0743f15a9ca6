/**
 * From a four-dimensional image to the flat pictures that are drawn, and the rule of exact zooming: an image
 * element covers a whole number of pixels, or a whole number of elements is averaged into one pixel.
 */

import { shapeText } from "@plenoptic-js/tensor/engine";
import type { ImageLike } from "./sources.ts";

/** One picture: grey (1 channel), RGB (3) or RGBA (4), stored pixel by pixel. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
  readonly values: Float32Array | Float64Array;
}

/**
 * Cuts an image [batch, channel, height, width] into pictures: one for each channel of each batch member or,
 * with `asRgb`, one colour picture for each batch member.
 */
export function planesOf(image: ImageLike, asRgb: boolean, caller: string): Plane[] {
  const { shape, values } = image;
  if (shape.length !== 4) {
    throw new RangeError(
      `${caller} draws images of shape [batch, channel, height, width], got ${shapeText(shape)}; ` +
        "reshape a single picture to [1, 1, height, width]",
    );
  }
  const [batch, channel, height, width] = shape as [number, number, number, number];
  const size = height * width;
  if (!asRgb) {
    if (batch > 1 && channel > 1) {
      throw new RangeError(
        `${caller}: an image of shape ${shapeText(shape)} has several channels and several batch members; ` +
          "choose with batchIdx or channelIdx, or set asRgb for colour",
      );
    }
    return Array.from({ length: batch * channel }, (_, index) => ({
      height,
      width,
      channels: 1,
      values: partOf(values, index * size, size),
    }));
  }
  if (channel !== 3 && channel !== 4) {
    throw new RangeError(
      `${caller}: colour needs 3 channels (RGB) or 4 (RGBA), an image of shape ${shapeText(shape)} has ${channel}; ` +
        `choose one with channelIdx${caller === "imshow" ? " and leave asRgb off" : ""}`,
    );
  }
  return Array.from({ length: batch }, (_, b) => {
    const pixels = new Float64Array(size * channel);
    for (let c = 0; c < channel; c++) {
      for (let i = 0; i < size; i++) pixels[i * channel + c] = values[(b * channel + c) * size + i]!;
    }
    return { height, width, channels: channel, values: pixels };
  });
}

/** Some of the values in a row; of a tensor's, which may be many, not a copy. */
function partOf(values: ArrayLike<number>, start: number, length: number): Plane["values"] {
  if (values instanceof Float32Array || values instanceof Float64Array) return values.subarray(start, start + length);
  return Float64Array.from({ length }, (_, i) => values[start + i]);
}

/** A zoom that keeps pixels exact: `times` pixels for each element, or one pixel for `share` x `share` elements. */
export interface Zoom {
  readonly times: number;
  readonly share: number;
}

/** Reads a zoom factor (a positive whole number, or 1/n) for a picture of this size. */
export function exactZoom(factor: number, height: number, width: number, caller: string): Zoom {
  if (factor >= 1 && Number.isInteger(factor)) return { times: factor, share: 1 };
  const share = Math.floor(1 / factor + 0.5);
  if (factor > 0 && factor < 1 && Math.abs(share * factor - 1) < 1e-9) {
    if (height % share === 0 && width % share === 0) return { times: 1, share };
    throw new RangeError(
      `${caller}: zoom 1/${share} would average ${share} x ${share} elements into each pixel, but a picture of ` +
        `${height} x ${width} cannot be divided that way; choose a divisor of both sides`,
    );
  }
  throw new RangeError(
    `${caller}: a picture of ${height} x ${width} would be shown at zoom ${factor}; ` +
      "only whole numbers (1, 2, 3 ...) and 1/n (1/2, 1/3 ...) keep the pixels exact",
  );
}

/**
 * The zoom of each picture when all are shown as large as the largest at `factor`, as pyrtools does: their sizes
 * must be whole multiples of each other.
 */
export function commonZooms(planes: readonly Plane[], factor: number, caller: string): Zoom[] {
  const height = planes.reduce((most, plane) => Math.max(most, plane.height), 0);
  const width = planes.reduce((most, plane) => Math.max(most, plane.width), 0);
  exactZoom(factor, height, width, caller);
  return planes.map((plane) => {
    const ratio = height / plane.height;
    if (!Number.isInteger(ratio) || width / plane.width !== ratio) {
      throw new RangeError(
        `${caller}: pictures drawn together are shown at one size, so the largest side (${height} x ${width}) must be ` +
          `a whole multiple of each; ${plane.height} x ${plane.width} is not. Draw them in separate figures`,
      );
    }
    return exactZoom(factor * ratio, plane.height, plane.width, caller);
  });
}

/**
 * A zoom for a picture that should fill a square of `side` pixels without leaving it, as far as exact zooms allow. Where they
 * would make it tiny, it is shown as it is, if that is at most twice the square.
 */
export function fittingZoom(height: number, width: number, side: number): number {
  const longest = Math.max(height, width);
  if (longest <= side) return Math.floor(side / longest);
  for (let share = 2; share <= Math.min(height, width); share++) {
    if (longest / share > side || height % share !== 0 || width % share !== 0) continue;
    return longest / share < side / 3 && longest <= 2 * side ? 1 : 1 / share;
  }
  return 1;
}

/** The picture with each `share` x `share` block replaced by its mean. */
export function shrink(plane: Plane, share: number): Plane {
  if (share === 1) return plane;
  const { channels } = plane;
  const height = plane.height / share;
  const width = plane.width / share;
  const values = new Float64Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let j = 0; j < share; j++) {
          for (let i = 0; i < share; i++) {
            sum += plane.values[((y * share + j) * plane.width + x * share + i) * channels + c];
          }
        }
        values[(y * width + x) * channels + c] = sum / (share * share);
      }
    }
  }
  return { height, width, channels, values };
}
