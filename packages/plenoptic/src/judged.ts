// Images of which nobody is warned any more: the library made them, or has warned of them under the name of what was called.

import type { Tensor } from "@plenoptic-js/tensor";

const judgedImages = new WeakSet<Tensor>();

/** Marks an image: what is made of it does not warn of its shape and range. A user's own tensor is to be detached first. */
export function judged<T extends Tensor>(image: T): T {
  judgedImages.add(image);
  return image;
}

const vouchedImages = new WeakSet<Tensor>();

/** Marks an image of the library's own, of finite values, which is not looked at before its values are needed. */
export function vouched<T extends Tensor>(image: T): T {
  vouchedImages.add(image);
  return image;
}

export const isVouched = (image: Tensor): boolean => vouchedImages.has(image);

export const isJudged = (image: Tensor): boolean => judgedImages.has(image);
