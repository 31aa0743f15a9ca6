// Golden runs of L-BFGS: its steering, over plain arrays whose sums run from left to right
// (docs/science/optimizers.md, "L-BFGS"). A synthesis steers the arrays of a compiled program in the same way.

import { HostArithmetic, host } from "../../../../tensor/src/optim/hostScalar.ts";
import { LBFGS, type LBFGSOptions } from "../../../../tensor/src/optim/lbfgs.ts";
import {
  type Direction,
  type Evaluation,
  freshMemory,
  GRADIENT_SLOTS,
  type LbfgsSpace,
  type LbfgsStop,
  lbfgsStep,
} from "../../../../tensor/src/optim/lbfgsStep.ts";
import { cubicMinimum } from "../../../../tensor/src/optim/lineSearch.ts";
import type { Scheduler } from "../../../../tensor/src/optim/schedulers/scheduler.ts";
import type { Objective } from "./objectives.ts";

interface GoldenOptions {
  readonly lr?: number;
  readonly max_iter?: number;
  readonly max_eval?: number;
  readonly tolerance_grad?: number;
  readonly tolerance_change?: number;
  readonly history_size?: number;
  readonly line_search_fn?: "strong_wolfe";
}

interface Run {
  readonly options: GoldenOptions;
  readonly objective: string;
  readonly x0: readonly number[];
  readonly steps: number;
  readonly dtype: "f32" | "f64";
}

export interface LbfgsCase extends Run {
  readonly id: string;
  readonly eval_f: readonly Spelled[];
  /** Points, for float32 as bit patterns; or, for the larger problem, some numbers of each. */
  readonly eval_x?: readonly (readonly Spelled[])[];
  readonly eval_x_first_last?: readonly (readonly number[])[];
  readonly eval_max_abs_g?: readonly number[];
  readonly x_after?: Readonly<Record<string, readonly number[]>>;
  readonly x_final: readonly Spelled[];
  readonly per_step: readonly {
    readonly evals: number;
    readonly n_iter: number;
    readonly func_evals: number;
    readonly t: Spelled | null;
    readonly H_diag: number | null;
    readonly history: number;
    readonly stop: string;
  }[];
}

export interface NativeCase extends Run {
  readonly id: string;
  readonly comparable_evals: number;
  readonly eval_f: readonly number[];
  /** All components, or those named. */
  readonly eval_x?: readonly (readonly number[])[];
  readonly eval_x_0_24_49?: readonly (readonly number[])[];
  readonly tol_x: readonly number[];
}

/** JSON has no infinity and no NaN: the files spell them. */
type Spelled = number | string;

export interface CubicCase {
  readonly id: string;
  readonly x1: number;
  readonly f1: Spelled;
  readonly g1: Spelled;
  readonly x2: number;
  readonly f2: Spelled;
  readonly g2: Spelled;
  readonly bounds: readonly [number, number] | null;
  readonly t: Spelled;
}

const STOPS: Readonly<Record<LbfgsStop, string>> = {
  "gradient small at the start": "start-grad",
  "directional derivative": "directional",
  maxIter: "max_iter",
  maxEval: "max_eval",
  gradient: "grad",
  step: "step",
  loss: "loss",
};

type Numbers = Float32Array | Float64Array;

interface Point extends Evaluation {
  readonly x: Numbers;
}

class PlainSpace implements LbfgsSpace<Point> {
  readonly single: boolean;
  readonly evaluations: Point[] = [];
  readonly gradients: Numbers[];
  x: Numbers;
  readonly #objective: Objective;
  readonly #d: Numbers;
  readonly #s = new Map<number, Numbers>();
  readonly #y = new Map<number, Numbers>();

  constructor(x0: readonly number[], single: boolean, objective: Objective) {
    this.single = single;
    this.#objective = objective;
    this.x = this.#array(x0);
    this.#d = this.#array(x0.map(() => 0));
    this.gradients = Array.from({ length: GRADIENT_SLOTS }, () => this.#array(x0.map(() => 0)));
  }

  #array(values: ArrayLike<number>): Numbers {
    return this.single ? Float32Array.from(values) : Float64Array.from(values);
  }

