// The check of images (docs/science/synthesis.md, "Checks").

import { DTypeError, type FloatDType, Tensor } from "@plenoptic-js/tensor";
import { checkOptions, describe, shown } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../warnings.ts";
import { ValidationError } from "./error.ts";

export interface ValidateInputOptions {
  /** Refuse more than one image in the first axis. Default false. */
  readonly noBatch?: boolean;
}

/**
 * Checks that a tensor can be synthesized from: float32 or float64, without NaN. Warns when it has not four axes, or
 * values outside [0, 1].
 *
 * @returns the image
 */
export function validateInput(image: Tensor, options: ValidateInputOptions = {}): Tensor<FloatDType> {
  checkOptions("validateInput()", options, ["noBatch"]);
  if (!(image instanceof Tensor)) {
    throw new TypeError(`the image is ${shown(image)}; it must be a Tensor, made by loadImages() or tensor()`);
  }
  if (image.dtype !== "float32" && image.dtype !== "float64") {
    throw new DTypeError(
      `the image is ${image.dtype}; it must be float32 or float64: use image.cast("float32"), or for complex data ` +
        "image.abs()",
    );
  }
  if (image.ndim !== 4) {
    warn(
      new UserWarning(
        "image-rank",
        `validateInput: the image is ${describe(image)}; most models and figures want [batch, channel, height, width]`,
      ),
    );
  }
  if (options.noBatch && image.ndim > 1 && image.shape[0] !== 1) {
    throw new ValidationError(`the image is ${describe(image)}; its first axis must have size 1, one image at a time`);
  }
  if (image.size === 0) throw new ValidationError(`the image is ${describe(image)}; it has no values`);
  const [low, high] = rangeOf(image as Tensor<FloatDType>);
  if (low < 0 || high > 1) {
    warn(
      new UserWarning(
        "image-range",
        `validateInput: the image has values from ${low} to ${high}; they should lie in [0, 1]`,
      ),
    );
  }
  return image as Tensor<FloatDType>;
}

function rangeOf(image: Tensor<FloatDType>): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  const data = image.dataSync();
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (Number.isNaN(value)) throw new ValidationError(`value ${i} of the image is NaN; every pixel must be a number`);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
