// A learning rate that falls at given iterations.

import { pow64 } from "../../math/precise.ts";
import { shown } from "../../words/shown.ts";
import { checkCounts, checkNotNegative, checkRequired } from "../checks.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface MultiStepLROptions {
  /** Iterations after which the learning rate changes; one that stands here twice changes it twice. */
  readonly milestones: readonly number[];
  /** Default 0.1. */
  readonly gamma?: number;
}

export const MULTI_STEP_OPTIONS = ["milestones", "gamma"] as const;

/** Multiplies the learning rate by `gamma` after each of the `milestones`. */
export function MultiStepLR(options: MultiStepLROptions): Scheduler {
  checkRequired("MultiStepLR", options, MULTI_STEP_OPTIONS, { milestones: [30, 80] });
  const { gamma = 0.1 } = options;
  if (!Array.isArray(options.milestones)) {
    throw new TypeError(
      `MultiStepLR: milestones is ${shown(options.milestones)}; it must be an array of iterations, such as [30, 80]`,
    );
  }
  const milestones = Object.freeze([...(options.milestones as readonly number[])]);
  milestones.forEach((milestone, i) => {
    checkCounts("MultiStepLR", 0, { [`milestones[${i}]`]: milestone });
  });
  checkNotNegative("MultiStepLR", { gamma });
  return scheduler(
    "MultiStepLR",
    { milestones, gamma },
    {
      start: (lr) => ({ lr }),
      next({ lr, iterations }) {
        const times = milestones.filter((milestone) => milestone === iterations).length;
        return { lr: times === 0 ? lr : lr * pow64(gamma, times) };
      },
    },
  );
}
