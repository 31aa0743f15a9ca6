// The verdict of a MAD competition: whether the two metrics came apart while the reference metric stayed, and what that means.
// Z. Wang and E. P. Simoncelli, "Maximum differentiation (MAD) competition", 2008.

import { shown } from "@plenoptic-js/tensor/engine";
import { counted } from "../../counted.ts";
import { significant } from "../../significant.ts";
import { checkLimits } from "../verdict/limits.ts";
import {
  type AbsoluteRule,
  absoluteRuleWords,
  type Course,
  percent,
  type Settling,
  settlingWords,
} from "../verdict/settling.ts";
import type { Stopping } from "../verdict/stopping.ts";
import { driftWords } from "./drift.ts";
import type { MADName, MinMax, Range } from "./madOptions.ts";

/** What a verdict asks for. All of it is printed with the verdict. */
export interface MADSummaryOptions {
  /** Held: the reference metric is off by no more than this part of its first value. Default 0.01. */
  readonly heldWithin?: number;
  /** Apart: the optimized metric has changed by at least this part of its first value. Default 0.1. */
  readonly leastChange?: number;
  /** As for a metamer. Default 0.01. */
  readonly settledChange?: number;
  /** As for a metamer. Default 0.1. */
  readonly settledGradient?: number;
  /** As for a metamer. Default 0.01. */
  readonly absoluteShare?: number;
  /** What the metrics are called in the text. Default: the optimized metric, the reference metric. */
  readonly names?: readonly [optimized: string, reference: string];
}

export type MADLimits = Required<Omit<MADSummaryOptions, "names">>;

export const MAD_SUMMARY_DEFAULTS: MADLimits = {
  heldWithin: 0.01,
  leastChange: 0.1,
  settledChange: 0.01,
  settledGradient: 0.1,
  absoluteShare: 0.01,
};

export function checkMADSummary(options: MADSummaryOptions): MADLimits {
  const limits = checkLimits<MADLimits>(options, MAD_SUMMARY_DEFAULTS, ["names"]);
  const given: unknown = options.names ?? ["", ""];
  if (!Array.isArray(given) || given.length !== 2 || given.some((name) => typeof name !== "string")) {
    throw new TypeError(`summary: names is ${shown(given)}; it must be two texts: what the two metrics are called`);
  }
  return limits;
}

/** A metric at the start and now. */
export interface MetricChange {
  readonly first: number;
  readonly last: number;
}

/** Pixels that cannot go on in one direction. */
export interface AtBounds {
  readonly range: readonly [low: number, high: number];
  /** Whether the range is kept; else it is that of what is shown, and pixels may lie beyond. */
  readonly isKept: boolean;
  /** Share of pixels at a bound or beyond: of the initial image, and of this one. */
  readonly first: number;
  readonly last: number;
}

export interface MADVerdict {
  /** "apart": the optimized metric changed as it should, and the reference metric stayed; "not apart"; "not held". */
  readonly verdict: "apart" | "not apart" | "not held";
  readonly minmax: MinMax;
  readonly optimized: MetricChange;
  /** `first` is what it was to stay at. */
  readonly reference: MetricChange;
  /** How far the reference metric is from where it was to stay, as a part of that; where that is 0, by how much. */
  readonly drift: number;
  /** Where the pixels have no bounds: null. */
  readonly atBounds: AtBounds | null;
  readonly stopped: Stopping;
  readonly settling: Settling;
  readonly absoluteRule: AbsoluteRule | null;
  readonly limits: MADLimits;
  /** All of this in plain words; the first line is the verdict. */
  readonly text: string;
}

/** The range of what is shown. */
const SHOWN = [0, 1] as const;

/** Which pixels lie at the bounds, of the initial image and the last one. */
export function atBoundsOf(
  first: ArrayLike<number>,
  last: ArrayLike<number>,
  allowed: Range,
  constrained: boolean,
): AtBounds | null {
  if (constrained && allowed === null) return null;
  const range = allowed ?? SHOWN;
  return { range, isKept: constrained, first: shareBeyond(first, range), last: shareBeyond(last, range) };
}

function shareBeyond(values: ArrayLike<number>, [low, high]: readonly [number, number]): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] <= low || values[i] >= high) count++;
  return count / values.length;
}

export const driftOf = ({ first, last }: MetricChange): number =>
  first === 0 ? Math.abs(last) : Math.abs(last / first - 1);

export function verdictOf(
  minmax: MinMax,
  optimized: MetricChange,
  drift: number,
  { heldWithin, leastChange }: MADLimits,
): MADVerdict["verdict"] {
  if (!(drift <= heldWithin)) return "not held";
  const gained = minmax === "min" ? optimized.first - optimized.last : optimized.last - optimized.first;
  return gained >= leastChange * Math.abs(optimized.first) && gained > 0 ? "apart" : "not apart";
}

export function told(
  verdict: Omit<MADVerdict, "text">,
  course: Course,
  names: readonly [string, string],
  constrained: boolean,
): MADVerdict {
  return Object.freeze({ ...verdict, text: wordsFor(verdict, course, names, constrained).join("\n") });
}

