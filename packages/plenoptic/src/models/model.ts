// What a model is: a pure function from an image to a representation, both tensors.

import type { Tensor } from "@plenoptic-js/tensor";
import { shown } from "@plenoptic-js/tensor/engine";

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
    throw new TypeError(`model: the name is ${shown(name)}; it must be a text, for example "energy-v1"`);
  }
  if (typeof forward !== "function") {
    throw new TypeError(`model: the model is ${shown(forward)}; it must be a function from an image to a Tensor`);
  }
  return Object.freeze({ name, forward: (image: Tensor) => forward(image), toString: () => name });
}

/** Whether a function is a class: only those, and functions that are called with new, have such a prototype to write. */
const isClass = (f: ModelFunction): boolean =>
  Object.getOwnPropertyDescriptor(f, "prototype")?.writable === false || typeof f.prototype?.forward === "function";

/** The function of a model. Throws TypeError for what is no model. */
export function modelFunction(candidate: ModelLike): ModelFunction {
  if (typeof candidate === "function") {
    if (isClass(candidate)) {
      const name = candidate.name === "" ? "a class" : candidate.name;
      throw new TypeError(`the model is ${name}, which is a class: make a model of it, new ${name}(...)`);
    }
    return candidate;
  }
  if (typeof candidate?.forward === "function") return (image) => candidate.forward(image);
  throw new TypeError(
    `the model is ${shown(candidate)}; it must be a function from a Tensor to a Tensor, or an object with forward`,
  );
}
