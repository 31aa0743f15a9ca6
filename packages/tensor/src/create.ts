// Making tensors from numbers, and the default dtype.

import { arrayLeaf, ops } from "./graph/build.ts";
import type { FloatDType } from "./math/dtype.ts";
import {
  type ArrayValue,
  allocate,
  type DType,
  isComplex,
  type Plane,
  realOf,
  type Shape,
  sizeOf,
} from "./ops/definition.ts";
import { checkDtype, checkShape, DTypeError, describe, ShapeError, shapeText } from "./ops/rules.ts";
import { nodeOf, Tensor } from "./tensor.ts";
import { checkFinite, checkNumber, checkWhole } from "./words/arguments.ts";
import { checkOptions } from "./words/options.ts";
import { shown } from "./words/shown.ts";

let defaultDtype: FloatDType = "float32";

/** The dtype of tensors made from plain JavaScript numbers. float32 at first, as in Python. */
export function getDefaultDtype(): FloatDType {
  return defaultDtype;
}

/** Sets the dtype of tensors made from plain JavaScript numbers from now on. */
export function setDefaultDtype(dtype: FloatDType): void {
  if (dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError(`setDefaultDtype: got ${shown(dtype)}; it must be "float32" or "float64"`);
  }
  defaultDtype = dtype;
}

/** Nested arrays of numbers or of booleans. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** What tensor() takes. */
export type TensorSource = NestedArray | Float32Array | Float64Array | Int32Array | Uint8Array;

export interface TensorOptions<D extends DType> {
  readonly shape?: Shape;
  /** Default: that of the typed array (Uint8Array: int32), bool for booleans, the default dtype for numbers. */
  readonly dtype?: D;
}

function nestedShape(source: NestedArray): number[] {
  const shape: number[] = [];
  let level: NestedArray = source;
  while (Array.isArray(level)) {
    shape.push(level.length);
    if (level.length === 0) break;
    level = level[0] as NestedArray;
  }
  return shape;
}

function flatten(source: NestedArray, shape: readonly number[], depth: number, out: (number | boolean)[]): void {
  if (depth === shape.length) {
    if (typeof source !== "number" && typeof source !== "boolean") {
      throw new TypeError(
        depth === 0
          ? `tensor: the source is ${shown(source)}; it must be a number, nested arrays of numbers, or a typed array`
          : `tensor: the nested arrays are not regular: at depth ${depth} there is ${shown(source)} where a number belongs`,
      );
    }
    out.push(source);
    return;
  }
  if (!Array.isArray(source) || source.length !== shape[depth]) {
    throw new ShapeError(
      `tensor: the nested arrays are not regular: at depth ${depth} there is ${Array.isArray(source) ? `a length of ${source.length}` : shown(source)} where ${shape[depth]} belongs`,
    );
  }
  for (const part of source) flatten(part, shape, depth + 1, out);
}

function typedDtype(source: ArrayBufferView): DType {
  if (source instanceof Float32Array) return "float32";
  if (source instanceof Float64Array) return "float64";
  if (source instanceof Int32Array || source instanceof Uint8Array) return "int32";
  throw new DTypeError(
    `tensor: ${shown(source)} has no matching dtype; copy it to a Float32Array, Float64Array or Int32Array`,
  );
}

const isFloats = (x: unknown): x is Float32Array | Float64Array =>
  x instanceof Float32Array || x instanceof Float64Array;

function fill(to: Plane, from: ArrayLike<number | boolean>, start: number, step: number, dtype: DType): void {
  if (step === 1 && isFloats(from) && isFloats(to)) {
    to.set(from);
    return;
  }
  const bool = realOf(dtype) === "bool";
  const int = realOf(dtype) === "int32";
  for (let i = 0; i < to.length; i++) {
    const x = Number(from[start + i * step]);
    if (int && (x | 0) !== x) {
      throw new DTypeError(`tensor: element ${i} is ${x}, which is not a 32-bit integer; choose a float dtype`);
    }
    to[i] = bool ? (x === 0 ? 0 : 1) : x;
  }
}

/**
 * A tensor from numbers: nested arrays, or a typed array with a shape. The data is copied. Complex data is given
 * interleaved (re, im, re, im, ...) with a complex `dtype`.
 */
