// The default method: block Lanczos, for the largest eigenvalues with F itself, for the smallest with polynomials of F.
//
// The smallest eigenvalues lie close together beside the largest, so Lanczos with F finds them slowly. A filter
// (chebyshev.ts) spreads them; where its cutoff must be is learnt on the way, from F itself in a few stages, each of which
// begins with the best vectors of the one before. Vectors that a model of few outputs cannot see at all are found without
// any of this (nullSpace.ts).

import { type FloatDType, MemoryError, type Shape } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { blockLanczos, type Found } from "./blockLanczos.ts";
import { type Filter, filterFor, highestDegree, invert } from "./chebyshev.ts";
import { nullVectors } from "./nullSpace.ts";
import type { Products } from "./products.ts";
import type { Turn } from "./turn.ts";
import { scaleBy, type Vectors } from "./vectors.ts";
import { joined, type Measure, measureOf, type Pairs, ritzPairs, sorted, verdictOf } from "./verdict.ts";

/** Vectors in a block at most; more pairs are found in rounds. */
const MOST_IN_BLOCK = 8;

/** Numbers that the basis may hold, but for the least it needs: 512 MiB. */
const BASIS_NUMBERS = 67_108_864;

/** Applications after which a stage may end for one of higher degree, and by how much it must be higher. */
const STAGE_STEPS = 6;
const STAGE_GAIN = 1.5;

/** A residual that counts as within the tolerance before rounding has had its say. */
const MARGIN = 0.9;

export interface KrylovTask {
  readonly products: Products;
  /** Pixels. */
  readonly n: number;
  /** Outputs. */
  readonly m: number;
  readonly dtype: FloatDType;
  /** Normal draws, n for each wanted pair: for the largest, then for the smallest. */
  readonly start: Vectors;
  readonly tolerance: number;
  /** Products with each vector of a block, for each end and round, at most. */
  readonly maxIter: number;
  readonly turn: Turn;
}

/** Sizes of the search, which depend on n and the block alone. */
function sizesFor(n: number, block: number): { readonly limit: number; readonly keep: number } {
  const limit = Math.max(4 * block, Math.min(96, Math.max(32, Math.floor(BASIS_NUMBERS / n))));
  return { limit, keep: Math.min(Math.floor(limit / 2), limit - 2 * block) };
}

/** Bytes that vectors may take in all: 8 GiB, which holds those for 4096 x 4096 pixels. */
const MOST_VECTOR_BYTES = 8_589_934_592;

/** Throws MemoryError where the vectors of the search are more than can be held, before any is drawn. */
export function refuseLargeBasis(
  { size: n, shape }: { readonly size: number; readonly shape: Shape },
  wanted: number,
): void {
  const { limit } = sizesFor(n, Math.min(wanted, MOST_IN_BLOCK));
  // Those to start from, those found, and the basis.
  const bytes = 8 * n * (2 * wanted + limit);
  if (bytes <= MOST_VECTOR_BYTES) return;
  const gibibytes = (x: number): string => `${(x / 1_073_741_824).toFixed(2)} GiB`;
  const problem =
    `synthesize: method "krylov" needs ${gibibytes(bytes)} for ${2 * wanted + limit} vectors as large as the image of ` +
    `${shapeText(shape)}; that must be ${gibibytes(MOST_VECTOR_BYTES)} at most`;
  const ways = [{ kind: "smaller image" }, { kind: "smaller k" }] as const;
  throw new MemoryError(problem, "Use a smaller image, or a smaller k.", { bytes, isTooLarge: true, ways });
}

/** The largest and then the smallest pairs, values decreasing. `top` is 1 or more; no more than n are asked for. */
export async function krylov(task: KrylovTask, top: number, bottom: number): Promise<Pairs> {
  const { n, m, dtype, tolerance } = task;
  const seen = { largest: 0 };
  const high = await oneEnd(task, task.start.slice(0, top), [], (locked, start) => largest(task, seen, locked, start));
  if (bottom === 0) return high;
  const measure = measureOf(high.values[0], tolerance, n, dtype);
  // Above every eigenvalue: the largest is within its residual, but for what the start had not.
  const bound = (high.values[0] + high.residuals[0]) * 1.001;
  const unseen = Math.max(0, n - m);
  const low = await oneEnd(task, task.start.slice(top, top + bottom), high.vectors, (locked, start, already) =>
    already < unseen
      ? unseenOnes(task, measure, locked, start.slice(0, unseen - already))
      : smallest(task, measure, bound, locked, start),
  );
  return sorted(joined(high, low));
}

/** Finds a block of vectors that are orthogonal to `locked`, from some that it may change. */
type Round = (locked: Vectors, start: Float64Array[], already: number) => Promise<Float64Array[]>;

/** Pairs of one end, as many as there are vectors to start from, in rounds of a block each. */
async function oneEnd({ products, turn }: KrylovTask, start: Vectors, away: Vectors, round: Round): Promise<Pairs> {
  const vectors: Float64Array[] = [];
  while (vectors.length < start.length) {
    const block = start.slice(vectors.length, vectors.length + MOST_IN_BLOCK);
    const found = await round(
      [...away, ...vectors],
      block.map((v) => v.slice()),
      vectors.length,
    );
    vectors.push(...found);
  }
  return ritzPairs(products, vectors, turn);
}

