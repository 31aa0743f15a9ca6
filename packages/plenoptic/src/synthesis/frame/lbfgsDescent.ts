// Descent by L-BFGS: the arrays of optim's L-BFGS steps as buffers and entries of one compiled program, and their steering.
//
// `trial` is the point at which entry `evaluate` looks. The gradients and the pairs (s, y) are stacks, of which entries see
// a slot at a time, so that nothing is ever copied.

import { type FloatDType, gradient, Tensor } from "@plenoptic-js/tensor";
import {
  type Direction,
  type EntrySpec,
  type Evaluation,
  freshMemory,
  fromValue,
  GRADIENT_SLOTS,
  inputLeaf,
  type LbfgsMemory,
  type LbfgsOptimizer,
  type LbfgsSpace,
  lbfgsStep,
  type Node,
  type Program,
} from "@plenoptic-js/tensor/engine";
import { fittingProgram } from "../../fitting.ts";
import type { LbfgsSnapshot, Objective, OptimizerDescent, Pace, StepNumbers, TermNumbers, Values } from "./descent.ts";
import { checkFinite, NonFiniteError } from "./nonFinite.ts";
import { readTerms, termOutputs } from "./terms.ts";

interface Look extends Evaluation, TermNumbers {
  readonly gradientNorm: number;
}

export class LbfgsDescent implements OptimizerDescent {
  readonly optimizer: LbfgsOptimizer;
  readonly #space: Space;
  #memory: LbfgsMemory<Look> = freshMemory();
  #image: Tensor<FloatDType> | null = null;
  /** The terms of the image before the step that runs; null between steps. */
  #before: TermNumbers | null = null;
  /** The stage of what the memory knows of the present image. */
  #stage: number;

