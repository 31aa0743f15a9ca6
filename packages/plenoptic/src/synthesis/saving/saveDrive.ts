// Optimizer and scheduler of a running synthesis, as a file holds them.

import type { Drive } from "../frame/drive.ts";
import { stateOf } from "./dictionary/fields.ts";
import type { SavedStates } from "./resume.ts";
import { noState, saveOptimizer } from "./torch/optimizers.ts";
import { saveScheduler, schedulerNotes } from "./torch/schedulers.ts";

export function saveDrive({ descent, scheduler, schedule, initialLr }: Drive): SavedStates {
  const { image, optimizer } = descent;
  const { lr, momentum } = schedule;
  const saved = scheduler === null ? null : { scheduler, state: schedule, initialLr };
  const notes = saved === null ? [] : schedulerNotes(saved, optimizer);
  return {
    optimizer: stateOf(saveOptimizer({ optimizer, snapshot: descent.snapshot() }, { lr, momentum, notes }, image)),
    scheduler: stateOf(saved === null ? noState() : saveScheduler(saved, optimizer)),
  };
}