  /** Every operation is rounded on its own. */
  #round(value: number): number {
    return this.single ? Math.fround(value) : value;
  }

  #dot(a: Numbers, b: Numbers): number {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum = this.#round(sum + this.#round(a[i] * b[i]));
    return sum;
  }

  #direction(gradient: number): Direction {
    return { slope: this.#dot(this.gradients[gradient], this.#d), largest: largestOf(this.#d) };
  }

  #addScaled(to: Numbers, factor: number, from: Numbers): Numbers {
    const a = this.#round(factor);
    return to.map((value, i) => value + this.#round(a * from[i]));
  }

  #evaluateAt(x: Numbers, gradient: number): Point {
    const { f, g } = this.#objective(x);
    this.gradients[gradient].set(g);
    const point = {
      loss: this.#round(f),
      largest: largestOf(this.gradients[gradient]),
      slope: this.#dot(this.gradients[gradient], this.#d),
      gradient,
      x,
    };
    this.evaluations.push(point);
    return point;
  }

  /** Evaluates again what is known, and checks that it is known rightly. */
  evaluate(gradient: number, known: Point | null): Point {
    const before = known === null ? null : { loss: known.loss, g: [...this.gradients[known.gradient]] };
    const point = this.#evaluateAt(this.x.slice(), gradient);
    if (before !== null) {
      const same =
        Object.is(before.loss, point.loss) && before.g.every((v, i) => Object.is(v, this.gradients[gradient][i]));
      if (!same) throw new Error("what was known of the present point is not true");
    }
    return point;
  }

  evaluateAhead(t: number, gradient: number): Point {
    return this.#evaluateAt(this.#addScaled(this.x, t, this.#d), gradient);
  }

  move(t: number): void {
    this.x = this.#addScaled(this.x, t, this.#d);
  }

  steepest(gradient: number) {
    const g = this.gradients[gradient];
    this.#d.set(g.map((v) => -v));
    let sum = 0;
    for (const v of g) sum = this.#round(sum + Math.abs(v));
    return { ...this.#direction(gradient), sum };
  }

  remember(gradient: number, before: number, t: number, pair: number) {
    const [now, old] = [this.gradients[gradient], this.gradients[before]];
    const factor = this.#round(t);
    const y = this.#array(Array.from(now, (v, i) => v - old[i]));
    const s = this.#d.map((v) => v * factor);
    this.#y.set(pair, y);
    this.#s.set(pair, s);
    return { ys: this.#dot(y, s), yy: this.#dot(y, y) };
  }

  scaled(gradient: number, h: number): Direction {
    this.#d.set(this.gradients[gradient].map((v) => -v * this.#round(h)));
    return this.#direction(gradient);
  }

  first(gradient: number, next: number): number {
    this.#d.set(this.gradients[gradient].map((v) => -v));
    return this.#dot(this.#s.get(next)!, this.#d);
  }

  down(pair: number, a: number, next: number): number {
    this.#d.set(this.#addScaled(this.#d, a, this.#y.get(pair)!));
    return this.#dot(this.#s.get(next)!, this.#d);
  }

  turn(pair: number, a: number, h: number): number {
    const y = this.#y.get(pair)!;
    this.#d.set(this.#addScaled(this.#d, a, y).map((v) => v * this.#round(h)));
    return this.#dot(y, this.#d);
  }

  up(pair: number, a: number, next: number): number {
    this.#d.set(this.#addScaled(this.#d, a, this.#s.get(pair)!));
    return this.#dot(this.#y.get(next)!, this.#d);
  }

  last(pair: number, a: number, gradient: number): Direction {
    this.#d.set(this.#addScaled(this.#d, a, this.#s.get(pair)!));
    return this.#direction(gradient);
  }
}

/** NaN if one component is. */
function largestOf(values: Numbers): number {
  let most = 0;
  for (const v of values) if (Number.isNaN(v) || Math.abs(v) > most) most = Math.abs(v);
  return most;
}

function optionsOf(options: GoldenOptions): LBFGSOptions & { readonly lr: number } {
  const { lr = 1, max_iter, max_eval, tolerance_grad, tolerance_change, history_size, line_search_fn } = options;
  return {
    lr,
    ...(max_iter === undefined ? {} : { maxIter: max_iter }),
    ...(max_eval === undefined ? {} : { maxEval: max_eval }),
    ...(tolerance_grad === undefined ? {} : { toleranceGrad: tolerance_grad }),
    ...(tolerance_change === undefined ? {} : { toleranceChange: tolerance_change }),
    ...(history_size === undefined ? {} : { historySize: history_size }),
    ...(line_search_fn === undefined ? {} : { lineSearchFn: line_search_fn }),
  };
}

export interface StepRecord {
  readonly loss: number;
  readonly x: Numbers;
  readonly evals: number;
  readonly n_iter: number;
  readonly func_evals: number;
  readonly t: number;
  readonly H_diag: number;
  readonly history: number;
  readonly stop: string;
}

/** Runs the steps of a case; with a scheduler, the learning rate changes after every one. */
export function runLbfgs(
  c: Run,
  objective: Objective,
  scheduler: Scheduler | null = null,
): { readonly space: PlainSpace; readonly steps: readonly StepRecord[] } {
  const optimizer = LBFGS(optionsOf(c.options));
  const space = new PlainSpace(c.x0, c.dtype === "f32", objective);
  const memory = freshMemory<Point>();
  const steps: StepRecord[] = [];
  let schedule = scheduler?.start(optimizer.lr) ?? null;
  for (let i = 0; i < c.steps; i++) {
    const before = memory.evaluations;
    const step = lbfgsStep(space, memory, optimizer.options, schedule?.lr ?? optimizer.lr);
    let next = step.next();
    while (!next.done) next = step.next();
    const { loss } = next.value.first;
    if (schedule !== null) schedule = scheduler?.next(schedule, loss) ?? null;
    steps.push({
      loss,
      x: space.x.slice(),
      evals: memory.evaluations - before,
      n_iter: memory.iterations,
      func_evals: memory.evaluations,
      t: memory.t.value,
      H_diag: memory.h.value,
      history: memory.pairs.length,
      stop: STOPS[next.value.stop],
    });
  }
  return { space, steps };
}

const same = (got: number, want: Spelled): boolean => {
  const number = Number(want);
  return got === number || (Number.isNaN(got) && Number.isNaN(number));
};

function expectAll(what: string, got: ArrayLike<number>, want: readonly Spelled[]): void {
  if (got.length !== want.length) throw new Error(`${what}: ${got.length} numbers, expected ${want.length}`);
  want.forEach((value, i) => {
    if (!same(got[i], value)) throw new Error(`${what}[${i}]: ${got[i]}, expected ${value}`);
  });
}

/** The golden point, whose float32 numbers are given by their bits. */
const pointOf = (c: Run, x: readonly Spelled[]): readonly Spelled[] =>
  c.dtype === "f32" ? [...new Float32Array(Uint32Array.from(x as number[]).buffer)] : x;

/** Every evaluation and every step, exactly. */
export function checkLbfgs(c: LbfgsCase, objective: Objective): void {
  const { space, steps } = runLbfgs(c, objective);
  const { evaluations } = space;
  expectAll(
    "f",
    evaluations.map((e) => e.loss),
    c.eval_f,
  );
  c.eval_x?.forEach((x, i) => {
    expectAll(`x of evaluation ${i}`, evaluations[i].x, pointOf(c, x));
  });
  c.eval_x_first_last?.forEach((ends, i) => {
    const { x } = evaluations[i];
    expectAll(`ends of x of evaluation ${i}`, [x[0], x[x.length - 1]], pointOf(c, ends));
  });
  if (c.eval_max_abs_g !== undefined) {
    expectAll(
      "largest components of g",
      evaluations.map((e) => e.largest),
      c.eval_max_abs_g,
    );
  }
  for (const [count, x] of Object.entries(c.x_after ?? {})) {
    expectAll(`x after ${count} steps`, steps[Number(count) - 1].x, pointOf(c, x));
  }
  expectAll("the final x", space.x, pointOf(c, c.x_final));
  c.per_step.forEach((want, i) => {
    const got = steps[i];
    for (const key of ["evals", "n_iter", "func_evals", "history", "stop"] as const) {
      if (got[key] !== want[key]) throw new Error(`step ${i}: ${key} is ${got[key]}, expected ${want[key]}`);
    }
    if (want.t !== null && !same(got.t, want.t)) throw new Error(`step ${i}: t is ${got.t}, expected ${want.t}`);
    if (want.H_diag !== null && !same(got.H_diag, want.H_diag)) {
      throw new Error(`step ${i}: H is ${got.H_diag}, expected ${want.H_diag}`);
    }
  });
}

/** The evaluations that the unmodified library can be held to, within their tolerances. */
export function checkLbfgsNative(c: NativeCase, objective: Objective): void {
  const { evaluations } = runLbfgs(c, objective).space;
  const components = c.eval_x === undefined ? [0, 24, 49] : c.x0.map((_, i) => i);
  const points = (c.eval_x ?? c.eval_x_0_24_49) as readonly (readonly number[])[];
  for (let k = 0; k < c.comparable_evals; k++) {
    points[k].forEach((want, j) => {
      const i = components[j];
      const got = evaluations[k].x[i];
      if (!(Math.abs(got - want) <= c.tol_x[k] * Math.max(1, Math.abs(want)))) {
        throw new Error(`x[${i}] of evaluation ${k}: ${got}, expected ${want} to within ${c.tol_x[k]}`);
      }
    });
  }
}

export function checkCubic(c: CubicCase): void {
  const point = (t: number, loss: Spelled, slope: Spelled) => ({
    t: host(t),
    loss: Number(loss),
    slope: host(Number(slope)),
  });
  const bounds = c.bounds === null ? undefined : ([host(c.bounds[0]), host(c.bounds[1])] as const);
  const args = [point(c.x1, c.f1, c.g1), point(c.x2, c.f2, c.g2), bounds] as const;
  const { value } = cubicMinimum(new HostArithmetic(false), ...args);
  if (!same(value, c.t)) throw new Error(`the minimum is ${value}, expected ${c.t}`);
}