const number = (x: number): string => significant(x, 4);

function wordsFor(
  verdict: Omit<MADVerdict, "text">,
  course: Course,
  [a, b]: readonly [string, string],
  constrained: boolean,
): string[] {
  const { optimized, reference, atBounds, stopped, settling, absoluteRule, limits } = verdict;
  const loss = course.losses[course.losses.length - 1];
  const absolute = absoluteRuleWords(absoluteRule, loss, limits);
  return [
    headline(verdict, a, b, constrained),
    `${capital(a)}: ${number(optimized.first)} at first, ${number(optimized.last)} at last (limit ${percent(limits.leastChange)}). ${capital(b)}: ` +
      `${number(reference.first)} at first, ${number(reference.last)} at last, ${driftWords(reference.last, reference.first)} (limit ` +
      `${percent(limits.heldWithin)}).`,
    ...(verdict.verdict === "apart" ? [gapWords(verdict, a, b)] : []),
    boundWords(atBounds),
    ownEndWords(stopped) ?? settlingWords(settling, course, limits, false),
    `Why it stopped: ${stopped.text}.`,
    ...(absolute === null ? [] : [absolute]),
  ];
}

/** Whether the constrained descent ended by itself: then more iterations change nothing, however few there were. */
const isOwnEnd = ({ reason }: Stopping): boolean => reason === "stationary" || reason === "blocked";

