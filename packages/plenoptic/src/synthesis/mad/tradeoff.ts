// The default weight of the reference metric in a MAD competition: a power of ten near the ratio of the two metrics, as in
// Python's plenoptic.

import { type FloatDType, rand, type Tensor } from "@plenoptic-js/tensor";
import { log64 } from "@plenoptic-js/tensor/engine";
import type { MetricFunction } from "../../validate/metric.ts";
import { roundToEven } from "../roundToEven.ts";

/** 10 to the power of log10(optimized / reference), rounded; null where that ratio is no number above 0. */
export function tradeoffWeight(optimized: number, reference: number, dtype: FloatDType): number | null {
  const ratio = optimized / reference;
  if (!(ratio > 0 && ratio < Infinity)) return null;
  const round = dtype === "float32" ? Math.fround : (x: number): number => x;
  return round(Number(`1e${roundToEven(round(log64(ratio) / log64(10)))}`));
}

/** Python's default weight, from a random image. */
export function guessWeight(
  optimizedMetric: MetricFunction,
  referenceMetric: MetricFunction,
  image: Tensor<FloatDType>,
): number {
  const { shape, dtype } = image;
  const other = rand(shape, { dtype });
  const [optimized, reference] = [optimizedMetric, referenceMetric].map((metric) => metric(image, other).itemSync());
  const weight = tradeoffWeight(optimized, reference, dtype);
  if (weight !== null) return weight;
  throw new RangeError(
    `MADCompetition: no weight can be guessed: for the image and noise the optimized metric is ${optimized} and the ` +
      `reference metric ${reference}. Give metricTradeoffLambda, or use constrained: true`,
  );
}
