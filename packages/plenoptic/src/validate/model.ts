// The check of models (docs/science/synthesis.md, "Checks"). Models are traced, not run: shapes, dtypes and whether a
// gradient can flow are facts of the graph.

import {
  type DType,
  DTypeError,
  defaultGenerator,
  type FloatDType,
  type Shape,
  type Trace,
} from "@plenoptic-js/tensor";
import { checkOptions, describe, differentiablyDependsOn, shapeText } from "@plenoptic-js/tensor/engine";
import { type ModelLike, modelFunction } from "../models/model.ts";
import { UserWarning, warn } from "../warnings.ts";
import { traceUser, ValidationError } from "./error.ts";

export interface ValidateModelOptions {
  /** Default [1, 1, 16, 16]. */
  readonly imageShape?: Shape;
  /** Default float32. */
  readonly imageDtype?: FloatDType;
}

const COMPLEX = { float32: "complex64", float64: "complex128" } as const;

/**
 * Checks that a model can be synthesized with: it gives one tensor of the image's precision, a pure function of the
 * image through which a gradient can flow. Draws one uniform image from the global generator, as Python does, so that
 * what is drawn afterwards is the same as there.
 *
 * @returns the model's graph on such an image
 */
export function validateModel(model: ModelLike, options: ValidateModelOptions = {}): Trace {
  checkOptions("validateModel()", options, ["imageShape", "imageDtype"]);
  const { imageShape = [1, 1, 16, 16], imageDtype = "float32" } = options;
  const call = modelFunction(model);
  defaultGenerator().skipRand(
    imageShape.reduce((product, n) => product * n, 1),
    imageDtype,
  );
  const traced = traceUser("the model", call, [{ shape: imageShape, dtype: imageDtype }]);
  const { output, inputs } = traced;
  if (output.shape.includes(0)) {
    throw new ValidationError(
      `the model turns an image of ${shapeText(imageShape)} into ${describe(output)}, which holds nothing; it must give at least one number`,
    );
  }
  if (!differentiablyDependsOn(output, inputs)) {
    throw new ValidationError(
      "no gradient can flow through the model: its output does not depend on the image, or only through detach(), " +
        "comparisons or rounding. Build it from differentiable operations.",
    );
  }
  const fitting: readonly DType[] = [imageDtype, COMPLEX[imageDtype]];
  if (!fitting.includes(output.dtype)) {
    throw new DTypeError(
      `the model turns a ${imageDtype} image into ${describe(output)}; its output must be ${fitting.join(" or ")}`,
    );
  }
  if ((model as { training?: unknown }).training === true) {
    warn(new UserWarning("model-training", "validateModel: the model is in training mode; its results may be random"));
  }
  return traced;
}
