// What a MAD competition is made of, and the numbers it records.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import type { MetricFunction } from "../../validate/metric.ts";
import type { Own } from "../runningSynthesis.ts";
import type { ConstrainedSnapshot } from "./constrained.ts";
import type { MinMax, Range } from "./madOptions.ts";

/** What it was given, and keeps. */
export interface MADGiven {
  readonly image: Tensor<FloatDType>;
  readonly optimizedMetric: MetricFunction;
  readonly referenceMetric: MetricFunction;
  readonly penaltyLambda: number;
  /** The bounds of the pixels in the constrained mode; null: none. */
  readonly allowedRange: Range;
}

export interface MADOwn extends Own {
  readonly minmax: MinMax;
  /** null in the constrained mode. */
  readonly weight: number | null;
  /** Of a loaded synthesis in the constrained mode: what it remembered. */
  readonly going: ConstrainedSnapshot | null;
  /** null before setup(). */
  readonly initialImage: Tensor<FloatDType> | null;
  /** What the reference metric is to stay at; null before setup(). */
  readonly referenceTarget: number | null;
}

/** Our names of the two series. */
export const SERIES = ["optimizedMetricLoss", "referenceMetricLoss"] as const;
