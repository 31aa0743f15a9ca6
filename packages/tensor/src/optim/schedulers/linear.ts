// A learning rate that changes along a straight line.

import { checkOptions } from "../../words/options.ts";
import { checkCounts, checkNumber } from "../checks.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface LinearLROptions {
  /** What the learning rate is multiplied by at first; above 0 and at most 1. Default 1/3. */
  readonly startFactor?: number;
  /** What it is multiplied by in the end, from 0 to 1. Default 1. */
  readonly endFactor?: number;
  /** Iterations from the one to the other. Default 5. */
  readonly totalIters?: number;
}

export const LINEAR_OPTIONS = ["startFactor", "endFactor", "totalIters"] as const;

/** Leads the learning rate from `startFactor` of it to `endFactor` of it. Acts from the first iteration on. */
export function LinearLR(options: LinearLROptions = {}): Scheduler {
  checkOptions("LinearLR()", options, LINEAR_OPTIONS);
  const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
  checkNumber("LinearLR", "startFactor", startFactor, startFactor > 0 && startFactor <= 1, "above 0 and at most 1");
  checkNumber("LinearLR", "endFactor", endFactor, endFactor >= 0 && endFactor <= 1, "from 0 to 1");
  checkCounts("LinearLR", 0, { totalIters });
  const change = endFactor - startFactor;
  return scheduler(
    "LinearLR",
    { startFactor, endFactor, totalIters },
    {
      start: (lr) => ({ lr: lr * startFactor }),
      next({ lr, iterations }) {
        if (iterations > totalIters) return {};
        return { lr: lr * (1 + change / (totalIters * startFactor + (iterations - 1) * change)) };
      },
    },
  );
}