/** What its own end says of whether it had settled; null where it did not end by itself. */
function ownEndWords(stopped: Stopping): string | null {
  if (!isOwnEnd(stopped)) return null;
  const found = stopped.reason === "stationary" ? "no direction improves it" : "no step leads on";
  return `At its own end, after ${counted(stopped.numIter, "iteration")}: ${found}, and more iterations change nothing.`;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

function headline(
  { verdict, minmax, optimized, drift, limits }: Omit<MADVerdict, "text">,
  a: string,
  b: string,
  constrained: boolean,
): string {
  const small = minmax === "min" ? "smaller" : "larger";
  switch (verdict) {
    case "apart":
      return `Apart: ${b} stayed${drift > MAD_SUMMARY_DEFAULTS.heldWithin ? ` within the limit of ${percent(limits.heldWithin)}` : ""}, and ${a} became ${timesWords(optimized)}.`;
    case "not apart":
      return (
        `Not apart: ${a} did not become ${small} by ${percent(limits.leastChange)} or more: ${number(optimized.first)} at first, ` +
        `${number(optimized.last)} at last.`
      );
    case "not held":
      return (
        `Not held: ${b} is off by ${percent(drift)}, more than ${percent(limits.heldWithin)}, so the images cannot be compared at ` +
        `equal values of it. ${
          constrained
            ? "The constrained mode holds it as well as rounding lets it: ask for a larger heldWithin, or use float64."
            : "Give it a larger weight, or use the constrained mode."
        }`
      );
  }
}

/** `12 times smaller`. */
function timesWords({ first, last }: MetricChange): string {
  const isLess = last < first;
  const [less, more] = isLess ? [last, first] : [first, last];
  const how = isLess ? "smaller" : "larger";
  return less > 0 ? `${significant(more / less)} times ${how}` : `${how}, from ${number(first)} to ${number(last)}`;
}

/** What two images mean on which metrics disagree. */
function gapWords(
  { minmax, reference, limits }: Pick<MADVerdict, "minmax" | "reference" | "limits">,
  a: string,
  b: string,
): string {
  const nearer = minmax === "min" ? "nearer to" : "farther from";
  return (
    `What that means: for ${b} this image and the initial one are equally far from the reference image` +
    `${equalWords(reference.last, reference.first, limits, "")}; for ${a} this one is ` +
    `${nearer} it. If they look equally far from it to you, ${b} sees as you do here; if this one looks ${nearer} it, ${a} does.`
  );
}

/**
 * At which values two images are equally far: both, and the limit that takes them for equal, where they differ in what is printed.
 *
 * @param equal what is said where they do not
 */
function equalWords(one: number, other: number, { heldWithin }: Pick<MADLimits, "heldWithin">, equal: string): string {
  if (number(one) === number(other)) return equal;
  return ` up to the limit of ${percent(heldWithin)} (${number(one)} and ${number(other)})`;
}

function boundWords(atBounds: AtBounds | null): string {
  if (atBounds === null) return "The pixels have no bounds.";
  const { range, isKept, first, last } = atBounds;
  const where = isKept ? `lie at the bounds ${range.join(" and ")}` : `lie at ${range.join(" and ")} or beyond`;
  const much =
    last > 0.5 && last > first ? " With so many, the bounds decide what it looks like as much as the metrics do." : "";
  return `${percent(last)} of the pixels ${where}, ${percent(first)} at first.${much}`;
}

/** What one metric can be while the other stays. */
export interface MADGap {
  /** The metric that varies, and the one that stays, by their names. */
  readonly varied: string;
  readonly held: string;
  /** What the one was held at. */
  readonly at: number;
  readonly least: number;
  readonly most: number;
}

/** The verdict of a whole competition. */
export interface MADFourVerdict {
  /** "apart" where all four images are. */
  readonly verdict: MADVerdict["verdict"];
  readonly images: Readonly<Record<MADName, MADVerdict>>;
  /** Of the first metric, and of the second. */
  readonly gaps: readonly [MADGap, MADGap];
  /** In plain words; the first line is the verdict. */
  readonly text: string;
}

/** @param names of the two metrics */
export function fourVerdict(
  images: Readonly<Record<MADName, MADVerdict>>,
  [a, b]: readonly [string, string],
): MADFourVerdict {
  const gap = (varied: string, held: string, min: MADVerdict, max: MADVerdict): MADGap => {
    return { varied, held, at: min.reference.first, least: min.optimized.last, most: max.optimized.last };
  };
  const gaps = [gap(a, b, images.minA, images.maxA), gap(b, a, images.minB, images.maxB)] as const;
  const all = Object.values(images);
  const called: Readonly<Record<MADName, string>> = {
    minA: `least ${a}`,
    maxA: `most ${a}`,
    minB: `least ${b}`,
    maxB: `most ${b}`,
  };
  const which = (wanted: MADVerdict["verdict"]): string =>
    (Object.keys(called) as MADName[])
      .filter((name) => images[name].verdict === wanted)
      .map((name) => called[name])
      .join(", ");
  const verdict =
    (["not held", "not apart"] as const).find((one) => all.some((image) => image.verdict === one)) ?? "apart";
  const unmade = all.filter(isUnmade).length;
  const first =
    unmade === all.length
      ? "Not all apart: nothing was made yet, and all four are still what they began with. Call synthesize() of each."
      : {
          apart: `Apart: ${goesWords(gaps[0], images.minA, images.maxA)}; ${goesWords(gaps[1], images.minB, images.maxB)}.`,
          "not apart": `Not all apart: the optimized metric hardly moved for ${which("not apart")}.`,
          "not held": `Not held: the other metric did not stay for ${which("not held")}, so these images cannot be compared at equal values of it.`,
        }[verdict];
  const lines = [
    pairWords(gaps[0], images.minA, images.maxA),
    pairWords(gaps[1], images.minB, images.maxB),
    settledWords((Object.keys(called) as MADName[]).map((name) => [called[name], images[name]])),
  ];
  return Object.freeze({ verdict, images, gaps, text: [first, ...(unmade === all.length ? [] : lines)].join("\n") });
}

/** `at equal MSE, SSIM goes from 0.1 to 0.2` */
function goesWords({ varied, held, least, most }: MADGap, min: MADVerdict, max: MADVerdict): string {
  const [one, other] = [min.reference.last, max.reference.last];
  return `at equal ${held}${equalWords(one, other, min.limits, "")}, ${varied} goes from ${number(least)} to ${number(most)}`;
}

/** Whether no iteration was made; one that began at its end is made. */
const isUnmade = ({ stopped }: MADVerdict): boolean => stopped.numIter === 0 && !isOwnEnd(stopped);

/** What two images mean, which were to be equal for the metric that is held. */
function pairWords({ varied, held, at, least, most }: MADGap, min: MADVerdict, max: MADVerdict): string {
  const what = `Least and most ${varied}: `;
  const values = `for ${varied} one is at ${number(least)} and the other at ${number(most)}`;
  if (isUnmade(min) || isUnmade(max)) {
    const missing =
      isUnmade(min) && isUnmade(max) ? "neither was" : isUnmade(min) ? "the least was not" : "the most was not";
    return `${what}${missing} made yet, so there is nothing to compare.`;
  }
  if (min.verdict === "not held" || max.verdict === "not held") {
    return (
      `${what}${held} was to stay at ${number(at)}, and is ${number(min.reference.last)} for the least and ` +
      `${number(max.reference.last)} for the most, so these two do not say which metric sees as you do; ${values}.`
    );
  }
  if (min.verdict === "not apart" && max.verdict === "not apart") {
    return `${what}${values}: neither went far from where it began, so there is little to compare.`;
  }
  const times = least > 0 ? `, ${significant(most / least)} times as much` : "";
  return (
    `${what}for ${held} both images are equally far from the reference image${equalWords(min.reference.last, max.reference.last, min.limits, ` (${number(min.reference.last)})`)}; ${values}${times}. If they look equally ` +
    `good or bad to you, ${held} sees as you do here; if one looks fine and the other ruined, ${varied} does.`
  );
}

/** How many of the four will not change any more. */
function settledWords(images: readonly (readonly [called: string, image: MADVerdict])[]): string {
  const open = images.filter(([, { settling, stopped }]) => settling.state !== "settled" && !isOwnEnd(stopped));
  const count = images.length - open.length;
  const rest = open.length === 0 ? "" : `; not ${open.map(([called]) => called).join(", ")}`;
  return `Settled, or at their own end: ${count} of ${images.length}${rest}.`;
}
