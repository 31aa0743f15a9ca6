// Runs the golden cases of the optimizers: every file that the folder's index.json lists (spec/optimizers.md, sections 7
// and 8). Adam runs as it does in a synthesis, as part of a compiled program.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inputLeaf, type Node, Program, Tensor } from "../../packages/tensor/src/index.ts";
import { Adam, type AdamOptions, adamBias } from "../../packages/tensor/src/optim/adam.ts";
import { type Objective, objectives, type QuadConstants } from "./objectives.ts";
import type { Result } from "./run.ts";

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

/** Adam's two bias factors in step t, counted from 1. */
type Bias = (t: number) => { readonly bias1: number; readonly rootBias2: number };

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

  for (const file of Object.keys(files)) {
    const cases = read(file);
    for (const { id } of cases) {
      const name = `${file}/${id}`;
      if (file === "objectives.json") {
        yield outcomeOf(name, () => checkObjective(points.find((c) => c.id === id)!, byName));
      } else if (file === "adam_bias.json") {
        yield outcomeOf(name, () => checkBias(biases.find((c) => c.id === id)!));
      } else {
        const golden = cases.find((c) => c.id === id) as DescentCase;
        if (file !== "adam.json" || golden.algorithm !== "Adam") {
          const what = file === "adam.json" ? golden.algorithm : file;
          yield { name, outcome: "not supported", detail: `optim: ${what}` };
        } else {
          yield outcomeOf(name, () => checkAdam(golden, byName, biases));
        }
      }
    }
  }
}

function outcomeOf(name: string, check: () => void): Result {
  try {
    check();
    return { name, outcome: "passed" };
  } catch (error) {
    return { name, outcome: "failed", detail: error instanceof Error ? error.message : String(error) };
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

function checkAdam(c: DescentCase, byName: ReadonlyMap<string, Objective>, biases: readonly BiasCase[]): void {
  const single = c.dtype === "f32";
  const parameters = (x: readonly number[]): ArrayLike<number> => (single ? fromBits(x) : x);
  const { weight_decay: weightDecay = 0, ...rest } = c.options;
  const options = { ...rest, weightDecay } as AdamOptions & { readonly lr: number };
  const betas = options.betas ?? [0.9, 0.999];

  const check = (what: string, bias: Bias, tolerance: number): ArrayLike<number> => {
    const run = descend(c, options, single ? Float32Array.from(c.x0) : c.x0, objectiveOf(c.objective, byName), bias);
    expectClose(`${what}: loss`, run.losses, c.loss_before_step, tolerance);
    for (const [step, x] of Object.entries(c.x_after)) {
      expectClose(`${what}: x after ${step} steps`, run.after[Number(step)], parameters(x), tolerance);
    }
    return run.after[c.steps];
  };

  const listed = biases.find((b) => b.betas.every((beta, i) => beta === betas[i]));
  if (listed !== undefined) {
    const bias: Bias = (t) => ({ bias1: listed.bias1[t - 1], rootBias2: listed.sqrt_bias2[t - 1] });
    check("with the listed bias factors", bias, 0);
  }
  const final = check("with our own bias factors", (t) => adamBias(betas, t), single ? 2e-7 : 1e-13);
  expectClose("against the unmodified library: x", final, parameters(c.native_final_x), single ? 2e-6 : 1e-12);
}

interface Run {
  readonly losses: readonly number[];
  /** Parameters after each number of steps. */
  readonly after: readonly ArrayLike<number>[];
}

function descend(
  { dtype, steps }: DescentCase,
  options: AdamOptions & { readonly lr: number },
  x0: ArrayLike<number>,
  objective: Objective,
  bias: Bias,
): Run {
  const adam = Adam(options);
  const type = dtype === "f32" ? "float32" : "float64";
  const array = (values: ArrayLike<number>) => {
    const re = dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values);
    return { dtype: type, shape: [x0.length], re } as const;
  };
  const buffers: Record<string, Node> = { x: inputLeaf([x0.length], type), g: inputLeaf([x0.length], type) };
  for (const name of adam.state) buffers[name] = inputLeaf([x0.length], type);
  for (const name of adam.numbers) buffers[name] = inputLeaf([], type);
  const named = (names: readonly string[]): Record<string, Tensor> =>
    Object.fromEntries(names.map((name) => [name, new Tensor(buffers[name])]));
  const next = adam.update(new Tensor(buffers.x), new Tensor(buffers.g), named(adam.state), named(adam.numbers));
  const updates = Object.fromEntries(adam.state.map((name) => [name, next.state[name].node]));
  const program = new Program({ buffers, entries: { step: { updates: { x: next.x.node, ...updates } } } });

  program.set("x", array(x0));
  const losses: number[] = [];
  const after: ArrayLike<number>[] = [x0];
  for (let t = 1; t <= steps; t++) {
    const { f, g } = objective(after[t - 1]);
    losses.push(dtype === "f32" ? Math.fround(f) : f);
    program.set("g", array(g));
    const { bias1, rootBias2 } = bias(t);
    program.setNumber("factor", -(options.lr / bias1));
    program.setNumber("root", rootBias2);
    program.run("step");
    after.push(program.get("x").re);
  }
  return { losses, after };
}
