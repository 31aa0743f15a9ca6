// Optimizers as torch keeps them in a file: the name of a class, its settings (`param_groups`) and what it remembers
// (`state`). spec/pt-format.md, section 11.

import { optim } from "@plenoptic-js/tensor";
import { FileError } from "../../files/errors.ts";
import { type PtDict, PtTensor, PtTuple, type PtValue } from "../../files/pt/index.ts";
import type { FloatDType } from "../../validate/error.ts";
import type { FormulaSnapshot, LbfgsSnapshot, Snapshot, Values } from "../descent.ts";
import { kindOf, numberOf } from "./dict.ts";

/** An optimizer and what it remembers. Its learning rate is the present one. */
export interface SavedOptimizer {
  readonly optimizer: optim.Optimizer;
  readonly snapshot: Snapshot;
}

const CLASSES: Readonly<Record<string, string>> = {
  Adam: "torch.optim.adam.Adam",
  AdamW: "torch.optim.adamw.AdamW",
  SGD: "torch.optim.sgd.SGD",
  LBFGS: "torch.optim.lbfgs.LBFGS",
};

/** Python's names of the arrays of the optimizers that step by a formula. */
const ARRAYS: Readonly<Record<string, string>> = {
  expAvg: "exp_avg",
  expAvgSq: "exp_avg_sq",
  maxExpAvgSq: "max_exp_avg_sq",
  momentumBuffer: "momentum_buffer",
};

/** What is saved where there is no optimizer yet. */
export const noState = (): PtTuple => new PtTuple([null, new Map()]);

/** The optimizer of a class name, by our name; null where there is none. */
export function optimizerName(className: string): string | null {
  const last = className.slice(className.lastIndexOf(".") + 1);
  return Object.hasOwn(CLASSES, last) ? last : null;
}

interface Layout {
  readonly dtype: FloatDType;
  readonly shape: readonly number[];
}

// Writing

/** 0 as an int, as torch leaves its defaults; other numbers as floats. */
const intZero = (value: number): PtValue => (value === 0 ? 0n : value);

/** Learning rates of a run: the present one, and the first one where a scheduler has noted it. */
export interface Rates {
  readonly lr: number;
  readonly initialLr: number | null;
}

/** An optimizer as (class name, state dictionary). */
export function saveOptimizer({ optimizer, snapshot }: SavedOptimizer, rates: Rates, layout: Layout): PtTuple {
  const { lr, initialLr } = rates;
  const { group, state } =
    optimizer.kind === "lbfgs"
      ? saveLbfgs(optimizer, snapshot as LbfgsSnapshot, lr, layout)
      : saveFormula(optimizer, snapshot as FormulaSnapshot, lr, layout);
  const initial: Parts["group"] = initialLr === null ? [] : [["initial_lr", initialLr]];
  const states = new Map<PtValue, PtValue>(state.size === 0 ? [] : [[0, state]]);
  const groups: PtValue = [new Map<PtValue, PtValue>([...group, ...initial, ["params", [0n]]])];
  const dict = new Map<PtValue, PtValue>([
    ["state", states],
    ["param_groups", groups],
  ]);
  return new PtTuple([CLASSES[optimizer.name], dict]);
}

interface Parts {
  readonly group: readonly (readonly [string, PtValue])[];
  readonly state: PtDict;
}

function saveFormula(
  { name, options }: optim.FormulaOptimizer,
  { steps, arrays }: FormulaSnapshot,
  lr: number,
  { dtype, shape }: Layout,
): Parts {
  const state: PtDict = new Map();
  if (steps > 0 && name !== "SGD") state.set("step", PtTensor.of("float32", [], Float32Array.of(steps)));
  for (const [key, values] of Object.entries(arrays)) state.set(ARRAYS[key], PtTensor.of(dtype, shape, values));
  const number = (key: string): PtValue => intZero(options[key] as number);
  if (name === "SGD") {
    const group: Parts["group"] = [
      ["lr", lr],
      ["momentum", number("momentum")],
      ["dampening", number("dampening")],
      ["weight_decay", number("weightDecay")],
      ["nesterov", options.nesterov as boolean],
      ["maximize", options.maximize as boolean],
      ["foreach", null],
      ["differentiable", false],
      ["fused", null],
    ];
    return { group, state };
  }
  const group: Parts["group"] = [
    ["lr", lr],
    ["betas", new PtTuple(options.betas as readonly number[])],
    ["eps", options.eps as number],
    ["weight_decay", number("weightDecay")],
    ["amsgrad", options.amsgrad as boolean],
    ["maximize", options.maximize as boolean],
    ["foreach", null],
    ["capturable", false],
    ["differentiable", false],
    ["fused", null],
    ["decoupled_weight_decay", name === "AdamW"],
  ];
  return { group, state };
}

