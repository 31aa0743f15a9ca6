// Schedulers as torch keeps them in a file: the name of a class and a flat dictionary.

import { optim } from "@plenoptic-js/tensor";
import { FileError } from "../../../files/errors.ts";
import { type PtDict, PtTuple, type PtValue } from "../../../files/pt/index.ts";
import { kindOf, numberOf } from "../dictionary/reader.ts";

/** A scheduler and its state, and the learning rate it began with. */
export interface SavedScheduler {
  readonly scheduler: optim.Scheduler;
  readonly state: optim.SchedulerState;
  readonly initialLr: number;
}

/** Whether torch notes the first learning rate in the optimizer too. */
export const notesInitialLr = (scheduler: optim.Scheduler | null): boolean =>
  scheduler !== null && scheduler.name !== "ReduceLROnPlateau";

const MODULE = "torch.optim.lr_scheduler.";
const KNOWN = ["ExponentialLR", "StepLR", "ReduceLROnPlateau"];

/** The scheduler of a class name, by our name; null where there is none. */
export function schedulerName(className: string): string | null {
  const last = className.slice(className.lastIndexOf(".") + 1);
  return KNOWN.includes(last) ? last : null;
}

/** A scheduler as (class name, state dictionary), after so many iterations. */
export function saveScheduler({ scheduler, state, initialLr }: SavedScheduler, iterations: number): PtTuple {
  const options = scheduler.options as Readonly<Record<string, number & string>>;
  const rates: readonly (readonly [string, PtValue])[] = [["_last_lr", [state.lr]]];
  if (scheduler.name === "ReduceLROnPlateau") {
    const dict: PtDict = new Map<PtValue, PtValue>([
      ["factor", options.factor],
      ["default_min_lr", 0n],
      ["min_lrs", [options.minLr === 0 ? 0n : options.minLr]],
      ["patience", BigInt(options.patience)],
      ["cooldown", BigInt(options.cooldown)],
      ["eps", options.eps],
      ["last_epoch", BigInt(iterations)],
      ...rates,
      ["mode_worse", options.mode === "max" ? -Infinity : Infinity],
      ["mode", options.mode],
      ["threshold", options.threshold],
      ["threshold_mode", options.thresholdMode],
      ["best", state.best],
      ["cooldown_counter", BigInt(state.cooling)],
      ["num_bad_epochs", BigInt(state.bad)],
    ]);
    return new PtTuple([`${MODULE}ReduceLROnPlateau`, dict]);
  }
  const own: readonly (readonly [string, PtValue])[] = [
    ...(scheduler.name === "StepLR" ? [["step_size", BigInt(options.stepSize)] as const] : []),
    ["gamma", options.gamma],
  ];
  const dict: PtDict = new Map<PtValue, PtValue>([
    ...own,
    ["base_lrs", [initialLr]],
    ["last_epoch", BigInt(iterations)],
    ["_step_count", BigInt(iterations + 1)],
    ["_is_initial", false],
    ["_get_lr_called_within_step", false],
    ...rates,
  ]);
  return new PtTuple([MODULE + scheduler.name, dict]);
}

/** Reads what `saveScheduler` writes, and what torch does. `lr` is the present learning rate. */
export function loadScheduler(className: string, dict: PtValue | undefined, lr: number, file: string): SavedScheduler {
  const name = schedulerName(className);
  const error = (problem: string): FileError =>
    new FileError("damaged", file, `the saved scheduler makes no sense: ${problem}`);
  if (name === null || !(dict instanceof Map)) throw error(`${className} with ${kindOf(dict)}`);
  const number = (key: string, value: PtValue | undefined = dict.get(key)): number => {
    const got = numberOf(value);
    if (got === null) throw error(`${key} is ${kindOf(value)}; it must be a number`);
    return got;
  };
  const firstRates = dict.get("base_lrs");
  const initialLr = Array.isArray(firstRates) ? number("base_lrs", firstRates[0]) : lr;
  if (name === "ExponentialLR") {
    return { scheduler: optim.ExponentialLR({ gamma: number("gamma") }), state: { lr }, initialLr };
  }
  if (name === "StepLR") {
    const scheduler = optim.StepLR({ stepSize: number("step_size"), gamma: number("gamma") });
    return { scheduler, state: { lr, iterations: number("last_epoch") }, initialLr };
  }
  const leastRates = dict.get("min_lrs");
  const scheduler = optim.ReduceLROnPlateau({
    mode: dict.get("mode") as "min" | "max",
    factor: number("factor"),
    patience: number("patience"),
    threshold: number("threshold"),
    thresholdMode: dict.get("threshold_mode") as "rel" | "abs",
    cooldown: number("cooldown"),
    minLr: Array.isArray(leastRates) ? number("min_lrs", leastRates[0]) : 0,
    eps: number("eps"),
  });
  const state = { lr, best: number("best"), bad: number("num_bad_epochs"), cooling: number("cooldown_counter") };
  return { scheduler, state, initialLr };
}
