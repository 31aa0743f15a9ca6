// The present image of a descent: one tensor for all who ask, kept only as long as somebody holds it. Large images fit only if none is
// held that nobody needs, such as one that was hashed.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";

export class PresentImage {
  readonly #read: () => Tensor<FloatDType>;
  #known: WeakRef<Tensor<FloatDType>> | null = null;

  /** @param read a copy of the image as it is now */
  constructor(read: () => Tensor<FloatDType>) {
    this.#read = read;
  }

  get(): Tensor<FloatDType> {
    const known = this.#known?.deref();
    if (known !== undefined) return known;
    const image = this.#read();
    this.#known = new WeakRef(image);
    return image;
  }

  /** It is another one from now on. */
  change(): void {
    this.#known = null;
  }
}
