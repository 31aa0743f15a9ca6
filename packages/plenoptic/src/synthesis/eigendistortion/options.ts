// The options of Eigendistortion.synthesize, checked before anything is changed.

import type { Global } from "@plenoptic-js/formats";
import type { FloatDType } from "@plenoptic-js/tensor";
import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../../warnings.ts";
import { checkListener, checkSignal } from "../frame/callbacks.ts";
import type { ProgressListener } from "../frame/told.ts";
import type { EigendistortionProgress } from "./turn.ts";

/** How eigendistortions are found. docs/eigendistortion.md says when to use which. */
export type EigendistortionMethod = "krylov" | "exact" | "power" | "randomized_svd";

export interface EigendistortionOptions {
  /** Default "krylov". The others are Python's. */
  readonly method?: EigendistortionMethod;
  /**
   * How many of the largest and how many of the smallest; "randomized_svd" finds the largest only. Default 1; for "exact" all.
   */
  readonly k?: number;
  /**
   * "krylov": products with each vector, for each end, at most; default 1500. An image of up to 576 pixels, and no more than this,
   * is solved exactly by one product for each pixel. "power": iterations at most; default 1000.
   */
  readonly maxIter?: number;
  /** "randomized_svd": random vectors beyond k. Default 5. */
  readonly p?: number;
  /** "randomized_svd": further multiplications by F. Default 2. */
  readonly q?: number;
  /**
   * "krylov": largest residual as a share of the largest eigenvalue; default 1e-6, for float32 images 1e-4. "power": largest
   * change of the eigenvalues in an iteration; default 1e-7. 0 asks for all that rounding allows: "krylov" goes on to residuals of
   * rounding, or until `maxIter`; "power" until the eigenvalues do not change at all.
   */
  readonly stopCriterion?: number;
  /** Stops the search; nothing is changed then. */
  readonly signal?: Global<"AbortSignal">;
  /** Called often. */
  readonly onProgress?: (progress: EigendistortionProgress) => unknown;
}

export interface CheckedOptions {
  readonly method: EigendistortionMethod;
  /** How many of the largest and of the smallest: no more than n together. */
  readonly top: number;
  readonly bottom: number;
  readonly k: number;
  readonly maxIter: number;
  readonly p: number;
  readonly q: number;
  readonly stopCriterion: number;
  /** By what results are judged. */
  readonly tolerance: number;
  readonly signal: Global<"AbortSignal"> | undefined;
  readonly onProgress: ProgressListener<EigendistortionProgress> | undefined;
}

/** What the numbers of a method are where they are not given. */
export const EIGENDISTORTION_DEFAULTS = {
  krylov: { maxIter: 1500, stopCriterion: { float32: 1e-4, float64: 1e-6 } },
  power: { maxIter: 1000, stopCriterion: 1e-7 },
  randomized_svd: { p: 5, q: 2 },
} as const;

const { krylov: KRYLOV, power: POWER, randomized_svd: SVD } = EIGENDISTORTION_DEFAULTS;

/** By what all methods but "krylov" are judged. */
const TOLERANCE = KRYLOV.stopCriterion;

/** The relative residual, a share of the largest eigenvalue, up to which a pair counts as known. */
export function toleranceOf(
  method: EigendistortionMethod,
  stopCriterion: number | undefined,
  dtype: FloatDType,
): number {
  return method === "krylov" && stopCriterion !== undefined ? stopCriterion : TOLERANCE[dtype];
}

/** The options that are not for all methods. */
const OWN: Readonly<Record<EigendistortionMethod, readonly string[]>> = {
  krylov: ["maxIter", "stopCriterion"],
  exact: [],
  power: ["maxIter", "stopCriterion"],
  randomized_svd: ["p", "q"],
};

const SHARED = ["method", "k", "signal", "onProgress"];

/** @param n pixels */
export function checkEigendistortionOptions(
  options: EigendistortionOptions,
  n: number,
  dtype: FloatDType,
): CheckedOptions {
  const { method = "krylov" } = options ?? {};
  if (!Object.hasOwn(OWN, method)) {
    throw new RangeError(`synthesize: method is ${shown(method)}; it must be one of ${Object.keys(OWN).join(", ")}`);
  }
  checkOptions(`synthesize() with method "${method}"`, options, [...SHARED, ...OWN[method]]);
  const { k, p = SVD.p, q = SVD.q, signal, onProgress } = options;
  const { maxIter = method === "power" ? POWER.maxIter : KRYLOV.maxIter } = options;
  const { stopCriterion = method === "power" ? POWER.stopCriterion : KRYLOV.stopCriterion[dtype] } = options;
  const whole = { ...(k !== undefined && { k: [k, 1] }), maxIter: [maxIter, 1], p: [p, 0], q: [q, 0] };
  for (const [name, [value, least]] of Object.entries(whole)) {
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`synthesize: ${name} is ${shown(value)}; it must be a whole number, ${least} or more`);
    }
  }
  if (!(typeof stopCriterion === "number" && stopCriterion >= 0 && stopCriterion < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`synthesize: stopCriterion is ${shown(stopCriterion)}; it must be a finite number, 0 or more`);
  }
  if (k !== undefined && k > n) {
    throw new RangeError(
      `synthesize: k is ${k}, but an image of ${n} pixels has ${n} eigendistortions; use k up to ${n}`,
    );
  }
  checkSignal("synthesize", signal);
  checkListener("synthesize", onProgress);
  return {
    method,
    ...ends(method, k, n),
    k: k ?? 1,
    maxIter,
    p,
    q,
    stopCriterion,
    tolerance: toleranceOf(method, stopCriterion, dtype),
    signal,
    onProgress,
  };
}

/** Every pair once: where k from both ends are more than there are, the smallest give way. */
function ends(
  method: EigendistortionMethod,
  k: number | undefined,
  n: number,
): { readonly top: number; readonly bottom: number } {
  if (method === "exact" && k === undefined) return { top: n, bottom: 0 };
  const top = k ?? 1;
  if (method === "randomized_svd") return { top, bottom: 0 };
  const bottom = Math.min(top, n - top);
  // Who asks for n, such as one of one pixel, is given all.
  if (bottom < top && top < n) {
    warn(
      new UserWarning(
        "eigendistortion-count",
        `synthesize: ${top} of the largest and ${top} of the smallest are more than the ${n} that there are; each is given ` +
          `once, ${bottom} as the smallest`,
      ),
    );
  }
  return { top, bottom };
}
