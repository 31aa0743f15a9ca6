// A loaded synthesis before setup(): the image, and what the file says of how it goes on.

import type { Tensor } from "@plenoptic-js/tensor";
import type { PtTuple } from "../../files/pt/index.ts";
import type { FloatDType } from "../../validate/error.ts";
import type { FormulaSnapshot, LbfgsSnapshot, Snapshot, Terms, Values } from "../descent.ts";
import type { Drive } from "../synthesize.ts";
import type { MetamerFile } from "./metamerFile.ts";
import { noState, saveOptimizer } from "./optimizerState.ts";
import type { SavedRun } from "./resume.ts";
import { saveScheduler, schedulerNotes } from "./schedulerState.ts";

export interface Loaded {
  readonly image: Tensor<FloatDType>;
  readonly terms: { readonly loss: number; readonly penalty: number };
  readonly stepTakesLoss: boolean;
  readonly run: SavedRun;
}

/** `terms` computes what the file does not know of its last image. */
export function loadedMetamer(
  saved: MetamerFile,
  image: Tensor<FloatDType>,
  terms: (image: Tensor, target: Tensor) => Terms,
  target: Tensor,
): Loaded {
  const { file, optimizer, scheduler, currentLoss, currentPenalty } = saved;
  let known = currentLoss === null || currentPenalty === null ? null : { loss: currentLoss, penalty: currentPenalty };
  return {
    image,
    get terms() {
      if (known === null) {
        const { loss, penalty } = terms(image, target);
        known = { loss: loss.itemSync(), penalty: penalty.itemSync() };
      }
      return known;
    },
    stepTakesLoss: saved.migrated.dict.get("_scheduler_step_arg") === true,
    run: { file, optimizer, scheduler, layout: { dtype: image.dtype, shape: image.shape } },
  };
}

/** Optimizer and scheduler of a running synthesis, as a file holds them. */
export function saveDrive({ descent, scheduler, schedule, initialLr }: Drive): {
  readonly optimizer: PtTuple;
  readonly scheduler: PtTuple;
} {
  const { image, optimizer } = descent;
  const { lr, momentum } = schedule;
  const saved = scheduler === null ? null : { scheduler, state: schedule, initialLr };
  const notes = saved === null ? [] : schedulerNotes(saved, optimizer);
  return {
    optimizer: saveOptimizer({ optimizer, snapshot: descent.snapshot() }, { lr, momentum, notes }, image),
    scheduler: saved === null ? noState() : saveScheduler(saved, optimizer),
  };
}

/** What an optimizer remembers, in another precision. */
export function castSnapshot(snapshot: Snapshot, dtype: FloatDType): Snapshot {
  const cast = (values: Values): Values =>
    dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);
  if (snapshot.kind === "formula") {
    const arrays = Object.entries(snapshot.arrays).map(([name, values]) => [name, cast(values)]);
    return { ...snapshot, arrays: Object.fromEntries(arrays) } satisfies FormulaSnapshot;
  }
  const { pairs, last } = snapshot;
  return {
    ...snapshot,
    pairs: pairs.map(({ y, s, ro }) => ({ y: cast(y), s: cast(s), ro })),
    last: last === null ? null : { ...last, direction: cast(last.direction), gradient: cast(last.gradient) },
  } satisfies LbfgsSnapshot;
}
