// The schedulers, as torch 2.13 keeps them in a file: their settings, and what they note in the optimizer's group.

import { PtCounter, type PtDict, type PtValue } from "@plenoptic-js/formats";
import type { SchedulerState } from "@plenoptic-js/tensor/engine";
import { kindOf, numberOf } from "../dictionary/reader.ts";
import type { Entries } from "./formulaState.ts";
import { camelCase } from "./names.ts";
import type { SchedulerReader } from "./schedulerReader.ts";

/** A scheduler in a run. */
export interface SchedulerMoment {
  readonly options: Readonly<Record<string, unknown>>;
  readonly state: SchedulerState;
  /** The learning rate it started from. */
  readonly initialLr: number;
  /** Whether the optimizer's momentum is the first of its `betas`. */
  readonly hasBetas: boolean;
}

/** Options, and what of a state is not the same for all. */
interface Found {
  readonly options: Readonly<Record<string, unknown>>;
  readonly state?: Readonly<Record<string, number>>;
}

export interface TorchScheduler {
  /** All of its dictionary. */
  save(moment: SchedulerMoment): Entries;
  load(reader: SchedulerReader): Found;
  /** What it notes in the optimizer's group. Default: the learning rate it started from. */
  notes?(moment: SchedulerMoment): Entries;
  /** Whether its step takes the loss. Default false. */
  readonly takesLoss?: boolean;
}

/** What all but ReduceLROnPlateau keep after their settings. */
function common({ state, initialLr }: SchedulerMoment, counts: boolean): Entries {
  return [
    ["base_lrs", [initialLr]],
    ["last_epoch", BigInt(state.iterations)],
    ["_step_count", counts ? BigInt(state.iterations + 1) : 0n],
    ["_is_initial", false],
    ["_get_lr_called_within_step", false],
    ["_last_lr", [state.lr]],
  ];
}

/** Settings that are ints and floats, and nothing else. */
function simple(settings: Readonly<Record<string, "int" | "float">>): TorchScheduler {
  const keys = Object.entries(settings);
  return {
    save: (moment) => [
      ...keys.map(([key, type]) => {
        const value = moment.options[camelCase(key)] as number;
        return [key, type === "int" ? BigInt(value) : value] as const;
      }),
      ...common(moment, true),
    ],
    load: (reader) => ({ options: Object.fromEntries(keys.map(([key]) => [camelCase(key), reader.number(key)])) }),
  };
}

const MOST_MILESTONES = 100_000;

/** Milestones are counted: {30: 1, 80: 1}. */
const multiStep: TorchScheduler = {
  save(moment) {
    const milestones = new PtCounter();
    for (const milestone of moment.options.milestones as readonly number[]) {
      milestones.set(milestone, ((milestones.get(milestone) as bigint | undefined) ?? 0n) + 1n);
    }
    return [["milestones", milestones], ["gamma", moment.options.gamma as number], ...common(moment, true)];
  },
  load(reader) {
    const counts = reader.dict.get("milestones");
    if (!(counts instanceof Map)) throw reader.error(`milestones is ${kindOf(counts)}; it must be a Counter`);
    const milestones: number[] = [];
    for (const [key, count] of counts) {
      const [milestone, times] = [numberOf(key), numberOf(count)];
      if (milestone === null || times === null || !(milestones.length + times <= MOST_MILESTONES)) {
        throw reader.error(`milestones has ${kindOf(count)} for ${kindOf(key)}; it must count ints`);
      }
      for (let i = 0; i < times; i++) milestones.push(milestone);
    }
    return { options: { milestones, gamma: reader.number("gamma") } };
  },
};

const warmRestarts: TorchScheduler = {
  save: (moment) => [
    ["T_0", BigInt(moment.options.t0 as number)],
    ["T_i", BigInt(moment.state.period)],
    ["T_mult", BigInt(moment.options.tMult as number)],
    ["eta_min", moment.options.etaMin as number],
    ["T_cur", BigInt(moment.state.since)],
    ...common(moment, false),
  ],
  load: (reader) => ({
    options: { t0: reader.number("T_0"), tMult: reader.number("T_mult"), etaMin: reader.number("eta_min") },
    state: { since: reader.count("T_cur"), period: reader.count("T_i") },
  }),
};

