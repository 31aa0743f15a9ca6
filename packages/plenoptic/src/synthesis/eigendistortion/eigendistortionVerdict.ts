// The verdict of eigendistortions: how well they are known, how far their eigenvalues are apart, and how much each changes image and
// response when it is added at a strength.

import type { Global } from "@plenoptic-js/formats";
import { checkFinite, checkOptions } from "@plenoptic-js/tensor/engine";
import { counted } from "../../counted.ts";
import { significant } from "../../significant.ts";
import { checkSignal } from "../frame/callbacks.ts";
import type { EigendistortionSummary } from "./summary.ts";

export interface EigendistortionSummaryOptions {
  /** What each distortion, of norm 1, is multiplied by before it is added to the image: above 0. Default 5. */
  readonly strength?: number;
  /** Ends the work between two distortions. */
  readonly signal?: Global<"AbortSignal">;
}

export interface CheckedSummaryOptions {
  readonly strength: number;
  readonly signal: Global<"AbortSignal"> | undefined;
}

export function checkEigendistortionSummary(options: EigendistortionSummaryOptions): CheckedSummaryOptions {
  checkOptions("summary()", options, ["strength", "signal"]);
  const { strength = 5, signal } = options;
  checkFinite("summary", "strength", strength);
  if (!(strength > 0)) throw new RangeError(`summary: strength is ${strength}; it must be a number above 0`);
  checkSignal("summary", signal);
  return { strength, signal };
}

/** What adding one eigendistortion at the strength does. */
export interface DistortionEffect {
  /** Its place among all of the image: 0 for the most noticeable. */
  readonly index: number;
  readonly eigenvalue: number;
  /** The largest change of a pixel, and the root of the mean squared one. */
  readonly mostPixel: number;
  readonly rmsPixel: number;
  /** Share of pixels that leave the range from 0 to 1, and lay within it before. */
  readonly leaving: number;
  /** Euclidean norm of the change of the response, as the model gives it, and as the eigenvalue alone says. */
  readonly response: number;
  readonly predicted: number;
  /** Whether no number of the response changes by more than rounding makes: then `response` says nothing. */
  readonly isRounding: boolean;
}

export interface EigendistortionVerdict {
  /** Whether all eigenvalues are known, be they 0; "not known" where a file does not say. */
  readonly verdict: "converged" | "not converged" | "not known";
  /** What the search said: residuals, groups and more; null where a file does not say. */
  readonly search: EigendistortionSummary | null;
  /**
   * Each eigenvalue minus the next one, as a part of the largest: one number less than eigenvalues. NaN where others lie between that
   * were not looked for.
   */
  readonly gaps: Float64Array;
  readonly strength: number;
  readonly effects: readonly DistortionEffect[];
  /** All of this in plain words; the first line is the verdict. */
  readonly text: string;
}

/** Gaps between neighbours. */
export function gapsOf(eigenvalues: ArrayLike<number>, index: ArrayLike<number>): Float64Array {
  const largest = eigenvalues[0];
  return Float64Array.from({ length: Math.max(0, eigenvalues.length - 1) }, (_, i) => {
    if (index[i + 1] !== index[i] + 1) return Number.NaN;
    const gap = eigenvalues[i] - eigenvalues[i + 1];
    return gap === 0 ? 0 : gap / largest;
  });
}

/** What a distortion does to the pixels. */
export function pixelEffect(
  image: ArrayLike<number>,
  distortion: ArrayLike<number>,
  strength: number,
): Pick<DistortionEffect, "mostPixel" | "rmsPixel" | "leaving"> {
  let [most, sum, leaving] = [0, 0, 0];
  for (let i = 0; i < image.length; i++) {
    const change = strength * distortion[i];
    most = Math.max(most, Math.abs(change));
    sum += change * change;
    const after = image[i] + change;
    if (image[i] >= 0 && image[i] <= 1 && (after < 0 || after > 1)) leaving++;
  }
  return { mostPixel: most, rmsPixel: Math.sqrt(sum / image.length), leaving: leaving / image.length };
}