  constructor(
    start: Tensor<FloatDType>,
    optimizer: LbfgsOptimizer,
    objective: Objective,
    snapshot: LbfgsSnapshot | null,
  ) {
    this.optimizer = optimizer;
    this.#space = new Space(start, optimizer.options.historySize, objective);
    this.#stage = objective.stages - 1;
    if (snapshot === null) return;
    const { iterations, evaluations, t, h, pairs, last } = snapshot;
    const kept = pairs.map(({ y, s, ro }, slot) => {
      this.#space.setPair(slot, y, s);
      return { slot, ro };
    });
    Object.assign(this.#memory, { iterations, evaluations, t, h, pairs: kept });
    if (last !== null) {
      this.#space.setLast(0, last.gradient, last.direction);
      Object.assign(this.#memory, { gradientBefore: 0, lossBefore: last.loss });
    }
  }

  snapshot(): LbfgsSnapshot {
    if (this.#before !== null) {
      throw new RangeError("L-BFGS is in the middle of a step; save when synthesize() has returned");
    }
    const { iterations, evaluations, t, h, pairs, gradientBefore, lossBefore } = this.#memory;
    const hasStepped = gradientBefore >= 0;
    return {
      kind: "lbfgs",
      iterations,
      evaluations,
      t,
      h,
      pairs: pairs.map(({ slot, ro }) => ({ ...this.#space.pair(slot), ro })),
      last: hasStepped ? { ...this.#space.lastMove(gradientBefore), loss: lossBefore } : null,
    };
  }

  get image(): Tensor<FloatDType> {
    this.#image ??= this.#space.image(this.#before !== null);
    return this.#image;
  }

  get terms(): TermNumbers {
    return this.#before ?? this.#termsIn(this.#space.stages - 1);
  }

  #termsIn(stage: number): TermNumbers {
    if (this.#stage !== stage) this.#memory.known = null;
    this.#stage = stage;
    if (this.#memory.known === null) {
      // The next step begins with this evaluation.
      this.#space.stage = stage;
      this.#memory.known = this.#space.evaluate(this.#memory.gradientBefore === 0 ? 1 : 0, null);
    }
    const { loss, penalty, recorded } = this.#memory.known;
    return { loss, penalty, recorded };
  }

  *step({ lr }: Pace, stage: number): Generator<void, StepNumbers> {
    yield;
    const space = this.#space;
    space.begin();
    const before = this.terms;
    this.#termsIn(stage);
    space.stage = stage;
    this.#before = before;
    try {
      const { first } = yield* lbfgsStep(space, this.#memory, this.optimizer.options, lr);
      const { loss, penalty, recorded, gradientNorm } = first;
      const found = { loss, penalty, recorded, gradientNorm, pixelChangeNorm: space.change() };
      checkFinite(found);
      this.#image = null;
      return found;
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      // What L-BFGS remembers is spoilt: it starts anew, from the image before the step.
      space.restore();
      this.#memory = freshMemory();
      throw error;
    } finally {
      this.#before = null;
    }
  }
}

class Space implements LbfgsSpace<Look> {
  readonly single: boolean;
  readonly stages: number;
  /** The stage in which the objective is looked at. */
  stage = 0;
  readonly #recorded: readonly string[];
  readonly #shape: readonly number[];
  readonly #program: Program;

  constructor(start: Tensor<FloatDType>, historySize: number, objective: Objective) {
    const { shape, dtype } = start;
    this.single = dtype === "float32";
    this.#shape = shape;
    this.stages = objective.stages;
    const arrays = ["x", "before", "trial", "d", "g", "gBefore", "s", "y"] as const;
    const numbers = ["t", "a", "h"] as const;
    const buffers: Record<string, Node> = {};
    for (const name of arrays) buffers[name] = inputLeaf(shape, dtype);
    for (const name of numbers) buffers[name] = inputLeaf([], dtype);
    const leaf = (name: (typeof arrays)[number] | (typeof numbers)[number]): Tensor => new Tensor(buffers[name]);
    const [x, before, trial, d] = [leaf("x"), leaf("before"), leaf("trial"), leaf("d")];
    const [g, gBefore, s, y] = [leaf("g"), leaf("gBefore"), leaf("s"), leaf("y")];
    const [t, a, h] = [leaf("t"), leaf("a"), leaf("h")];

    const dot = (u: Tensor, v: Tensor): Tensor => u.mul(v).sum();
    const largest = (u: Tensor): Tensor => u.abs().max();
    const ahead = x.add(d.mul(t));
    const entry = (outputs: Readonly<Record<string, Tensor>>, updates: Readonly<Record<string, Tensor>> = {}) => ({
      outputs: nodesOf(outputs),
      updates: nodesOf(updates),
    });
    const evaluations: Record<string, EntrySpec> = {};
    const recorded = new Set<string>();
    for (let stage = 0; stage < objective.stages; stage++) {
      const terms = objective.terms(trial, stage);
      const slope = gradient(terms.loss, trial);
      const seen = { largest: largest(slope), slope: dot(slope, d), gradientNorm: slope.norm() };
      evaluations[`evaluate.${stage}`] = {
        outputs: { ...termOutputs(terms), ...nodesOf(seen) },
        updates: nodesOf({ g: slope }),
      };
      for (const name of Object.keys(terms.recorded ?? {})) recorded.add(name);
    }
    this.#recorded = [...recorded];
    const along = (direction: Tensor) => ({ slope: dot(g, direction), largest: largest(direction) });
    const steepest = g.neg();
    const scaled = g.neg().mul(h);
    const down = d.add(y.mul(a));
    const turn = down.mul(h);
    const up = d.add(s.mul(a));
    const change = g.sub(gBefore);
    const stride = d.mul(t);
    this.#program = fittingProgram(
      start,
      {
        buffers,
        stacks: {
          gradients: { slots: GRADIENT_SLOTS, windows: ["g", "gBefore"] },
          strides: { slots: historySize + 1, windows: ["s"] },
          changes: { slots: historySize + 1, windows: ["y"] },
        },
        entries: {
          begin: entry({}, { before: x }),
          change: entry({ norm: x.sub(before).norm() }),
          restore: entry({}, { x: before }),
          here: entry({}, { trial: x }),
          ahead: entry({}, { trial: ahead }),
          ...evaluations,
          move: entry({}, { x: ahead }),
          steepest: entry({ ...along(steepest), sum: g.abs().sum() }, { d: steepest }),
          remember: entry({ ys: dot(change, stride), yy: dot(change, change) }, { y: change, s: stride }),
          scaled: entry(along(scaled), { d: scaled }),
          first: entry({ product: dot(s, steepest) }, { d: steepest }),
          down: entry({ product: dot(s, down) }, { d: down }),
          turn: entry({ product: dot(y, turn) }, { d: turn }),
          up: entry({ product: dot(y, up) }, { d: up }),
          last: entry(along(up), { d: up }),
        },
      },
      historySize,
    );
    this.#program.set("x", { dtype, shape, re: start.dataSync() });
  }

  image(beforeStep: boolean): Tensor<FloatDType> {
    return fromValue<FloatDType>(this.#program.get(beforeStep ? "before" : "x"));
  }

  /** A copy of a pair. */
  pair(slot: number): { readonly y: Values; readonly s: Values } {
    this.#selectPair(slot);
    return { y: this.#values("y"), s: this.#values("s") };
  }

  setPair(slot: number, y: Values, s: Values): void {
    this.#selectPair(slot);
    this.#set("y", y);
    this.#set("s", s);
  }

  /** Copies of a gradient and of the direction. */
  lastMove(slot: number): { readonly gradient: Values; readonly direction: Values } {
    this.#program.select("g", slot);
    return { gradient: this.#values("g"), direction: this.#values("d") };
  }

  setLast(slot: number, gradient: Values, direction: Values): void {
    this.#program.select("g", slot);
    this.#set("g", gradient);
    this.#set("d", direction);
  }

  #values(name: string): Values {
    return this.#program.get(name).re as Values;
  }

  #set(name: string, re: Values): void {
    this.#program.set(name, { dtype: this.single ? "float32" : "float64", shape: this.#shape, re });
  }

  /** Remembers the image before a step. */
  begin(): void {
    this.#program.run("begin");
  }

  /** Norm of what the step has changed so far. */
  change(): number {
    this.#program.run("change");
    return this.#program.getNumber("change.norm");
  }

  restore(): void {
    this.#program.run("restore");
  }

  evaluate(slot: number, known: Look | null): Look {
    if (known !== null) return known;
    this.#program.run("here");
    return this.#look(slot);
  }

  evaluateAhead(t: number, slot: number): Look {
    this.#program.setNumber("t", t);
    this.#program.run("ahead");
    return this.#look(slot);
  }

  #look(slot: number): Look {
    const program = this.#program;
    program.select("g", slot);
    const entry = `evaluate.${this.stage}`;
    program.run(entry);
    return {
      ...readTerms(program, entry, this.#recorded),
      largest: program.getNumber(`${entry}.largest`),
      slope: program.getNumber(`${entry}.slope`),
      gradientNorm: program.getNumber(`${entry}.gradientNorm`),
      gradient: slot,
    };
  }

  move(t: number): void {
    this.#program.setNumber("t", t);
    this.#program.run("move");
  }

  steepest(slot: number): Required<Direction> {
    this.#program.select("g", slot);
    this.#program.run("steepest");
    return { ...this.#direction("steepest"), sum: this.#program.getNumber("steepest.sum") };
  }

  remember(slot: number, before: number, t: number, pair: number): { readonly ys: number; readonly yy: number } {
    const program = this.#program;
    program.select("g", slot);
    program.select("gBefore", before);
    this.#selectPair(pair);
    program.setNumber("t", t);
    program.run("remember");
    return { ys: program.getNumber("remember.ys"), yy: program.getNumber("remember.yy") };
  }

  scaled(slot: number, h: number): Direction {
    this.#program.select("g", slot);
    this.#program.setNumber("h", h);
    this.#program.run("scaled");
    return this.#direction("scaled");
  }

  first(slot: number, next: number): number {
    this.#program.select("g", slot);
    this.#program.select("s", next);
    return this.#product("first");
  }

  down(pair: number, a: number, next: number): number {
    this.#program.select("y", pair);
    this.#program.select("s", next);
    this.#program.setNumber("a", a);
    return this.#product("down");
  }

  turn(pair: number, a: number, h: number): number {
    this.#program.select("y", pair);
    this.#program.setNumber("a", a);
    this.#program.setNumber("h", h);
    return this.#product("turn");
  }

  up(pair: number, a: number, next: number): number {
    this.#program.select("s", pair);
    this.#program.select("y", next);
    this.#program.setNumber("a", a);
    return this.#product("up");
  }

  last(pair: number, a: number, slot: number): Direction {
    this.#program.select("s", pair);
    this.#program.select("g", slot);
    this.#program.setNumber("a", a);
    this.#program.run("last");
    return this.#direction("last");
  }

  #selectPair(pair: number): void {
    this.#program.select("s", pair);
    this.#program.select("y", pair);
  }

  #product(entry: string): number {
    this.#program.run(entry);
    return this.#program.getNumber(`${entry}.product`);
  }

  #direction(entry: string): Direction {
    return {
      slope: this.#program.getNumber(`${entry}.slope`),
      largest: this.#program.getNumber(`${entry}.largest`),
    };
  }
}

const nodesOf = (tensors: Readonly<Record<string, Tensor>>): Record<string, Node> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.node]));
