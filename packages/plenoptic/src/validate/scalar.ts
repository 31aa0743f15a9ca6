// The checks of the two functions that make up an objective (docs/science/synthesis.md, "Checks"): the penalty, and the
// loss, which Python does not check. Both give one real number.

import {
  DTypeError,
  type FloatDType,
  type Shape,
  type Tensor,
  type TensorSpec,
  type Trace,
} from "@plenoptic-js/tensor";
import { checkOptions, describe, differentiablyDependsOn, shown } from "@plenoptic-js/tensor/engine";
import type { LossFunction } from "../loss/lossFunction.ts";
import { traceUser, ValidationError } from "./error.ts";

/** A penalty on images, to be made small: any one real number. */
export type PenaltyFunction = (image: Tensor) => Tensor;

function checkScalar(what: string, { output, inputs }: Trace, dtype: FloatDType, of: string): void {
  if (output.shape.some((n) => n !== 1)) {
    throw new ValidationError(
      `${what} gives ${describe(output)}; it must give one number, for example by sum() or mean()`,
    );
  }
  if (!differentiablyDependsOn(output, [inputs[0]])) {
    throw new ValidationError(
      `no gradient can flow through ${what}: it does not depend on ${of}, or only through detach(), comparisons or ` +
        "rounding. Build it from differentiable operations.",
    );
  }
  if (output.dtype !== dtype) {
    throw new DTypeError(`${what} gives ${describe(output)}; it must be ${dtype}, like the image`);
  }
}

export interface ValidatePenaltyOptions {
  /** Default [1, 1, 16, 16]. */
  readonly imageShape?: Shape;
  /** Default float32. */
  readonly imageDtype?: FloatDType;
}

/** Checks that a penalty gives one real number of the image's precision, through which a gradient can flow. */
export function validatePenalty(penalty: PenaltyFunction, options: ValidatePenaltyOptions = {}): Trace {
  checkOptions("validatePenalty()", options, ["imageShape", "imageDtype"]);
  const { imageShape = [1, 1, 16, 16], imageDtype = "float32" } = options;
  if (typeof penalty !== "function") {
    throw new TypeError(`the penalty is ${shown(penalty)}; it must be a function from an image to one number`);
  }
  const traced = traceUser("the penalty", (image) => penalty(image), [{ shape: imageShape, dtype: imageDtype }]);
  checkScalar("the penalty", traced, imageDtype, "the image");
  return traced;
}

/** Checks that a loss of two representations gives one real number of the image's precision that depends on the first. */
export function validateLoss(
  loss: LossFunction,
  synthesized: TensorSpec,
  target: TensorSpec,
  imageDtype: FloatDType,
): Trace {
  if (typeof loss !== "function") {
    throw new TypeError(`the loss is ${shown(loss)}; it must be a function of two representations, such as loss.mse`);
  }
  if (imageDtype !== "float32" && imageDtype !== "float64") {
    throw new TypeError(`validateLoss: imageDtype is ${shown(imageDtype)}; it must be "float32" or "float64"`);
  }
  for (const [name, spec] of Object.entries({ synthesized, target })) {
    if (Array.isArray(spec?.shape)) continue;
    throw new TypeError(`validateLoss: ${name} is ${shown(spec)}; it must be { shape, dtype }`);
  }
  const traced = traceUser("the loss", (x, y) => loss(x, y), [synthesized, target]);
  checkScalar("the loss", traced, imageDtype, "its first argument");
  return traced;
}
