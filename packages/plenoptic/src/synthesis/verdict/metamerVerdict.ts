// The verdict of a metamer. Three questions are kept apart: why it stopped, whether the optimisation had settled, and how near the
// model's response came to that to the target. Near is measured by how far apart photographs of different things are for the same model.

import type { Global } from "@plenoptic-js/formats";
import type { Tensor } from "@plenoptic-js/tensor";
import type { ArrayValue } from "@plenoptic-js/tensor/engine";
import { counted } from "../../counted.ts";
import { significant } from "../../significant.ts";
import { checkSignal } from "../frame/callbacks.ts";
import { distanceOf, type GroupValues, numbersIn, WHOLE } from "./groups.ts";
import { gapWords, type ImageGap, sameWords } from "./imageGap.ts";
import { type NetworkMatch, networkWords } from "./layerMatch.ts";
import { checkLimits } from "./limits.ts";
import type { NullDistances, NullGroup } from "./nullDistances.ts";
import { areOneButForRounding } from "./rounding.ts";
import { type AbsoluteRule, absoluteRuleWords, type Course, type Settling, settlingWords } from "./settling.ts";
import type { Stopping } from "./stopping.ts";

/** What a verdict asks for. All of it is printed with the verdict. */
export interface SummaryOptions {
  /** Matched: the distance is below this part of the median distance of different photographs. Default 0.01. */
  readonly matchedBelow?: number;
  /** Settled: the objective has changed by no more than this part of itself within the window. Default 0.01. */
  readonly settledChange?: number;
  /** Settled: the gradient is no more than this part of the first. Default 0.1. */
  readonly settledGradient?: number;
  /** The absolute stop rule proves nothing if it is more than this part of the last objective. Default 0.01. */
  readonly absoluteShare?: number;
  /**
   * The photographs to compare with: [photographs, channels, height, width], or a list of tensors [..., height, width] of any sizes, values
   * from 0 to 1, two or more. Default: those of `po.data`.
   */
  readonly photographs?: Tensor | readonly Tensor[] | null;
  /** Ends the work between two photographs. */
  readonly signal?: Global<"AbortSignal">;
}

export type SummaryLimits = Required<Omit<SummaryOptions, "photographs" | "signal">>;

export const SUMMARY_DEFAULTS: SummaryLimits = {
  matchedBelow: 0.01,
  settledChange: 0.01,
  settledGradient: 0.1,
  absoluteShare: 0.01,
};

/** Checks all options, and gives the limits. */
export function checkSummaryOptions(options: SummaryOptions): SummaryLimits {
  const limits = checkLimits<SummaryLimits>(options, SUMMARY_DEFAULTS, ["photographs", "signal"]);
  checkSignal("summary", options.signal);
  return limits;
}

/** How near something came: within the limit of "matched", nearer than any two photographs, or neither. */
export type Nearness = "matched" | "near" | "not matched";

/** How near one group of the representation came. */
export interface GroupNearness {
  /** The model's name for it; "all" is the whole representation. */
  readonly name: string;
  /** How many numbers it has. */
  readonly numbers: number;
  /** Euclidean distance of these numbers from the target's. */
  readonly distance: number;
  /** The distance as a part of the target's own norm; null where the target is near 0 here, so that the part says nothing. */
  readonly relative: number | null;
  /** How many distances of different photographs there are, their smallest and their median. */
  readonly pairs: number;
  readonly minimum: number;
  readonly median: number;
  /** Whether photographs differ in this group, so that their distances can be its measure. */
  readonly measuredBy: "photographs" | "target";
  /** The distance as a part of the median; where the target is the measure, of its norm. */
  readonly share: number;
  /**
   * Numbers that differ, though the loss does not look at them: nothing made them match. Where the model has no groups it is not looked
   * for, and 0.
   */
  readonly unweighted: number;
  readonly nearness: Nearness;
}

