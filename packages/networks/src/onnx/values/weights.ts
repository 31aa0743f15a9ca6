// The arrays of a file as values, made when they are first wanted, and then the same for every trace: so two traces of a network
// are one graph, and no weight is ever hashed or copied to find that out.

import type { FloatDType, Shape, Tensor } from "@plenoptic-js/tensor";
import { deferred } from "@plenoptic-js/tensor/engine";
import { MOST_SMALL } from "../file/limits.ts";
import { elementsOf, isFloating, type TensorInfo } from "../file/tensorInfo.ts";
import { type Kind, known, traced, type Value } from "./value.ts";

export class Weights {
  readonly #external: ReadonlyMap<TensorInfo, Uint8Array>;
  readonly #small = new WeakMap<object, Value>();
  readonly #large = { float32: new WeakMap<object, Tensor>(), float64: new WeakMap<object, Tensor>() };

  /** @param external the elements that are in other files */
  constructor(external: ReadonlyMap<TensorInfo, Uint8Array>) {
    this.#external = external;
  }

  /** An array: known where it is small or of whole numbers, else a weight. */
  arrayOf(info: TensorInfo, dtype: FloatDType): Value {
    const { type, shape } = info;
    const elements = (): ReturnType<typeof elementsOf> => elementsOf(info, this.#external.get(info));
    if (isFloating(type)) return this.of(info, shape, dtype, () => elements() as Float32Array | Float64Array);
    const value = this.#small.get(info) ?? known(type.name as Kind, shape, elements());
    this.#small.set(info, value);
    return value;
  }

  /** Floating numbers: known where they are few. */
  of(owner: object, shape: Shape, dtype: FloatDType, make: () => Float32Array | Float64Array): Value {
    if (shape.reduce((product, n) => product * n, 1) <= MOST_SMALL) {
      const value = this.#small.get(owner) ?? known("float", shape, Float64Array.from(make()));
      this.#small.set(owner, value);
      return value;
    }
    const tensor = this.#large[dtype].get(owner) ?? deferred(make, { shape: storedShape(shape), dtype }).reshape(shape);
    this.#large[dtype].set(owner, tensor);
    return traced(tensor);
  }
}

/** How numbers of a shape are kept: a convolution's of one tap a channel as a matrix, whose rows need no padding. */
const storedShape = (shape: Shape): Shape =>
  shape.length === 4 && shape[2] * shape[3] === 1 ? shape.slice(0, 2) : shape;