/** What the words need to know besides. */
export interface About {
  /** Pixels of the image. */
  readonly pixels: number;
  /** Errors that rounding alone makes, of an eigenvalue, and of a change of the response. */
  readonly eigenvalueRounding: number;
  readonly responseRounding: number;
}

export function told(verdict: Omit<EigendistortionVerdict, "text">, about: About): EigendistortionVerdict {
  return Object.freeze({ ...verdict, text: wordsFor(verdict, about).join("\n") });
}

/** A response that is farther than this part from what its eigenvalue says is no longer that of a small change. */
const LINEAR = 0.1;

/** Responses that differ by less than this part are not told to have another order. */
const SAME_RESPONSE = 1e-3;

function wordsFor(verdict: Omit<EigendistortionVerdict, "text">, about: About): string[] {
  const { search } = verdict;
  return [
    headline(verdict),
    ...(search === null ? [] : search.words.split("\n")),
    ...gapLines(verdict),
    ...effectLines(verdict, about),
  ];
}

const NUMBER: Readonly<Record<number, string>> = {
  1: "the eigenvalue that was looked for is",
  2: "both eigenvalues that were looked for are",
};

function headline({ verdict, search, effects }: Omit<EigendistortionVerdict, "text">): string {
  switch (verdict) {
    case "converged":
      // Of a derivative that is 0 nothing is seen more or less.
      if (search?.eigenvalues.every((value) => value === 0)) {
        return "Converged, but there is nothing to tell apart: the model sees no small change of this image, and all eigenvalues are 0.";
      }
      return `Converged: ${NUMBER[effects.length] ?? `all ${effects.length} eigenvalues that were looked for are`} known.`;
    case "not converged": {
      const open = search?.verdicts.filter((one) => one === "unresolved").length ?? 0;
      if (effects.length === 1) return "Not converged: the eigenvalue that was looked for is not known well enough.";
      return `Not converged: ${open} of ${counted(effects.length, "eigenvalue")} ${open === 1 ? "is" : "are"} not known well enough.`;
    }
    case "not known":
      return "Not known how good these are: the file they come from does not say. synthesize() finds them again, and says it.";
  }
}

function gapLines({ gaps, effects, search }: Omit<EigendistortionVerdict, "text">): string[] {
  // Of those that cannot be told apart the words of the search say so.
  const joined = (i: number): boolean => search?.groups.some(({ first, last }) => first <= i && i < last) ?? false;
  const all = Array.from(gaps)
    .map((gap, i) => ({ gap, i }))
    .filter(({ gap }) => !Number.isNaN(gap));
  const apart = all.filter(({ gap, i }) => gap > 0 && !joined(i));
  if (apart.length === 0) return [];
  const least = apart.reduce((best, one) => (one.gap < best.gap ? one : best));
  const between = `between eigenvalues ${effects[least.i].index} and ${effects[least.i + 1].index}`;
  const residual =
    search === null
      ? ""
      : `, beside residuals up to ${significant(Math.max(...search.residuals) / Math.max(effects[0].eigenvalue, Number.MIN_VALUE))}`;
  return [
    `${apart.length < all.length ? "Other neighbours" : "Neighbours"} are apart by ${significant(least.gap)} of the largest eigenvalue or more (${between})${residual}. Where a gap is not ` +
      "much larger than the residuals, the two vectors may be mixed.",
  ];
}

function effectLines(verdict: Omit<EigendistortionVerdict, "text">, about: About): string[] {
  const { effects, strength } = verdict;
  const [first] = effects;
  const last = effects[effects.length - 1];
  const at = `At strength ${significant(strength)}`;
  const effect = (one: DistortionEffect): string =>
    `eigendistortion ${one.index} changes a pixel by up to ${significant(one.mostPixel)} (root mean square ` +
    `${significant(one.rmsPixel)}), and the response by ${significant(one.response)}${one.isRounding && one.response > 0 ? ", which is no more than rounding" : ""}`;
  const lines = [
    `${at}, ${effect(first)}${last === first ? "" : `; ${effect(last)}`}.`,
    ...ratioLines(verdict, about),
    ...orderLines(verdict, about),
  ];
  const one = effects.find(
    (one, i) => one.predicted > 0 && isBent(one, verdict.search?.residuals[i] ?? 0, strength, about),
  );
  if (one !== undefined) {
    lines.push(
      `That is no small change any more: by its eigenvalue, eigendistortion ${one.index} would change the response by ` +
        `${significant(one.predicted)}. Eigenvalues are about small changes.`,
    );
  }
  const leaving = effects.filter((one) => one.leaving > 0);
  if (leaving.length > 0) {
    const most = leaving.reduce((best, one) => (one.leaving > best.leaving ? one : best));
    lines.push(
      `With eigendistortion ${most.index}, ${significant(100 * most.leaving)} % of the pixels leave the range from 0 to 1: what is shown is ` +
        "clipped there. A smaller strength keeps more of them.",
    );
  }
  return lines;
}

