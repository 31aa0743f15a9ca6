// Whether an optimisation had settled when it ended, and what the absolute stop rule is worth on the scale of its objective.

import { significant } from "../../significant.ts";
import type { StopRules } from "../frame/stopRules.ts";
import type { Stopping } from "./stopping.ts";

/** How the end of an optimisation looks. */
export interface Settling {
  /**
   * "settled": the objective hardly changes any more, and its gradient is small beside the first; "flat": the first of these only;
   * "moving": it still changes; "stuck": the last iteration changed no pixel; "rose": the objective is no smaller than at first; "too
   * short": there are fewer iterations than the window has.
   */
  readonly state: "settled" | "flat" | "moving" | "stuck" | "rose" | "too short";
  /** Iterations that are looked at. */
  readonly window: number;
  /** The largest objective within the window minus the smallest, as a part of the last one; NaN where it is too short. */
  readonly change: number;
  /** Norm of the last gradient as a part of the first one; NaN before the first iteration. */
  readonly gradient: number;
}

/** Iterations that are looked at where no call has said how many: the default of stopItersToCheck. */
export const WINDOW = 50;

/** What is called small. */
export interface SettlingLimits {
  readonly settledChange: number;
  readonly settledGradient: number;
}

/** The histories of a synthesis. */
export interface Course {
  readonly losses: Float64Array;
  readonly gradientNorm: Float64Array;
  readonly pixelChangeNorm: Float64Array;
  /** The first iteration of what is looked at; Infinity: it was not reached. */
  readonly from: number;
}

export function settlingOf(course: Course, window: number, limits: SettlingLimits): Settling {
  const { losses, gradientNorm, pixelChangeNorm, from } = course;
  const last = losses.length - 1;
  const gradient =
    gradientNorm.length > from ? partOf(gradientNorm[gradientNorm.length - 1], gradientNorm[from]) : Number.NaN;
  const isLong = last - from >= window && window > 0;
  const recent = isLong ? losses.subarray(last - window) : new Float64Array(0);
  const change = isLong
    ? partOf(
        recent.reduce((most, x) => Math.max(most, x)) - recent.reduce((least, x) => Math.min(least, x)),
        Math.abs(losses[last]),
      )
    : Number.NaN;
  const state = (): Settling["state"] => {
    if (last > from && losses[last] >= losses[from] && losses[last] !== 0) return "rose";
    if (last > 0 && pixelChangeNorm[last - 1] === 0 && losses[last] !== 0) return "stuck";
    // Histories of files may have holes.
    if (!isLong || Number.isNaN(change)) return "too short";
    if (change > limits.settledChange) return "moving";
    return gradient <= limits.settledGradient ? "settled" : "flat";
  };
  return { state: state(), window, change, gradient };
}

/** A part of 0 is 0 where it is nothing, and else without end. */
const partOf = (part: number, whole: number): number => (part === 0 ? 0 : part / whole);

/**
 * In a sentence or two.
 *
 * @param isThere whether what was looked for is reached, so that standing still is no fault
 */
export function settlingWords(
  { state, window, change, gradient }: Settling,
  { losses, from }: Course,
  { settledChange, settledGradient }: SettlingLimits,
  isThere: boolean,
): string {
  const last = losses.length - 1;
  const changed = `over the last ${window} iterations the objective changed by ${change > 1 ? `${significant(change)} times itself` : `${percent(change)} of itself`}`;
  const steep = `the gradient is ${significant(gradient)} of the first`;
  switch (state) {
    case "settled":
      return `Settled: ${changed} (limit ${percent(settledChange)}), and ${steep} (limit ${significant(settledGradient)}).`;
    case "flat":
      return (
        `Flat, but perhaps not settled: ${changed} (limit ${percent(settledChange)}), but ${steep} (limit ` +
        `${significant(settledGradient)}). It may creep or bounce; a loss that is a norm also has such a gradient close to its end.`
      );
    case "moving":
      return `Not settled: ${changed} (limit ${percent(settledChange)}), and ${steep}. More iterations change the result.`;
    case "stuck":
      return isThere
        ? "At rest: the last iteration changed no pixel."
        : "Stuck: the last iteration changed no pixel, as where a line search fails. Try another optimizer, learning rate or start.";
    case "rose":
      return (
        `Not settled: the objective did not fall: ${significant(losses[from])} at first, ${significant(losses[last])} at last. Try a ` +
        "smaller learning rate."
      );
    case "too short":
      return from > last
        ? "Too short to say whether it had settled: the whole representation was never matched at once."
        : `Too short to say whether it had settled: ${last - from} iterations, and the window is ${window}.`;
  }
}

export const percent = (part: number): string => `${significant(100 * part)} %`;

/** Python's stop rule, which knows nothing of the objective's scale, beside the objective. */
export interface AbsoluteRule {
  readonly stopCriterion: number;
  /** As a part of the last objective. */
  readonly share: number;
  /** Whether it is so large a part that a change below it proves nothing. */
  readonly provesNothing: boolean;
  /** Whether it ended the last call; where a relative rule was on too, nobody knows, and false. */
  readonly ended: boolean;
}

/** null where the rule was off. */
export function absoluteRuleOf(
  { stopCriterion, stopRtol }: Pick<StopRules, "stopCriterion" | "stopRtol">,
  { reason }: Pick<Stopping, "reason">,
  loss: number,
  limit: number,
): AbsoluteRule | null {
  if (stopCriterion === null || !(stopCriterion > 0)) return null;
  const share = stopCriterion / Math.abs(loss);
  const ended = reason === "converged" && stopRtol === null;
  return { stopCriterion, share, provesNothing: share > limit, ended };
}

/** A sentence where the rule proves nothing; null where it does, or was off. */
export function absoluteRuleWords(rule: AbsoluteRule | null, loss: number): string | null {
  if (rule === null || !rule.provesNothing) return null;
  const { stopCriterion, share, ended } = rule;
  const size =
    loss === 0 ? "the objective is 0" : `that is ${percent(share)} of the objective, ${significant(Math.abs(loss))}`;
  const proves = `proves nothing here: it asks for a change below ${significant(stopCriterion)}, and ${size}`;
  return ended
    ? `The rule that ended it ${proves}. Use stopRtol, or a smaller stopCriterion.`
    : `The absolute stop rule ${proves}. If it ends a longer run, that says little; stopRtol holds on any scale.`;
}
