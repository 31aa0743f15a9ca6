// The machine under every iterative synthesis: one image, an objective and an optimizer in one compiled program.
//
// Entry `step` computes the objective's terms of the present image and the gradient, and moves the image. Entry
// `evaluate` computes the terms alone. Between steps everything stays in the program's memory; a step reads back a few
// numbers. A step whose objective or gradient is not finite changes nothing (spec/synthesis.md, section 16, item 7).

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

/** What an objective is made of, as numbers: 0-d tensors. `loss` is the objective itself, which is made small. */
export interface Terms {
  readonly loss: Tensor;
  readonly penalty: Tensor;
}

/** Numbers of one step. All but the last belong to the image before the step. */
export interface StepNumbers {
  readonly loss: number;
  readonly penalty: number;
  readonly gradientNorm: number;
  /** Norm of the change of the image. */
  readonly pixelChangeNorm: number;
}

/** The loss or its gradient became NaN or infinite. The synthesis is as it was before that iteration. */
export class NonFiniteError extends Error {
  override readonly name = "NonFiniteError";
}

const LARGEST = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

export class Descent {
  readonly optimizer: optim.Optimizer;
  readonly #program: Program;
  #steps = 0;
  #image: Tensor<FloatDType> | null = null;
  #terms: { readonly loss: number; readonly penalty: number } | null = null;

  /**
   * Compiles the program.
   *
   * @param start the first image; it is copied
   * @param objective builds the terms for an image
   */
  constructor(start: Tensor<FloatDType>, optimizer: optim.Optimizer, objective: (image: Tensor) => Terms) {
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
  }

  /** Learning rate of the next step. */
  get lr(): number {
    return this.optimizer.lr;
  }

  /** The present image. */
  get image(): Tensor<FloatDType> {
    this.#image ??= fromValue<FloatDType>(this.#program.get("image"));
    return this.#image;
  }

  /** The terms of the present image, computed once. */
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

  /** One step. Throws NonFiniteError, with everything as it was, when one of its numbers is not finite. */
  step(): StepNumbers {
    const { numbers } = this.optimizer;
    const values = this.optimizer.numbersAt(this.#steps + 1, this.lr);
    for (let i = 0; i < numbers.length; i++) this.#program.setNumber(`number.${numbers[i]}`, values[i]);
    this.#program.run("step");
    const loss = this.#program.getNumber("step.loss");
    const penalty = this.#program.getNumber("step.penalty");
    const gradientNorm = this.#program.getNumber("step.gradientNorm");
    const pixelChangeNorm = this.#program.getNumber("step.pixelChangeNorm");
    if (!Number.isFinite(loss)) throw new NonFiniteError(`the loss is ${loss}`);
    if (!Number.isFinite(gradientNorm)) throw new NonFiniteError(`the norm of the gradient is ${gradientNorm}`);
    if (!Number.isFinite(pixelChangeNorm))
      throw new NonFiniteError(`the step would change pixels by ${pixelChangeNorm}`);
    this.#steps++;
    this.#image = null;
    this.#terms = null;
    return { loss, penalty, gradientNorm, pixelChangeNorm };
  }
}
