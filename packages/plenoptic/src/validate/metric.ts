// The check of metrics (spec/synthesis.md, section 12.4).

import { checkOptions, DTypeError, differentiablyDependsOn, rand, type Shape, type Tensor } from "@plenoptic-js/tensor";
import { describe, type FloatDType, traceUser, ValidationError } from "./error.ts";

/** A distance of two images: one real number, 0 for equal images and never negative. */
export type MetricFunction = (a: Tensor, b: Tensor) => Tensor;

export interface ValidateMetricOptions {
  /** Default [1, 1, 16, 16]. */
  readonly imageShape?: Shape;
  /** Default float32. */
  readonly imageDtype?: FloatDType;
}

/** Pairs of random images that are compared. */
const PAIRS = 20;

/** What counts as 0 for identical images: this much, or this part of a typical distance. */
const ZERO = 5e-7;
const ZERO_SHARE = 1e-3;

/**
 * Checks that a metric can be used: two images in, one real number of their precision out, negligible for identical
 * images and never negative, with a gradient that flows to the second image. Negligible means at most 5e-7, or a
 * thousandth of the mean distance of random images, so that metrics with a small offset (nlpd, model metrics) pass.
 *
 * Draws 1 + 20 uniform images from the global generator, as Python does. Runs the metric on them, on this thread.
 */
export function validateMetric(metric: MetricFunction, options: ValidateMetricOptions = {}): void {
  checkOptions("validateMetric()", options, ["imageShape", "imageDtype"]);
  const { imageShape = [1, 1, 16, 16], imageDtype = "float32" } = options;
  if (typeof metric !== "function") {
    throw new TypeError(`the metric is ${typeof metric}; it must be a function of two images, such as metric.mse`);
  }
  const a = rand(imageShape, { dtype: imageDtype });
  const others = Array.from({ length: PAIRS }, () => rand(imageShape, { dtype: imageDtype }));
  const spec = { shape: imageShape, dtype: imageDtype };
  const { output, inputs } = traceUser("the metric", (x, y) => metric(x, y), [spec, spec]);
  if (output.shape.some((n) => n !== 1)) {
    throw new ValidationError(
      `the metric gives ${describe(output)} for images of [${imageShape.join(", ")}]; it must give one number. Average ` +
        "over batch and channels too.",
    );
  }
  if (output.dtype !== imageDtype) {
    throw new DTypeError(`the metric gives ${describe(output)}; it must be ${imageDtype}, like the images`);
  }
  if (!differentiablyDependsOn(output, [inputs[1]])) {
    throw new ValidationError(
      "no gradient can flow through the metric to its second image. Build it from differentiable operations.",
    );
  }
  const distances = others.map((b) => metric(a, b).reshape([]).itemSync());
  const wrong = distances.find((d) => !(d >= 0));
  if (wrong !== undefined) {
    throw new ValidationError(`the metric gives ${wrong} for two random images; a distance is a number, 0 or more`);
  }
  const same = metric(a, a).reshape([]).itemSync();
  const typical = distances.reduce((sum, d) => sum + d, 0) / PAIRS;
  if (!(Math.abs(same) <= Math.max(ZERO, ZERO_SHARE * typical))) {
    throw new ValidationError(
      `the metric gives ${same} for two identical images, and ${typical} for random ones; it must be 0 for identical ` +
        "images. A similarity can be turned round, as oneMinusSsim does.",
    );
  }
}
