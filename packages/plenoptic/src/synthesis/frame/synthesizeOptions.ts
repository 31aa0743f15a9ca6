// The options of a call of synthesize(), checked before anything is changed.

import type { Global } from "@plenoptic-js/formats";
import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { checkListener, checkSignal } from "./callbacks.ts";
import { type CheckedCheckpoint, type CheckpointOptions, checkCheckpoint } from "./checkpointOptions.ts";
import type { StepNumbers } from "./descent.ts";
import type { Histories } from "./histories.ts";
import type { StopRules } from "./stopRules.ts";
import { intervalOf } from "./storedImages.ts";
import type { ProgressListener } from "./told.ts";

/** Numbers of the iteration just done. */
export interface Progress extends Omit<StepNumbers, "recorded" | "stepLength" | "stop"> {
  /** Iterations done in this call. */
  readonly iteration: number;
  /** Iterations this call will do at most; Infinity where time alone bounds it. */
  readonly maxIter: number;
  readonly learningRate: number;
  /** What else the method records, by the names of its histories. */
  readonly recorded: Readonly<Record<string, number>>;
}

export interface SynthesizeOptions {
  /** Iterations of this call at most; with `maxSeconds`, Infinity too: what the time allows. Default 100. */
  readonly maxIter?: number;
  /**
   * Store the image before every n-th iteration (true: every one). Once set it holds for later calls; another value
   * is an error. Default: as set before, at first false.
   */
  readonly storeProgress?: boolean | number | null;
  /**
   * Stop when the loss has changed by less than this within the window below: Python's rule, which knows nothing of the scale
   * of the loss. null, and any number that is not above 0: this rule never stops. Default 1e-4; with `stopRtol`, and in a
   * constrained MAD competition, off unless it is given.
   */
  readonly stopCriterion?: number | null;
  /**
   * Stop when, over one full window, the largest and the smallest loss lie no further apart than this part of the last one: a
   * rule that holds on any scale, such as 1e-3. Default null: off.
   */
  readonly stopRtol?: number | null;
  /** Length of that window, in iterations: a whole number, 0 or more. Default 50. */
  readonly stopItersToCheck?: number;
  /**
   * Stop when this call has taken that many seconds. It decides only when to stop: the recipe records the iterations made.
   * Default null: no limit.
   */
  readonly maxSeconds?: number | null;
  /** Stops the synthesis between two iterations, with a checkpoint after the evaluation at hand; it can go on with another call. */
  readonly signal?: Global<"AbortSignal">;
  /**
   * Keeps the synthesis in a file while it runs, from which the same program goes on after a crash to the same bits: see
   * docs/reproducibility.md. When the call is done, the file is what save() writes. Node only. Default null: none.
   */
  readonly checkpoint?: CheckpointOptions | null;
  /**
   * Called after every iteration. Where it returns a promise, the next iteration waits for it; what it throws, or rejects with,
   * ends the synthesis, which can go on with another call.
   */
  readonly onProgress?: (progress: Progress) => unknown;
}

export interface CheckedOptions extends StopRules {
  readonly maxIter: number;
  readonly every: number;
  readonly maxSeconds: number | null;
  readonly signal: Global<"AbortSignal"> | undefined;
  readonly onProgress: ProgressListener<Progress> | undefined;
  readonly checkpoint: CheckedCheckpoint | null;
}

const OPTIONS = [
  "maxIter",
  "storeProgress",
  "stopCriterion",
  "stopRtol",
  "stopItersToCheck",
  "maxSeconds",
  "signal",
  "onProgress",
  "checkpoint",
];

/** Refuses what is no object of options, and unknown ones. */
export function checkNames(options: SynthesizeOptions, own: readonly string[]): void {
  checkOptions("synthesize()", options, [...OPTIONS, ...own]);
}

/** @param own names of the options that the method has besides, which it has checked itself */
export function checkSynthesizeOptions(
  options: SynthesizeOptions,
  histories: Histories,
  own: readonly string[],
): CheckedOptions {
  checkNames(options, own);
  const { maxIter = 100, stopItersToCheck = 50, stopRtol = null, maxSeconds = null, signal, onProgress } = options;
  const stopCriterion = options.stopCriterion === undefined ? (stopRtol === null ? 1e-4 : null) : options.stopCriterion;
  if (maxIter === Infinity) checkBounded(maxSeconds);
  else checkCount("maxIter", maxIter);
  checkCount("stopItersToCheck", stopItersToCheck);
  if (stopCriterion !== null && (typeof stopCriterion !== "number" || Number.isNaN(stopCriterion))) {
    throw new RangeError(
      `synthesize: stopCriterion is ${shown(stopCriterion)}; it must be a number, or null: 0 or less, as null, never stops by this rule`,
    );
  }
  for (const [name, value] of Object.entries({ stopRtol, maxSeconds })) {
    if (value !== null && !(typeof value === "number" && value >= 0)) {
      throw new RangeError(`synthesize: ${name} is ${shown(value)}; it must be a number, 0 or more, or null`);
    }
  }
  if (stopRtol !== null && stopItersToCheck < 2) {
    throw new RangeError(
      `synthesize: stopItersToCheck is ${stopItersToCheck}; with stopRtol it must be 2 or more, for within one iteration nothing changes`,
    );
  }
  checkSignal("synthesize", signal);
  checkListener("synthesize", onProgress);
  const checkpoint = checkCheckpoint(options.checkpoint);
  const asked = options.storeProgress ?? null;
  const every = asked === null ? (histories.every ?? 0) : intervalOf(asked);
  if (histories.every !== null && every !== histories.every) {
    throw new RangeError(
      `synthesize: storeProgress is ${shown(asked)}, but it was ${histories.every} in the first call; give the same ` +
        "value or leave it out",
    );
  }
  return { maxIter, every, stopCriterion, stopRtol, stopItersToCheck, maxSeconds, signal, onProgress, checkpoint };
}

/** Without end only where time bounds it: other rules may never hold. */
function checkBounded(maxSeconds: number | null): void {
  if (maxSeconds !== null && maxSeconds !== Infinity) return;
  throw new RangeError(
    "synthesize: maxIter is Infinity; it must be a whole number, 0 or more, or be given with a budget of time: maxSeconds",
  );
}

export function checkCount(name: string, value: number, least = 0): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`synthesize: ${name} is ${shown(value)}; it must be a whole number, ${least} or more`);
  }
}
