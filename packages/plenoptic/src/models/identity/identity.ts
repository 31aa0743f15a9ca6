// The model that sees everything: its representation is the image (docs/science/models.md, "Identity").

import type { DType, Tensor } from "@plenoptic-js/tensor";
import { checkTensor } from "@plenoptic-js/tensor/engine";
import type { Model } from "../model.ts";

/** The image itself, whatever its shape. Serves to try a metric or a penalty without a model. */
export class Identity implements Model {
  readonly name = "Identity";
  readonly options = Object.freeze({});

  forward<D extends DType>(image: Tensor<D>): Tensor<D> {
    checkTensor("Identity", "the image", image);
    return image;
  }

  toString(): string {
    return "Identity()";
  }
}
