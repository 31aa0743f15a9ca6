// Descent whose step is one formula of the gradient: every optimizer but L-BFGS.
//
// Entry `step.k` computes the objective's terms of the present image in stage k and the gradient, and moves the image. Entry
// `evaluate` computes the terms of the last stage alone.

import { type FloatDType, gradient, Tensor, where } from "@plenoptic-js/tensor";
import {
  type EntrySpec,
  type FormulaOptimizer,
  fromValue,
  inputLeaf,
  type Node,
  type Numbers,
  type Program,
  type ProgramSpec,
} from "@plenoptic-js/tensor/engine";
import { fittingProgram } from "../../fitting.ts";
import type {
  FormulaSnapshot,
  Objective,
  OptimizerDescent,
  Pace,
  StepNumbers,
  TermNumbers,
  Terms,
  Values,
} from "./descent.ts";
import { checkFinite } from "./nonFinite.ts";
import { PresentImage } from "./presentImage.ts";
import { readTerms, termOutputs } from "./terms.ts";

const LARGEST = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

/** The program of a descent, and what its terms record besides. */
export function formulaPlan(
  { shape, dtype }: Pick<Tensor<FloatDType>, "shape" | "dtype">,
  optimizer: FormulaOptimizer,
  objective: Objective,
): { readonly spec: ProgramSpec; readonly recorded: readonly string[] } {
  const buffers: Record<string, Node> = { image: inputLeaf(shape, dtype) };
  for (const name of optimizer.state) buffers[`state.${name}`] = inputLeaf(shape, dtype);
  for (const name of optimizer.numbers) buffers[`number.${name}`] = inputLeaf([], dtype);
  const named = (kind: string, names: readonly string[]): Record<string, Tensor> =>
    Object.fromEntries(names.map((name) => [name, new Tensor(buffers[`${kind}.${name}`])]));

  const image = new Tensor(buffers.image);
  const state = named("state", optimizer.state);
  const within = (x: Tensor): Tensor<"bool"> => x.abs().le(LARGEST[dtype]);
  const stepEntry = (terms: Terms): EntrySpec => {
    const slope = gradient(terms.loss, image);
    const gradientNorm = slope.norm();
    const next = optimizer.update(image, slope, state, named("number", optimizer.numbers));
    const pixelChangeNorm = next.x.sub(image).norm();
    const finite = within(terms.loss).and(within(gradientNorm)).and(within(pixelChangeNorm));
    const updates: Record<string, Node> = { image: where(finite, next.x, image).node };
    for (const name of optimizer.state) updates[`state.${name}`] = where(finite, next.state[name], state[name]).node;
    const norms = { gradientNorm: gradientNorm.node, pixelChangeNorm: pixelChangeNorm.node };
    return { outputs: { ...termOutputs(terms), ...norms }, updates };
  };
  const entries: Record<string, EntrySpec> = {};
  const stages = Array.from({ length: objective.stages }, (_, stage) => objective.terms(image, stage));
  stages.forEach((terms, stage) => {
    entries[`step.${stage}`] = stepEntry(terms);
  });
  const last = stages[stages.length - 1];
  entries.evaluate = { outputs: termOutputs(last) };
  return { spec: { buffers, entries }, recorded: Object.keys(last.recorded ?? {}) };
}

export class FormulaDescent implements OptimizerDescent {
  readonly optimizer: FormulaOptimizer;
  readonly #program: Program;
  readonly #recorded: readonly string[];
  #steps = 0;
  /** What the optimizer remembers in numbers; undefined before the first step, and where that is nothing. */
  #memory: Numbers | undefined;
  readonly #image = new PresentImage(() => fromValue<FloatDType>(this.#program.get("image")));
  #terms: TermNumbers | null = null;

  constructor(
    start: Tensor<FloatDType>,
    optimizer: FormulaOptimizer,
    objective: Objective,
    snapshot: FormulaSnapshot | null,
  ) {
    const { shape, dtype } = start;
    this.optimizer = optimizer;
    const { spec, recorded } = formulaPlan(start, optimizer, objective);
    this.#recorded = recorded;
    this.#program = fittingProgram(start, spec);
    this.#program.set("image", { dtype, shape, re: start.dataSync() });
    if (snapshot !== null) {
      this.#steps = snapshot.steps;
      this.#memory = snapshot.memory;
      for (const [name, re] of Object.entries(snapshot.arrays))
        this.#program.set(`state.${name}`, { dtype, shape, re });
    }
  }

  snapshot(): FormulaSnapshot {
    const arrays: Record<string, Values> = {};
    for (const name of this.#steps === 0 ? [] : this.optimizer.state) {
      const get = (): Values => this.#program.get(`state.${name}`).re as Values;
      Object.defineProperty(arrays, name, { enumerable: true, get });
    }
    const memory = this.#memory === undefined ? {} : { memory: this.#memory };
    return { kind: "formula", steps: this.#steps, ...memory, arrays };
  }

  get image(): Tensor<FloatDType> {
    return this.#image.get();
  }

  get terms(): TermNumbers {
    if (this.#terms === null) {
      this.#program.run("evaluate");
      this.#terms = readTerms(this.#program, "evaluate", this.#recorded);
    }
    return this.#terms;
  }

  *step({ lr, momentum }: Pace, stage: number): Generator<void, StepNumbers> {
    yield;
    const { numbers } = this.optimizer;
    const t = this.#steps + 1;
    const memory = this.#memory ?? this.optimizer.memory?.start(lr);
    const values = this.optimizer.numbersAt(t, lr, momentum, memory);
    for (let i = 0; i < numbers.length; i++) this.#program.setNumber(`number.${numbers[i]}`, values[i]);
    const entry = `step.${stage}`;
    this.#program.run(entry);
    const found = {
      ...readTerms(this.#program, entry, this.#recorded),
      gradientNorm: this.#program.getNumber(`${entry}.gradientNorm`),
      pixelChangeNorm: this.#program.getNumber(`${entry}.pixelChangeNorm`),
    };
    checkFinite(found);
    this.#steps = t;
    if (memory !== undefined) this.#memory = this.optimizer.memory?.next(memory, t, lr, momentum);
    this.#image.change();
    this.#terms = null;
    return found;
  }
}
