// Descent whose step is one formula of the gradient: every optimizer but L-BFGS.
//
// Entry `step` computes the objective's terms of the present image and the gradient, and moves the image. Entry
// `evaluate` computes the terms alone.

import {
  fromValue,
  getThreads,
  gradient,
  inputLeaf,
  type Node,
  type optim,
  Program,
  Tensor,
  where,
} from "@plenoptic-js/tensor";
import type { FloatDType } from "../validate/error.ts";
import type { Descent, FormulaSnapshot, Objective, StepNumbers, Values } from "./descent.ts";
import { checkFinite } from "./nonFinite.ts";

const LARGEST = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

export class FormulaDescent implements Descent {
  readonly optimizer: optim.FormulaOptimizer;
  readonly #program: Program;
  #steps = 0;
  /** What the optimizer remembers in numbers; undefined before the first step, and where that is nothing. */
  #memory: optim.Numbers | undefined;
  #image: Tensor<FloatDType> | null = null;
  #terms: { readonly loss: number; readonly penalty: number } | null = null;

  constructor(
    start: Tensor<FloatDType>,
    optimizer: optim.FormulaOptimizer,
    objective: Objective,
    snapshot: FormulaSnapshot | null,
  ) {
    const { shape, dtype } = start;
    this.optimizer = optimizer;
    const buffers: Record<string, Node> = { image: inputLeaf(shape, dtype) };
    for (const name of optimizer.state) buffers[`state.${name}`] = inputLeaf(shape, dtype);
    for (const name of optimizer.numbers) buffers[`number.${name}`] = inputLeaf([], dtype);
    const named = (kind: string, names: readonly string[]): Record<string, Tensor> =>
      Object.fromEntries(names.map((name) => [name, new Tensor(buffers[`${kind}.${name}`])]));

    const image = new Tensor(buffers.image);
    const terms = objective(image);
    const slope = gradient(terms.loss, image);
    const gradientNorm = slope.norm();
    const state = named("state", optimizer.state);
    const next = optimizer.update(image, slope, state, named("number", optimizer.numbers));
    const pixelChangeNorm = next.x.sub(image).norm();
    const within = (x: Tensor): Tensor<"bool"> => x.abs().le(LARGEST[dtype]);
    const finite = within(terms.loss).and(within(gradientNorm)).and(within(pixelChangeNorm));
    const updates: Record<string, Node> = { image: where(finite, next.x, image).node };
    for (const name of optimizer.state) updates[`state.${name}`] = where(finite, next.state[name], state[name]).node;
    const outputs = { loss: terms.loss.node, penalty: terms.penalty.node };

    const norms = { gradientNorm: gradientNorm.node, pixelChangeNorm: pixelChangeNorm.node };
    const entries = { step: { outputs: { ...outputs, ...norms }, updates }, evaluate: { outputs } };
    this.#program = new Program({ buffers, entries }, { threads: getThreads() });
    this.#program.set("image", { dtype, shape, re: start.dataSync() });
    if (snapshot !== null) {
      this.#steps = snapshot.steps;
      this.#memory = snapshot.memory;
      for (const [name, re] of Object.entries(snapshot.arrays))
        this.#program.set(`state.${name}`, { dtype, shape, re });
    }
  }

  snapshot(): FormulaSnapshot {
    const names = this.#steps === 0 ? [] : this.optimizer.state;
    const arrays = names.map((name) => [name, this.#program.get(`state.${name}`).re as Values]);
    const memory = this.#memory === undefined ? {} : { memory: this.#memory };
    return { kind: "formula", steps: this.#steps, ...memory, arrays: Object.fromEntries(arrays) };
  }

  get image(): Tensor<FloatDType> {
    this.#image ??= fromValue<FloatDType>(this.#program.get("image"));
    return this.#image;
  }

  get terms(): { readonly loss: number; readonly penalty: number } {
    if (this.#terms === null) {
      this.#program.run("evaluate");
      this.#terms = {
        loss: this.#program.getNumber("evaluate.loss"),
        penalty: this.#program.getNumber("evaluate.penalty"),
      };
    }
    return this.#terms;
  }

  *step(lr: number, momentum?: number): Generator<void, StepNumbers> {
    yield;
    const { numbers } = this.optimizer;
    const t = this.#steps + 1;
    const memory = this.#memory ?? this.optimizer.memory?.start(lr);
    const values = this.optimizer.numbersAt(t, lr, momentum, memory);
    for (let i = 0; i < numbers.length; i++) this.#program.setNumber(`number.${numbers[i]}`, values[i]);
    this.#program.run("step");
    const found = {
      loss: this.#program.getNumber("step.loss"),
      penalty: this.#program.getNumber("step.penalty"),
      gradientNorm: this.#program.getNumber("step.gradientNorm"),
      pixelChangeNorm: this.#program.getNumber("step.pixelChangeNorm"),
    };
    checkFinite(found);
    this.#steps = t;
    if (memory !== undefined) this.#memory = this.optimizer.memory?.next(memory, t, lr, momentum);
    this.#image = null;
    this.#terms = null;
    return found;
  }
}
