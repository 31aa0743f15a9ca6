// Spectra of real images as half planes (rfft2h of the tensor package): real weights on them, and their low frequencies.
// Frequencies lie in the order of the transform: column v of w is the frequency v, or v - w from the middle on.

import { complex, type DType, pad, type Tensor, take } from "@plenoptic-js/tensor";
import { spread } from "@plenoptic-js/tensor/engine";
import type { ImageSize } from "./steerableMasks.ts";

/** Rows of the half plane of an image. */
export const halfRows = (height: number): number => Math.floor(height / 2) + 1;

/**
 * The even or odd part, (W(k) + W(-k)) / 2 or (W(k) - W(-k)) / 2, of real weights W of all frequencies in fftshift's order. An
 * even weight times the transform of a real image is such a transform again; an odd one is i times such a transform.
 * Half plane, C order.
 */
export function halfPlaneWeights(
  weights: Float64Array,
  [height, width]: ImageSize,
  part: "even" | "odd",
): Float64Array {
  const out = new Float64Array(halfRows(height) * width);
  fillHalfPlane(out, 0, weights, [height, width], part);
  return out;
}

/** The same, in a larger array. */
export function fillHalfPlane(
  out: Float64Array,
  begin: number,
  weights: Float64Array,
  [height, width]: ImageSize,
  part: "even" | "odd",
): void {
  const sign = part === "even" ? 1 : -1;
  const rowOf = (u: number): number => ((u + Math.floor(height / 2)) % height) * width;
  for (let u = 0; u < halfRows(height); u++) {
    fillHalf(out, begin + u * width, weights, rowOf(u), rowOf(height - u), width, sign);
  }
}

/** One row, of a row of weights and its mirror image, by where they begin. By itself: engines optimize small functions sooner. */
function fillHalf(
  out: Float64Array,
  begin: number,
  weights: Float64Array,
  row: number,
  mirror: number,
  width: number,
  sign: number,
): void {
  let own = width >> 1;
  let mirrored = own;
  for (let v = 0; v < width; v++) {
    out[begin + v] = (weights[row + own] + sign * weights[mirror + mirrored]) / 2;
    own = own + 1 === width ? 0 : own + 1;
    mirrored = mirrored === 0 ? width - 1 : mirrored - 1;
  }
}

/** i^power times x. */
export function timesPowerOfI<D extends DType>(x: Tensor<D>, power: number): Tensor<D> {
  switch (((power % 4) + 4) % 4) {
    case 0:
      return x;
    case 1:
      return complex(x.imag().neg() as Tensor, x.real() as Tensor) as Tensor<D>;
    case 2:
      return x.neg();
    default:
      return complex(x.imag() as Tensor, x.real().neg() as Tensor) as Tensor<D>;
  }
}

/** Columns of a spectrum `wide` columns wide that hold the frequencies of one of `narrow` columns. */
function lowColumns(narrow: number, wide: number): number[] {
  return Array.from({ length: narrow }, (_, v) => (v < Math.ceil(narrow / 2) ? v : v - narrow + wide));
}

/** The part of a half plane of `from` pixels that is the half plane of `to` pixels. */
export function lowFrequencies<D extends DType>(x: Tensor<D>, from: ImageSize, to: ImageSize): Tensor<D> {
  const rows = x.slice(-2, 0, halfRows(to[0]));
  return from[1] === to[1] ? rows : take(rows, lowColumns(to[1], from[1]), -1);
}

/** The adjoint of `lowFrequencies`: a half plane of `from` pixels inside one of `to` pixels that is zero elsewhere. */
export function amongFrequencies<D extends DType>(x: Tensor<D>, from: ImageSize, to: ImageSize): Tensor<D> {
  const columns = from[1] === to[1] ? x : spread(x, lowColumns(from[1], to[1]), to[1], -1);
  return pad(columns, [
    [0, halfRows(to[0]) - halfRows(from[0])],
    [0, 0],
  ]);
}
