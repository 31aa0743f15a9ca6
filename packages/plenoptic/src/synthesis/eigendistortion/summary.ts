// What synthesize() says of its result.

import type { FloatDType } from "@plenoptic-js/tensor";
import { counted } from "../../counted.ts";
import { significant } from "../../significant.ts";
import { type EigendistortionMethod, toleranceOf } from "./options.ts";
import { type EigenGroup, limitOf, type Measure, measureOf, type Pairs, type Verdict } from "./verdict.ts";

export interface EigendistortionSummary {
  readonly method: EigendistortionMethod;
  /** Products F v that were made. */
  readonly products: number;
  /** Eigenvalues as they were found, before they were rounded to the image's precision. */
  readonly eigenvalues: Float64Array;
  /** |F v - lambda v| of each. */
  readonly residuals: Float64Array;
  /** Of each, whether it is known. */
  readonly verdicts: readonly Verdict[];
  /** Whether all are known: none is unresolved. */
  readonly converged: boolean;
  /** Neighbours that cannot be told apart. */
  readonly groups: readonly EigenGroup[];
  /** "power": iterations of its two runs. */
  readonly iterations?: readonly number[];
  /** "randomized_svd": how much of F v, for random v, lies outside of the space that was searched. */
  readonly error?: number;
  /** All of this in words. */
  readonly words: string;
}

/**
 * What the residuals of a summary were judged by: pairs with a larger one are unresolved.
 *
 * @param stopCriterion the option of synthesize()
 * @param pixels of the image
 */
export function residualLimit(
  { method, eigenvalues }: Pick<EigendistortionSummary, "method" | "eigenvalues">,
  stopCriterion: number | undefined,
  pixels: number,
  dtype: FloatDType,
): number {
  return limitOf(measureOf(Math.max(...eigenvalues), toleranceOf(method, stopCriterion, dtype), pixels, dtype));
}

/** Groups of equal eigenvalues that are told one by one, and groups at one end that are not resolved. */
const MOST_GROUPS = 5;
const MOST_UNRESOLVED = 1;

/** What may resolve the rest. */
const MORE: Readonly<Record<EigendistortionMethod, string>> = {
  krylov: 'More products (maxIter), or method: "exact" for a small image,',
  exact: "Nothing more here: rounding hides it. Float64",
  power: 'More iterations (maxIter) with a smaller stopCriterion, or method: "krylov",',
  randomized_svd: 'Larger p and q, or method: "krylov",',
};

/**
 * A sentence for every group that is more than one converged pair, and one for the whole.
 *
 * @param method how they were found: what bounds the true ones, and what may tell more, depends on it
 */
