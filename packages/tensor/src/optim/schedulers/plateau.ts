// A learning rate that falls when the loss no longer does.

import { checkOptions } from "../../words/options.ts";
import { checkChoice, checkCounts, checkNotNegative, checkNumber } from "../checks.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

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

export const PLATEAU_OPTIONS = [
  "mode",
  "factor",
  "patience",
  "threshold",
  "thresholdMode",
  "cooldown",
  "minLr",
  "eps",
] as const;

/** Lessens the learning rate when the loss has stopped improving. */
export function ReduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Scheduler {
  checkOptions("ReduceLROnPlateau()", options, PLATEAU_OPTIONS);
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
    takesLoss: true,
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