export interface MetamerVerdict {
  /** That of the worst group. */
  readonly verdict: Nearness;
  /** Why it stopped. */
  readonly stopped: Stopping;
  /** Whether the optimisation had settled. */
  readonly settling: Settling;
  /** What the absolute stop rule of the last call is worth; null where it was off, and where no call is known. */
  readonly absoluteRule: AbsoluteRule | null;
  /**
   * Whether there was nothing to match: the model responds to all photographs alike, and responded to the start as to the target. Then
   * that it is matched says nothing.
   */
  readonly blind: boolean;
  /** All groups, the worst first. */
  readonly groups: readonly GroupNearness[];
  /** How far the images themselves are apart; null where they have different shapes. */
  readonly imageGap: ImageGap | null;
  /** Of layers of a network: whether it is a metamer by the criterion of the literature; null for other models, and for images of other shapes. */
  readonly network: NetworkMatch | null;
  /** What the groups were compared with. */
  readonly photographs: Omit<NullDistances, "groups">;
  /** What was asked for. */
  readonly limits: SummaryLimits;
  /** Of a metamer made from coarse to fine: the scales that were not matched yet. */
  readonly scalesLeft: readonly string[];
  /** All of this in plain words; the first line is the verdict. */
  readonly text: string;
}

/** A target whose norm is below this part of the median is near 0. */
const NEAR_ZERO = 0.01;

const NO_PAIRS: NullGroup = { pairs: 0, differing: 0, minimum: Number.NaN, median: Number.NaN };

/** What two representations are apart in a group. */
export interface Apart extends Pick<GroupNearness, "name" | "numbers" | "distance" | "unweighted"> {
  /** The norm of the target's. */
  readonly size: number;
  /** Whether they are one but for rounding. */
  readonly isOne: boolean;
}

/**
 * What two representations are apart, by group.
 *
 * @param slopes the gradient of the loss, where it was asked for
 */
export function apartIn(target: GroupValues, made: GroupValues, slopes: GroupValues | null): Apart[] {
  return [...target].map(([name, values]) => {
    const own = made.get(name) ?? values;
    return {
      name,
      numbers: numbersIn(values),
      distance: distanceOf(values, own, values),
      size: distanceOf(values, values, null),
      isOne: areOneButForRounding(own, values, values),
      unweighted: unweightedOf(values, own, slopes?.get(name)),
    };
  });
}

/** How many numbers of a group differ from the target's, and have no slope in the loss. */
function unweightedOf(target: ArrayValue, made: ArrayValue, slope: ArrayValue | undefined): number {
  if (slope === undefined) return 0;
  let count = 0;
  for (let i = 0; i < target.re.length; i++) {
    const isEqual = target.re[i] === made.re[i] && target.im?.[i] === made.im?.[i];
    if (!isEqual && !Number.isNaN(target.re[i]) && slope.re[i] === 0 && (slope.im?.[i] ?? 0) === 0) count++;
  }
  return count;
}

/** How near each group came, the worst first. */
export function nearnessOf(
  apart: readonly Apart[],
  { groups }: NullDistances,
  { matchedBelow }: Pick<SummaryLimits, "matchedBelow">,
): GroupNearness[] {
  const all = apart.map(({ size, ...found }): GroupNearness => {
    const { name, numbers, distance, unweighted } = found;
    const { pairs, differing, minimum, median } = groups.get(name) ?? NO_PAIRS;
    // Else the median itself is no more than rounding.
    const isCompared = differing > 0 && 2 * differing >= pairs;
    const share = distance === 0 ? 0 : distance / (isCompared ? median : size);
    const isNear = isCompared && distance < minimum;
    return {
      name,
      numbers,
      distance,
      unweighted,
      relative: size > 0 && !(isCompared && size < NEAR_ZERO * median) ? distance / size : null,
      pairs,
      minimum,
      median,
      measuredBy: isCompared ? "photographs" : "target",
      share,
      nearness: share < matchedBelow ? "matched" : isNear ? "near" : "not matched",
    };
  });
  const order: readonly Nearness[] = ["not matched", "near", "matched"];
  return all.sort((a, b) => order.indexOf(a.nearness) - order.indexOf(b.nearness) || b.share - a.share);
}

