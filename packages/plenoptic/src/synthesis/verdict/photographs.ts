// Photographs to compare with: those that ship, or a person's own, each brought to the size of an image by cutting out its middle, or by
// mirroring it at its edges. Nothing is interpolated.

import type { FloatDType, Shape, Tensor } from "@plenoptic-js/tensor";
import { fromValue, heldValue, shapeText, shown } from "@plenoptic-js/tensor/engine";
import * as shipped from "../../data/photographs.ts";
import { significant } from "../../significant.ts";

export interface NamedPhotograph {
  readonly name: string;
  /** [..., height, width] of any size. */
  readonly image: Tensor;
}

/** Least number of photographs: between two there is one distance. */
const LEAST = 2;

/** The photographs that come with the library, by name. */
export async function shippedPhotographs(dtype: FloatDType): Promise<readonly NamedPhotograph[]> {
  const named: NamedPhotograph[] = [];
  for (const [name, read] of Object.entries(shipped)) named.push({ name, image: await read({ dtype }) });
  return named;
}

/**
 * A person's own: one tensor whose first axis counts them, or a list.
 *
 * @throws TypeError or RangeError for what holds no two photographs
 */
export function ownPhotographs(given: Tensor | readonly Tensor[]): readonly NamedPhotograph[] {
  const list = isList(given) ? given : separate(given);
  const wrong = list.find((image) => !(image?.ndim >= 2 && (image.dtype === "float32" || image.dtype === "float64")));
  if (wrong !== undefined) {
    const found = typeof wrong?.ndim === "number" ? `${wrong.dtype} ${shapeText(wrong.shape)}` : shown(wrong);
    throw new TypeError(
      `summary: one of the photographs is ${found}; each must be a tensor [..., height, width] of float32 or float64, such as ` +
        "loadImages gives",
    );
  }
  if (list.length < LEAST) {
    throw new RangeError(`summary: ${list.length} photographs were given; distances need at least ${LEAST}`);
  }
  const named = list.map((image, i) => ({ name: `photograph ${i + 1}`, image }));
  for (const one of named) checkValues(one);
  return named;
}

/** As far as values may lie outside of 0 to 1, which sharpening and resizing of photographs cause. */
const BEYOND = 0.5;

/** Refuses numbers that are none, and those of another range: they would make photographs, and so the unit, far too different. */
function checkValues({ name, image }: NamedPhotograph): void {
  const { re: values } = heldValue(image);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) {
      throw new RangeError(
        `summary: ${name} has a value that is ${value}; all values must be finite, from 0 to 1. Leave that photograph out, or put a ` +
          "number there",
      );
    }
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low >= -BEYOND && high <= 1 + BEYOND) return;
  const way = low >= 0 && high <= 255 ? "divide it by 255" : "subtract its smallest value and divide by the range";
  throw new RangeError(
    `summary: ${name} has values from ${significant(low)} to ${significant(high)}; photographs must have values from 0 to 1, whatever the ` +
      `target's range: ${way}`,
  );
}

const isList = (given: Tensor | readonly Tensor[]): given is readonly Tensor[] => Array.isArray(given);

function separate(given: Tensor): Tensor[] {
  if (!(given?.ndim >= 3)) {
    const found = typeof given?.ndim === "number" ? shapeText(given.shape) : shown(given);
    throw new TypeError(
      `summary: photographs is ${found}; it must be a tensor [photographs, channels, height, width], or a list of tensors`,
    );
  }
  return Array.from({ length: given.shape[0] }, (_, i) => given.slice(0, i, i + 1));
}

/** What values from 0 to 1 are brought to: [0, 1] itself, or the range of an image that goes beyond. */
export type ValueRange = readonly [low: number, high: number];

/** [0, 1], or more where an image goes beyond. */
export function rangeOf(values: ArrayLike<number>): ValueRange {
  let [low, high] = [0, 1];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}

/**
 * A photograph in the shape of an image: its middle, or mirrored at its edges where it is smaller; the same in every channel and every
 * member of a batch. A vector is taken as one row.
 */
export function fitted(
  { image }: NamedPhotograph,
  shape: Shape,
  dtype: FloatDType,
  [low, high]: ValueRange,
): Tensor<FloatDType> {
  const { re: values } = heldValue(image);
  const [rows, columns] = image.shape.slice(-2);
  const width = shape[shape.length - 1];
  const height = shape.length < 2 ? 1 : shape[shape.length - 2];
  const across = placesOf(width, columns);
  const down = placesOf(height, rows);
  const size = height * width;
  const count = shape.reduce((product, n) => product * n, 1) / size;
  // Of several channels as many as there are; one is taken for all.
  const planes = values.length / (rows * columns);
  const out = dtype === "float64" ? new Float64Array(count * size) : new Float32Array(count * size);
  for (let plane = 0; plane < count; plane++) {
    const from = (plane % planes) * rows * columns;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = values[from + down[y] * columns + across[x]];
        out[plane * size + y * width + x] = low === 0 && high === 1 ? value : low + (high - low) * value;
      }
    }
  }
  return fromValue<FloatDType>({ dtype, shape, re: out });
}

/** Where along a side of `from` the places of a side of `to` are taken from. */
function placesOf(to: number, from: number): number[] {
  const begin = Math.floor((from - to) / 2);
  const period = Math.max(1, 2 * (from - 1));
  return Array.from({ length: to }, (_, i) => {
    const at = (((begin + i) % period) + period) % period;
    return at < from ? at : period - at;
  });
}
