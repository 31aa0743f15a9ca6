// L-BFGS, to and from torch's group of settings and state of a parameter.

import { type PtDict, PtTensor, type PtValue } from "@plenoptic-js/formats";
import { type HostScalar, type LbfgsOptimizer, lbfgsOfAnyHistory } from "@plenoptic-js/tensor/engine";
import type { LbfgsSnapshot, Values } from "../../frame/descent.ts";
import { numberOf } from "../dictionary/reader.ts";
import type { Entries } from "./formulaState.ts";
import { type Layout, ofType, type StateReader } from "./stateReader.ts";

/** What a group says between the learning rate and the parameters. */
export function lbfgsGroup({ options }: LbfgsOptimizer): Entries {
  const { maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn } = options;
  return [
    ["max_iter", BigInt(maxIter)],
    ["max_eval", BigInt(maxEval)],
    ["tolerance_grad", toleranceGrad],
    ["tolerance_change", toleranceChange],
    ["history_size", BigInt(historySize)],
    ["line_search_fn", lineSearchFn],
  ];
}

/** What is remembered. Arrays are asked for when the result is written. */
export function lbfgsState(memory: LbfgsSnapshot, { dtype, shape }: Layout): PtDict {
  const scalar = (x: number): PtTensor => PtTensor.of(dtype, [], ofType(dtype, [x]));
  const either = ({ value, ofArray }: HostScalar): PtValue => (ofArray ? scalar(value) : value);
  const size = shape.reduce((product, n) => product * n, 1);
  const flat = (values: () => Values): PtTensor => PtTensor.later(dtype, [size], values);
  const { iterations, evaluations, t, h, pairs, last } = memory;
  const state: PtDict = new Map();
  if (evaluations === 0) return state;
  state.set("func_evals", BigInt(evaluations));
  state.set("n_iter", BigInt(iterations));
  if (last === null) return state;
  state.set(
    "d",
    flat(() => last.direction),
  );
  state.set("t", either(t));
  const lists: readonly (readonly [string, PtValue[]])[] = [
    ["old_dirs", pairs.map((pair) => flat(() => pair.y))],
    ["old_stps", pairs.map((pair) => flat(() => pair.s))],
    ["ro", pairs.map(({ ro }) => scalar(ro.value))],
  ];
  for (const [key, list] of lists) state.set(key, list);
  // torch starts with the int 1.
  state.set("H_diag", h.ofArray ? scalar(h.value) : 1n);
  state.set(
    "prev_flat_grad",
    flat(() => last.gradient),
  );
  state.set("prev_loss", last.loss);
  return state;
}

/** The optimizer of a group, and what it remembers. */
export function readLbfgs(reader: StateReader): {
  readonly optimizer: LbfgsOptimizer;
  readonly snapshot: LbfgsSnapshot;
} {
  const maxIter = reader.number("max_iter", 20);
  const optimizer = lbfgsOfAnyHistory({
    lr: reader.number("lr", 1),
    maxIter,
    maxEval: reader.number("max_eval", Math.floor((maxIter * 5) / 4)),
    toleranceGrad: reader.number("tolerance_grad", 1e-7),
    toleranceChange: reader.number("tolerance_change", 1e-9),
    // An int of Python's may be larger than any whole number here; no run comes to either.
    historySize: Math.min(reader.number("history_size", 100), Number.MAX_SAFE_INTEGER),
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