function saveLbfgs({ options }: optim.LbfgsOptimizer, memory: LbfgsSnapshot, lr: number, { dtype }: Layout): Parts {
  const { maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn } = options;
  const group: Parts["group"] = [
    ["lr", lr],
    ["max_iter", BigInt(maxIter)],
    ["max_eval", BigInt(maxEval)],
    ["tolerance_grad", toleranceGrad],
    ["tolerance_change", toleranceChange],
    ["history_size", BigInt(historySize)],
    ["line_search_fn", lineSearchFn],
  ];
  const scalar = (x: number): PtTensor => PtTensor.of(dtype, [], ofType(dtype, [x]));
  const either = ({ value, ofArray }: optim.HostScalar): PtValue => (ofArray ? scalar(value) : value);
  const flat = (values: Values): PtTensor => PtTensor.of(dtype, [values.length], values);
  const { iterations, evaluations, t, h, pairs, last } = memory;
  const state: PtDict = new Map();
  if (evaluations === 0) return { group, state };
  state.set("func_evals", BigInt(evaluations));
  state.set("n_iter", BigInt(iterations));
  if (last === null) return { group, state };
  state.set("d", flat(last.direction));
  state.set("t", either(t));
  const lists: readonly (readonly [string, PtValue[]])[] = [
    ["old_dirs", pairs.map(({ y }) => flat(y))],
    ["old_stps", pairs.map(({ s }) => flat(s))],
    ["ro", pairs.map(({ ro }) => scalar(ro.value))],
  ];
  for (const [key, list] of lists) state.set(key, list);
  // torch starts with the int 1.
  state.set("H_diag", h.ofArray ? scalar(h.value) : 1n);
  state.set("prev_flat_grad", flat(last.gradient));
  state.set("prev_loss", last.loss);
  return { group, state };
}

const ofType = (dtype: FloatDType, values: ArrayLike<number>): Values =>
  dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);

// Reading

/** Reads what `saveOptimizer` writes, and what torch does. Throws FileError where it makes no sense. */
export function loadOptimizer(
  className: string,
  dict: PtValue | undefined,
  layout: Layout,
  file: string,
): SavedOptimizer {
  const name = optimizerName(className);
  const reader = new StateReader(dict, layout, file);
  if (name === null) throw reader.error(`the optimizer ${className} is not known here`);
  return name === "LBFGS" ? loadLbfgs(reader) : loadFormula(name as "Adam" | "AdamW" | "SGD", reader);
}

class StateReader {
  readonly group: PtDict;
  /** Empty before the first step. */
  readonly state: PtDict;
  readonly layout: Layout;
  readonly #file: string;

  constructor(dict: PtValue | undefined, layout: Layout, file: string) {
    this.layout = layout;
    this.#file = file;
    const groups = dict instanceof Map ? dict.get("param_groups") : undefined;
    const states = dict instanceof Map ? dict.get("state") : undefined;
    const group = Array.isArray(groups) && groups.length === 1 ? groups[0] : undefined;
    if (!(group instanceof Map) || !(states instanceof Map)) {
      throw this.error("its state must be a dict with state and one entry of param_groups");
    }
    this.group = group;
    // There is one parameter, under whatever key.
    const [state = new Map()] = states.values();
    if (!(state instanceof Map)) throw this.error(`state is ${kindOf(state)}; it must be a dict`);
    this.state = state;
  }

