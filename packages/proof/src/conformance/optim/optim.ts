// Runs the golden cases of the optimizers: every file that the folder's index.json lists.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { adamBias } from "../../../../tensor/src/optim/adam.ts";
import type { FormulaOptimizer } from "../../../../tensor/src/optim/optimizer.ts";
import { outcomeOf, type Result } from "../run.ts";
import { descend, optimizerOf, schedulerOf } from "./descend.ts";
import {
  type CubicCase,
  checkCubic,
  checkLbfgs,
  checkLbfgsNative,
  type LbfgsCase,
  type NativeCase,
  runLbfgs,
} from "./lbfgs.ts";
import { type Objective, objectives, type QuadConstants } from "./objectives.ts";

interface Index {
  readonly files: Readonly<Record<string, { readonly cases: number; readonly sha256: string }>>;
}

interface Case {
  readonly id: string;
}

interface DescentCase extends Case {
  readonly algorithm: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly objective: string;
  readonly x0: readonly number[];
  readonly steps: number;
  readonly dtype: "f32" | "f64";
  readonly loss_before_step: readonly number[];
  /** After so many steps: float64 as decimals, float32 as bit patterns. So is the next. */
  readonly x_after: Readonly<Record<string, readonly number[]>>;
  readonly native_final_x: readonly number[];
}

interface BiasCase extends Case {
  readonly betas: readonly [number, number];
  readonly bias1: readonly number[];
  readonly sqrt_bias2: readonly number[];
}

interface ObjectiveCase extends Case {
  readonly objective: string;
  readonly x: readonly number[];
  readonly f: number;
  readonly g: readonly number[];
}

interface SchedulerCase extends Case {
  readonly scheduler: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly lr0: number;
  readonly metrics: readonly (number | string)[] | null;
  /** Before the first iteration, and after each. */
  readonly lr_after: readonly number[];
}

interface CoupledCase extends Case {
  readonly optimizer: string;
  readonly optimizer_options: Readonly<Record<string, unknown>>;
  readonly scheduler: string;
  readonly scheduler_options: Readonly<Record<string, unknown>>;
  readonly objective: string;
  readonly x0: readonly number[];
  readonly steps: number;
  readonly loss: readonly number[];
  readonly lr_after: readonly number[];
  readonly x_after: Readonly<Record<string, readonly number[]>> | readonly (readonly number[])[];
}

/** The outcomes of all cases in `folder`, which holds an index.json. Throws if a file is not the one indexed. */
export function* runOptimGolden(folder: string): Iterable<Result> {
  const { files } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as Index;
  const read = <C extends Case>(file: string): readonly C[] => {
    const bytes = readFileSync(join(folder, file));
    const promised = files[file];
    if (createHash("sha256").update(bytes).digest("hex") !== promised.sha256) {
      throw new Error(`${join(folder, file)}: the SHA-256 is not the one in index.json.`);
    }
    const { cases } = JSON.parse(bytes.toString("utf8")) as { cases: C[] };
    if (cases.length !== promised.cases) {
      throw new Error(`${join(folder, file)}: index.json promises ${promised.cases} cases.`);
    }
    return cases;
  };

  const points = read<ObjectiveCase & QuadConstants>("objectives.json");
  const constants = points.find(({ id }) => id === "quad50_constants");
  if (constants === undefined) throw new Error(`${folder}: objectives.json has no quad50_constants.`);
  const byName = objectives(constants);
  const biases = read<BiasCase>("adam_bias.json");

  const checks: Readonly<Record<string, (golden: Case) => void>> = {
    "objectives.json": (c) => checkObjective(c as ObjectiveCase & QuadConstants, byName),
    "adam_bias.json": (c) => checkBias(c as BiasCase),
    "adam.json": (c) => checkDescent(c as DescentCase, byName, biases),
    "sgd.json": (c) => checkDescent(c as DescentCase, byName, biases),
    "lbfgs.json": (c) => checkLbfgs(c as LbfgsCase, objectiveOf((c as LbfgsCase).objective, byName)),
    "lbfgs_native.json": (c) => checkLbfgsNative(c as NativeCase, objectiveOf((c as NativeCase).objective, byName)),
    "cubic.json": (c) => checkCubic(c as CubicCase),
    "schedulers.json": (c) => checkScheduler(c as SchedulerCase),
    "coupled.json": (c) => checkCoupled(c as CoupledCase, byName),
  };
  for (const file of Object.keys(files)) {
    const check = checks[file];
    for (const golden of read(file)) {
      const name = `${file}/${golden.id}`;
      if (check === undefined) yield { name, outcome: "not supported", detail: `optim: ${file}` };
      else yield outcomeOf(name, () => check(golden));
    }
  }
}

/**
 * Throws unless all numbers agree to within `tolerance`, relative to the expected one or to 1, whichever is larger (the
 * measure of the files' own `native_max_rel_dev`); 0 means exactly.
 */
function expectClose(what: string, got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  if (got.length !== want.length) throw new Error(`${what}: ${got.length} numbers, expected ${want.length}`);
  for (let i = 0; i < want.length; i++) {
    const close = got[i] === want[i] || Math.abs(got[i] - want[i]) <= tolerance * Math.max(1, Math.abs(want[i]));
    if (!close) throw new Error(`${what}[${i}]: ${got[i]}, expected ${want[i]} to within ${tolerance}`);
  }
}

