// How a loaded synthesis goes on: the optimizer and the scheduler that the file describes.

import type { FloatDType, optim } from "@plenoptic-js/tensor";
import { type SchedulerState, scheduled } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../../warnings.ts";
import { defaultOptimizer } from "../defaultOptimizer.ts";
import type { Snapshot } from "../frame/descent.ts";
import type { SavedState } from "./dictionary/fields.ts";
import { loadOptimizer, optimizerName } from "./torch/optimizers.ts";
import { loadScheduler, schedulerName } from "./torch/schedulers.ts";

/** Optimizer and scheduler as a file holds them. */
export interface SavedStates {
  readonly optimizer: SavedState;
  readonly scheduler: SavedState;
}

/** What a file says of optimizer and scheduler, and how its images are laid out. */
export interface SavedRun extends SavedStates {
  readonly file: string;
  readonly layout: { readonly dtype: FloatDType; readonly shape: readonly number[] };
}

export interface Resumed {
  readonly optimizer: optim.Optimizer;
  /** null where nothing is remembered. */
  readonly snapshot: Snapshot | null;
  readonly scheduler: optim.Scheduler | null;
  readonly schedule: SchedulerState;
  readonly initialLr: number;
}

/** What plenoptic writes in place of a state that it has lost. */
const LOST = "builtins.tuple";

/**
 * The optimizer and scheduler of a file, in the state they had. What is `given` must be of the saved kind; its options give
 * way to those of the file.
 *
 * @throws RangeError for another kind, and for kinds that are not available here
 */
export function resume(
  run: SavedRun,
  given: { readonly optimizer: optim.Optimizer | null; readonly scheduler: optim.Scheduler | null },
): Resumed {
  const { file, layout } = run;
  if (run.optimizer.name === null || run.optimizer.name === LOST) {
    warn(
      new UserWarning(
        "lost-optimizer",
        `setup: ${file} does not hold the state of an optimizer; one starts anew from the image`,
      ),
    );
    const { scheduler } = given;
    const optimizer = scheduled(given.optimizer ?? defaultOptimizer(), scheduler);
    const schedule = scheduler?.start(optimizer.lr) ?? { lr: optimizer.lr };
    return { optimizer, snapshot: null, scheduler, schedule, initialLr: optimizer.lr };
  }
  const saved = loadOptimizer(
    known("optimizer", run.optimizer.name, optimizerName, given.optimizer, file),
    run.optimizer.dict,
    layout,
    file,
  );
  const { optimizer, snapshot } = saved;
  const { lr } = optimizer;
  if (run.scheduler.name === null || run.scheduler.name === LOST) {
    if (run.scheduler.name === null && given.scheduler !== null) {
      throw new RangeError(
        `setup: the saved synthesis has no scheduler, so ${given.scheduler.name} cannot go on; leave scheduler out, or start anew from its ` +
          "image, with setup({ initialImage, scheduler }) on a new object",
      );
    }
    const { scheduler } = given;
    const own = scheduled(optimizer, scheduler);
    return { optimizer: own, snapshot, scheduler, schedule: scheduler?.start(lr) ?? { lr }, initialLr: lr };
  }
  const className = known("scheduler", run.scheduler.name, schedulerName, given.scheduler, file);
  const { scheduler, state, initialLr } = loadScheduler(className, run.scheduler.dict, saved, file);
  return { optimizer: scheduled(optimizer, scheduler), snapshot, scheduler, schedule: state, initialLr };
}

/** The saved class name, if it is known here and what is given is of that kind. */
function known(
  what: "optimizer" | "scheduler",
  className: string,
  nameOf: (className: string) => string | null,
  given: { readonly name: string } | null,
  file: string,
): string {
  const name = nameOf(className);
  if (name === null) {
    throw new RangeError(
      `setup: ${file} was made with the ${what} ${className}, which is not available here, so it cannot go on. It can be saved ` +
        "again, and nothing of it is lost; or start anew from its image, with setup({ initialImage }) on a new object.",
    );
  }
  if (given !== null && given.name !== name) {
    throw new RangeError(
      `setup: the saved ${what} is ${name}, and ${given.name} cannot go on where it stopped; leave ${what} out to go on with it, or ` +
        `start anew from its image, with setup({ initialImage, ${what} }) on a new object`,
    );
  }
  return className;
}
