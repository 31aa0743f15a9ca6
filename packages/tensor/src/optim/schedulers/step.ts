// A learning rate that falls in equal steps.

import { checkCounts, checkNotNegative, checkRequired } from "../checks.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface StepLROptions {
  /** Iterations from one change to the next. */
  readonly stepSize: number;
  /** Default 0.1. */
  readonly gamma?: number;
}

export const STEP_OPTIONS = ["stepSize", "gamma"] as const;

/** Multiplies the learning rate by `gamma` after every `stepSize` iterations. */
export function StepLR(options: StepLROptions): Scheduler {
  checkRequired("StepLR", options, STEP_OPTIONS, { stepSize: 100 });
  const { stepSize, gamma = 0.1 } = options;
  checkCounts("StepLR", 1, { stepSize });
  checkNotNegative("StepLR", { gamma });
  return scheduler(
    "StepLR",
    { stepSize, gamma },
    {
      start: (lr) => ({ lr }),
      next: ({ lr, iterations }) => ({ lr: iterations % stepSize === 0 ? lr * gamma : lr }),
    },
  );
}