  error(problem: string): FileError {
    return new FileError("damaged", this.#file, `the saved optimizer makes no sense: ${problem}`);
  }

  /** A setting; null where the file has none: torch then takes the default. */
  setting(key: string): PtValue | null {
    return this.group.get(key) ?? null;
  }

  number(key: string, fallback: number): number {
    const value = this.setting(key);
    if (value === null) return fallback;
    const number = numberOf(value);
    if (number === null) throw this.error(`${key} is ${kindOf(value)}; it must be a number`);
    return number;
  }

  boolean(key: string): boolean {
    return this.setting(key) === true;
  }

  /** An array like the image, whatever its shape in the file. */
  values(key: string, value: PtValue | undefined): Values {
    const { dtype, shape } = this.layout;
    const size = shape.reduce((product, n) => product * n, 1);
    if (!(value instanceof PtTensor) || value.size !== size || !/^float(16|32|64)$/.test(value.dtype)) {
      throw this.error(`${key} is ${kindOf(value)}; it must be ${size} floats`);
    }
    return ofType(dtype, value.data() as Values);
  }

  list(key: string): readonly PtValue[] {
    const value = this.state.get(key);
    if (!Array.isArray(value)) throw this.error(`${key} is ${kindOf(value)}; it must be a list`);
    return value;
  }

  /** A number, or a tensor of one. */
  scalar(key: string, value: PtValue | undefined): optim.HostScalar {
    if (value instanceof PtTensor && value.size === 1) return { value: Number(value.data()[0]), ofArray: true };
    const number = numberOf(value);
    if (number === null) throw this.error(`${key} is ${kindOf(value)}; it must be a number`);
    return { value: number, ofArray: false };
  }
}

function loadFormula(name: "Adam" | "AdamW" | "SGD", reader: StateReader): SavedOptimizer {
  const common = { lr: reader.number("lr", 0.001), maximize: reader.boolean("maximize") };
  const decay = (fallback: number): number => reader.number("weight_decay", fallback);
  let optimizer: optim.FormulaOptimizer;
  if (name === "SGD") {
    const [momentum, dampening] = [reader.number("momentum", 0), reader.number("dampening", 0)];
    const nesterov = reader.boolean("nesterov");
    optimizer = optim.SGD({ ...common, momentum, dampening, weightDecay: decay(0), nesterov });
  } else {
    const betas = reader.setting("betas");
    const numbers = betas instanceof PtTuple || Array.isArray(betas) ? [...betas].map(numberOf) : [];
    if (numbers.length !== 2 || numbers.includes(null)) {
      throw reader.error(`betas is ${kindOf(betas ?? undefined)}; it must be two numbers`);
    }
    const rest = {
      betas: numbers as [number, number],
      eps: reader.number("eps", 1e-8),
      amsgrad: reader.boolean("amsgrad"),
    };
    const isDecoupled = name === "AdamW" || reader.boolean("decoupled_weight_decay");
    optimizer = isDecoupled
      ? optim.AdamW({ ...common, ...rest, weightDecay: decay(0.01) })
      : optim.Adam({ ...common, ...rest, weightDecay: decay(0) });
  }
  const { state } = reader;
  if (state.size === 0 || (name === "SGD" && state.get("momentum_buffer") == null)) {
    return { optimizer, snapshot: { kind: "formula", steps: 0, arrays: {} } };
  }
  const arrays = optimizer.state.map((key) => [key, reader.values(ARRAYS[key], state.get(ARRAYS[key]))] as const);
  // SGD does not count: that it has a momentum says that it has stepped.
  const steps = name === "SGD" ? 1 : reader.scalar("step", state.get("step")).value;
  return { optimizer, snapshot: { kind: "formula", steps, arrays: Object.fromEntries(arrays) } };
}

function loadLbfgs(reader: StateReader): SavedOptimizer {
  const maxIter = reader.number("max_iter", 20);
  const optimizer = optim.LBFGS({
    lr: reader.number("lr", 1),
    maxIter,
    maxEval: reader.number("max_eval", Math.floor((maxIter * 5) / 4)),
    toleranceGrad: reader.number("tolerance_grad", 1e-7),
    toleranceChange: reader.number("tolerance_change", 1e-9),
    historySize: reader.number("history_size", 100),
    lineSearchFn: reader.setting("line_search_fn") as "strong_wolfe" | null,
  });
  const { state } = reader;
  const count = (key: string): number => numberOf(state.get(key)) ?? 0;
  const counts = { kind: "lbfgs", iterations: count("n_iter"), evaluations: count("func_evals") } as const;
  if (!state.has("prev_flat_grad") || state.get("prev_flat_grad") === null) {
    const zero = { value: 0, ofArray: false };
    return { optimizer, snapshot: { ...counts, t: zero, h: { value: 1, ofArray: false }, pairs: [], last: null } };
  }
  const [ys, ss, ros] = ["old_dirs", "old_stps", "ro"].map((key) => reader.list(key));
  if (ss.length !== ys.length || ros.length !== ys.length || ys.length > optimizer.options.historySize) {
    throw reader.error(`it has ${ys.length}, ${ss.length} and ${ros.length} parts of at most history_size pairs`);
  }
  const pairs = ys.map((y, i) => ({
    y: reader.values("old_dirs", y),
    s: reader.values("old_stps", ss[i]),
    ro: reader.scalar("ro", ros[i]),
  }));
  const last = {
    direction: reader.values("d", state.get("d")),
    gradient: reader.values("prev_flat_grad", state.get("prev_flat_grad")),
    loss: reader.scalar("prev_loss", state.get("prev_loss")).value,
  };
  const [t, h] = ["t", "H_diag"].map((key) => reader.scalar(key, state.get(key)));
  return { optimizer, snapshot: { ...counts, t, h, pairs, last } };
}