/** Whether the model responds to all photographs alike. */
export const tellsNoneApart = (groups: readonly GroupNearness[]): boolean =>
  groups.every(({ measuredBy, pairs }) => measuredBy === "target" && pairs > 0);

type Untold = Omit<MetamerVerdict, "text">;

/** With the words. */
export function told(verdict: Untold, course: Course): MetamerVerdict {
  return Object.freeze({ ...verdict, text: wordsFor(verdict, course).join("\n") });
}

function wordsFor(verdict: Untold, course: Course): string[] {
  const { stopped, settling, absoluteRule, limits, scalesLeft } = verdict;
  const loss = course.losses[course.losses.length - 1];
  const isThere = verdict.verdict === "matched";
  const absolute = absoluteRuleWords(absoluteRule, loss, limits);
  const same = sameWords(verdict.imageGap);
  const gap = gapWords(verdict.imageGap);
  return [
    headline(verdict),
    ...(!verdict.blind && tellsNoneApart(verdict.groups)
      ? [
          `The model tells none of the ${verdict.photographs.photographs.length} photographs apart, so ${isThere ? "that it is matched says little" : "they are no measure"}.`,
        ]
      : []),
    ...(verdict.verdict === "matched" || same === null ? [] : [`Yet ${same}.`]),
    ...(scalesLeft.length === 0
      ? []
      : [
          `The scales were not all matched: it ended at ${scalesLeft[0]}, before all of them together were. More iterations (maxIter), fewer for each scale (ctfItersToCheck) or a larger changeScaleCriterion get there.`,
        ]),
    ...nearLines(verdict),
    ...(verdict.network === null ? [] : networkWords(verdict.network)),
    ...(gap === null ? [] : [gap]),
    settlingWords(settling, course, limits, isThere),
    `Why it stopped: ${stopped.text}.`,
    ...(absolute === null ? [] : [absolute]),
    ...(verdict.imageGap?.same === "exact"
      ? []
      : ["This is about the model, not about you: whether you can tell the two images apart, only looking tells."]),
  ];
}

/** How many groups are named. */
const NAMED = 3;

function headline(judged: Untold): string {
  const { verdict, groups, photographs, limits } = judged;
  const same = sameWords(judged.imageGap);
  if (same !== null && verdict === "matched") {
    return `No metamer: ${same}. Of course the model responds to both alike, and that tells nothing of what it cannot see.`;
  }
  if (judged.blind && verdict === "matched") {
    return (
      "Nothing to match: the model responded to the image it began with as to the target, and it tells none of " +
      `${photographs.photographs.length} photographs apart. To a model that sees no difference any image is a metamer.`
    );
  }
  const several = groups.length > 1;
  const bad = groups.filter(({ nearness }) => nearness === verdict);
  const more = bad.length > NAMED ? `, and ${bad.length - NAMED} more` : "";
  const named = bad.slice(0, NAMED).map(({ name, share }) => `${wordsOf(name)} ${significant(share)}`);
  const shares = several ? `${named.join(", ")}${more}` : `they are ${significant(bad[0].share)} apart`;
  const unit = unitOf(verdict === "matched" ? groups.slice(0, 1) : bad.slice(0, NAMED));
  switch (verdict) {
    case "matched": {
      const [{ name, share }] = groups;
      const apart = several
        ? `in all ${groups.length} groups, which are at most ${significant(share)} apart (${wordsOf(name)})`
        : `its responses are ${significant(share)} apart`;
      const limit = `${unit} and ${significant(limits.matchedBelow)} the limit`;
      if (share > SUMMARY_DEFAULTS.matchedBelow) {
        return `Matched: within the limit that was asked for, and not alike: ${apart}, ${limit}.`;
      }
      return `Matched: the model responds to the two images alike${several ? " " : ": "}${apart}, ${limit}.`;
    }
    case "near":
      return (
        "Near, not matched: the model's responses to the two images are nearer to each other than those to any two of " +
        `${photographs.photographs.length} photographs${several ? ", in every group" : ""}, but not within the limit of ` +
        `${significant(limits.matchedBelow)}: ${shares}, ${unit}.`
      );
    case "not matched":
      if (bad.every(({ measuredBy, pairs }) => measuredBy === "target" && pairs > 0)) {
        return (
          `Not matched: ${several ? `in ${bad.length} of ${groups.length} groups ` : ""}the model's responses to the two images differ, ` +
          `though those to all photographs are the same: ${shares}, ${unit}.`
        );
      }
      return (
        `Not matched: ${several ? `in ${bad.length} of ${groups.length} groups ` : ""}the model's responses to the two images are no nearer ` +
        `to each other than those to two unrelated photographs can be: ${shares}, ${unit}.`
      );
  }
}

