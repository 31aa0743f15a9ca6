// The loop of an iterative synthesis: steps, histories, the stop rules, pauses and cancellation.

import { counted } from "../../counted.ts";
import { UserWarning, warn } from "../../warnings.ts";
import type { Ending, StepNumbers } from "./descent.ts";
import type { Driven } from "./drive.ts";
import type { Histories } from "./histories.ts";
import { NonFiniteError } from "./nonFinite.ts";
import { Rests } from "./pause.ts";
import { hasConverged } from "./stopRules.ts";
import type { CheckedOptions } from "./synthesizeOptions.ts";
import { told } from "./told.ts";

/** How a call of synthesize() went. */
export interface SynthesisSummary {
  /** Iterations of this call. */
  readonly iterations: number;
  /** Iterations of all calls. */
  readonly numIter: number;
  /**
   * Why it stopped: the loss no longer changed, maxIter was reached, or maxSeconds; of a constrained MAD competition also that
   * no direction improves the metric ("stationary"), or that no step along the constraint could be brought back ("blocked").
   */
  readonly stopReason: "converged" | "maxIter" | "maxSeconds" | Ending["reason"];
  /** The same in words. */
  readonly stopText: string;
  /** Objective and penalty of the final image. */
  readonly loss: number;
  readonly penalty: number;
}

/** How a method steers its iterations. Nothing that `next` says holds before `done` is called. */
export interface Course {
  /** What the next iteration descends, when `iterations` have been done. */
  next(iterations: number): {
    readonly stage: number;
    /** Whether the learning rate becomes the first one again. */
    readonly restartsRate: boolean;
    /** What is recorded of the step's numbers, and the loss that a scheduler is told. Called when the step is done. */
    done(numbers: StepNumbers): { readonly numbers: StepNumbers; readonly descended: number };
  };
  /** The first iteration whose loss counts for the relative stop rule; Infinity: no rule holds yet. */
  countsFrom(): number;
}

/** What keeps a run on its way, so that another process can go on. */
export interface Keeping {
  /** Iterations of this call, and seconds of them, that another process has made. */
  readonly taken: { readonly iterations: number; readonly seconds: number };
  /** So many iterations are done, and the run goes on: keeps it if it is time. */
  due(iterations: number): Promise<void>;
  /** The run ends here, before it is done: keeps it. */
  now(iterations: number): Promise<void>;
}

/** What a run asks and tells around its steps. */
export interface Around {
  /** To be awaited before a step goes on; undefined where nothing is waited for. */
  free(): Promise<unknown> | undefined;
  /** Told how many steps were made in all, after each. */
  stepped(steps: number): Promise<void>;
  readonly keeping: Keeping | null;
}

/** The course of a method with one objective. */
export const ONE_STAGE: Course = {
  next: () => ({
    stage: 0,
    restartsRate: false,
    done: (numbers) => ({ numbers, descended: numbers.loss }),
  }),
  countsFrom: () => 0,
};

/** Runs iterations until one of the reasons to stop. Whatever ends it, every history ends with a whole iteration. */
export async function runIterations(
  drive: Driven,
  course: Course,
  histories: Histories,
  options: CheckedOptions,
  { free, stepped, keeping }: Around,
): Promise<SynthesisSummary> {
  const { descent } = drive;
  const { maxIter, every, maxSeconds, signal, onProgress } = options;
  if (maxIter > 0) histories.every = every;
  let iterations = keeping?.taken.iterations ?? 0;
  const rests = new Rests();
  const start = performance.now() - 1000 * (keeping?.taken.seconds ?? 0);
  const settled = (): Stop | null => {
    if (hasConverged(histories.of("losses"), options, course.countsFrom())) {
      return { stopReason: "converged", stopText: `the loss has settled after ${counted(iterations, "iteration")}` };
    }
    if (maxSeconds === null || performance.now() - start < maxSeconds * 1000) return null;
    return { stopReason: "maxSeconds", stopText: `maxSeconds was reached after ${counted(iterations, "iteration")}` };
  };
  const rest = async (): Promise<void> => {
    await rests.rest();
    const waiting = free();
    if (waiting !== undefined) await waiting;
  };
  /** What is asked between two evaluations: whether to end a step there. Without what keeps it, a step is made to its end. */
  const ends = keeping === null ? null : () => signal?.aborted === true;
  // The last iteration that was taken up may have been the last of all.
  let stop = iterations === 0 ? null : settled();
  while (stop === null) {
    if (iterations >= maxIter) {
      stop = { stopReason: "maxIter", stopText: `maxIter was reached: ${counted(maxIter, "iteration")}` };
      break;
    }
    if (signal?.aborted === true) {
      await keeping?.now(iterations);
      signal.throwIfAborted();
    }
    await keeping?.due(iterations);
    const place = histories.length / every;
    const before = every > 0 && Number.isInteger(place) ? descent.image : null;
    const made = await iterationOf(drive, course, histories.length, rest, ends);
    if (made === null) continue;
    const { numbers, descended, learningRate } = made;
    const { stop: ending, stepLength: rate = learningRate, ...others } = numbers;
    if (ending !== undefined) {
      stop = { stopReason: ending.reason, stopText: ending.text };
      break;
    }
    if (histories.length === 0) warnOfRest(numbers);
    drive.advance(learningRate, descended);
    // Where Python was interrupted, a file has an image of this iteration already.
    if (before !== null) histories.images.put(place, before);
    histories.push(numbers, rate);
    iterations++;
    await stepped(histories.length);
    stop = settled();
    try {
      const waiting = told(onProgress, { ...others, iteration: iterations, maxIter, learningRate: rate });
      if (waiting !== undefined) await waiting;
    } catch (error) {
      await keeping?.now(iterations);
      throw error;
    }
  }
  const { loss, penalty } = descent.terms;
  return { iterations, numIter: histories.length, ...stop, loss, penalty };
}

type Stop = Pick<SynthesisSummary, "stopReason" | "stopText">;

/** Warns of a start from which nothing moves. */
function warnOfRest({ loss, gradientNorm, pixelChangeNorm }: StepNumbers): void {
  if (gradientNorm !== 0 || pixelChangeNorm !== 0) return;
  const words =
    loss === 0
      ? "the loss and its gradient are 0 at the starting image: it is what is looked for already, and stays as it is. Start from " +
        "another image"
      : `the gradient is exactly 0 at the starting image, though the loss is ${loss}: nothing can move. Start from another image, ` +
        "or look for what is flat there, such as clipping, rounding, or a rectification of negative values only";
  warn(new UserWarning("no-gradient", `synthesize: ${words}`));
}

/** An iteration; null where it was ended before it was whole, and is to be done again. */
async function iterationOf(
  drive: Driven,
  course: Course,
  iteration: number,
  rest: () => Promise<void>,
  ends: (() => boolean) | null,
): Promise<{ readonly numbers: StepNumbers; readonly descended: number; readonly learningRate: number } | null> {
  try {
    const { stage, restartsRate, done } = course.next(iteration);
    const pace = drive.pace(restartsRate);
    const step = drive.descent.step(pace, stage, ends !== null);
    let next = step.next();
    while (!next.done) {
      await rest();
      if (ends?.() === true) {
        step.return(undefined as never);
        return null;
      }
      next = step.next();
    }
    return { ...done(next.value), learningRate: pace.lr };
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    const words =
      iteration === 0
        ? "before the first step. The starting image is kept."
        : `after ${counted(iteration, "iteration")}. The image and all histories up to then are kept.`;
    throw new NonFiniteError(`synthesize: ${error.message} ${words}`, { cause: error });
  }
}
