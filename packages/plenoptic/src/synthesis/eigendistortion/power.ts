// Orthogonal iteration as in Python's plenoptic, step by step: A. Berardino, J. Ballé, V. Laparra and E. P. Simoncelli,
// "Eigen-distortions of hierarchical representations", 2017.
//
// It multiplies its random start by F before it looks for the smallest eigenvalues, which takes away what it looks for where F
// has a null space. Here it also asks a few steps of Lanczos, from the start as it was drawn, whether there is a smaller
// eigenvalue, and says so.

import { qrOf } from "@plenoptic-js/tensor/engine";
import { significant } from "../../significant.ts";
import { UserWarning, warn } from "../../warnings.ts";
import { blockLanczos } from "./blockLanczos.ts";
import type { Products } from "./products.ts";
import type { Turn } from "./turn.ts";
import { addScaled, columnsOf, dot, matrixOf, norm, scaleBy, type Vectors } from "./vectors.ts";
import { joined, type Measure, type Pairs, pairsOf, sorted } from "./verdict.ts";

/** Steps of the check for smaller eigenvalues. */
const LOOK_STEPS = 30;

const REMEDY = 'Use method: "krylov", or more iterations (maxIter) and a smaller stopCriterion.';

export interface PowerTask {
  readonly products: Products;
  readonly maxIter: number;
  /** Largest change of the eigenvalues between two iterations, as a norm, at which it stops. */
  readonly stopCriterion: number;
  readonly turn: Turn;
}

interface Run {
  readonly pairs: Pairs;
  readonly iterations: number;
}

/** The largest pairs, then the smallest, values decreasing. */
export async function power(
  task: PowerTask,
  top: Vectors,
  bottom: Vectors,
): Promise<{ readonly pairs: Pairs; readonly iterations: readonly number[] }> {
  const high = await iterate(task, top, 0, "top");
  if (bottom.length === 0) return { pairs: high.pairs, iterations: [high.iterations] };
  const low = await iterate(task, bottom, high.pairs.values[0], "bottom");
  // The iteration gives the smallest first.
  return { pairs: joined(high.pairs, sorted(low.pairs)), iterations: [high.iterations, low.iterations] };
}

async function iterate(
  { products, maxIter, stopCriterion, turn }: PowerTask,
  start: Vectors,
  shift: number,
  stage: "top" | "bottom",
): Promise<Run> {
  const normalized = (vectors: Vectors, otherwise: Vectors): Float64Array[] =>
    vectors.map((given, i) => {
      const size = norm(given);
      const v = (size > 0 ? given : otherwise[i]).slice();
      if (size > 0) scaleBy(1 / size, v);
      return v;
    });
  const drawn = normalized(start, start);
  let vectors = normalized(await products.multiply(drawn, turn), drawn);
  let images = await products.multiply(vectors, turn);
  let values = vectors.map((v, i) => dot(v, images[i]));
  let change = Number.POSITIVE_INFINITY;
  let iterations = 0;
  while (iterations < maxIter && change > stopCriterion) {
    const shifted = images.map((image, i) => {
      const w = image.slice();
      addScaled(-shift, vectors[i], w);
      return w;
    });
    vectors = columnsOf(qrOf(matrixOf(shifted)).q);
    images = await products.multiply(vectors, turn);
    const next = vectors.map((v, i) => dot(v, images[i]));
    change = norm(Float64Array.from(next, (value, i) => value - values[i]));
    values = next;
    iterations++;
    turn.report({ stage, share: iterations / maxIter, products: products.count, residual: null });
  }
  return { pairs: pairsOf(vectors, images), iterations };
}

/** Warns if the smallest value found is not the smallest eigenvalue. Returns whether it did. */
export async function checkSmallest(
  { products, turn }: PowerTask,
  { values, residuals }: Pairs,
  { tolerance, rounding }: Measure,
  start: Float64Array,
): Promise<boolean> {
  const last = values.length - 1;
  const [value, residual] = [values[last], residuals[last]];
  const found = await blockLanczos({
    apply: async (vectors) => {
      const images = await products.multiply(vectors, turn);
      for (const image of images) scaleBy(-1, image);
      return images;
    },
    start: [start.slice()],
    locked: [],
    limit: LOOK_STEPS + 1,
    keep: 1,
    enough: async ({ steps }) => steps >= LOOK_STEPS,
    turn,
  });
  const bound = Math.max(0, -found.values[0]);
  if (!(bound < value - Math.max(residual, tolerance * value, rounding))) return false;
  warn(
    new UserWarning(
      "power-missed",
      `synthesize: method "power" found ${number(value)} as the smallest eigenvalue, but there is one of at most ${number(bound)}: the ` +
        `iteration has lost it, or has not come to it. ${REMEDY}`,
    ),
  );
  return true;
}

/** Warns once of all pairs that are no eigenpairs yet. */
export function warnOfResiduals({ values, residuals }: Pairs, { largest, tolerance, rounding }: Measure): void {
  const limit = Math.max(tolerance * largest, rounding);
  const count = residuals.filter((residual) => residual > limit).length;
  if (count === 0) return;
  const worst = residuals.indexOf(Math.max(...residuals));
  const which =
    count === 1 && values.length === 1
      ? "at an eigenvalue that is none yet"
      : `with ${count} of ${values.length} eigenvalues that are none yet`;
  warn(
    new UserWarning(
      "power-residual",
      `synthesize: method "power" stopped ${which}: the largest residual is ${number(residuals[worst])}, at ${number(values[worst])}; it ` +
        `should be ${number(limit)} at most. ${REMEDY}`,
    ),
  );
}

const number = (x: number): string => significant(x, 4);
