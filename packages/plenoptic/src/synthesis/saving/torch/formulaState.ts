// Optimizers that step by a formula, to and from torch's group of settings and state of a parameter.

import { type PtDict, PtTensor, PtTuple, type PtValue } from "@plenoptic-js/formats";
import { type FormulaOptimizer, optimizers } from "@plenoptic-js/tensor/engine";
import type { FormulaSnapshot } from "../../frame/descent.ts";
import { camelCase, snakeCase } from "./names.ts";
import { TORCH_OPTIMIZERS } from "./optimizerTable.ts";
import { type Layout, ofType, type StateReader } from "./stateReader.ts";

/** Entries of a dict, in order. */
export type Entries = readonly (readonly [string, PtValue])[];

/** torch's defaults that are ints: 0, and the largest step size of Rprop. Others are floats. */
const number = (value: number, key: string): PtValue =>
  value === 0 || (key === "step_sizes" && value === 50) ? BigInt(value) : value;

/** What a group says between the learning rate and the parameters. `momentum` is the present one, where a scheduler moves it. */
export function formulaGroup({ name, options }: FormulaOptimizer, momentum: number | undefined): Entries {
  return Object.entries(TORCH_OPTIMIZERS[name].group).map(([key, setting]) => {
    const value = options[camelCase(key)];
    if (setting === "flag") return [key, value as boolean];
    if (setting === "number")
      return [key, number(key === "momentum" ? (momentum ?? Number(value)) : Number(value), key)];
    if (setting !== "pair") return [key, setting];
    const [first, second] = value as readonly [number, number];
    const moved = key === "betas" ? (momentum ?? first) : first;
    return [key, new PtTuple(key === "betas" ? [moved, second] : [number(moved, key), number(second, key)])];
  });
}

/** What is remembered: the count of steps, numbers, arrays. Arrays are asked for when the result is written. */
export function formulaState(
  { name, options, state: names }: FormulaOptimizer,
  { steps, memory, arrays }: FormulaSnapshot,
  { dtype, shape }: Layout,
): PtDict {
  const { counts, filledWith } = TORCH_OPTIMIZERS[name];
  const state: PtDict = new Map();
  if (steps === 0 && filledWith === undefined) return state;
  const scalar = (value: number): PtTensor => PtTensor.of("float32", [], Float32Array.of(value));
  if (counts) state.set("step", scalar(steps));
  for (const [key, value] of Object.entries(memory ?? {})) state.set(snakeCase(key), scalar(value));
  const size = shape.reduce((product, n) => product * n, 1);
  for (const key of names) {
    const make = Object.hasOwn(arrays, key)
      ? () => arrays[key]
      : () => ofType(dtype, new Array<number>(size).fill(options[filledWith as string] as number));
    state.set(snakeCase(key), PtTensor.later(dtype, shape, make));
  }
  return state;
}

/** The optimizer of a group, and what it remembers. */
export function readFormula(
  className: string,
  reader: StateReader,
): { readonly optimizer: FormulaOptimizer; readonly snapshot: FormulaSnapshot } {
  const isDecoupled = className === "Adam" && reader.boolean("decoupled_weight_decay");
  const name = isDecoupled ? "AdamW" : className;
  const { group, counts } = TORCH_OPTIMIZERS[name];
  const options: Record<string, unknown> = { lr: reader.number("lr") };
  for (const [key, setting] of Object.entries(group)) {
    if (reader.setting(key) === null) continue;
    if (setting === "flag") options[camelCase(key)] = reader.boolean(key);
    if (setting === "number") options[camelCase(key)] = reader.number(key);
    if (setting === "pair") options[camelCase(key)] = reader.pair(key);
  }
  const optimizer = optimizers[name].make(options) as FormulaOptimizer;
  const { state } = reader;
  const scalar = (key: string): number => reader.scalar(key, state.get(key)).value;
  // SGD does not count: that it has a momentum says that it has stepped.
  const steps = state.size === 0 ? 0 : counts ? scalar("step") : Number(state.get("momentum_buffer") != null);
  if (steps === 0) return { optimizer, snapshot: { kind: "formula", steps, arrays: {} } };
  const arrays = optimizer.state.map((key) => [key, reader.values(snakeCase(key), state.get(snakeCase(key)))] as const);
  const numbers = Object.keys(optimizer.memory?.start(0) ?? {}).map((key) => [key, scalar(snakeCase(key))] as const);
  const memory = optimizer.memory === undefined ? {} : { memory: Object.fromEntries(numbers) };
  return { optimizer, snapshot: { kind: "formula", steps, ...memory, arrays: Object.fromEntries(arrays) } };
}
