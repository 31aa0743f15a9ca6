// Images kept along the way: every n-th iteration's, as it was before that iteration.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { fromValue, shown } from "@plenoptic-js/tensor/engine";

/** `storeProgress` as a number: false and 0 store nothing, true is every iteration. */
export function intervalOf(storeProgress: boolean | number): number {
  const every = Number(storeProgress);
  if (
    !(typeof storeProgress === "boolean" || typeof storeProgress === "number") ||
    !Number.isInteger(every) ||
    every < 0
  ) {
    throw new RangeError(
      `synthesize: storeProgress is ${shown(storeProgress)}; it must be true, false, or a whole number n, 1 or more, to ` +
        "store every n-th image",
    );
  }
  return every;
}

export class StoredImages {
  readonly #images: Tensor<FloatDType>[] = [];

  get length(): number {
    return this.#images.length;
  }

  /** Stores the image of a place; what was stored there is replaced. */
  put(place: number, image: Tensor<FloatDType>): void {
    this.#images[Math.min(place, this.length)] = image;
  }

  at(index: number): Tensor<FloatDType> {
    return this.#images[index];
  }

  /** All stored images. */
  all(): readonly Tensor<FloatDType>[] {
    return [...this.#images];
  }

  /** All stored images and `current` after them: [length + 1, ...shape]. */
  stacked(current: Tensor<FloatDType>): Tensor<FloatDType> {
    const { dtype, shape, size } = current;
    const all = [...this.#images, current];
    const re = dtype === "float32" ? new Float32Array(all.length * size) : new Float64Array(all.length * size);
    all.forEach((image, i) => {
      re.set(image.dataSync(), i * size);
    });
    return fromValue<FloatDType>({ dtype, shape: [all.length, ...shape], re });
  }
}