export function wordsFor(
  { values, residuals }: Omit<Pairs, "vectors">,
  groups: readonly EigenGroup[],
  index: readonly number[],
  { largest, tolerance }: Measure,
  sizes: { readonly pixels: number; readonly outputs: number },
  method: EigendistortionMethod,
): string {
  const unresolved = groups.filter(({ verdict }) => verdict === "unresolved");
  const open = unresolved.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (largest === 0 && open === 0) {
    const found =
      values.length === 1 ? "the eigenvalue that was found is" : `all ${values.length} eigenvalues that were found are`;
    return (
      "The derivative of the model at this image is 0, or too small for the precision of the image: " +
      `${found} 0. No change of the image is seen more than another, and any will do as an eigendistortion.`
    );
  }
  const how = tolerance === 0 ? "to rounding; the largest is" : `to ${number(tolerance)} of the largest,`;
  const known = values.length - open;
  const all =
    open > 0
      ? `${known} of ${counted(values.length, "eigenvalue")} ${known === 1 ? "is" : "are"}`
      : values.length === 1
        ? "The eigenvalue that was found is"
        : `All ${values.length} eigenvalues are`;
  // Of a single one that is not resolved the next sentence says it.
  const lines = open === 1 && values.length === 1 ? [] : [`${all} resolved ${how} ${number(largest)}.`];
  const unknown = { values, residuals, index, method };
  if (largest === 0) {
    lines.push("The derivative of the model at this image is 0, or too small for the precision of the image.");
  }
  for (const isTop of [true, false]) {
    const own = unresolved.filter(({ first }) => (index[first] === first) === isTop);
    if (own.length > MOST_UNRESOLVED) lines.push(unresolvedWords(own, isTop, unknown));
    else lines.push(...own.map((group) => unresolvedGroup(group, unknown)));
  }
  let together = 0;
  for (const { first, last, high, low, verdict, dimension } of groups) {
    const which =
      index[first] === index[last] ? `Eigenvalue ${index[first]}` : `Eigenvalues ${index[first]} to ${index[last]}`;
    const are = first === last ? "is" : "are";
    if (verdict === "zero") {
      const { pixels, outputs } = sizes;
      lines.push(
        `${which} ${are} 0 as far as can be told. Such vectors fill at least ${counted(dimension, "dimension")}` +
          (pixels > outputs ? ` (${counted(pixels, "pixel")}, ${counted(outputs, "output")})` : "") +
          ": any vector of that space will do, these are some.",
      );
    } else if (verdict === "converged" && last > first && ++together <= MOST_GROUPS) {
      lines.push(
        `${which} cannot be told apart (${number(high)} to ${number(low)}): any rotation of their vectors will do too.`,
      );
    }
  }
  if (together > MOST_GROUPS) {
    const more = together - MOST_GROUPS;
    lines.push(`So it is with ${more} more ${more === 1 ? "group" : "groups"} of neighbours.`);
  }
  return lines.join("\n");
}

/** What is said of those that are not resolved. */
interface Unknown extends Omit<Pairs, "vectors"> {
  readonly index: readonly number[];
  readonly method: EigendistortionMethod;
}

function unresolvedGroup({ first, last, high, low }: EigenGroup, { residuals, index, method }: Unknown): string {
  const isOne = first === last;
  const which = isOne ? `Eigenvalue ${index[first]} is` : `Eigenvalues ${index[first]} to ${index[last]} are`;
  const isTop = index[first] === first;
  const bound = isTop && index[last] !== last ? "" : boundWords(isOne ? "It" : "Each", isTop, method);
  const worst = Math.max(...residuals.slice(first, last + 1));
  const found = isOne ? number(high) : rangeWords([high, low]);
  return `${which} not resolved: ${found}, with residuals up to ${number(worst)}. ${bound}${MORE[method]} may tell.`;
}

/** Of all that are not resolved at one end: `30 of the 32 smallest are not resolved`. */
function unresolvedWords(
  groups: readonly EigenGroup[],
  isTop: boolean,
  { values, residuals, index, method }: Unknown,
): string {
  const inGroups = <T>(of: readonly T[]): T[] => groups.flatMap(({ first, last }) => of.slice(first, last + 1));
  const open = inGroups(values);
  // A group may have members of both.
  const isBoth = isTop && groups.some(({ last }) => index[last] !== last);
  const atEnd = index.filter((place, i) => isBoth || (place === i) === isTop).length;
  const which = atEnd === values.length ? "all that were found" : `the ${atEnd} ${isTop ? "largest" : "smallest"}`;
  const count = open.length === atEnd ? `None of ${which} is` : `${open.length} of ${which} are not`;
  const bound = isBoth ? "" : boundWords("Each", isTop, method);
  return (
    `${count} resolved: ${rangeWords(open)}, with residuals up to ${number(Math.max(...inGroups(residuals)))}. ` +
    `${bound}${MORE[method]} may tell.`
  );
}

/** Rayleigh quotients are lower bounds of the largest, upper bounds of the smallest; those of "power" come from no such search. */
const boundWords = (which: string, isTop: boolean, method: EigendistortionMethod): string =>
  method === "power" ? "" : `${which} is at ${isTop ? "least" : "most"} that large. `;

/** The values of "power" need not decrease. */
const rangeWords = (values: readonly number[]): string =>
  `${number(Math.max(...values))} to ${number(Math.min(...values))}`;

const number = (x: number): string => significant(x, 4);
