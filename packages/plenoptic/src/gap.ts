// How far two images, or two responses, are apart: number by number, without an array for the differences.

import type { Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";

export interface Gap {
  /** The largest difference of two numbers, and the root of the mean square of all. */
  readonly most: number;
  readonly rms: number;
}

/** The gap between two tensors of one shape. */
export function gapOf(a: Tensor, b: Tensor): Gap {
  const [one, other] = [heldValue(a), heldValue(b)];
  const { length } = other.re;
  let [most, sum] = [0, 0];
  for (let i = 0; i < length; i++) {
    const difference = one.re[i] - other.re[i];
    let square = difference * difference;
    if (one.im !== undefined && other.im !== undefined) {
      const second = one.im[i] - other.im[i];
      square += second * second;
      most = Math.max(most, Math.sqrt(square));
    } else {
      most = Math.max(most, Math.abs(difference));
    }
    sum += square;
  }
  return { most, rms: Math.sqrt(sum / length) };
}