/** How many times as strongly the first is seen as the last, where the last is the least and both are known. */
function ratioLines({ effects, search }: Omit<EigendistortionVerdict, "text">, { pixels }: About): string[] {
  const last = effects.length - 1;
  // Of the largest only, the last says nothing of what is seen least.
  if (last === 0 || search?.method === "randomized_svd" || effects[last].index !== pixels - 1) return [];
  const [first, least] = [search?.verdicts[0], search?.verdicts[last]];
  if (least === "zero") {
    // Of a derivative that is 0 the search says so.
    if (first === "zero") return [];
    return [
      `To small changes along the last, ${effects[last].index}, the model is blind, as far as can be told: its eigenvalue is 0.`,
    ];
  }
  if (first !== "converged" || least !== "converged" || !(effects[last].response > 0)) {
    return [
      "How many times as strongly the model sees the first as the last is not known: not both are known well enough.",
    ];
  }
  if (search?.groups.some((group) => group.first === 0 && group.last === last)) {
    return [
      "The model sees the first as strongly as the last, as far as can be told: their eigenvalues cannot be told apart.",
    ];
  }
  if (effects[last].isRounding) {
    return [
      "How many times as strongly the model sees the first as the last is not known: at this strength, the response to the last changes by " +
        "no more than rounding. A larger strength, or float64, may tell.",
    ];
  }
  return [
    `So the model sees the first ${significant(effects[0].response / effects[last].response)} times as strongly as the last, though both ` +
      "change the image equally much.",
  ];
}

/** Where one with a smaller eigenvalue changes the response more than one with a larger: the two that differ most. */
function orderLines({ effects, search }: Omit<EigendistortionVerdict, "text">, { responseRounding }: About): string[] {
  const groups = search?.groups ?? effects.map((_, i) => ({ first: i, last: i, verdict: "converged" }));
  let least: DistortionEffect | null = null;
  let found: readonly [larger: DistortionEffect, smaller: DistortionEffect] | null = null;
  // Within a group there is no order, and one that is not resolved has none either.
  for (const { first, last, verdict } of groups) {
    if (verdict === "unresolved") continue;
    const members = effects.slice(first, last + 1);
    for (const one of members) {
      if (least === null || !(one.response > least.response * (1 + SAME_RESPONSE) + responseRounding)) continue;
      if (found === null || one.response - least.response > found[1].response - found[0].response) found = [least, one];
    }
    for (const one of members) if (least === null || one.response < least.response) least = one;
  }
  if (found === null) return [];
  const [larger, smaller] = found;
  return [
    `At this strength the order is another than that of the eigenvalues: eigendistortion ${smaller.index} changes the response by ` +
      `${significant(smaller.response)}, more than eigendistortion ${larger.index} does, ${significant(larger.response)}.`,
  ];
}

/** Whether the response is farther from what the eigenvalue says than its residual and rounding explain. */
function isBent(
  { eigenvalue, response }: DistortionEffect,
  residual: number,
  strength: number,
  { eigenvalueRounding, responseRounding }: About,
): boolean {
  const off = residual + eigenvalueRounding;
  const [low, high] = [eigenvalue - off, eigenvalue + off].map((x) => strength * Math.sqrt(Math.max(0, x)));
  return response > (1 + LINEAR) * high + responseRounding || response < (1 - LINEAR) * low - responseRounding;
}
