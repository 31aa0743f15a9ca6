// Another precision: what cannot follow is refused with the cure.

import { DTypeError, type FloatDType } from "@plenoptic-js/tensor";

/** The result of `work`, which calls model and functions in the new precision. What they throw is told as `to()`'s own. */
export function following<T>(method: string, dtype: FloatDType, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DTypeError(
      `${method}: to("${dtype}"): the model, or another function it was made with, cannot follow to ${dtype}: ${message}. Let its ` +
        "constants have the precision of the image it is given: weights.cast(image.dtype). Nothing was changed.",
      { cause },
    );
  }
}