const plateau: TorchScheduler = {
  save({ options, state }) {
    const { factor, minLr, patience, cooldown, eps, mode, threshold, thresholdMode } = options as Readonly<
      Record<string, number & string>
    >;
    return [
      ["factor", factor],
      ["default_min_lr", 0n],
      ["min_lrs", [minLr === 0 ? 0n : minLr]],
      ["patience", BigInt(patience)],
      ["cooldown", BigInt(cooldown)],
      ["eps", eps],
      ["last_epoch", BigInt(state.iterations)],
      ["_last_lr", [state.lr]],
      ["mode_worse", mode === "max" ? -Infinity : Infinity],
      ["mode", mode],
      ["threshold", threshold],
      ["threshold_mode", thresholdMode],
      ["best", state.best],
      ["cooldown_counter", BigInt(state.cooling)],
      ["num_bad_epochs", BigInt(state.bad)],
    ];
  },
  load: (reader) => ({
    options: {
      mode: reader.text("mode"),
      factor: reader.number("factor"),
      patience: reader.number("patience"),
      threshold: reader.number("threshold"),
      thresholdMode: reader.text("threshold_mode"),
      cooldown: reader.number("cooldown"),
      minLr: reader.has("min_lrs") ? reader.only("min_lrs") : 0,
      eps: reader.number("eps"),
    },
    state: {
      best: reader.number("best"),
      bad: reader.number("num_bad_epochs"),
      cooling: reader.number("cooldown_counter"),
    },
  }),
  notes: () => [],
  takesLoss: true,
};

/** Whether the momentum is cycled, and what that is in the optimizer. */
const cycled = ({ options, hasBetas }: SchedulerMoment): Entries =>
  options.cycleMomentum === true
    ? [
        ["cycle_momentum", true],
        ["use_beta1", hasBetas],
      ]
    : [["cycle_momentum", false]];

const momenta = ({ options }: SchedulerMoment): Entries =>
  options.cycleMomentum === true
    ? [
        ["max_momentum", options.maxMomentum as number],
        ["base_momentum", options.baseMomentum as number],
      ]
    : [];

const SCALE_MODES: Readonly<Record<string, string>> = {
  triangular: "cycle",
  triangular2: "cycle",
  exp_range: "iterations",
};

const cyclic: TorchScheduler = {
  save(moment) {
    const { maxLr, stepSizeUp, stepSizeDown, gamma, baseMomentum, maxMomentum } = moment.options as Readonly<
      Record<string, number>
    >;
    const mode = moment.options.mode as string;
    const total = stepSizeUp + stepSizeDown;
    const bounds: Entries = [
      ["base_momentums", [baseMomentum]],
      ["max_momentums", [maxMomentum]],
    ];
    return [
      ["max_lrs", [maxLr]],
      ["total_size", total],
      ["step_ratio", stepSizeUp / total],
      ["mode", mode],
      ["gamma", gamma],
      ["scale_mode", SCALE_MODES[mode]],
      ...cycled(moment),
      ...(moment.options.cycleMomentum === true ? bounds : []),
      ...common(moment, true),
      ["_scale_fn_custom", null],
    ];
  },
  load(reader) {
    const mode = reader.text("mode");
    const scaling = reader.dict.get("_scale_fn_custom") ?? null;
    if (scaling !== null || reader.text("scale_mode") !== SCALE_MODES[mode]) {
      throw reader.error("a CyclicLR with a scale_fn of its own; files do not hold functions");
    }
    const total = reader.number("total_size");
    const stepSizeUp = Math.floor(total * reader.number("step_ratio") + 0.5);
    const cycleMomentum = reader.boolean("cycle_momentum");
    const bounds = cycleMomentum
      ? { baseMomentum: reader.only("base_momentums"), maxMomentum: reader.only("max_momentums") }
      : {};
    const lrs = { baseLr: reader.only("base_lrs"), maxLr: reader.only("max_lrs") };
    const sizes = { stepSizeUp, stepSizeDown: total - stepSizeUp };
    return { options: { ...lrs, ...sizes, mode, gamma: reader.number("gamma"), cycleMomentum, ...bounds } };
  },
  notes: (moment) => [...momenta(moment), ["initial_lr", moment.initialLr]],
};

