// The two numbers that could both be called a loss. The objective is what is made small: loss and weighted penalty together; the
// library records it as `losses`, as Python does. The loss is how far the model's response is from the target's, no more.

import type { HistorySource } from "plenoptic-js/engine";

type Recorded = Pick<HistorySource, "losses" | "penalties" | "penaltyLambda">;

/** The loss of each iteration, and of the final image. */
export function lossesOf({ losses, penalties, penaltyLambda }: Recorded): Float64Array {
  return losses.map((objective, i) => lossIn(objective, penalties[i], penaltyLambda));
}

/** The loss in an objective. Where it is next to nothing, rounding may leave less than that. */
export function lossIn(objective: number, penalty: number, weight: number): number {
  return penalty === 0 ? objective : Math.max(0, objective - weight * penalty);
}
