// The loop of an iterative synthesis: steps, histories, the stop rule, pauses and cancellation
// (spec/synthesis.md, sections 4.3 to 4.6).

import { checkOptions, type optim, type Tensor } from "@plenoptic-js/tensor";
import type { FloatDType } from "../validate/error.ts";
import type { Descent, StepNumbers } from "./descent.ts";
import { NonFiniteError } from "./nonFinite.ts";
import { pause, WORK_MS } from "./pause.ts";
import { Series } from "./series.ts";
import { intervalOf, StoredImages } from "./storedImages.ts";

export interface SynthesizeOptions {
  /** Iterations of this call at most. Default 100. */
  readonly maxIter?: number;
  /**
   * Store the image before every n-th iteration (true: every one). Once set it holds for later calls; another value
   * is an error. Default: as set before, at first false.
   */
  readonly storeProgress?: boolean | number | null;
  /** Stop when the loss has changed by less than this within the window below. Default 1e-4. */
  readonly stopCriterion?: number;
  /** Length of that window, in iterations. Default 50. */
  readonly stopItersToCheck?: number;
  /** Stops the synthesis between two iterations; it can go on with another call. */
  readonly signal?: AbortSignal;
  /** Called after every iteration. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Numbers of the iteration just done. */
export interface Progress extends StepNumbers {
  /** Iterations done in this call. */
  readonly iteration: number;
  /** Iterations this call will do at most. */
  readonly maxIter: number;
  readonly learningRate: number;
}

/** How a call of synthesize() went. */
export interface SynthesisSummary {
  /** Iterations of this call. */
  readonly iterations: number;
  /** Iterations of all calls. */
  readonly numIter: number;
  /** Why it stopped: the loss no longer changed, or maxIter was reached. */
  readonly stopReason: "converged" | "maxIter";
  /** Objective and penalty of the final image. */
  readonly loss: number;
  readonly penalty: number;
}

/** Histories of a synthesis, one entry an iteration. All grow together, after the iteration is complete. */
export class Histories {
  readonly losses = new Series();
  readonly penalties = new Series();
  readonly gradientNorm = new Series();
  readonly pixelChangeNorm = new Series();
  readonly learningRates = new Series();
  readonly images = new StoredImages();
  /** Every how many iterations an image is stored; 0: never; null: not decided yet. */
  every: number | null = null;

  get length(): number {
    return this.losses.length;
  }
}

/** Histories with these entries. Learning rates, which files do not hold, are NaN unless they are given. */
export function historiesOf(entries: {
  readonly losses: Float64Array;
  readonly penalties: Float64Array;
  readonly gradientNorm: Float64Array;
  readonly pixelChangeNorm: Float64Array;
  readonly learningRates?: Float64Array;
  readonly every: number | null;
  readonly images: readonly Tensor<FloatDType>[];
}): Histories {
  const histories = new Histories();
  for (const name of ["losses", "penalties", "gradientNorm", "pixelChangeNorm"] as const) {
    for (const value of entries[name]) histories[name].push(value);
  }
  const rates = entries.learningRates ?? new Float64Array(entries.losses.length).fill(Number.NaN);
  for (const rate of rates) histories.learningRates.push(rate);
  for (const image of entries.images) histories.images.push(image);
  histories.every = entries.every;
  return histories;
}

interface CheckedOptions {
  readonly maxIter: number;
  readonly every: number;
  readonly stopCriterion: number;
  readonly stopItersToCheck: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

const OPTIONS = ["maxIter", "storeProgress", "stopCriterion", "stopItersToCheck", "signal", "onProgress"];

/** Checks the options of a call, before anything is changed. */
export function checkSynthesizeOptions(options: SynthesizeOptions, histories: Histories): CheckedOptions {
  checkOptions("synthesize()", options, OPTIONS);
  const { maxIter = 100, stopCriterion = 1e-4, stopItersToCheck = 50, signal, onProgress } = options;
  for (const [name, value] of Object.entries({ maxIter, stopItersToCheck })) {
    if (!Number.isInteger(value) || value < 0) {
      throw new RangeError(`synthesize: ${name} is ${String(value)}; it must be an integer, 0 or more`);
    }
  }
  if (typeof stopCriterion !== "number" || Number.isNaN(stopCriterion)) {
    throw new RangeError(`synthesize: stopCriterion is ${String(stopCriterion)}; it must be a number`);
  }
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    throw new TypeError("synthesize: signal must be an AbortSignal, such as new AbortController().signal");
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError(`synthesize: onProgress is ${typeof onProgress}; it must be a function`);
  }
  const asked = options.storeProgress ?? null;
  const every = asked === null ? (histories.every ?? 0) : intervalOf(asked);
  if (histories.every !== null && every !== histories.every) {
    throw new RangeError(
      `synthesize: storeProgress is ${String(asked)}, but it was ${histories.every} in the first call; give the same ` +
        "value or leave it out",
    );
  }
  return { maxIter, every, stopCriterion, stopItersToCheck, signal, onProgress };
}

/** Whether the loss has settled: the latest recorded one against that `window - 1` iterations before it. */
function hasConverged(losses: Series, criterion: number, window: number): boolean {
  const n = losses.length;
  if (n <= window) return false;
  // A window of 0 looks at the first loss, as Python does.
  const before = losses.at(window === 0 ? 0 : n - window);
  return Math.abs(before - losses.at(n - 1)) < criterion;
}

/** What moves the image: the descent, and the learning rate, which a scheduler may change after every iteration. */
export class Drive {
  readonly descent: Descent;
  readonly scheduler: optim.Scheduler | null;
  /** The learning rate of the first iteration of all. */
  readonly initialLr: number;
  schedule: optim.SchedulerState;

