// Learning rates that fall along half a wave of the cosine, and rise again or begin anew.
// I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.

import { cos64 } from "../../math/precise.ts";
import { checkCounts, checkNotNegative, checkRequired } from "../checks.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface CosineAnnealingLROptions {
  /** Iterations from the largest to the smallest learning rate; it then rises again. */
  readonly tMax: number;
  /** The smallest learning rate; 0 or more. Default 0. */
  readonly etaMin?: number;
}

export const COSINE_OPTIONS = ["tMax", "etaMin"] as const;

/** Leads the learning rate along a cosine from its first value to `etaMin` in `tMax` iterations, and back in as many. */
export function CosineAnnealingLR(options: CosineAnnealingLROptions): Scheduler {
  checkRequired("CosineAnnealingLR", options, COSINE_OPTIONS, { tMax: 100 });
  const { tMax, etaMin = 0 } = options;
  checkCounts("CosineAnnealingLR", 1, { tMax });
  checkNotNegative("CosineAnnealingLR", { etaMin });
  /** How far the wave is above its lowest point after n iterations. */
  const height = (n: number): number => 1 + cos64((Math.PI * n) / tMax);
  return scheduler(
    "CosineAnnealingLR",
    { tMax, etaMin },
    {
      start: (lr) => ({ lr, base: lr }),
      next({ lr, base, iterations }) {
        // Just after the lowest point, where the ratio of heights would be a division by 0.
        if ((iterations - 1 - tMax) % (2 * tMax) === 0) {
          return { lr: lr + ((base - etaMin) * (1 - cos64(Math.PI / tMax))) / 2 };
        }
        return { lr: (height(iterations) / height(iterations - 1)) * (lr - etaMin) + etaMin };
      },
    },
  );
}

export interface CosineAnnealingWarmRestartsOptions {
  /** Iterations until the first restart. */
  readonly t0: number;
  /** What the iterations until the next restart are multiplied by after each; a whole number, 1 or more. Default 1. */
  readonly tMult?: number;
  /** The smallest learning rate; 0 or more. Default 0. */
  readonly etaMin?: number;
}

export const WARM_RESTARTS_OPTIONS = ["t0", "tMult", "etaMin"] as const;

/** Leads the learning rate along a cosine from its first value towards `etaMin`, and begins anew. */
export function CosineAnnealingWarmRestarts(options: CosineAnnealingWarmRestartsOptions): Scheduler {
  checkRequired("CosineAnnealingWarmRestarts", options, WARM_RESTARTS_OPTIONS, { t0: 50 });
  const { t0, tMult = 1, etaMin = 0 } = options;
  checkCounts("CosineAnnealingWarmRestarts", 1, { t0, tMult });
  checkNotNegative("CosineAnnealingWarmRestarts", { etaMin });
  return scheduler(
    "CosineAnnealingWarmRestarts",
    { t0, tMult, etaMin },
    {
      start: (lr) => ({ lr: etaMin + ((lr - etaMin) * 2) / 2, base: lr, since: 0, period: t0 }),
      next(state) {
        let { since, period } = state;
        since++;
        if (since >= period) {
          since %= period;
          period *= tMult;
        }
        const lr = etaMin + ((state.base - etaMin) * (1 + cos64((Math.PI * since) / period))) / 2;
        return { lr, since, period };
      },
    },
  );
}
