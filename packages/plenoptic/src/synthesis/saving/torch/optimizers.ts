// Optimizers as torch keeps them in a file: the name of a class, its settings (`param_groups`) and what it remembers
// (`state`). What is in them stands in torch/.

import { type PtDict, PtTuple, type PtValue } from "@plenoptic-js/formats";
import type { optim } from "@plenoptic-js/tensor";
import type { FormulaSnapshot, LbfgsSnapshot, Snapshot } from "../../frame/descent.ts";
import { type Entries, formulaGroup, formulaState, readFormula } from "./formulaState.ts";
import { lbfgsGroup, lbfgsState, readLbfgs } from "./lbfgsState.ts";
import { TORCH_OPTIMIZERS } from "./optimizerTable.ts";
import { type Layout, StateReader } from "./stateReader.ts";

/** An optimizer and what it remembers. Its learning rate and momentum are the present ones. */
export interface SavedOptimizer {
  readonly optimizer: optim.Optimizer;
  readonly snapshot: Snapshot;
}

const LBFGS = "torch.optim.lbfgs.LBFGS";

/** What is saved where there is no optimizer yet. */
export const noState = (): PtTuple => new PtTuple([null, new Map()]);

/** The optimizer of a class name, by our name; null where there is none. */
export function optimizerName(className: string): string | null {
  const last = className.slice(className.lastIndexOf(".") + 1);
  return last === "LBFGS" || Object.hasOwn(TORCH_OPTIMIZERS, last) ? last : null;
}

/** What a scheduler has made of an optimizer's settings. */
export interface Scheduled {
  readonly lr: number;
  /** The present momentum; undefined where no scheduler moves it. */
  readonly momentum: number | undefined;
  /** What the scheduler notes beside the settings. */
  readonly notes: Entries;
}

/** An optimizer as (class name, state dictionary). */
export function saveOptimizer({ optimizer, snapshot }: SavedOptimizer, scheduled: Scheduled, layout: Layout): PtTuple {
  const { lr, momentum, notes } = scheduled;
  const isLbfgs = optimizer.kind === "lbfgs";
  const group = isLbfgs ? lbfgsGroup(optimizer) : formulaGroup(optimizer, momentum);
  const state = isLbfgs
    ? lbfgsState(snapshot as LbfgsSnapshot, layout)
    : formulaState(optimizer, snapshot as FormulaSnapshot, layout);
  const groups = [new Map<PtValue, PtValue>([["lr", lr], ...group, ...notes, ["params", [0n]]])];
  const dict = new Map<PtValue, PtValue>([
    ["state", new Map<PtValue, PtValue>(state.size === 0 ? [] : [[0, state]])],
    ["param_groups", groups],
  ]);
  return new PtTuple([isLbfgs ? LBFGS : TORCH_OPTIMIZERS[optimizer.name].className, dict]);
}

/**
 * Reads what `saveOptimizer` writes, and what torch does; also the group of settings, in which schedulers leave notes. Throws
 * FileError where it makes no sense.
 */
export function loadOptimizer(
  className: string,
  dict: PtValue | undefined,
  layout: Layout,
  file: string,
): SavedOptimizer & { readonly group: PtDict } {
  const name = optimizerName(className);
  const reader = new StateReader(dict, layout, file);
  if (name === null) throw reader.error(`the optimizer ${className} is not known here`);
  const saved = name === "LBFGS" ? readLbfgs(reader) : readFormula(name, reader);
  return { ...saved, group: reader.group };
}
