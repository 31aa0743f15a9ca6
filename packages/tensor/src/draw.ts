// Tensors of random numbers, out of the global generator (torch's stream; docs/science/random-numbers.md). Drawn at once and in
// the order of the calls, so that a seed gives the same numbers as in Python.

import { fromValue, getDefaultDtype } from "./create.ts";
import type { FloatDType } from "./math/dtype.ts";
import type { Shape } from "./ops/definition.ts";
import { sizeOf } from "./ops/definition.ts";
import { checkShape, DTypeError } from "./ops/rules.ts";
import { defaultGenerator } from "./random/global.ts";
import { nodeOf, type Tensor } from "./tensor.ts";
import { refuseWhileTracing } from "./trace.ts";
import { checkOptions } from "./words/options.ts";
import { shown } from "./words/shown.ts";

export interface DrawOptions<D extends FloatDType> {
  /** Default: the default dtype. float32 and float64 take different numbers from the stream. */
  readonly dtype?: D;
}

function draw<D extends FloatDType>(
  kind: "rand" | "randn",
  caller: string,
  shape: Shape,
  dtype: FloatDType,
): Tensor<D> {
  refuseWhileTracing(`${caller} drew random numbers`);
  checkShape(caller, shape);
  if (dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError(`${caller}: got dtype ${shown(dtype)}; random tensors are "float32" or "float64"`);
  }
  return fromValue<D>({ dtype, shape: [...shape], re: defaultGenerator()[kind](sizeOf(shape), dtype) });
}

/** Uniform numbers in [0, 1). An error while a function is traced. */
export function rand<D extends FloatDType = FloatDType>(shape: Shape, options: DrawOptions<D> = {}): Tensor<D> {
  checkOptions("rand()", options, ["dtype"]);
  return draw("rand", "rand()", shape, options.dtype ?? getDefaultDtype());
}

/** Uniform numbers in [0, 1), with the shape and dtype of a float tensor. An error while a function is traced. */
export function randLike<D extends FloatDType>(like: Tensor<D>): Tensor<D> {
  nodeOf("randLike", like, "the tensor");
  return draw("rand", "randLike()", like.shape, like.dtype);
}

/** Standard normal numbers. An error while a function is traced. */
export function randn<D extends FloatDType = FloatDType>(shape: Shape, options: DrawOptions<D> = {}): Tensor<D> {
  checkOptions("randn()", options, ["dtype"]);
  return draw("randn", "randn()", shape, options.dtype ?? getDefaultDtype());
}