/** What 1 is for the parts of these groups. */
function unitOf(groups: readonly GroupNearness[]): string {
  const median = "where 1 is the median distance between different photographs";
  const byTarget = groups.filter(({ measuredBy }) => measuredBy === "target").length;
  if (byTarget === 0) return median;
  return byTarget === groups.length
    ? "where 1 is the target's own size"
    : `${median}, or the target's own size where they do not differ`;
}

const wordsOf = (name: string): string => (name === WHOLE ? "the whole response" : name.replaceAll("_", " "));

/** Fewer pairs than those of four photographs say little. */
const FEW_PAIRS = 6;

/** What near was measured by. */
function nearLines({ verdict, groups, photographs, limits }: Untold): string[] {
  const { photographs: names, repeated, evaluations, bytes, stretchedTo } = photographs;
  const [worst] = groups;
  const pairs = (names.length * (names.length - 1)) / 2;
  const size = (bytes / 1024).toFixed(bytes < 102400 ? 1 : 0);
  const numbers =
    worst.pairs === 0
      ? "which gave no distance here"
      : `whose distances in ${wordsOf(worst.name)} have the median ${significant(worst.median)} and the minimum ${significant(worst.minimum)}`;
  const alike = groups.filter(({ measuredBy }) => measuredBy === "target");
  const ignored = groups.filter(({ unweighted }) => unweighted > 0);
  return [
    `Compared with ${counted(pairs, "pair")} of ${names.length} photographs, ${numbers}; the metamer is at ` +
      `${significant(worst.distance)}${worst.relative === null ? "" : `, ${percentOf(worst.relative)} of the target's own size`}.` +
      (verdict === "not matched"
        ? ` Matched is below ${significant(limits.matchedBelow)}, near below the minimum.`
        : ""),
    ...(ignored.length === 0
      ? []
      : [
          `The loss does not look at ${ignored.map(({ name, numbers, unweighted }) => `${unweighted} of ${numbers} numbers of ${wordsOf(name)}`).join(", ")}: ` +
            "nothing made them match.",
        ]),
    ...(alike.length === 0
      ? []
      : [
          `In ${alike.map(({ name }) => wordsOf(name)).join(", ")} the photographs do not differ; the parts are of the target's own size.`,
        ]),
    ...repeated.map(({ name, as }) => `In this shape ${name} is the same picture as ${as}, and was left out.`),
    ...(stretchedTo === null
      ? []
      : [
          `The photographs were stretched to the range of the target, ${stretchedTo.map((x) => significant(x)).join(" to ")}.`,
        ]),
    ...(pairs < FEW_PAIRS
      ? [
          `${counted(pairs, "pair")} ${pairs === 1 ? "is" : "are"} few: near is easily said then, and the median is that of these pictures. Give more photographs.`,
        ]
      : []),
    ...(verdict === "near" ? ["To be nearer than two unrelated photographs is little."] : []),
    `The photographs took ${counted(evaluations, "evaluation")} of the model and ${size} KiB.`,
  ];
}

const percentOf = (part: number): string => `${significant(100 * part)} %`;
