// The direction of a step on the surface: L-BFGS (J. Nocedal and S. J. Wright, "Numerical optimization", 2006, algorithm 7.4) with
// everything projected onto the directions that keep the reference metric and leave no bound.
//
// Metrics of vision are thousands of times more sensitive in flat parts of an image than in busy ones. So the first guess of the
// inverse curvature is not one number but one for each pixel, learned from how its gradient changed when it did.

import type { Surface } from "./surface.ts";

/** A pair bends the right way if the cosine between s and y is above this. */
export const LEAST_CURVATURE = 1e-8;
/** The direction leads down if its cosine with the steepest one is above this. */
const LEAST_COSINE = 1e-6;

interface Usable {
  readonly slot: number;
  readonly sy: number;
  readonly yy: number;
  /** How much of the normal is in s and in y. */
  readonly bs: number;
  readonly by: number;
}

/**
 * Makes the direction from the steepest way down.
 *
 * @param slots the pairs, oldest first
 * @param nn squared norm of the normal
 * @param cc squared norm of the steepest way down
 * @returns squared norm of the direction; null where the pairs give none that leads down
 */
export function curvedDirection(surface: Surface, slots: readonly number[], nn: number, cc: number): number | null {
  const pairs: Usable[] = [];
  for (const slot of slots) {
    const { ss, sy, yy, sn, yn } = surface.pair(slot);
    const [bs, by] = nn > 0 ? [sn / nn, yn / nn] : [0, 0];
    const flat = { slot, sy: sy - bs * yn, yy: yy - by * yn, bs, by };
    const flatSs = ss - bs * sn;
    if (flat.sy > LEAST_CURVATURE * Math.sqrt(flatSs * flat.yy)) pairs.push(flat);
  }
  if (pairs.length === 0) return null;

  surface.steepest();
  const last = pairs.length - 1;
  const weights: number[] = [];
  let product = surface.alongS(pairs[last].slot);
  for (let i = last; i >= 0; i--) {
    weights[i] = product / pairs[i].sy;
    product = surface.lower(pairs[i].slot, weights[i], pairs[i].by, pairs[Math.max(i - 1, 0)].slot);
  }
  const scale = pairs[last].sy / surface.bendiness(pairs[last].slot, pairs[last].by);
  const off = surface.weigh(scale);
  product = surface.level(nn > 0 ? off / nn : 0, pairs[0].slot);
  for (let i = 0; i <= last; i++) {
    const weight = weights[i] - product / pairs[i].sy;
    product = surface.higher(pairs[i].slot, weight, pairs[i].bs, pairs[Math.min(i + 1, last)].slot);
  }
  const { qq, qc } = surface.direction();
  return Number.isFinite(qq) && qc > LEAST_COSINE * Math.sqrt(qq * cc) ? qq : null;
}
