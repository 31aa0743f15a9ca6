// What an operation is: one place for its shape and dtype rule, its meaning, its derivatives and its cost.
// This file holds types and the dtype facts every layer shares; op files import it and nothing of each other. Shared
// code asks a definition, never its name.

import type { IndexMap } from "../math/indexMap.ts";
import type { Scalar, ScalarType } from "../math/scalar.ts";

/** Element types. Complex arrays are two planes of the matching real type. */
export type DType = "float32" | "float64" | "complex64" | "complex128" | "int32" | "bool";

export const dtypes: readonly DType[] = ["float32", "float64", "complex64", "complex128", "int32", "bool"];

export type RealDType = "float32" | "float64" | "int32" | "bool";
export type Shape = readonly number[];

/** Plain, immutable facts of a node (axes, paddings, tables). Only numbers, strings, booleans and arrays of them. */
export type Attribute = number | string | boolean | Int32Array | readonly Attribute[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** What values an attribute takes: `integers` is a list, `table` an Int32Array. */
export type AttributeRule = "number" | "integer" | "boolean" | "dtype" | "integers" | "table";

/** The array of one plane, C order. bool is stored as 0 and 1. */
export type Plane = Float32Array | Float64Array | Int32Array | Uint8Array;

/** An evaluated array, C order, no padding. `im` is present exactly for complex dtypes. */
export interface ArrayValue {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly re: Plane;
  readonly im?: Plane;
}

/** One node of a computation graph. Nodes are immutable. */
export interface Node {
  /** Rises with creation, so that inputs have smaller ids than the nodes that use them. */
  readonly id: number;
  readonly op: OpDefinition;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The data of an `array` leaf. */
  readonly value?: ArrayValue;
}

/** What an operation needs to know of an operand to decide its result's shape and dtype. */
export type Operand = Pick<Node, "shape" | "dtype">;

/**
 * The op set as derivative code sees it: builders that make nodes. The concrete set is assembled in graph/build.ts;
 * op files only name its type.
 */
export type { Ops } from "../graph/build.ts";

import type { Ops } from "../graph/build.ts";

/** How equal parts of a result, along its first axis, are made: each by a node like the whole one. */
export interface Cut {
  /** Of every operand, whether it is cut likewise, each part being made of the same part of it; else all of it is needed. */
  readonly operands: readonly boolean[];
  /** The attributes of a part. */
  readonly attributes: Attributes;
}

interface Common {
  readonly name: string;
  /** Rises when the meaning or the attributes change (1 if left out): a stored graph names the version it was made with. */
  readonly version?: number;
  /** Number of operands of an op that is no leaf (1 if left out). */
  readonly arity?: number | "one or more";
  /** Its attributes (none if left out); a node has exactly these. What they must be besides, `infer` says. */
  readonly attributes?: Readonly<Record<string, AttributeRule>>;
  /** The result's shape and dtype, or an error that names the op, the operands and the fix. */
  infer(operands: readonly Operand[], attributes: Attributes): { shape: Shape; dtype: DType };
  /**
   * Reverse derivative: the cotangent of every input (null: no dependence). Complex cotangents follow PyTorch:
   * d/d(re) + i d/d(im). Called only when some input is differentiable (float or complex).
   */
  vjp?(ops: Ops, node: Node, cotangent: Node): readonly (Node | null)[];
  /** Forward derivative: the tangent of the output, given those of the inputs (null: zero). */
  jvp?(ops: Ops, node: Node, tangents: readonly (Node | null)[]): Node | null;
  /**
   * For views and kernels: how the result is cut into so many parts, a divisor of its first axis; null where it cannot be (always, if left
   * out). Elementwise nodes, and reductions of other axes, are cut as their operands are.
   */
  cut?(node: Node, parts: number): Cut | null;
}

/** Leaves: `input` (data given at run time), `array` (data known now) and `literal` (one number). */
export interface LeafDefinition extends Common {
  readonly kind: "leaf";
}

/** All operands have the result's shape; `expression` gives each component (re, im) of one output element. */
export interface ElementwiseDefinition extends Common {
  readonly kind: "elementwise";
  /** `operands[i]` are the components of operand i: one scalar, or [re, im]. */
  expression(
    operands: readonly (readonly Scalar[])[],
    attributes: Attributes,
    result: { readonly dtype: DType },
  ): readonly Scalar[];
  /** Ops that are not holomorphic give vjp and jvp instead. */
  readonly derivative?: Derivative | "zero";
}

/**
 * The derivative with respect to operand `input`, applied to `v`; null where it is zero everywhere. The same formula
 * serves both directions, since it acts on each element alone: forward, `v` is the operand's tangent and `conj` does
 * nothing; in reverse, `v` is the cotangent and `conj` conjugates complex factors.
 */
export type Derivative = (ops: Ops, node: Node, input: number, v: Node, conj: (x: Node) => Node) => Node | null;

/** A result element is one operand element, found by an affine map of the index (or by reshaping). */
export interface ViewDefinition extends Common {
  readonly kind: "view";
  /** The operand's elements in their order, in another order (or some of them), or some of them several times. */
  readonly elements: "in order" | "moved" | "repeated";
  /** The map into the operand, given one into the node; null for a reshape that merges axes, which no map can say. */
  map(node: Node, map: IndexMap): IndexMap | null;
  evaluate(operand: ArrayValue, node: Node): ArrayValue;
}

export type ReduceKind = "sum" | "min" | "max";

/** Sum, min or max over axes in the fixed order of docs/numerics.md. */
export interface ReduceDefinition extends Common {
  readonly kind: "reduce";
  readonly reduction: ReduceKind;
  evaluate(operand: ArrayValue, node: Node): ArrayValue;
}

/** Everything with an algorithm of its own: gather, convolution, Fourier, matmul. */
export interface KernelDefinition extends Common {
  readonly kind: "kernel";
  /** The operand that is part of a model rather than data, where there is such. */
  readonly weight?: number;
  /** Roughly how many scalar operations a node takes. */
  cost(node: Node): number;
  /** The meaning, in plain scalar TypeScript, in the exact order of operations the kernels follow. */
  evaluate(operands: readonly ArrayValue[], node: Node): ArrayValue;
  /** A node of `size` elements of the result along an axis, from `first` on, to the same bits with less work; null if there is none. */
  stretch?(ops: Ops, node: Node, axis: number, first: number, size: number): Node | null;
}

/** Some elements of a node along an axis without the others, where its op can do that with less work. */
export function stretchOf(ops: Ops, node: Node, axis: number, first: number, size: number): Node | null {
  return (node.op.kind === "kernel" && node.op.stretch?.(ops, node, axis, first, size)) || null;
}

export type OpDefinition =
  | LeafDefinition
  | ElementwiseDefinition
  | ViewDefinition
  | ReduceDefinition
  | KernelDefinition;

/** Whether the derivative is zero wherever there is one: of steps (sign, floor, ...) and of stopGradient. */
export function hasZeroDerivative(op: OpDefinition): boolean {
  return op.kind === "elementwise" && op.derivative === "zero";
}

export function isComplex(dtype: DType): dtype is "complex64" | "complex128" {
  return dtype === "complex64" || dtype === "complex128";
}

/** Whether derivatives flow through arrays of this dtype. */
export function isDifferentiable(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64" || isComplex(dtype);
}

/** The dtype of one plane. */
export function realOf(dtype: DType): RealDType {
  return dtype === "complex64" ? "float32" : dtype === "complex128" ? "float64" : dtype;
}

/** The complex dtype of the same precision. */
export function complexOf(dtype: DType): "complex64" | "complex128" {
  return dtype === "float32" || dtype === "complex64" ? "complex64" : "complex128";
}

/** The scalar type that computes with one plane of this dtype. */
export function scalarTypeOf(dtype: DType): Exclude<ScalarType, "i64"> {
  switch (realOf(dtype)) {
    case "float32":
      return "f32";
    case "float64":
      return "f64";
    case "int32":
      return "i32";
    default:
      return "bool";
  }
}

/** 2 for complex dtypes, else 1. */
export function componentsOf(dtype: DType): 1 | 2 {
  return isComplex(dtype) ? 2 : 1;
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let n = 1;
  for (const s of shape) n *= s;
  return n;
}

/** Element strides of a C-order array. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** A fresh zeroed plane. */
export function allocatePlane(dtype: DType, length: number): Plane {
  switch (realOf(dtype)) {
    case "float32":
      return new Float32Array(length);
    case "float64":
      return new Float64Array(length);
    case "int32":
      return new Int32Array(length);
    default:
      return new Uint8Array(length);
  }
}

/** A fresh zeroed array. */
export function allocate(dtype: DType, shape: Shape): ArrayValue & { re: Plane } {
  const n = sizeOf(shape);
  const re = allocatePlane(dtype, n);
  return isComplex(dtype) ? { dtype, shape, re, im: allocatePlane(dtype, n) } : { dtype, shape, re };
}
