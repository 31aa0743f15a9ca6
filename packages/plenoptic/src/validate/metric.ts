// The check of metrics (docs/science/synthesis.md, "Checks").

import {
  DTypeError,
  defaultGenerator,
  type FloatDType,
  gradient,
  rand,
  type Shape,
  Tensor,
  type Trace,
  trace,
} from "@plenoptic-js/tensor";
import {
  checkOptions,
  describe,
  differentiablyDependsOn,
  fromValue,
  heldValue,
  outputAt,
  Program,
  shapeText,
  shown,
} from "@plenoptic-js/tensor/engine";
import { checkFitting } from "../fitting.ts";
import { traceUser, ValidationError } from "./error.ts";

/** A distance of two images: one real number, 0 (or next to nothing) for equal images and never negative. */
export type MetricFunction = (a: Tensor, b: Tensor) => Tensor;

export interface ValidateMetricOptions {
  /** Default [1, 1, 16, 16]. */
  readonly imageShape?: Shape;
  /** Default float32. */
  readonly imageDtype?: FloatDType;
}

/** Pairs of random images that are compared. */
const PAIRS = 20;

/** What is negligible for identical images: this much (Python's rule), or this part of a typical distance. */
const NEGLIGIBLE = 5e-7;
const NEGLIGIBLE_SHARE = 0.01;

const TURN_ROUND = "A similarity can be turned round, as metric.oneMinusSsim does.";

/** The traced metric as one small program, so that 21 pairs cost one compilation. */
function distancesFrom(a: Tensor, { inputs: [first, second], output }: Trace): (b: Tensor) => Tensor {
  const program = new Program({ buffers: { first, second }, entries: { run: { outputs: { distance: output } } } });
  program.set("first", heldValue(a));
  return (b) => {
    program.set("second", heldValue(b));
    program.run("run");
    return fromValue(program.get("run.distance"));
  };
}

/** A metric of two images, whose values it does not see: so it warns of nothing. */
export function distanceOf(metric: MetricFunction, a: Tensor, b: Tensor): Tensor {
  return outputAt(
    trace((x, y) => metric(x, y), [a, b]),
    [a, b],
  );
}

/** The global generator as validateMetric leaves it: past one random image, and those it is compared with. */
export function skipMetricImages({ shape, dtype }: Tensor<FloatDType>): void {
  const size = shape.reduce((product, n) => product * n, 1);
  defaultGenerator().skipRand((1 + PAIRS) * size, dtype);
}

/**
 * Checks that a metric can be used: two images in, one real number of their precision out, negligible for identical
 * images and never negative, with a gradient that flows to the second image. Negligible means: not further from 0 than
 * 5e-7, or than a hundredth of the mean distance of 20 random images, whichever is more. So metrics with a small offset
 * pass (`metric.nlpd`, those of `metric.modelMetricFactory`), on whatever scale they measure.
 *
 * Draws 1 + 20 uniform images from the global generator, as Python does. Runs the metric on them, on this thread.
 *
 * @returns the metric's graph on two such images
 */
export function validateMetric(metric: MetricFunction, options: ValidateMetricOptions = {}): Trace {
  checkOptions("validateMetric()", options, ["imageShape", "imageDtype"]);
  const { imageShape = [1, 1, 16, 16], imageDtype = "float32" } = options;
  if (typeof metric !== "function") {
    throw new TypeError(`the metric is ${shown(metric)}; it must be a function of two images, such as metric.mse`);
  }
  const spec = { shape: imageShape, dtype: imageDtype };
  const traced = traceUser("the metric", (x, y) => metric(x, y), [spec, spec]);
  const { output, inputs } = traced;
  if (output.shape.some((n) => n !== 1)) {
    throw new ValidationError(
      `the metric gives ${describe(output)} for images of ${shapeText(imageShape)}; it must give one number. Average ` +
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
  const [first, second] = inputs;
  checkFitting(spec, () => {
    const slope = gradient(new Tensor(output).reshape([]), new Tensor(second)).node;
    return { buffers: { first, second }, entries: { run: { outputs: { distance: output, slope } } } };
  });
  // One after the other: large images are not all held.
  const random = (): Tensor => rand(imageShape, { dtype: imageDtype });
  const a = random();
  const distanceOfA = distancesFrom(a, traced);
  const distances = Array.from({ length: PAIRS }, () => distanceOfA(random()).itemSync());
  const wrong = distances.find((d) => !(d >= 0 && d < Infinity));
  if (wrong !== undefined) {
    throw new ValidationError(
      `the metric gives ${wrong} for two random images; a distance is a finite number, 0 or more. ` +
        (Number.isFinite(wrong)
          ? TURN_ROUND
          : "Look for a division by 0, a logarithm or root of 0, or an overflow in it."),
    );
  }
  const same = distanceOfA(a).itemSync();
  const typical = distances.reduce((sum, d) => sum + d, 0) / PAIRS;
  const limit = Math.max(NEGLIGIBLE, NEGLIGIBLE_SHARE * typical);
  if (!(Math.abs(same) <= limit)) {
    throw new ValidationError(
      `the metric gives ${same} for two identical images; that must be negligible: at most ${NEGLIGIBLE}, or a hundredth ` +
        `of the mean distance of ${PAIRS} random images (${typical}), so at most ${limit} here. Subtract what it gives for ` +
        `identical images. ${TURN_ROUND}`,
    );
  }
  return traced;
}
