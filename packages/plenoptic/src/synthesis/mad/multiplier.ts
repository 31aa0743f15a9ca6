// The steepest way down that keeps the reference metric, to first order, and leaves no bound.
//
// With g the gradient of the loss, n that of the reference metric and a multiplier m, it is m n - g, without the pixels that lie on
// a bound and would leave it; they are held fast. The right m makes it orthogonal to n. Which pixels are held depends on m: the
// product of way and n grows with m and bends where a pixel is let go, so Newton's method finds its zero in a few steps.

/** Sums over the pixels that are not held at some multiplier. */
export interface HeldSums {
  /** g . n */
  readonly gn: number;
  /** n . n */
  readonly nn: number;
  /** (m n - g) . n */
  readonly along: number;
}

const MAX_ROUNDS = 60;

/**
 * @param precision relative change of the multiplier that no longer matters
 * @param start where to look first
 */
export function findMultiplier(sums: (multiplier: number) => HeldSums, precision: number, start: number): number {
  let m = start;
  let [low, high] = [-Infinity, Infinity];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { gn, nn, along } = sums(m);
    // Nothing that may move changes the reference metric.
    if (!(nn > 0)) return m;
    if (along > 0) high = Math.min(high, m);
    else low = Math.max(low, m);
    let next = gn / nn;
    if (Math.abs(next - m) <= precision * Math.abs(m)) return m;
    if (!(next > low && next < high) && low > -Infinity && high < Infinity) next = (low + high) / 2;
    if (next === m || !Number.isFinite(next)) return m;
    m = next;
  }
  return m;
}
