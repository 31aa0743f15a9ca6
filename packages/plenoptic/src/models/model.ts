// What a model is: a pure function from an image to a representation, both tensors.

import type { Tensor } from "@plenoptic-js/tensor";

/** A function from an image, usually [batch, channel, height, width], to a representation of any shape. */
export type ModelFunction = (image: Tensor) => Tensor;

/** A model as an object. Built-in models are such objects; any object with a `forward` is one. */
export interface Model {
  /** What the model is called in texts and recipes. */
  readonly name?: string;
  /** What it was made with, for recipes. */
  readonly options?: Readonly<Record<string, unknown>>;
  forward(image: Tensor): Tensor;
}

/** A model whose representation can be taken apart into named groups, [batch, channel, ...] each, and put together again. */
export interface GroupedModel {
  forward(image: Tensor): Tensor;
  convertToDict(representation: Tensor): ReadonlyMap<string, Tensor>;
  convertToTensor(groups: ReadonlyMap<string, Tensor>): Tensor;
}

export type ModelLike = Model | ModelFunction;

/**
 * A model from a function, under a name by which saved results will know it. The name of a function itself does not
 * serve: minifiers change it.
 */
export function model(name: string, forward: ModelFunction): Model {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`model: the name is ${JSON.stringify(name)}; it must be a text, for example "energy-v1"`);
  }
  if (typeof forward !== "function") {
    throw new TypeError(`model: the model is ${typeof forward}; it must be a function from an image to a Tensor`);
  }
  return Object.freeze({ name, forward: (image: Tensor) => forward(image), toString: () => name });
}

/** The function of a model. Throws TypeError for what is no model. */
export function modelFunction(candidate: ModelLike): ModelFunction {
  if (typeof candidate === "function") return candidate;
  if (typeof candidate?.forward === "function") return (image) => candidate.forward(image);
  const got = candidate === null ? "null" : typeof candidate;
  throw new TypeError(
    `the model is ${got}; it must be a function from a Tensor to a Tensor, or an object with forward`,
  );
}
