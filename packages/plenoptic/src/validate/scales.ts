// The checks of models that can be asked for a part of their representation, or for its groups (docs/science/synthesis.md,
// "Checks"). They are what coarse-to-fine synthesis and the weighted losses need.

import {
  type FloatDType,
  hashTensor,
  rand,
  type Shape,
  type Tensor,
  TorchGenerator,
  tensor,
} from "@plenoptic-js/tensor";
import { checkOptions, describe, shapeText, shown } from "@plenoptic-js/tensor/engine";
import type { GroupedModel } from "../models/model.ts";
import { StoredModel } from "../models/storedModel.ts";
import { traceUser, ValidationError } from "./error.ts";

/** A model that can leave out parts of its representation. */
export interface ScaledModel {
  /** Names of the parts, coarse to fine. */
  readonly scales: readonly unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: the labels are the model's own
  forward(image: Tensor, options?: { readonly scales?: readonly any[] | null }): Tensor;
}

export interface ValidateScalesOptions {
  /** Default [1, 1, 16, 16]. */
  readonly imageShape?: Shape;
  /** Default float32. */
  readonly imageDtype?: FloatDType;
}

/**
 * Checks that every scale alone, and all but each one, gives a smaller representation than all together. (Python tries
 * every subset, which takes exponentially long.) Draws one uniform float32 image from the global generator, as Python does whatever the dtype
 * of the image.
 */
export function validateCoarseToFine(model: ScaledModel, options: ValidateScalesOptions = {}): void {
  checkOptions("validateCoarseToFine()", options, ["imageShape", "imageDtype"]);
  const { imageShape = [1, 1, 16, 16], imageDtype = "float32" } = options;
  const scales = (model as Partial<ScaledModel> | null)?.scales;
  if (!Array.isArray(scales) || scales.length < 2) {
    throw new ValidationError(
      `the model, ${shown(model)}, has no list "scales" of two names or more, coarse to fine; coarse-to-fine synthesis needs it`,
    );
  }
  rand(imageShape, { dtype: "float32" });
  const spec = { shape: imageShape, dtype: imageDtype };
  const shapeOf = (some: readonly unknown[] | null): Shape =>
    traceUser("the model", (image) => model.forward(image, { scales: some }), [spec]).output.shape;
  const whole = shapeOf(null);
  const parts = [...scales.map((scale) => [scale]), ...scales.map((scale) => scales.filter((s) => s !== scale))];
  for (const part of parts) {
    // A stored one has the parts that its synthesis asks for, and was looked at when it was made.
    if (model instanceof StoredModel && !model.stored.has(part)) continue;
    if (shapeOf(part).join() === whole.join()) {
      throw new ValidationError(
        `the model gives ${shapeText(whole)} for the scales [${part.map(String).join(", ")}], as it does for all of ` +
          "them; forward(image, { scales }) must return only the part that belongs to those scales",
      );
    }
  }
}

export interface ValidateConvertOptions extends ValidateScalesOptions {
  /** Random images to try. Default 100. */
  readonly nChecks?: number;
}

/**
 * Checks that convertToTensor undoes convertToDict bit for bit. Image i is the uniform image of seed i, as in Python, from a
 * generator of its own: the global one is not touched.
 */
export async function validateConvertTensorDict(
  model: GroupedModel,
  options: ValidateConvertOptions = {},
): Promise<void> {
  checkOptions("validateConvertTensorDict()", options, ["imageShape", "imageDtype", "nChecks"]);
  const { imageShape = [1, 1, 16, 16], imageDtype = "float32", nChecks = 100 } = options;
  for (const name of ["forward", "convertToDict", "convertToTensor"] as const) {
    if (typeof model?.[name] === "function") continue;
    throw new ValidationError(`the model, ${shown(model)}, has no function ${name}; taking groups apart needs it`);
  }
  const count = imageShape.reduce((a, b) => a * b, 1);
  for (let i = 0; i < nChecks; i++) {
    const image = tensor(new TorchGenerator(i).rand(count, imageDtype), { shape: imageShape });
    const representation = model.forward(image);
    const back = model.convertToTensor(model.convertToDict(representation));
    if ((await hashTensor(back)) !== (await hashTensor(representation))) {
      throw new ValidationError(
        `convertToTensor(convertToDict(r)) gives ${describe(back)}, which is not r, ${describe(representation)}, for the ` +
          `random image of seed ${i}; each must undo the other exactly`,
      );
    }
  }
}
