// Blurring with named filters between the levels of pyramids (docs/science/process.md, "Blurring"). The filters are
// products of a column and a row, which are applied one after the other: first the one that works on fewer samples.

import { conv2d, type DType, ShapeError, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shown } from "@plenoptic-js/tensor/engine";
import { checkImage } from "./floatImage.ts";
import { namedFilter } from "./namedFilters.ts";
import type { Pair } from "./padding.ts";
import { betweenZeros, checkOdd, correlatePlanes, planesOf, upwardReach } from "./resample.ts";

export interface BlurOptions {
  /** How many times. Default 1. */
  readonly nScales?: number;
  /** The filter, such as "binom5" (the default), "haar", "qmf9", "daub2". */
  readonly filtname?: string;
  /** Whether constant images keep their value (default). Otherwise it doubles on the way down and is halved on the way up. */
  readonly scaleFilter?: boolean;
}

interface Blur {
  readonly nScales: number;
  /** Taps with the sum 1. */
  readonly taps: Float64Array;
  readonly scaleFilter: boolean;
}

function blurOf(caller: string, options: BlurOptions): Blur {
  checkOptions(`${caller}()`, options, ["nScales", "filtname", "scaleFilter"]);
  const { nScales = 1, filtname = "binom5", scaleFilter = true } = options;
  if (!Number.isInteger(nScales) || nScales < 1) {
    throw new RangeError(`${caller}: nScales must be a positive integer, not ${shown(nScales)}`);
  }
  return { nScales, taps: namedFilter(caller, filtname), scaleFilter };
}

/** Taps times a factor as a column [1, 1, taps, 1] and as a row [1, 1, 1, taps]. */
function columnAndRow<D extends DType>(
  taps: Float64Array,
  [column, row]: readonly [column: number, row: number],
  dtype: D,
): [Tensor<D>, Tensor<D>] {
  const times = (factor: number): Float64Array => taps.map((tap) => tap * factor);
  return [
    tensor(times(column), { shape: [1, 1, taps.length, 1], dtype }),
    tensor(times(row), { shape: [1, 1, 1, taps.length], dtype }),
  ];
}

/** Reflection must not reach beyond the far edge. */
function checkReach(caller: string, image: Tensor, reach: Pair): void {
  const [, , height, width] = image.shape;
  if (height <= reach[0] || width <= reach[1]) {
    throw new ShapeError(
      `${caller}: an image of ${height} x ${width} pixels is too small for the filter's reflected edges; it must have ` +
        `${reach[0] + 1} x ${reach[1] + 1} at least. Use fewer scales or a larger image.`,
    );
  }
}

/**
 * Blurs and keeps every second sample of rows and columns, nScales times. Edges are reflected.
 *
 * @param image [batch, channel, height, width], float32 or float64
 * @returns [batch, channel, ceil(height / 2), ceil(width / 2)] for one scale
 */
export function blurDownsample<D extends DType>(image: Tensor<D>, options: BlurOptions = {}): Tensor<D> {
  checkTensor("blurDownsample", "image", image);
  const { nScales, taps, scaleFilter } = blurOf("blurDownsample", options);
  checkImage("blurDownsample", image);
  const [column, row] = columnAndRow(taps, scaleFilter ? [1, 1] : [2, 1], image.dtype);
  const reach = Math.floor(taps.length / 2);
  let planes = planesOf(image);
  for (let i = 0; i < nScales; i++) {
    checkReach("blurDownsample", planes, [reach, reach]);
    planes = correlatePlanes(correlatePlanes(planes, column, [2, 1], "reflect"), row, [1, 2], "reflect");
  }
  return planes.reshape([...image.shape.slice(0, 2), ...planes.shape.slice(2)]);
}

/**
 * Doubles the size, nScales times, and blurs. Edges are reflected.
 *
 * @param image [batch, channel, height, width], float32 or float64
 * @param odd [height % 2, width % 2] of the result (of every scale's), each 0 or 1
 * @returns [batch, channel, 2 height - odd[0], 2 width - odd[1]] for one scale
 */
export function upsampleBlur<D extends DType>(image: Tensor<D>, odd: Pair, options: BlurOptions = {}): Tensor<D> {
  checkTensor("upsampleBlur", "image", image);
  const { nScales, taps, scaleFilter } = blurOf("upsampleBlur", options);
  checkImage("upsampleBlur", image);
  checkOdd("upsampleBlur", odd);
  const { length } = taps;
  // A convolution, unlike a correlation, turns the taps around.
  const [column, row] = columnAndRow(taps.reverse(), scaleFilter ? [2, 2] : [2, 1], image.dtype);
  let planes = planesOf(image);
  for (let i = 0; i < nScales; i++) {
    checkReach("upsampleBlur", planes, [upwardReach(length, odd[0]), upwardReach(length, odd[1])]);
    const wide = conv2d(betweenZeros(planes, -1, length, odd[1], "reflect"), row);
    planes = conv2d(betweenZeros(wide, -2, length, odd[0], "reflect"), column);
  }
  return planes.reshape([...image.shape.slice(0, 2), ...planes.shape.slice(2)]);
}
