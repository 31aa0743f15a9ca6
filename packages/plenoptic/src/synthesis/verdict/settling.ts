// Whether an optimisation had settled when it ended, and what the absolute stop rule is worth on the scale of its objective.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import { counted } from "../../counted.ts";
import { significant } from "../../significant.ts";
import type { StopRules } from "../frame/stopRules.ts";
import type { Stopping } from "./stopping.ts";

/** How the end of an optimisation looks. */
export interface Settling {
  /**
   * "settled": the objective hardly changes any more, and its gradient is small beside the first, or both have come to 0; "flat": the first of these only;
   * "moving": it still changes; "stuck": the last iteration changed no pixel but by rounding, and the objective is not 0; "rose": the objective changed, and is no smaller than at first; "too
   * short": there are fewer iterations than the window has.
   */
  readonly state: "settled" | "flat" | "moving" | "stuck" | "rose" | "too short";
  /** Iterations that are looked at. */
  readonly window: number;
  /** The largest objective within the window minus the smallest, as a part of the last one, or of the largest where the last is 0; NaN where it is too short. */
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
  /** A change of this norm or less is none. Default 0. */
  readonly negligible?: number;
}

/** A 1024th of the distance of two numbers, at 1: 2^-62 and 2^-33. */
const SPACING = { float64: Number.EPSILON / 1024, float32: Number.EPSILON * 524288 };

/**
 * The norm of a change so small that rounding takes it from all pixels but those near 0: well below the distance of two numbers of the
 * size that an image's pixels have.
 */
export function negligibleChange(image: Tensor<FloatDType>): number {
  const { re: values } = heldValue(image);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return SPACING[image.dtype] * Math.sqrt(sum / Math.max(1, values.length));
}

export function settlingOf(course: Course, window: number, limits: SettlingLimits): Settling {
  const { losses, gradientNorm, pixelChangeNorm, from, negligible = 0 } = course;
  const last = losses.length - 1;
  const gradient =
    gradientNorm.length > from ? partOf(gradientNorm[gradientNorm.length - 1], gradientNorm[from]) : Number.NaN;
  const isLong = last - from >= window && window > 0;
  const recent = isLong ? losses.subarray(last - window) : new Float64Array(0);
  const change = isLong ? changeIn(recent) : Number.NaN;
  const state = (): Settling["state"] => {
    if (last > 0 && pixelChangeNorm[last - 1] <= negligible && losses[last] !== 0) return "stuck";
    if (last > from && losses[last] >= losses[from] && losses[last] !== 0 && !isUnchanged(course)) return "rose";
    // Histories of files may have holes.
    if (!isLong || Number.isNaN(change)) return "too short";
    if (isAtZero(course)) return "settled";
    if (change > limits.settledChange) return "moving";
    return gradient <= limits.settledGradient ? "settled" : "flat";
  };
  return { state: state(), window, change, gradient };
}

/** The largest minus the smallest, as a part of the last; of the largest where the last is 0. */
function changeIn(losses: Float64Array): number {
  const [least, most] = [losses.reduce((a, b) => Math.min(a, b)), losses.reduce((a, b) => Math.max(a, b))];
  return partOf(most - least, Math.abs(losses[losses.length - 1]) || Math.max(Math.abs(least), Math.abs(most)));
}

/** Whether the objective has come to 0, and its gradient too: there is nowhere else to go. */
const isAtZero = ({ losses, gradientNorm }: Course): boolean =>
  losses[losses.length - 1] === 0 && gradientNorm[gradientNorm.length - 1] === 0;

/** Whether the objective has been the same number at every iteration. */
const isUnchanged = ({ losses, from }: Course): boolean =>
  losses.length - 1 > from && losses.subarray(from).every((loss) => loss === losses[from]);

/** A part of 0 is 0 where it is nothing, and else without end. */
const partOf = (part: number, whole: number): number => (part === 0 ? 0 : part / whole);

/**
 * In a sentence or two.
 *
 * @param isThere whether what was looked for is reached, so that standing still is no fault
 */
export function settlingWords(
  { state, window, change, gradient }: Settling,
  course: Course,
  { settledChange, settledGradient }: SettlingLimits,
  isThere: boolean,
): string {
  const { losses, from } = course;
  const last = losses.length - 1;
  const over = window === 1 ? "the last iteration" : `the last ${window} iterations`;
  const by = change > 1 ? `${significant(change)} times its last value` : `${percent(change)} of itself`;
  const changed = `over ${over} the objective changed by ${by}`;
  const steep = `the gradient is ${significant(gradient)} of the first`;
  const isSame = isUnchanged(course) && losses[last] !== 0;
  const same = `the objective did not change at all, and is ${significant(losses[last])} as at first. Try a larger learning rate.`;
  switch (state) {
    case "settled":
      if (isAtZero(course)) return "Settled: the objective has come to 0, and so has its gradient.";
      return `Settled: ${changed} (limit ${percent(settledChange)}), and ${steep} (limit ${significant(settledGradient)}).`;
    case "flat":
      if (isSame) return `Flat, and not settled: ${same}`;
      return (
        `Flat, but perhaps not settled: ${changed} (limit ${percent(settledChange)}), but ${steep} (limit ` +
        `${significant(settledGradient)}). It may creep or bounce; a loss that is a norm also has such a gradient close to its end.`
      );
    case "moving":
      return (
        `Not settled: ${changed} (limit ${percent(settledChange)}), and ${steep} (limit ${significant(settledGradient)}). More iterations ` +
        "change the result."
      );
    case "stuck":
      return isThere ? "At rest: the last iteration changed no pixel." : stuckWords(course);
    case "rose":
      return (
        `Not settled: the objective did not fall: ${significant(losses[from])} at first, ${significant(losses[last])} at last. Try a ` +
        "smaller learning rate."
      );
    case "too short":
      return from > last
        ? "Too short to say whether it had settled: the whole representation was never matched at once."
        : `Too short to say whether it had settled: ${from > 0 ? `only iterations with all scales count, ${last - from} of ${last}` : counted(last, "iteration")}, and the window is ${window}.${isSame ? ` So far ${same}` : ""}`;
  }
}

/** What an iteration that changes no pixel comes from. */
function stuckWords({ pixelChangeNorm, gradientNorm, negligible = 0 }: Course): string {
  if (gradientNorm[gradientNorm.length - 1] === 0) {
    return "Stuck: the last iteration changed no pixel, for the gradient is 0 there. Start from another image, or look for what is flat in the model.";
  }
  return pixelChangeNorm.some((change) => change > negligible)
    ? "Stuck: the last iteration changed no pixel, as where a line search fails or the steps have become smaller than rounding. Try another optimizer, or start anew with another learning rate or image."
    : "Stuck: no iteration changed the image, though the gradient is not 0: the steps are smaller than rounding. Try a larger learning rate.";
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
export function absoluteRuleWords(
  rule: AbsoluteRule | null,
  loss: number,
  { absoluteShare }: { readonly absoluteShare: number },
): string | null {
  if (rule === null || !rule.provesNothing) return null;
  const { stopCriterion, share, ended } = rule;
  const size =
    loss === 0
      ? "the objective is 0"
      : `that is ${percent(share)} of the objective, ${significant(Math.abs(loss))} (limit ${percent(absoluteShare)})`;
  const proves = `proves nothing here: it asks for a change below ${significant(stopCriterion)}, and ${size}`;
  return ended
    ? `The rule that ended it ${proves}. Use stopRtol, or a smaller stopCriterion.`
    : `The absolute stop rule ${proves}. If it ends a longer run, that says little; stopRtol holds on any scale.`;
}