function objectiveOf(name: string, byName: ReadonlyMap<string, Objective>): Objective {
  const objective = byName.get(name);
  if (objective === undefined) throw new Error(`there is no objective ${name}`);
  return objective;
}

function checkObjective(c: ObjectiveCase & QuadConstants, byName: ReadonlyMap<string, Objective>): void {
  if (c.id === "quad50_constants") {
    const vv = c.v.reduce((sum, v) => sum + v * v, 0);
    expectClose("v.v", [vv], [c.v_dot_v], 0);
    return;
  }
  const { f, g } = objectiveOf(c.objective, byName)(c.x);
  // JSON has no infinity: the file spells it.
  expectClose("f", [f], [Number(c.f)], 0);
  expectClose("g", g, c.g, 0);
}

/** One ulp of the power beta^t is allowed, for its own rounding; the root then moves by half as much, relatively. */
function checkBias({ betas, bias1, sqrt_bias2 }: BiasCase): void {
  for (let t = 1; t <= bias1.length; t++) {
    const ours = adamBias(betas, t);
    expectWithin(`bias1 in step ${t}`, ours.bias1, bias1[t - 1], ulp(1 - bias1[t - 1]) + ulp(bias1[t - 1]) / 2);
    const power2 = 1 - sqrt_bias2[t - 1] * sqrt_bias2[t - 1];
    const allowed = ulp(power2) / (2 * sqrt_bias2[t - 1]) + ulp(sqrt_bias2[t - 1]);
    expectWithin(`sqrt_bias2 in step ${t}`, ours.rootBias2, sqrt_bias2[t - 1], allowed);
  }
}

function expectWithin(what: string, got: number, want: number, allowed: number): void {
  if (!(Math.abs(got - want) <= allowed)) throw new Error(`${what}: ${got}, expected ${want} to within ${allowed}`);
}

/** The distance of the doubles around a positive number. */
function ulp(x: number): number {
  return 2 ** (Math.floor(Math.log2(x)) - 52);
}

const fromBits = (bits: readonly number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer);

function checkDescent(c: DescentCase, byName: ReadonlyMap<string, Objective>, biases: readonly BiasCase[]): void {
  const single = c.dtype === "f32";
  const parameters = (x: readonly number[]): ArrayLike<number> => (single ? fromBits(x) : x);
  const optimizer = optimizerOf(c.algorithm, c.options);
  const objective = objectiveOf(c.objective, byName);
  const check = (what: string, numbersAt: FormulaOptimizer["numbersAt"], tolerance: number): ArrayLike<number> => {
    const run = descend({ ...c, single }, { ...optimizer, numbersAt }, objective, null);
    expectClose(`${what}: loss`, run.losses, c.loss_before_step, tolerance);
    for (const [step, x] of Object.entries(c.x_after)) {
      expectClose(`${what}: x after ${step} steps`, run.after[Number(step)], parameters(x), tolerance);
    }
    return run.after[c.steps];
  };

  const betas = (optimizer.options.betas ?? []) as readonly number[];
  const listed = biases.find((b) => b.betas.every((beta, i) => beta === betas[i]));
  if (listed !== undefined) {
    const numbersAt = (t: number, lr: number): number[] => {
      const [, , ...others] = optimizer.numbersAt(t, lr);
      return [-(lr / listed.bias1[t - 1]), listed.sqrt_bias2[t - 1], ...others];
    };
    check("with the listed bias factors", numbersAt, 0);
  }
  const own = c.algorithm === "SGD" ? 0 : single ? 2e-7 : 1e-13;
  const final = check("with our own numbers", optimizer.numbersAt, own);
  expectClose("against the unmodified library: x", final, parameters(c.native_final_x), single ? 2e-6 : 1e-12);
}

function checkScheduler(c: SchedulerCase): void {
  const scheduler = schedulerOf(c.scheduler, c.options);
  let state = scheduler.start(c.lr0);
  const rates = [state.lr];
  for (let i = 0; i + 1 < c.lr_after.length; i++) {
    state = scheduler.next(state, Number(c.metrics?.[i] ?? 0));
    rates.push(state.lr);
  }
  expectClose("learning rates", rates, c.lr_after, 0);
}

function checkCoupled(c: CoupledCase, byName: ReadonlyMap<string, Objective>): void {
  const scheduler = schedulerOf(c.scheduler, c.scheduler_options);
  const objective = objectiveOf(c.objective, byName);
  const wanted = Object.entries(c.x_after).map(([key, x]) => [Array.isArray(c.x_after) ? +key + 1 : +key, x] as const);
  if (c.optimizer === "LBFGS") {
    const { steps } = runLbfgs({ ...c, dtype: "f64", options: c.optimizer_options }, objective, scheduler);
    expectClose(
      "loss",
      steps.map((step) => step.loss),
      c.loss,
      0,
    );
    for (const [count, x] of wanted) expectClose(`x after ${count} steps`, steps[count - 1].x, x, 0);
    return;
  }
  const optimizer = optimizerOf(c.optimizer, c.optimizer_options);
  const run = descend({ ...c, single: false }, optimizer, objective, scheduler);
  // Adam's bias factors may differ in the last place from the reference's.
  const tolerance = c.optimizer === "SGD" ? 0 : 1e-13;
  expectClose("loss", run.losses, c.loss, tolerance);
  expectClose("learning rates", run.rates.slice(1), c.lr_after, 0);
  for (const [count, x] of wanted) expectClose(`x after ${count} steps`, run.after[count], x, tolerance);
}
