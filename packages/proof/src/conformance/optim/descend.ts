// Descents of golden problems by the optimizers that step by a formula, as in a synthesis: the step is an entry of a compiled
// program.

import { type optim, Tensor } from "@plenoptic-js/tensor";
import {
  type FormulaOptimizer,
  inputLeaf,
  type Node,
  optimizers,
  Program,
  schedulers,
} from "@plenoptic-js/tensor/engine";
import type { Objective } from "./objectives.ts";

/** Python's names of options in ours: weight_decay is weightDecay, T_max is tMax. */
function camelCase(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const rename = (name: string): string =>
    name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()).replace(/^./, (c) => c.toLowerCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [rename(name), value]));
}

export function optimizerOf(algorithm: string, options: Readonly<Record<string, unknown>>): FormulaOptimizer {
  const optimizer = optimizers[algorithm].make(camelCase(options));
  if (optimizer.kind !== "formula") throw new Error(`${algorithm} does not step by a formula`);
  return optimizer;
}

export function schedulerOf(name: string, options: Readonly<Record<string, unknown>>): optim.Scheduler {
  return schedulers[name].make(camelCase(options));
}

interface Run {
  readonly losses: readonly number[];
  /** Parameters after each number of steps. */
  readonly after: readonly ArrayLike<number>[];
  /** Learning rates before the first step and after each. */
  readonly rates: readonly number[];
}

/** Descends in float32 (`single`) or float64. */
export function descend(
  { single, steps, x0 }: { readonly single: boolean; readonly steps: number; readonly x0: readonly number[] },
  optimizer: FormulaOptimizer,
  objective: Objective,
  scheduler: optim.Scheduler | null,
): Run {
  const type = single ? "float32" : "float64";
  const array = (values: ArrayLike<number>) => {
    const re = single ? Float32Array.from(values) : Float64Array.from(values);
    return { dtype: type, shape: [x0.length], re } as const;
  };
  const buffers: Record<string, Node> = { x: inputLeaf([x0.length], type), g: inputLeaf([x0.length], type) };
  for (const name of optimizer.state) buffers[name] = inputLeaf([x0.length], type);
  for (const name of optimizer.numbers) buffers[name] = inputLeaf([], type);
  const named = (names: readonly string[]): Record<string, Tensor> =>
    Object.fromEntries(names.map((name) => [name, new Tensor(buffers[name])]));
  const state = named(optimizer.state);
  const next = optimizer.update(new Tensor(buffers.x), new Tensor(buffers.g), state, named(optimizer.numbers));
  const updates = Object.fromEntries(optimizer.state.map((name) => [name, next.state[name].node]));
  const program = new Program({ buffers, entries: { step: { updates: { x: next.x.node, ...updates } } } });

  program.set("x", array(x0));
  const losses: number[] = [];
  const after: ArrayLike<number>[] = [program.get("x").re];
  let schedule = scheduler?.start(optimizer.lr) ?? null;
  const rates = [schedule?.lr ?? optimizer.lr];
  let memory = optimizer.memory?.start(rates[0]);
  for (let t = 1; t <= steps; t++) {
    const { f, g } = objective(after[t - 1]);
    const loss = single ? Math.fround(f) : f;
    losses.push(loss);
    program.set("g", array(g));
    optimizer.numbersAt(t, rates[t - 1], undefined, memory).forEach((value, i) => {
      program.setNumber(optimizer.numbers[i], value);
    });
    if (memory !== undefined) memory = optimizer.memory?.next(memory, t, rates[t - 1]);
    program.run("step");
    after.push(program.get("x").re);
    if (schedule !== null) schedule = scheduler?.next(schedule, loss) ?? null;
    rates.push(schedule?.lr ?? optimizer.lr);
  }
  return { losses, after, rates };
}
