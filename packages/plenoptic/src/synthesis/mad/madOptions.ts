// What a MAD competition can be asked for, and what it tells of one moment.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { shown } from "@plenoptic-js/tensor/engine";
import type { Moment } from "../frame/progress.ts";
import type { OptimizerOptions, PenaltyOptions } from "../runningSynthesis.ts";

export type MinMax = "min" | "max";

export interface MADCompetitionOptions extends PenaltyOptions {
  /**
   * Weight of the squared change of the reference metric. Default: a power of ten near the ratio of the two metrics, for the
   * image and one of noise that is drawn from the global generator. Not for the constrained mode.
   */
  readonly metricTradeoffLambda?: number | null;
  /**
   * Hold the reference metric at its first value, to one part in a million, instead of weighing its changes. Needs no weight and
   * no optimizer. Default false: Python's objective.
   */
  readonly constrained?: boolean;
  /**
   * Of the constrained mode: the range that no pixel leaves, into which the starting image is moved first; null: none. Default
   * [0, 1]. Without one, a metric that grows without end (MSE at a fixed SSIM does) has no largest value.
   */
  readonly allowedRange?: readonly [low: number, high: number] | null;
}

/** Options of `MADCompetition.all`. */
export interface MADAllOptions extends Omit<MADCompetitionOptions, "metricTradeoffLambda" | "constrained"> {
  /** Weights of the reference metric, one for all four or each its own: Python's objective. Default null: the constrained mode. */
  readonly metricTradeoffLambda?: number | Readonly<Record<MADName, number>> | null;
  /** As in setup(). Default 0.1. */
  readonly initialNoise?: number | Tensor | null;
  /** As in setup(). */
  readonly initialImage?: Tensor | null;
}

/** The four images of a competition: each metric made small and large. */
export type MADName = "minA" | "maxA" | "minB" | "maxB";

export interface MADSetupOptions extends OptimizerOptions {
  /** Standard deviation of the normal noise added to the image to start from; a tensor multiplies it pixel by pixel. Default 0.1. */
  readonly initialNoise?: number | Tensor | null;
  /** The image to start from, instead of the noisy one. */
  readonly initialImage?: Tensor | null;
}

/** What is known of one moment of a MAD competition. */
export interface MADProgress extends Omit<Moment, "recorded"> {
  readonly optimizedMetricLoss: number;
  readonly referenceMetricLoss: number;
  /** The stored image chosen for this iteration; only when images are stored. */
  readonly savedMadImage?: Tensor<FloatDType>;
  /** The iteration at which that image was stored. */
  readonly storeProgressIteration?: number;
}

/** The bounds of the pixels in the constrained mode; null: none. */
export type Range = readonly [low: number, high: number] | null;

/** The bounds of the constrained mode. Refuses options of one mode in the other. */
export function checkMode({
  constrained = false,
  metricTradeoffLambda = null,
  allowedRange,
  penaltyLambda,
}: MADCompetitionOptions): Range {
  if (typeof constrained !== "boolean") {
    throw new TypeError(`MADCompetition: constrained is ${shown(constrained)}; it must be true or false`);
  }
  if (!constrained) {
    if (allowedRange === undefined) return null;
    throw new RangeError(
      "MADCompetition: allowedRange is for constrained: true; in the weighted mode the penalty keeps pixels in their range",
    );
  }
  if (metricTradeoffLambda !== null) {
    throw new RangeError(
      "MADCompetition: the constrained mode has no weight; leave out metricTradeoffLambda or constrained",
    );
  }
  if (penaltyLambda !== undefined) {
    throw new RangeError(
      "MADCompetition: in the constrained mode the penalty is recorded and has no weight; leave out penaltyLambda: allowedRange " +
        "keeps pixels in their range",
    );
  }
  if (allowedRange === undefined) return [0, 1];
  if (allowedRange === null) return null;
  const [low, high] = Array.isArray(allowedRange) ? (allowedRange as readonly number[]) : [];
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new RangeError(
      `MADCompetition: allowedRange is ${shown(allowedRange)}; it must be two numbers, the lower one first, or null`,
    );
  }
  return Object.freeze([low, high] as const);
}

/** Refuses weights of `MADCompetition.all` that are neither one number nor one for each of the four. */
export function checkWeights(weights: MADAllOptions["metricTradeoffLambda"]): void {
  if (weights === null || weights === undefined || typeof weights === "number") return;
  const names: readonly MADName[] = ["minA", "maxA", "minB", "maxB"];
  const given = typeof weights === "object" ? Object.keys(weights) : [];
  const fits = given.length === names.length && names.every((name) => typeof weights[name] === "number");
  if (!fits) {
    throw new RangeError(
      `MADCompetition.all(): metricTradeoffLambda is ${shown(weights)}; it must be a number, or an object with a number ` +
        `for each of ${names.join(", ")}, or null for the constrained mode`,
    );
  }
}
