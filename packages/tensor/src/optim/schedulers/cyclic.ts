// A learning rate that goes up and down between two bounds, while the momentum does the opposite.
// L. N. Smith, "Cyclical learning rates for training neural networks", 2017.

import { pow64 } from "../../math/precise.ts";
import { checkBooleans, checkChoice, checkCounts, checkNotNegative, checkRequired } from "../checks.ts";
import { checkMomenta } from "./momentum.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface CyclicLROptions {
  /** The learning rate at the bottom. The optimizer's own is not looked at. */
  readonly baseLr: number;
  /** The learning rate at the top. */
  readonly maxLr: number;
  /** Iterations from the bottom to the top. Default 2000. */
  readonly stepSizeUp?: number;
  /** Iterations from the top to the bottom. Default: as many. */
  readonly stepSizeDown?: number | null;
  /**
   * Whether the tops stay where they are ("triangular"), come down to half with every cycle ("triangular2"), or by `gamma` with
   * every iteration ("exp_range"). Default "triangular".
   */
  readonly mode?: "triangular" | "triangular2" | "exp_range";
  /** Default 1. */
  readonly gamma?: number;
  /** Move the momentum too (of Adam and its kin the first of `betas`), from the larger to the smaller and back. Default true. */
  readonly cycleMomentum?: boolean;
  /** The smaller momentum, above 0 and below 1. Default 0.8. */
  readonly baseMomentum?: number;
  /** The larger momentum, above 0 and below 1. Default 0.9. */
  readonly maxMomentum?: number;
}

export const CYCLIC_OPTIONS = [
  "baseLr",
  "maxLr",
  "stepSizeUp",
  "stepSizeDown",
  "mode",
  "gamma",
  "cycleMomentum",
  "baseMomentum",
  "maxMomentum",
] as const;

/** Leads the learning rate from `baseLr` to `maxLr` and back, again and again. Acts from the first iteration on. */
export function CyclicLR(options: CyclicLROptions): Scheduler {
  const maker = "CyclicLR";
  checkRequired(maker, options, CYCLIC_OPTIONS, { baseLr: 0.001, maxLr: 0.1 });
  const { baseLr, maxLr, stepSizeUp = 2000, mode = "triangular", gamma = 1, cycleMomentum = true } = options;
  const { baseMomentum = 0.8, maxMomentum = 0.9 } = options;
  const stepSizeDown = options.stepSizeDown ?? stepSizeUp;
  checkNotNegative(maker, { baseLr, maxLr, gamma });
  checkCounts(maker, 1, { stepSizeUp, stepSizeDown });
  checkChoice(maker, "mode", mode, ["triangular", "triangular2", "exp_range"]);
  checkBooleans(maker, { cycleMomentum });
  checkMomenta(maker, { baseMomentum, maxMomentum });

  const total = stepSizeUp + stepSizeDown;
  const ratio = stepSizeUp / total;
  const scale = (cycle: number, iterations: number): number => {
    if (mode === "exp_range") return pow64(gamma, iterations);
    return mode === "triangular" ? 1 : 1 / pow64(2, cycle - 1);
  };
  const at = ({
    iterations,
  }: Readonly<Record<string, number>>): { readonly lr: number; readonly momentum?: number } => {
    const cycle = Math.floor(1 + iterations / total);
    const x = 1 + iterations / total - cycle;
    const height = x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
    const scaled = (span: number): number => span * height * scale(cycle, iterations);
    const lr = baseLr + scaled(maxLr - baseLr);
    return cycleMomentum ? { lr, momentum: maxMomentum - scaled(maxMomentum - baseMomentum) } : { lr };
  };
  const all = { baseLr, maxLr, stepSizeUp, stepSizeDown, mode, gamma, cycleMomentum, baseMomentum, maxMomentum };
  return scheduler(maker, all, {
    movesMomentum: cycleMomentum,
    start: () => ({ base: baseLr, ...at({ iterations: 0 }) }),
    next: at,
  });
}