/** `value` or the short number next to it, if `of` gives the same for both. */
function tidy(value: number, of: (value: number) => number, same: number): number {
  const short = Number(value.toPrecision(12));
  return of(short) === same ? short : value;
}

const oneCycle: TorchScheduler = {
  save(moment) {
    const { options, state } = moment;
    const totalSteps = options.totalSteps as number;
    const phase = (end: PtValue, lr: readonly [string, string], momentum: readonly [string, string]): PtDict =>
      new Map<PtValue, PtValue>([
        ["end_step", end],
        ["start_lr", lr[0]],
        ["end_lr", lr[1]],
        ["start_momentum", momentum[0]],
        ["end_momentum", momentum[1]],
      ]);
    const last = BigInt(totalSteps - 1);
    const rise = phase(state.rise, ["initial_lr", "max_lr"], ["max_momentum", "base_momentum"]);
    const phases =
      options.threePhase === true
        ? [
            rise,
            phase(state.fall, ["max_lr", "initial_lr"], ["base_momentum", "max_momentum"]),
            phase(last, ["initial_lr", "min_lr"], ["max_momentum", "max_momentum"]),
          ]
        : [rise, phase(last, ["max_lr", "min_lr"], ["base_momentum", "max_momentum"])];
    return [
      ["total_steps", BigInt(totalSteps)],
      ["_schedule_phases", phases],
      ["_anneal_func_type", options.annealStrategy as string],
      ...cycled(moment),
      ...common(moment, true),
    ];
  },
  load(reader) {
    const phases = reader.dict.get("_schedule_phases");
    const ends = Array.isArray(phases)
      ? phases.map((phase) => (phase instanceof Map ? numberOf(phase.get("end_step")) : null))
      : [];
    if ((ends.length !== 2 && ends.length !== 3) || ends.includes(null)) {
      throw reader.error("_schedule_phases must be a list of 2 or 3 phases");
    }
    const [rise, fall] = ends as number[];
    const totalSteps = reader.count("total_steps");
    const [maxLr, base, least] = [reader.noted("max_lr"), reader.noted("initial_lr"), reader.noted("min_lr")];
    const cycleMomentum = reader.boolean("cycle_momentum");
    const bounds = cycleMomentum
      ? { baseMomentum: reader.noted("base_momentum"), maxMomentum: reader.noted("max_momentum") }
      : {};
    const pctStart = tidy((rise + 1) / totalSteps, (pct) => pct * totalSteps - 1, rise);
    return {
      options: {
        maxLr,
        totalSteps,
        pctStart: Math.min(Math.max(pctStart, 0), 1),
        annealStrategy: reader.text("_anneal_func_type"),
        cycleMomentum,
        ...bounds,
        divFactor: tidy(maxLr / base, (factor) => maxLr / factor, base),
        finalDivFactor: tidy(base / least, (factor) => base / factor, least),
        threePhase: ends.length === 3,
      },
      state: { base, least, rise, ...(ends.length === 3 ? { fall } : {}) },
    };
  },
  notes: (moment) => [
    ["initial_lr", moment.initialLr],
    ["max_lr", moment.options.maxLr as number],
    ["min_lr", moment.state.least],
    ...momenta(moment),
  ],
};

/** By our names, which are torch's. */
export const TORCH_SCHEDULERS: Readonly<Record<string, TorchScheduler>> = {
  StepLR: simple({ step_size: "int", gamma: "float" }),
  MultiStepLR: multiStep,
  ConstantLR: simple({ factor: "float", total_iters: "int" }),
  LinearLR: simple({ start_factor: "float", end_factor: "float", total_iters: "int" }),
  ExponentialLR: simple({ gamma: "float" }),
  PolynomialLR: simple({ total_iters: "int", power: "float" }),
  CosineAnnealingLR: simple({ T_max: "int", eta_min: "float" }),
  CosineAnnealingWarmRestarts: warmRestarts,
  ReduceLROnPlateau: plateau,
  CyclicLR: cyclic,
  OneCycleLR: oneCycle,
};
