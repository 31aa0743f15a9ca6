// The default weight of the reference metric in a MAD competition: a power of ten near the ratio of the two metrics, as in
// Python's plenoptic.

import { log64, type Tensor } from "@plenoptic-js/tensor";
import type { FloatDType } from "../../validate/error.ts";
import type { MetricFunction } from "../../validate/metric.ts";
import { roundToEven } from "../frame/progress.ts";

/** 10 to the power of log10(optimized / reference), rounded; of the two metrics between an image and another. */
export function tradeoffWeight(
  optimizedMetric: MetricFunction,
  referenceMetric: MetricFunction,
  image: Tensor<FloatDType>,
  other: Tensor,
): number {
  const optimized = optimizedMetric(image, other).itemSync();
  const reference = referenceMetric(image, other).itemSync();
  const ratio = optimized / reference;
  if (!(ratio > 0 && ratio < Infinity)) {
    throw new RangeError(
      `MADCompetition: no weight can be guessed: for the image and noise the optimized metric is ${optimized} and the ` +
        `reference metric ${reference}. Give metricTradeoffLambda, or use constrained: true`,
    );
  }
  const round = image.dtype === "float32" ? Math.fround : (x: number): number => x;
  return round(Number(`1e${roundToEven(round(log64(ratio) / log64(10)))}`));
}