/** The vectors of the largest eigenvalues, as many as the block has. */
async function largest(
  task: KrylovTask,
  seen: { largest: number },
  locked: Vectors,
  start: Float64Array[],
): Promise<Float64Array[]> {
  const { products, n, dtype, tolerance, maxIter, turn } = task;
  const wanted = start.length;
  const found = await blockLanczos({
    apply: (vectors) => products.multiply(vectors, turn),
    start,
    locked,
    ...sizesFor(n, wanted),
    turn,
    enough: async (now) => {
      seen.largest = Math.max(seen.largest, now.values[0]);
      const residual = share(worst(now.residuals, wanted), seen.largest);
      turn.report({ stage: "top", share: now.steps / maxIter, products: products.count, residual });
      const measure = measureOf(seen.largest, MARGIN * tolerance, n, dtype);
      return now.steps >= maxIter || resolved(now.values, now.residuals, wanted, measure);
    },
  });
  return found.vectors(wanted);
}

const share = (residual: number, scale: number): number => (scale > 0 ? residual / scale : 0);

const worst = (residuals: readonly number[], wanted: number): number => Math.max(...residuals.slice(0, wanted));

function resolved(values: readonly number[], residuals: readonly number[], wanted: number, measure: Measure): boolean {
  return values
    .slice(0, wanted)
    .every((value, i) => verdictOf(Math.max(0, value), residuals[i], measure) !== "unresolved");
}

function unseenOnes(
  task: KrylovTask,
  { largest: scale }: Measure,
  locked: Vectors,
  start: Vectors,
): Promise<Float64Array[]> {
  const { products, tolerance, maxIter, turn } = task;
  return nullVectors(products, start, locked, {
    limit: MARGIN * tolerance * scale,
    maxIter,
    turn,
    report: (done, residual) =>
      turn.report({ stage: "bottom", share: done, products: products.count, residual: share(residual, scale) }),
  });
}

/** The vectors of the smallest eigenvalues, as many as the block has. */
async function smallest(
  task: KrylovTask,
  measure: Measure,
  bound: number,
  locked: Vectors,
  start: Float64Array[],
): Promise<Float64Array[]> {
  const { products, n, maxIter, turn } = task;
  const wanted = start.length;
  const mostDegree = highestDegree(n);
  let used = 0;
  let block = start;
  let filter: Filter | null = null;
  for (;;) {
    const stage: Stage = { filter, next: null, vectors: null };
    const degree: number = filter?.degree ?? 1;
    const found = await blockLanczos({
      apply: (vectors) => {
        used += degree;
        return applied(products, stage.filter, vectors, turn);
      },
      start: block,
      locked,
      ...sizesFor(n, wanted),
      turn,
      enough: async (now) => {
        const known = estimates(now, stage.filter, wanted);
        const residual = known === null ? null : share(worst(known.residuals, wanted), measure.largest);
        turn.report({ stage: "bottom", share: Math.min(1, used / maxIter), products: products.count, residual });
        if (known !== null && resolved(known.values, known.residuals, wanted, measure)) {
          const pairs = await ritzPairs(products, await vectorsOf(now, stage.filter, wanted), turn);
          if (resolved(pairs.values, pairs.residuals, wanted, measure)) {
            stage.vectors = pairs.vectors;
            return true;
          }
        }
        if (used >= maxIter) return true;
        if (known === null || now.steps < STAGE_STEPS || degree >= mostDegree) return false;
        const lowest = Math.max(0, known.values[0] - known.residuals[0]);
        stage.next = filterFor(lowest, known.values[wanted - 1], bound, mostDegree);
        return stage.next !== null && stage.next.degree >= STAGE_GAIN * degree;
      },
    });
    if (stage.vectors !== null) return [...stage.vectors];
    const vectors = await vectorsOf(found, filter, wanted);
    if (found.complete || used >= maxIter) return vectors;
    filter = stage.next;
    block = vectors;
  }
}

/** One run of Lanczos on the way to the smallest eigenvalues. */
interface Stage {
  /** The operator; null: -F itself. */
  readonly filter: Filter | null;
  /** A better one. */
  next: Filter | null;
  /** What was looked for, once it is found. */
  vectors: Vectors | null;
}

async function applied(
  products: Products,
  filter: Filter | null,
  vectors: Vectors,
  turn: Turn,
): Promise<Float64Array[]> {
  if (filter !== null) return products.polynomial(vectors, filter, turn);
  const images = await products.multiply(vectors, turn);
  for (const image of images) scaleBy(-1, image);
  return images;
}

/** The best vectors found. A filter leaves a little of large eigenvalues, which one more application takes away. */
const vectorsOf = (found: Found, filter: Filter | null, wanted: number): Promise<Float64Array[]> =>
  filter === null ? found.vectors(wanted) : found.sharpened(wanted);

/** Eigenvalues of F, increasing, and residuals, as the operator tells them; null while it does not. */
function estimates(
  { values, residuals }: Found,
  filter: Filter | null,
  wanted: number,
): { readonly values: readonly number[]; readonly residuals: readonly number[] } | null {
  const first = values.slice(0, wanted);
  if (filter === null) return { values: first.map((v) => Math.max(0, -v)), residuals: residuals.slice(0, wanted) };
  const places = first.map((value) => invert(filter, value)).filter((place) => place !== null);
  if (places.length < wanted) return null;
  return { values: places.map(({ value }) => value), residuals: places.map(({ slope }, i) => residuals[i] / slope) };
}
