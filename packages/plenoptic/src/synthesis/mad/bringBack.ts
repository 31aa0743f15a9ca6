// Bringing a trial image back to the surface on which the reference metric has its first value, after Z. Wang and
// E. P. Simoncelli, "Maximum differentiation (MAD) competition", Journal of Vision 8(12), 2008: along the gradient of the reference
// metric, by a search in one number. The image is clipped to the range wherever the search looks, so it cannot leave it.

/** Evaluations for one image. */
const MAX_ROUNDS = 12;
/** Without a sign change, every evaluation must leave at most this part of the distance. Pixels at their bounds can make it slow. */
const NEARER = 0.95;

export interface BringBackOptions {
  /** The value to reach. */
  readonly target: number;
  /** The distance from it that is aimed at, and the one that is accepted if no nearer can be had. */
  readonly aim: number;
  readonly accept: number;
  /** How the reference metric changes with the distance, to begin with. */
  readonly slope: number;
}

/**
 * Looks for the distance to go. Secant steps, and bisection where those leave the bracket. The last evaluation is that of the
 * result.
 *
 * @param first the reference metric at distance 0
 * @param evaluate the reference metric at a distance
 * @returns whether the value was reached
 */
export function* bringBack(
  first: number,
  evaluate: (distance: number) => number,
  { target, aim, accept, slope: firstSlope }: BringBackOptions,
): Generator<void, boolean> {
  let at = 0;
  let off = first - target;
  if (!Number.isFinite(off)) return false;
  if (Math.abs(off) <= aim) return true;
  if (!(firstSlope > 0)) return Math.abs(off) <= accept;
  let slope = firstSlope;
  let best = { at, off };
  let below = off < 0 ? 0 : null;
  let above = off < 0 ? null : 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    yield;
    const bracketed = below !== null && above !== null;
    let next = at - off / slope;
    if (below !== null && above !== null) {
      const [low, high] = below < above ? [below, above] : [above, below];
      if (!(next > low && next < high)) next = (low + high) / 2;
    }
    if (next === at) break;
    const found = evaluate(next) - target;
    if (!Number.isFinite(found)) return false;
    if (Math.abs(found) <= aim) return true;
    if (!bracketed && found < 0 === off < 0 && Math.abs(found) > NEARER * Math.abs(off)) break;
    if (Math.abs(found) < Math.abs(best.off)) best = { at: next, off: found };
    if (found < 0) below = next;
    else above = next;
    const secant = (found - off) / (next - at);
    if (secant > 0) slope = secant;
    [at, off] = [next, found];
  }
  if (!(Math.abs(best.off) <= accept)) return false;
  return Math.abs(evaluate(best.at) - target) <= accept;
}
