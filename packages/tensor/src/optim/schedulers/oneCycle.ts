// One cycle: a learning rate that rises, and then falls far below where it began, while the momentum does the opposite.
// L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018.

import { cos64 } from "../../math/precise.ts";
import { checkBooleans, checkChoice, checkCounts, checkNumber, checkPositive, checkRequired } from "../checks.ts";
import { checkMomenta } from "./momentum.ts";
import { type Scheduler, scheduler } from "./scheduler.ts";

export interface OneCycleLROptions {
  /** The largest learning rate. The optimizer's own is not looked at. */
  readonly maxLr: number;
  /** Iterations of the cycle. */
  readonly totalSteps: number;
  /** Share of the cycle in which the learning rate rises, from 0 to 1. Default 0.3. */
  readonly pctStart?: number;
  /** How it goes from one value to the next: along half a wave of the cosine, or a straight line. Default "cos". */
  readonly annealStrategy?: "cos" | "linear";
  /** Move the momentum too (of Adam and its kin the first of `betas`), from the larger to the smaller and back. Default true. */
  readonly cycleMomentum?: boolean;
  /** The smaller momentum, above 0 and below 1. Default 0.85. */
  readonly baseMomentum?: number;
  /** The larger momentum, above 0 and below 1. Default 0.95. */
  readonly maxMomentum?: number;
  /** The first learning rate is `maxLr / divFactor`. Default 25. */
  readonly divFactor?: number;
  /** The last learning rate is the first one divided by this. Default 10000. */
  readonly finalDivFactor?: number;
  /** Fall to the first learning rate as long as it rose, and only then to the last one. Default false. */
  readonly threePhase?: boolean;
}

export const ONE_CYCLE_OPTIONS = [
  "maxLr",
  "totalSteps",
  "pctStart",
  "annealStrategy",
  "cycleMomentum",
  "baseMomentum",
  "maxMomentum",
  "divFactor",
  "finalDivFactor",
  "threePhase",
] as const;

/**
 * Leads the learning rate from `maxLr / divFactor` up to `maxLr` and down to `maxLr / divFactor / finalDivFactor`. Acts from the
 * first iteration on. After `totalSteps` iterations learning rate and momentum stay what they were at the end of the cycle.
 */
export function OneCycleLR(options: OneCycleLROptions): Scheduler {
  const maker = "OneCycleLR";
  checkRequired(maker, options, ONE_CYCLE_OPTIONS, { maxLr: 0.1, totalSteps: 100 });
  const { maxLr, totalSteps, pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true } = options;
  const { baseMomentum = 0.85, maxMomentum = 0.95, divFactor = 25, finalDivFactor = 1e4, threePhase = false } = options;
  checkPositive(maker, { maxLr, divFactor, finalDivFactor });
  checkCounts(maker, 1, { totalSteps });
  checkNumber(maker, "pctStart", pctStart, pctStart >= 0 && pctStart <= 1, "from 0 to 1");
  checkChoice(maker, "annealStrategy", annealStrategy, ["cos", "linear"]);
  checkBooleans(maker, { cycleMomentum, threePhase });
  checkMomenta(maker, { baseMomentum, maxMomentum });

  const anneal = (start: number, end: number, share: number): number =>
    annealStrategy === "cos" ? end + ((start - end) / 2) * (cos64(Math.PI * share) + 1) : (end - start) * share + start;
  const at = (state: Readonly<Record<string, number>>): { readonly lr: number; readonly momentum?: number } => {
    const { base, least, rise, fall } = state;
    const last = totalSteps - 1;
    // Each phase: where it ends, and its learning rates and momenta at both ends.
    const down = threePhase
      ? [
          [fall, maxLr, base, baseMomentum, maxMomentum],
          [last, base, least, maxMomentum, maxMomentum],
        ]
      : [[last, maxLr, least, baseMomentum, maxMomentum]];
    const phases = [[rise, base, maxLr, maxMomentum, baseMomentum], ...down];
    const n = Math.min(state.iterations, last);
    const found = phases.findIndex(([end]) => n <= end);
    const index = found < 0 ? phases.length - 1 : found;
    const begin = index === 0 ? 0 : phases[index - 1][0];
    const [end, fromLr, toLr, fromMomentum, toMomentum] = phases[index];
    const share = end === begin ? 1 : (n - begin) / (end - begin);
    const lr = anneal(fromLr, toLr, share);
    return cycleMomentum ? { lr, momentum: anneal(fromMomentum, toMomentum, share) } : { lr };
  };

  const all = { maxLr, totalSteps, pctStart, annealStrategy, cycleMomentum, baseMomentum, maxMomentum };
  return scheduler(
    maker,
    { ...all, divFactor, finalDivFactor, threePhase },
    {
      movesMomentum: cycleMomentum,
      start() {
        const base = maxLr / divFactor;
        const ends = threePhase ? { fall: 2 * pctStart * totalSteps - 2 } : {};
        const cycle = { base, least: base / finalDivFactor, rise: pctStart * totalSteps - 1, ...ends };
        return { ...cycle, ...at({ ...cycle, iterations: 0 }) };
      },
      next: at,
    },
  );
}
