// What a scheduler is: a description of how the learning rate changes from iteration to iteration. Its state is plain
// data, so it can be stored. Rules: spec/optimizers.md, section 5 (torch.optim.lr_scheduler).

import { checkOptions } from "../options.ts";
import { checkChoice, checkCounts, checkNotNegative, checkNumber, describe } from "./checks.ts";

/** The learning rate of the next iteration, and what else a scheduler remembers. */
export interface SchedulerState {
  readonly lr: number;
  readonly [name: string]: number;
}

export interface Scheduler {
  readonly name: string;
  /** All options with their values, for recipes. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The state before the first iteration, whose learning rate is `lr`. */
  start(lr: number): SchedulerState;
  /** The state after an iteration, whose loss (before its step) was `loss`. */
  next(state: SchedulerState, loss: number): SchedulerState;
  toString(): string;
}

function scheduler(
  name: string,
  options: Readonly<Record<string, unknown>>,
  rules: Pick<Scheduler, "start" | "next">,
): Scheduler {
  const all = Object.freeze({ ...options });
  return Object.freeze({ name, options: all, ...rules, toString: () => describe(name, all) });
}

export interface ExponentialLROptions {
  /** Factor of every iteration. */
  readonly gamma: number;
}

/** Multiplies the learning rate by `gamma` after every iteration. */
export function ExponentialLR(options: ExponentialLROptions): Scheduler {
  checkOptions("ExponentialLR()", options, ["gamma"]);
  const { gamma } = options;
  checkNotNegative("ExponentialLR", { gamma });
  return scheduler("ExponentialLR", { gamma }, { start: (lr) => ({ lr }), next: ({ lr }) => ({ lr: lr * gamma }) });
}

export interface StepLROptions {
  /** Iterations from one change to the next. */
  readonly stepSize: number;
  /** Default 0.1. */
  readonly gamma?: number;
}

/** Multiplies the learning rate by `gamma` after every `stepSize` iterations. */
export function StepLR(options: StepLROptions): Scheduler {
  checkOptions("StepLR()", options, ["stepSize", "gamma"]);
  const { stepSize, gamma = 0.1 } = options;
  checkCounts("StepLR", 1, { stepSize });
  checkNotNegative("StepLR", { gamma });
  return scheduler(
    "StepLR",
    { stepSize, gamma },
    {
      start: (lr) => ({ lr, iterations: 0 }),
      next(state) {
        const iterations = state.iterations + 1;
        return { lr: iterations % stepSize === 0 ? state.lr * gamma : state.lr, iterations };
      },
    },
  );
}

export interface ReduceLROnPlateauOptions {
  /** Whether the loss should become small or large. Default "min". */
  readonly mode?: "min" | "max";
  /** What the learning rate is multiplied by; below 1. Default 0.1. */
  readonly factor?: number;
  /** Iterations without improvement that are let pass. Default 10. */
  readonly patience?: number;
  /** What counts as an improvement: a share of the best loss ("rel") or a difference ("abs"). Default 1e-4. */
  readonly threshold?: number;
  /** Default "rel". */
  readonly thresholdMode?: "rel" | "abs";
  /** Iterations after a change during which nothing is counted. Default 0. */
  readonly cooldown?: number;
  /** The learning rate never goes below it. Default 0. */
  readonly minLr?: number;
  /** Smaller changes of the learning rate are not made. Default 1e-8. */
  readonly eps?: number;
}

const PLATEAU = ["mode", "factor", "patience", "threshold", "thresholdMode", "cooldown", "minLr", "eps"];

/** Lessens the learning rate when the loss has stopped improving. */
export function ReduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Scheduler {
  checkOptions("ReduceLROnPlateau()", options, PLATEAU);
  const { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = "rel" } = options;
  const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
  const maker = "ReduceLROnPlateau";
  checkChoice(maker, "mode", mode, ["min", "max"]);
  checkChoice(maker, "thresholdMode", thresholdMode, ["rel", "abs"]);
  checkNumber(maker, "factor", factor, factor >= 0 && factor < 1, "at least 0 and below 1");
  checkCounts(maker, 0, { patience, cooldown });
  checkNotNegative(maker, { threshold, minLr, eps });
  const isBetter = (loss: number, best: number): boolean => {
    if (thresholdMode === "rel") {
      return mode === "min" ? loss < best * (1 - threshold) : loss > best * (threshold + 1);
    }
    return mode === "min" ? loss < best - threshold : loss > best + threshold;
  };
  const all = { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps };
  return scheduler(maker, all, {
    start: (lr) => ({ lr, best: mode === "min" ? Infinity : -Infinity, bad: 0, cooling: 0 }),
    next(state, loss) {
      let { lr, best, bad, cooling } = state;
      if (isBetter(loss, best)) [best, bad] = [loss, 0];
      else bad++;
      if (cooling > 0) {
        cooling--;
        bad = 0;
      }
      if (bad > patience) {
        const reduced = Math.max(lr * factor, minLr);
        if (lr - reduced > eps) lr = reduced;
        [cooling, bad] = [cooldown, 0];
      }
      return { lr, best, bad, cooling };
    },
  });
}