export function tensor<D extends DType = DType>(source: TensorSource, options: TensorOptions<D> = {}): Tensor<D> {
  checkOptions("tensor()", options, ["shape", "dtype"]);
  if (options.dtype !== undefined) checkDtype("tensor", options.dtype);
  let flat: ArrayLike<number | boolean>;
  let shape: Shape;
  let dtype: DType;
  if (ArrayBuffer.isView(source)) {
    flat = source;
    dtype = options.dtype ?? typedDtype(source);
    shape = [isComplex(dtype) ? source.length / 2 : source.length];
  } else {
    const found = nestedShape(source);
    const list: (number | boolean)[] = [];
    flatten(source, found, 0, list);
    flat = list;
    dtype = options.dtype ?? (typeof list[0] === "boolean" ? "bool" : defaultDtype);
    if (isComplex(dtype)) {
      if (found[found.length - 1] !== 2) {
        throw new ShapeError(`tensor: complex data from nested arrays needs [re, im] pairs; the last size is not 2`);
      }
      shape = found.slice(0, -1);
    } else {
      shape = found;
    }
  }
  if (options.shape !== undefined) shape = checkShape("tensor", options.shape);
  const perElement = isComplex(dtype) ? 2 : 1;
  if (sizeOf(shape) * perElement !== flat.length) {
    throw new ShapeError(
      `tensor: ${flat.length} numbers do not fill ${describe({ dtype, shape })}, which needs ${sizeOf(shape) * perElement}`,
    );
  }
  const value = allocate(dtype, [...shape]);
  fill(value.re, flat, 0, perElement, dtype);
  if (value.im) fill(value.im, flat, 1, 2, dtype);
  return new Tensor<D>(arrayLeaf(value));
}

/** A tensor around an array value that nobody will change any more. Not copied. */
export function fromValue<D extends DType = DType>(value: ArrayValue): Tensor<D> {
  return new Tensor<D>(arrayLeaf(value));
}

function filled<D extends DType>(
  name: string,
  shape: Shape,
  value: number,
  options: { readonly dtype?: D },
): Tensor<D> {
  checkOptions(`${name}()`, options, ["dtype"]);
  const { dtype = defaultDtype } = options;
  checkDtype(name, dtype);
  checkNumber(name, "the value", value);
  if (dtype === "int32" && (value | 0) !== value) {
    throw new DTypeError(`${name}: ${value} is not a 32-bit integer, but the dtype is int32; choose a float dtype`);
  }
  return new Tensor<D>(ops.full(checkShape(name, shape), value, dtype));
}

/** A tensor with one value everywhere. */
export function full<D extends DType = FloatDType>(
  shape: Shape,
  value: number,
  options: { readonly dtype?: D } = {},
): Tensor<D> {
  return filled("full", shape, value, options);
}

export function zeros<D extends DType = FloatDType>(shape: Shape, options: { readonly dtype?: D } = {}): Tensor<D> {
  return filled("zeros", shape, 0, options);
}

export function ones<D extends DType = FloatDType>(shape: Shape, options: { readonly dtype?: D } = {}): Tensor<D> {
  return filled("ones", shape, 1, options);
}

/** `count` numbers first, first + step, ... as a vector, each computed in float64 and rounded once. */
function progression<D extends DType>(name: string, count: number, at: (i: number) => number, dtype: D): Tensor<D> {
  if (dtype !== "float32" && dtype !== "float64" && dtype !== "int32") {
    throw new DTypeError(`${name}: the dtype is ${shown(dtype)}; it must be float32, float64 or int32`);
  }
  return tensor(
    Array.from({ length: count }, (_, i) => at(i)),
    { dtype },
  );
}

/** start, start + step, ... below stop (above it when step is negative), as a vector. Element i is start + i * step. */
export function arange<D extends DType = FloatDType>(
  start: number,
  stop: number,
  step = 1,
  options: { readonly dtype?: D } = {},
): Tensor<D> {
  checkOptions("arange()", options, ["dtype"]);
  for (const [name, value] of Object.entries({ start, stop, step })) checkFinite("arange", name, value);
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (step === 0) throw new RangeError("arange: step is 0; it must not be 0");
  if (!Number.isFinite(count)) {
    throw new RangeError(`arange: ${start} to ${stop} in steps of ${step} are too many numbers; give a larger step`);
  }
  return progression("arange", count, (i) => start + i * step, options.dtype ?? (defaultDtype as D));
}

/** `count` evenly spaced numbers from start to stop, both included, as a vector. */
export function linspace<D extends DType = FloatDType>(
  start: number,
  stop: number,
  count: number,
  options: { readonly dtype?: D } = {},
): Tensor<D> {
  checkOptions("linspace()", options, ["dtype"]);
  checkFinite("linspace", "start", start);
  checkFinite("linspace", "stop", stop);
  checkWhole("linspace", "count", count);
  if (count < 0) throw new RangeError(`linspace: count is ${count}; it must be 0 or more`);
  const step = (stop - start) / (count - 1);
  const at = (i: number): number => (i > 0 && i === count - 1 ? stop : i === 0 ? start : start + i * step);
  return progression("linspace", count, at, options.dtype ?? (defaultDtype as D));
}

/** Vectors of sizes n0, n1, ... as coordinates of a grid: tensor k has shape [n0, n1, ...] and varies along axis k. */
export function meshgrid<D extends DType>(...vectors: readonly Tensor<D>[]): Tensor<D>[] {
  const shape = vectors.map((v, k) => {
    nodeOf("meshgrid", v, `operand ${k}`);
    if (v.ndim !== 1) throw new ShapeError(`meshgrid: operand ${k} is ${shapeText(v.shape)}; it must be a vector`);
    return v.size;
  });
  return vectors.map((v, k) => v.reshape(shape.map((n, i) => (i === k ? n : 1))).broadcastTo(shape));
}
