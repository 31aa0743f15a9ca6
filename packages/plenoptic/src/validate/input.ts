// The check of images (docs/science/synthesis.md, "Checks").

import { DTypeError, type FloatDType, Tensor } from "@plenoptic-js/tensor";
import { checkOptions, describe, heldValue, shown } from "@plenoptic-js/tensor/engine";
import { isJudged, isVouched } from "../judged.ts";
import { significant } from "../significant.ts";
import { UserWarning, warn } from "../warnings.ts";
import { ValidationError } from "./error.ts";

export interface ValidateInputOptions {
  /** Refuse more than one image in the first axis. Default false. */
  readonly noBatch?: boolean;
}

/**
 * Checks that a tensor can be synthesized from: float32 or float64, every value finite. Warns when it has not four axes, or
 * values outside [0, 1].
 *
 * @returns the image
 */
export function validateInput(image: Tensor, options: ValidateInputOptions = {}): Tensor<FloatDType> {
  checkOptions("validateInput()", options, ["noBatch"]);
  return checkInput("validateInput: the image", image, options);
}

interface CheckInputOptions extends ValidateInputOptions {
  /** Refuses images by their shape, before their values are looked at. */
  readonly fits?: (image: Tensor<FloatDType>) => void;
}

/**
 * As validateInput.
 *
 * @param subject how a warning begins: who warns, and of which image
 */
export function checkInput(subject: string, image: Tensor, options: CheckInputOptions = {}): Tensor<FloatDType> {
  if (isVouched(image)) return image as Tensor<FloatDType>;
  const { checked, low, high } = refuseInput(image, options);
  if (isJudged(checked)) return checked;
  if (checked.ndim !== 4) {
    const words = `${subject} is ${describe(checked)}; most models and figures want [batch, channel, height, width]`;
    warn(new UserWarning("image-rank", words));
  }
  if (low < 0 || high > 1) {
    const words = `${subject} has values from ${significant(low)} to ${significant(high)}; they should lie in [0, 1]`;
    warn(new UserWarning("image-range", words));
  }
  return checked;
}

/** The refusals of validateInput, without its warnings. Smallest and largest value come with the image. */
function refuseInput(
  image: Tensor,
  { noBatch = false, fits }: CheckInputOptions = {},
): { readonly checked: Tensor<FloatDType>; readonly low: number; readonly high: number } {
  if (!(image instanceof Tensor)) {
    throw new TypeError(`the image is ${shown(image)}; it must be a Tensor, made by loadImages() or tensor()`);
  }
  if (image.dtype !== "float32" && image.dtype !== "float64") {
    throw new DTypeError(
      `the image is ${image.dtype}; it must be float32 or float64: use image.cast("float32"), or for complex data ` +
        "image.abs()",
    );
  }
  if (noBatch && image.ndim > 1 && image.shape[0] !== 1) {
    throw new ValidationError(`the image is ${describe(image)}; its first axis must have size 1, one image at a time`);
  }
  if (image.size === 0) throw new ValidationError(`the image is ${describe(image)}; it has no values`);
  const checked = image as Tensor<FloatDType>;
  fits?.(checked);
  return { checked, ...rangeOf(checked) };
}

function rangeOf(image: Tensor<FloatDType>): { readonly low: number; readonly high: number } {
  let low = Infinity;
  let high = -Infinity;
  const data = heldValue(image).re;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (!Number.isFinite(value)) {
      throw new ValidationError(`value ${i} of the image is ${value}; every pixel must be a finite number`);
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
