// A metric made of a model: the distance of two images in what the model sees of them (docs/science/metrics.md,
// "Metrics made of models").

import { DTypeError, type Tensor } from "@plenoptic-js/tensor";
import { type ModelLike, modelFunction } from "../models/model.ts";

/** Keeps the gradient finite for identical images. */
const EPSILON = 1e-10;

/**
 * The root mean squared difference of the model's representations, as a metric. Lower is more similar; identical
 * images give 1e-5 and not 0, because of a constant under the root that keeps the gradient finite there.
 *
 * The mean runs over all entries, batch and channels included, so that the result is always one number.
 *
 * @returns a function of two images, each as the model takes it
 */
export function modelMetricFactory(model: ModelLike): (img1: Tensor, img2: Tensor) => Tensor {
  const represent = modelFunction(model);
  return (img1, img2) => {
    const representation = represent(img1);
    if (representation.dtype !== "float32" && representation.dtype !== "float64") {
      throw new DTypeError(
        `modelMetricFactory: the representation is ${representation.dtype}; it must be float32 or float64. Make a model ` +
          "that returns moduli, or real and imaginary parts.",
      );
    }
    return representation.sub(represent(img2)).square().mean().add(EPSILON).sqrt();
  };
}