  /** @param going where a run that goes on stands */
  constructor(
    descent: Descent,
    scheduler: optim.Scheduler | null,
    going?: { readonly schedule: optim.SchedulerState; readonly initialLr: number },
  ) {
    this.descent = descent;
    this.scheduler = scheduler;
    const { lr } = descent.optimizer;
    this.schedule = going?.schedule ?? scheduler?.start(lr) ?? { lr };
    this.initialLr = going?.initialLr ?? lr;
  }
}

/** Runs iterations until one of the reasons to stop. Whatever ends it, every history ends with a whole iteration. */
export async function runIterations(
  drive: Drive,
  histories: Histories,
  options: CheckedOptions,
): Promise<SynthesisSummary> {
  const { descent, scheduler } = drive;
  const { maxIter, every, stopCriterion, stopItersToCheck, signal, onProgress } = options;
  histories.every = every;
  let iterations = 0;
  let converged = false;
  const clock = new Clock();
  while (iterations < maxIter && !converged) {
    signal?.throwIfAborted();
    const due = every > 0 && histories.length % every === 0;
    const before = due ? descent.image : null;
    const learningRate = drive.schedule.lr;
    const numbers = await stepOf(descent, drive.schedule, histories.length, clock);
    if (scheduler !== null) drive.schedule = scheduler.next(drive.schedule, numbers.loss);
    if (before !== null) histories.images.push(before);
    histories.losses.push(numbers.loss);
    histories.penalties.push(numbers.penalty);
    histories.gradientNorm.push(numbers.gradientNorm);
    histories.pixelChangeNorm.push(numbers.pixelChangeNorm);
    histories.learningRates.push(learningRate);
    iterations++;
    converged = hasConverged(histories.losses, stopCriterion, stopItersToCheck);
    onProgress?.({ ...numbers, iteration: iterations, maxIter, learningRate });
  }
  const stopReason = converged ? "converged" : "maxIter";
  return { iterations, numIter: histories.length, stopReason, ...descent.terms };
}

/** Lets others have their turn when it is time. */
class Clock {
  #since = performance.now();

  async rest(): Promise<void> {
    if (performance.now() - this.#since < WORK_MS) return;
    await pause();
    this.#since = performance.now();
  }
}

async function stepOf(
  descent: Descent,
  { lr, momentum }: optim.SchedulerState,
  iteration: number,
  clock: Clock,
): Promise<StepNumbers> {
  try {
    const step = descent.step(lr, momentum);
    let next = step.next();
    while (!next.done) {
      await clock.rest();
      next = step.next();
    }
    return next.value;
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    throw new NonFiniteError(
      `synthesize: ${error.message} at iteration ${iteration}. The image before that iteration and all histories up to ` +
        "it are kept. A smaller learning rate often helps; otherwise look for a division by 0 or an overflow in the model.",
    );
  }
}
