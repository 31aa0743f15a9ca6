// What is known of eigenvalues and eigenvectors that were found: how good they are, and which belong together.
//
// For a unit vector v with residual r = |F v - lambda v| there is an eigenvalue within r of lambda: B. N. Parlett, "The
// Symmetric Eigenvalue Problem", 1980, section 4.5.

import type { FloatDType } from "@plenoptic-js/tensor";
import { eighOf } from "@plenoptic-js/tensor/engine";
import type { Products } from "./products.ts";
import type { Turn } from "./turn.ts";
import { addScaled, columnsOf, combine, dot, norm, type Vectors } from "./vectors.ts";

/** Unit vectors with their eigenvalues, which never are negative, and residuals |F v - lambda v|. */
export interface Pairs {
  readonly vectors: Vectors;
  readonly values: readonly number[];
  readonly residuals: readonly number[];
}

/** By what pairs are judged. */
export interface Measure {
  /** The largest eigenvalue of F. */
  readonly largest: number;
  /** Residuals up to this share of the largest eigenvalue count as converged. */
  readonly tolerance: number;
  /** Absolute errors that rounding alone makes. */
  readonly rounding: number;
}

/** Of a pair: its eigenvalue is known, is 0 as far as can be told, or neither. */
export type Verdict = "converged" | "zero" | "unresolved";

/** A residual above this share of its eigenvalue does not tell it from 0. */
const TELLS_FROM_ZERO = 0.1;

const EPSILON = { float32: 1.1920928955078125e-7, float64: 2.220446049250313e-16 };

export function measureOf(largest: number, tolerance: number, n: number, dtype: FloatDType): Measure {
  return { largest, tolerance, rounding: 8 * EPSILON[dtype] * Math.sqrt(n) * largest };
}

/**
 * How much of a change of the response may be rounding alone, when a change of norm `strength` is added to an image.
 *
 * @param gain how many times larger a response changes than the image, at most
 */
export const responseRounding = (
  dtype: FloatDType,
  gain: number,
  norms: { readonly image: number; readonly strength: number; readonly response: number },
): number => 8 * EPSILON[dtype] * Math.max(norms.response, gain * (norms.image + norms.strength));

/** The largest residual of a pair that counts as known. */
export const limitOf = ({ largest, tolerance, rounding }: Measure): number => Math.max(tolerance * largest, rounding);

/**
 * Zero: not above rounding, or not above the tolerance and with a residual that does not tell it from 0. Converged: a
 * residual within the tolerance, and below a tenth of the eigenvalue.
 */
export function verdictOf(value: number, residual: number, measure: Measure): Verdict {
  const limit = limitOf(measure);
  if (!(residual <= limit)) return "unresolved";
  if (residual <= TELLS_FROM_ZERO * value && value > measure.rounding) return "converged";
  return value <= limit ? "zero" : "unresolved";
}

/** Eigenvalues that cannot be told apart: neighbours that agree within their residuals. */
export interface EigenGroup {
  /** Positions in the result, first and last. */
  readonly first: number;
  readonly last: number;
  /** The largest and the smallest of these eigenvalues. */
  readonly high: number;
  readonly low: number;
  readonly verdict: Verdict;
  /** The space of such vectors has at least this many dimensions. */
  readonly dimension: number;
}

/**
 * The groups of pairs whose values decrease, with places `index` among all n. Those that lie between members of a group
 * belong to it too. A group of zeros knows its dimension from the sizes alone: a model of m outputs cannot see at least
 * n - m dimensions of its n pixels.
 */
export function groupsOf(
  { values, residuals }: Pairs,
  verdicts: readonly Verdict[],
  index: readonly number[],
  { rounding }: Measure,
  sizes: { readonly pixels: number; readonly outputs: number },
): EigenGroup[] {
  const groups: EigenGroup[] = [];
  for (let i = 0; i < values.length; i++) {
    const before = groups[groups.length - 1];
    const near = i > 0 && Math.abs(values[i - 1] - values[i]) <= Math.max(residuals[i - 1] + residuals[i], rounding);
    const joins = before !== undefined && before.verdict === verdicts[i] && (near || verdicts[i] === "zero");
    const first = joins ? before.first : i;
    const unseen = verdicts[i] === "zero" ? sizes.pixels - sizes.outputs : 0;
    const group: EigenGroup = {
      first,
      last: i,
      high: joins ? before.high : values[i],
      low: values[i],
      verdict: verdicts[i],
      dimension: Math.max(index[i] - index[first] + 1, unseen),
    };
    if (joins) groups[groups.length - 1] = group;
    else groups.push(group);
  }
  return groups;
}

/** One after the other. */
export const joined = (a: Pairs, b: Pairs): Pairs => ({
  vectors: [...a.vectors, ...b.vectors],
  values: [...a.values, ...b.values],
  residuals: [...a.residuals, ...b.residuals],
});

/** With decreasing values. */
export function sorted({ vectors, values, residuals }: Pairs): Pairs {
  const order = values.map((_, i) => i).sort((i, j) => values[j] - values[i] || i - j);
  const pick = <T>(list: readonly T[]): T[] => order.map((i) => list[i]);
  return { vectors: pick(vectors), values: pick(values), residuals: pick(residuals) };
}

/**
 * The best pairs within the span of orthonormal vectors, values decreasing (Rayleigh-Ritz). Takes one product for each.
 *
 * Its i-th smallest value is never below the i-th smallest eigenvalue, and its i-th largest never above the i-th largest.
 */
export async function ritzPairs(products: Products, vectors: Vectors, turn: Turn): Promise<Pairs> {
  const count = vectors.length;
  const images = await products.multiply(vectors, turn);
  const data = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      data[i * count + j] = (dot(vectors[i], images[j]) + dot(vectors[j], images[i])) / 2;
      data[j * count + i] = data[i * count + j];
    }
    await turn.rest();
  }
  const turned = columnsOf(eighOf({ rows: count, columns: count, data }).vectors).reverse();
  return pairsOf(await combine(vectors, turned, turn), await combine(images, turned, turn));
}

/** Pairs from unit vectors v and their products F v. The value is v . F v. */
export function pairsOf(vectors: Vectors, images: Vectors): Pairs {
  const values: number[] = [];
  const residuals: number[] = [];
  vectors.forEach((v, i) => {
    // Rounding may leave a tiny negative number of a zero.
    const value = Math.max(0, dot(v, images[i]));
    const rest = images[i].slice();
    addScaled(-value, v, rest);
    values.push(value);
    residuals.push(norm(rest));
  });
  return { vectors, values, residuals };
}
