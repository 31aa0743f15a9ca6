// A model at one image, of which products and the Jacobian are taken.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { fromValue } from "@plenoptic-js/tensor/engine";
import type { ModelFunction } from "../../models/model.ts";

/** A model at one image: its output as a function of nothing but small changes of the image. */
export interface Linearized {
  readonly image: Tensor<FloatDType>;
  readonly output: Tensor;
}

/** The model's output on a copy of the image, of which nothing else can be a function. */
export function linearize(model: ModelFunction, image: Tensor<FloatDType>): Linearized {
  const { dtype, shape } = image;
  const own = fromValue<FloatDType>({ dtype, shape, re: image.dataSync() });
  return { image: own, output: model(own) };
}
