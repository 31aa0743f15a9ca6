// Which parts of a representation a coarse-to-fine synthesis is at: those still to do, those finished, and when.

import type { Label } from "../saving/dictionary/label.ts";

/** After the last scale, the whole representation. */
export const ALL = "all";

export type CoarseToFine = "together" | "separate";

/** Never changed: an advanced queue is another one. */
export interface ScaleQueue {
  /** The present one first; the last is "all". */
  readonly scales: readonly Label[];
  readonly finished: readonly Label[];
  /** First iteration of each begun scale, and the last one of each finished one. */
  readonly timing: ReadonlyMap<Label, readonly number[]>;
}

/** All stages in order: the scales of the model, coarse to fine, and "all". */
export function stagesOf(scales: readonly Label[], coarseToFine: CoarseToFine): readonly Label[] {
  // The finest scale comes with "all" when the coarser ones are kept.
  return [...(coarseToFine === "together" ? scales.slice(0, -1) : scales), ALL];
}

export function freshQueue(stages: readonly Label[]): ScaleQueue {
  return { scales: stages, finished: [], timing: new Map(stages.map((label, i) => [label, i === 0 ? [0] : []])) };
}

/** The iteration at which the present scale began. */
export function begunAt({ scales, timing }: ScaleQueue): number {
  return timing.get(scales[0])?.[0] ?? 0;
}

/** The queue at the next scale, which begins with this iteration. */
export function advanced({ scales, finished, timing }: ScaleQueue, iteration: number): ScaleQueue {
  const [present, next] = scales;
  const times = new Map(timing);
  times.set(present, [...(timing.get(present) ?? []), iteration - 1]);
  times.set(next, [iteration]);
  return { scales: scales.slice(1), finished: [...finished, present], timing: times };
}

/** The scales that a stage matches, the newest first; null is the whole representation. */
export function scalesOf(stages: readonly Label[], stage: number, coarseToFine: CoarseToFine): readonly Label[] | null {
  if (stage === stages.length - 1) return null;
  return [stages[stage], ...(coarseToFine === "together" ? stages.slice(0, stage) : [])];
}
