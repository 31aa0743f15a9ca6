// A learning rate that is lower for a while at first.

import { checkOptions } from "../../words/options.ts";
import { checkCounts, checkNumber } from "../checks.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface ConstantLROptions {
  /** What the learning rate is multiplied by at first; above 0 and at most 1. Default 1/3. */
  readonly factor?: number;
  /** For so many iterations. Default 5. */
  readonly totalIters?: number;
}

export const CONSTANT_OPTIONS = ["factor", "totalIters"] as const;

/** Multiplies the learning rate by `factor`, and gives it back after `totalIters` iterations. Acts from the first one on. */
export function ConstantLR(options: ConstantLROptions = {}): Scheduler {
  checkOptions("ConstantLR()", options, CONSTANT_OPTIONS);
  const { factor = 1 / 3, totalIters = 5 } = options;
  checkNumber("ConstantLR", "factor", factor, factor > 0 && factor <= 1, "above 0 and at most 1");
  checkCounts("ConstantLR", 0, { totalIters });
  return scheduler(
    "ConstantLR",
    { factor, totalIters },
    {
      start: (lr) => ({ lr: lr * factor }),
      next: ({ lr, iterations }) => ({ lr: iterations === totalIters ? lr * (1 / factor) : lr }),
    },
  );
}
