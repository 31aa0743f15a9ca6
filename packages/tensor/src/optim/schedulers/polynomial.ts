// A learning rate that falls to 0 as a power of the iterations that are left.

import { pow64 } from "../../math/precise.ts";
import { checkOptions } from "../../words/options.ts";
import { checkCounts, checkNotNegative } from "../checks.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface PolynomialLROptions {
  /** Iterations until the learning rate is 0. Default 5. */
  readonly totalIters?: number;
  /** 0 or more; 1 is a straight line. Default 1. */
  readonly power?: number;
}

export const POLYNOMIAL_OPTIONS = ["totalIters", "power"] as const;

/** Lets the learning rate fall to 0 in `totalIters` iterations: after n it is (1 - n / totalIters)^power of the first. */
export function PolynomialLR(options: PolynomialLROptions = {}): Scheduler {
  checkOptions("PolynomialLR()", options, POLYNOMIAL_OPTIONS);
  const { totalIters = 5, power = 1 } = options;
  checkCounts("PolynomialLR", 0, { totalIters });
  checkNotNegative("PolynomialLR", { power });
  return scheduler(
    "PolynomialLR",
    { totalIters, power },
    {
      start: (lr) => ({ lr }),
      next({ lr, iterations }) {
        if (iterations > totalIters) return {};
        return { lr: lr * pow64((1 - iterations / totalIters) / (1 - (iterations - 1) / totalIters), power) };
      },
    },
  );
}
