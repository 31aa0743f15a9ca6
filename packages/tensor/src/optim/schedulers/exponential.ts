// A learning rate that falls by the same factor in every iteration.

import { checkNotNegative, checkRequired } from "../checks.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface ExponentialLROptions {
  /** Factor of every iteration. */
  readonly gamma: number;
}

export const EXPONENTIAL_OPTIONS = ["gamma"] as const;

/** Multiplies the learning rate by `gamma` after every iteration. */
export function ExponentialLR(options: ExponentialLROptions): Scheduler {
  checkRequired("ExponentialLR", options, EXPONENTIAL_OPTIONS, { gamma: 0.99 });
  const { gamma } = options;
  checkNotNegative("ExponentialLR", { gamma });
  return scheduler(
    "ExponentialLR",
    { gamma },
    {
      start: (lr) => ({ lr }),
      next: ({ lr }) => ({ lr: lr * gamma }),
    },
  );
}
