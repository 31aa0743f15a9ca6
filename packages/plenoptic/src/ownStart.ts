// Starting images that the library itself makes.

import type { Tensor } from "@plenoptic-js/tensor";

const ownStarts = new WeakSet<Tensor>();

/** Marks a starting image that the library made: nobody is told of its range. */
export function ownStart(image: Tensor): Tensor {
  ownStarts.add(image);
  return image;
}

export const isOwnStart = (image: Tensor): boolean => ownStarts.has(image);
