// A model at one image, of which products and the Jacobian are taken.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { deferred, fromValue, heldValue } from "@plenoptic-js/tensor/engine";
import type { ModelFunction } from "../../models/model.ts";

/** A model at one image: its output as a function of nothing but small changes of the image. */
export interface Linearized {
  readonly image: Tensor<FloatDType>;
  readonly output: Tensor;
}

/** The model's output on an image of its own, of which nothing else can be a function. */
export function linearize(model: ModelFunction, image: Tensor<FloatDType>): Linearized {
  const { dtype, shape } = image;
  const own = fromValue<FloatDType>({ dtype, shape, re: heldValue(image).re });
  return { image: own, output: model(own) };
}

/** A model at an image of which only the shape is known. */
export function linearizeShape(
  model: ModelFunction,
  { dtype, shape }: Pick<Linearized["image"], "dtype" | "shape">,
): Linearized {
  const image = deferred(
    () => {
      throw new Error("linearizeShape: there are no pixels");
    },
    { dtype, shape },
  );
  return { image, output: model(image) };
}
