// When a loss has settled: Python's absolute rule, and a relative one.

import type { Series } from "./series.ts";

export interface StopRules {
  /** Least change of the loss within the window; null: this rule is off. */
  readonly stopCriterion: number | null;
  /** Largest spread of the loss within the window, as a part of its last value; null: this rule is off. */
  readonly stopRtol: number | null;
  /** The length of the window. */
  readonly stopItersToCheck: number;
}

/**
 * Whether one of the rules says that the loss has settled.
 *
 * @param from the first iteration whose loss counts for the relative rule; Infinity: no rule holds yet
 */
export function hasConverged(losses: Series, rules: StopRules, from: number): boolean {
  const { stopCriterion, stopRtol, stopItersToCheck: window } = rules;
  const n = losses.length;
  if (from > n) return false;
  if (stopCriterion !== null && n > window) {
    // A window of 0 looks at the first loss, as Python does.
    const before = losses.at(window === 0 ? 0 : n - window);
    if (Math.abs(before - losses.at(n - 1)) < stopCriterion) return true;
  }
  if (stopRtol !== null && n - from >= window) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = n - window; i < n; i++) {
      low = Math.min(low, losses.at(i));
      high = Math.max(high, losses.at(i));
    }
    if (high - low <= stopRtol * Math.abs(losses.at(n - 1))) return true;
  }
  return false;
}
