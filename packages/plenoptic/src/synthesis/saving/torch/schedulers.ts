// Schedulers as torch keeps them in a file: the name of a class and a flat dictionary. What is in it stands in torch/.

import { type PtDict, PtTuple, type PtValue } from "@plenoptic-js/formats";
import type { optim } from "@plenoptic-js/tensor";
import { type SchedulerState, schedulers } from "@plenoptic-js/tensor/engine";
import type { Entries } from "./formulaState.ts";
import type { SavedOptimizer } from "./optimizers.ts";
import { SchedulerReader } from "./schedulerReader.ts";
import { type SchedulerMoment, TORCH_SCHEDULERS } from "./schedulerTable.ts";

/** A scheduler and its state, and the learning rate it began with. */
export interface SavedScheduler {
  readonly scheduler: optim.Scheduler;
  readonly state: SchedulerState;
  readonly initialLr: number;
}

const MODULE = "torch.optim.lr_scheduler.";

/** The scheduler of a class name, by our name; null where there is none. */
export function schedulerName(className: string): string | null {
  const last = className.slice(className.lastIndexOf(".") + 1);
  return Object.hasOwn(TORCH_SCHEDULERS, last) ? last : null;
}

/** Whether the step of a scheduler of this class takes the loss. */
export function schedulerTakesLoss(className: string): boolean {
  return TORCH_SCHEDULERS[schedulerName(className) ?? ""]?.takesLoss === true;
}

/** A scheduler as (class name, state dictionary). */
export function saveScheduler(saved: SavedScheduler, optimizer: optim.Optimizer): PtTuple {
  const { name } = saved.scheduler;
  const dict: PtDict = new Map<PtValue, PtValue>(TORCH_SCHEDULERS[name].save(momentOf(saved, optimizer)));
  return new PtTuple([MODULE + name, dict]);
}

/** What a scheduler notes among the optimizer's settings. */
export function schedulerNotes(saved: SavedScheduler, optimizer: optim.Optimizer): Entries {
  const { notes } = TORCH_SCHEDULERS[saved.scheduler.name];
  const moment = momentOf(saved, optimizer);
  return notes === undefined ? [["initial_lr", moment.initialLr]] : notes(moment);
}

function momentOf({ scheduler, state, initialLr }: SavedScheduler, { options }: optim.Optimizer): SchedulerMoment {
  // Those that do not start from the optimizer's own learning rate remember from which.
  const base = (state.base as number | undefined) ?? initialLr;
  return { options: scheduler.options, state, initialLr: base, hasBetas: Object.hasOwn(options, "betas") };
}

/**
 * Reads what `saveScheduler` writes, and what torch does.
 *
 * @param of the optimizer of the file, with its group of settings
 */
export function loadScheduler(
  className: string,
  dict: PtValue | undefined,
  { optimizer, group }: Pick<SavedOptimizer, "optimizer"> & { readonly group: PtDict },
  file: string,
): SavedScheduler {
  const reader = new SchedulerReader(className, dict, group, file);
  const name = schedulerName(className);
  if (name === null) throw reader.error(`the scheduler ${className} is not known here`);
  const found = TORCH_SCHEDULERS[name].load(reader);
  const scheduler = schedulers[name].make(found.options);
  const { lr } = optimizer;
  const from = reader.has("base_lrs") ? { base: reader.only("base_lrs") } : {};
  const momentum = scheduler.movesMomentum ? { momentum: momentumOf(optimizer) } : {};
  const state = { lr, ...from, ...momentum, iterations: iterationsOf(reader), ...found.state };
  return { scheduler, state, initialLr: from.base ?? lr };
}

/** Releases of plenoptic before 1.2 gave the loss to every scheduler, and most took it for the epoch. They counted all the same. */
function iterationsOf(reader: SchedulerReader): number {
  const isEpoch = Number.isInteger(reader.number("last_epoch"));
  return isEpoch ? reader.count("last_epoch") : reader.count("_step_count") - 1;
}

/** The momentum among the options of an optimizer that has one. */
function momentumOf({ options }: optim.Optimizer): number {
  return (options.momentum ?? (options.betas as readonly number[] | undefined)?.[0]) as number;
}
