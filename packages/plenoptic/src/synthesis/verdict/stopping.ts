// Why a synthesis stopped, as far as its object knows.

import { counted } from "../../counted.ts";
import type { SynthesisSummary } from "../frame/iterations.ts";
import type { LastRun } from "../runningSynthesis.ts";

export interface Stopping {
  /** Of the last call of synthesize(); null: there was none, it was ended from outside or as its numbers were no longer finite, or a file was loaded. */
  readonly reason: SynthesisSummary["stopReason"] | null;
  /** The same in words. */
  readonly text: string;
  /** Iterations of all calls. */
  readonly numIter: number;
}

export function stoppingOf(lastRun: LastRun | null, numIter: number): Stopping {
  if (lastRun === null) {
    const text = numIter > 0 ? "files do not keep why a synthesis stopped" : "no iteration has been run yet";
    return { reason: null, text, numIter };
  }
  const { summary, isNonFinite } = lastRun;
  if (isNonFinite) {
    const text = "its numbers were no longer finite; what is judged is the image before that iteration";
    return { reason: null, text, numIter };
  }
  if (summary === null) {
    return { reason: null, text: "the last call was ended from outside, by a signal or an error", numIter };
  }
  const { stopReason: reason, stopText, iterations } = summary;
  // That the rule holds does not say that anything has settled.
  const text = reason === "converged" ? `a stop rule ended it after ${counted(iterations, "iteration")}` : stopText;
  return { reason, text, numIter };
}
