// Resizing images to any size, without aliasing (docs/science/process.md, "Resizing"): triangle weights, as wide as the pixels of
// the result; what image editors call "bilinear", with antialiasing.

import { concat, type DType, ShapeError, type Tensor, tensor } from "@plenoptic-js/tensor";
import { shapeText, shown } from "@plenoptic-js/tensor/engine";
import { checkFloat } from "./floatImage.ts";
import type { ImageSize } from "./steerableMasks.ts";

/** Weights are whole numbers of parts of 1, which is so many (2^22, 2^50): sums are exact, and values stay in [0, 1]. */
const STEPS = { float32: 4194304, float64: 1125899906842624 } as const;

/** How many pixels of the result are computed at once: more of them would see much that only some of them need. */
const TOGETHER = 16;

/** A run of pixels along an axis, those of x that they are made of, and how: rows that add up to 1, to the bit. */
interface Block {
  readonly start: number;
  readonly end: number;
  /** [pixels, end - start]. */
  readonly weights: Tensor;
}

function blocksOf(from: number, to: number, dtype: "float32" | "float64"): Block[] {
  const scale = from / to;
  const radius = Math.max(1, scale);
  const centre = (i: number): number => (i + 0.5) * scale - 0.5;
  const blocks: Block[] = [];
  for (let first = 0; first < to; first += TOGETHER) {
    const last = Math.min(to, first + TOGETHER) - 1;
    const start = Math.max(0, Math.ceil(centre(first) - radius));
    const end = Math.min(from, Math.floor(centre(last) + radius) + 1);
    const length = end - start;
    const values = new Float64Array((last - first + 1) * length);
    for (let i = first; i <= last; i++) {
      const row = values.subarray((i - first) * length, (i - first + 1) * length);
      for (let k = 0; k < length; k++) row[k] = Math.max(0, radius - Math.abs(start + k - centre(i)));
      roundToOne(row, STEPS[dtype]);
    }
    blocks.push({ start, end, weights: tensor(values, { shape: [last - first + 1, length], dtype }) });
  }
  return blocks;
}

/** Scales weights so that their sum is 1; the largest takes what rounding leaves. */
function roundToOne(row: Float64Array, steps: number): void {
  const sum = row.reduce((a, b) => a + b, 0);
  let left = steps;
  let largest = 0;
  for (let k = 0; k < row.length; k++) {
    row[k] = Math.floor((row[k] / sum) * steps + 0.5);
    left -= row[k];
    if (row[k] > row[largest]) largest = k;
  }
  row[largest] += left;
  for (let k = 0; k < row.length; k++) row[k] /= steps;
}

/**
 * Images of another size. Every pixel of the result is a weighted mean of the pixels of x around its place: the weights fall
 * linearly to 0 over one pixel, of the result where it is smaller, of x where it is larger. So what is too fine for the
 * result does not come back as something coarse. Rows first, then columns; a side that stays is not touched.
 *
 * Values are taken as they are (of photographs: as stored, not as light), and stay in [0, 1] if they lie there. Height and width are resized on
 * their own: a shape that is not to change is the caller's to keep.
 *
 * @param x [..., height, width], float32 or float64, finite
 * @param size of the result, both at least 1
 * @returns [..., size[0], size[1]]
 */
export function resize<D extends DType>(x: Tensor<D>, size: ImageSize): Tensor<D> {
  const sides: readonly number[] = size;
  if (!Array.isArray(sides) || sides.length !== 2 || !sides.every((n) => Number.isInteger(n) && n > 0)) {
    throw new RangeError(`resize: size is ${shown(size)}; it must be [height, width], two positive integers`);
  }
  checkFloat("resize", "x", x);
  if (x.ndim < 2 || x.size === 0) {
    throw new ShapeError(`resize: x is ${shapeText(x.shape)}; it must be [..., height, width], and not empty`);
  }
  const [height, width] = x.shape.slice(-2);
  const dtype = x.dtype as "float32" | "float64";
  let resized: Tensor = x;
  if (size[0] !== height) {
    const parts = blocksOf(height, size[0], dtype).map(({ start, end, weights }) =>
      weights.matmul(x.slice(-2, start, end)),
    );
    resized = concat(parts, -2);
  }
  if (size[1] !== width) {
    const taller = resized;
    const parts = blocksOf(width, size[1], dtype).map(({ start, end, weights }) =>
      taller.slice(-1, start, end).matmul(weights, { transposeB: true }),
    );
    resized = concat(parts, -1);
  }
  return resized as Tensor<D>;
}
