// What an operator of ONNX is here: what it takes, and what it makes of it. The list is in table.ts; meanings are those of
// https://onnx.ai/onnx/operators/.
//
// An operator is written once, over tensors. Where all that it takes is known, its tensors are float64 and its result is computed at
// once; whole numbers and truths are float64, too, which holds them exactly.

import type { FloatDType, Shape, Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { OnnxError, type OnnxErrorCode } from "../file/error.ts";
import { MOST_ALONG_AXIS, MOST_ELEMENTS, MOST_KNOWN, MOST_TAPS } from "../file/limits.ts";
import { type AttributeKind, nodeName, type OnnxGraph, type OnnxNode } from "../file/model.ts";
import type { TensorInfo } from "../file/tensorInfo.ts";
import { type Constants, type Kind, type Known, traced, type Value } from "../values/value.ts";

export interface Operator {
  /** Its attributes. Any other is refused, because it could change the meaning. */
  readonly attributes?: Readonly<Record<string, AttributeKind>>;
  /** The least and the greatest number of inputs. */
  readonly inputs: readonly [least: number, most: number];
  /** Whether its results are what another node made, and so not to be computed once more. */
  readonly passes?: true;
  readonly run: (call: Call) => Value | readonly Value[];
}

/** What a graph inside of a node is run with. */
export type RunGraph = (graph: OnnxGraph) => readonly Value[];

/** What a call needs to know of the network around it. */
export interface Surroundings {
  readonly source: string;
  readonly opset: number;
  /** The precision of the image. */
  readonly dtype: FloatDType;
  readonly constants: Constants;
  /** An array of the file as a value. */
  arrayOf(info: TensorInfo): Value;
  /** Floating numbers that may be many: the same tensor whenever the same `owner` asks. */
  weight(owner: object, shape: Shape, make: () => Float32Array | Float64Array): Value;
  readonly runGraph: RunGraph;
}

/** One node at work. */
export class Call {
  readonly node: OnnxNode;
  readonly opset: number;
  /** What its floating tensors are of: float64 where all is known. */
  readonly dtype: FloatDType;
  readonly around: Surroundings;
  readonly #inputs: readonly (Value | undefined)[];

  constructor(node: OnnxNode, inputs: readonly (Value | undefined)[], dtype: FloatDType, around: Surroundings) {
    this.node = node;
    this.opset = around.opset;
    this.dtype = dtype;
    this.around = around;
    this.#inputs = inputs;
  }

  // ---- what was given ----

  get count(): number {
    return this.#inputs.length;
  }

  /** Whether everything is known, so that whole numbers may be computed with. */
  get isKnown(): boolean {
    return this.#inputs.every((value) => value === undefined || value.known);
  }

  has(index: number): boolean {
    return this.#inputs[index] !== undefined;
  }

  value(index: number): Value {
    const value = this.#inputs[index];
    if (value === undefined) throw this.wrong(`its input ${index} is missing`);
    return value;
  }

  shape(index: number): Shape {
    return this.value(index).shape;
  }

  kind(index: number): Kind {
    return this.value(index).kind;
  }

  /** An input as it is, for operators that move elements and do not look at them. */
  any(index: number): Tensor {
    const value = this.value(index);
    if (!value.known) return value.tensor;
    if (value.kind === "bool" && !this.isKnown) return this.around.constants.of(value, this.dtype);
    const numbers = value.kind === "bool" ? ({ ...value, kind: "uint8" } as const) : value;
    return this.around.constants.of(numbers, this.dtype);
  }

  /** An input that is computed with. Where not all is known it must be floating. */
  tensor(index: number): Tensor {
    const value = this.value(index);
    if (value.kind === "bool" || (!this.isKnown && value.kind !== "float")) {
      throw this.unsupported(
        `its input ${index} is ${value.kind}, and depends on the pixels or meets what does; a model must compute with floating numbers`,
      );
    }
    return this.any(index);
  }

  /** An input that is a truth, as a tensor of truths. */
  truth(index: number): Tensor<"bool"> {
    const value = this.value(index);
    if (value.kind !== "bool") throw this.wrong(`its input ${index} is ${value.kind}; it must be bool`);
    const tensor = value.known ? this.around.constants.of(value, this.dtype) : value.tensor;
    return tensor as Tensor<"bool">;
  }

  /** An input whose numbers are needed to know what is to be computed. `what` says what they are. */
  known(index: number, what: string): Known {
    const value = this.value(index);
    if (value.known) return value;
    throw this.unsupported(
      `its ${what} depends on the pixels, or on an array of many numbers; a model must have a fixed graph`,
    );
  }

  /** Whole numbers that say what is to be computed. */
  integers(index: number, what: string): number[] {
    const { data, kind } = this.known(index, what);
    if (kind === "float" || kind === "bool") throw this.wrong(`its ${what} is ${kind}; it must be whole numbers`);
    return Array.from(data, (n) => this.exact(n, what));
  }

  /** A whole number that is exact. */
  exact(n: number, what: string): number {
    if (Number.isSafeInteger(n)) return n;
    throw this.unsupported(`its ${what} is ${n}; whole numbers beyond 2^53 are not computed with`);
  }

  // ---- attributes ----

  #attribute(name: string): unknown {
    return this.node.attributes.get(name)?.value;
  }

  hasAttribute(name: string): boolean {
    return this.node.attributes.has(name);
  }

  int(name: string, otherwise?: number): number {
    const value = (this.#attribute(name) as number | undefined) ?? otherwise;
    if (value === undefined) throw this.wrong(`it has no attribute ${name}`);
    return value;
  }

  /** A number as the file has it: rounded to float32. */
  float(name: string, otherwise: number): number {
    return (this.#attribute(name) as number | undefined) ?? Math.fround(otherwise);
  }

  text(name: string, otherwise: string): string {
    return (this.#attribute(name) as string | undefined) ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#attribute(name) as readonly number[] | undefined;
  }

  /** Whether an attribute of 0 or 1 is 1. */
  flag(name: string, otherwise = false): boolean {
    const value = this.int(name, otherwise ? 1 : 0);
    if (value !== 0 && value !== 1) throw this.wrong(`its ${name} is ${value}; it must be 0 or 1`);
    return value === 1;
  }

  /** An axis counted from the start. */
  axis(axis: number, rank: number, name = "axis"): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
      throw this.wrong(`its ${name} is ${axis}, but there are ${rank} axes`);
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** Axes counted from the start, each once. */
  axes(axes: readonly number[], rank: number, name = "axes"): number[] {
    const positive = axes.map((axis) => this.axis(axis, rank, name));
    if (new Set(positive).size !== positive.length)
      throw this.wrong(`its ${name} name an axis twice: ${axes.join(", ")}`);
    return positive;
  }

  /** Axes that are an attribute in older sets of operators, and an input since. */
  axesGiven(input: number, rank: number, name = "axes"): number[] | undefined {
    const given = this.has(input) ? this.integers(input, name) : this.ints(name);
    return given === undefined ? undefined : this.axes(given, rank, name);
  }

  // ---- what is made ----

  /** A result of the kind of an input. */
  like(tensor: Tensor, index = 0): Value {
    return traced(tensor, this.kind(index));
  }

  /** Refuses sizes that are too large, before anything of them is made. */
  checkSize(shape: Shape): void {
    if (shape.some((n) => !(n >= 0))) {
      throw this.wrong(`its result would be [${shape.join(", ")}]; sizes must be whole numbers from 0 on`);
    }
    const count = shape.reduce((product, n) => product * n, 1);
    const most = this.isKnown && this.count > 0 ? MOST_KNOWN : MOST_ELEMENTS;
    if (count > most) {
      throw this.error(
        "limits",
        `its result would be ${shapeText(shape)}, ${count} elements; at most ${most} are computed`,
      );
    }
  }

  /** Refuses an axis that is too long for a table of where its elements come from. */
  checkAlong(shape: Shape): void {
    this.checkSize(shape);
    const long = shape.find((n) => n > MOST_ALONG_AXIS);
    if (long !== undefined) {
      throw this.error(
        "limits",
        `an axis of its result would have ${long} elements; at most ${MOST_ALONG_AXIS} are computed`,
      );
    }
  }

  /** Refuses more parts than a graph should have for one node. */
  checkTaps(count: number): void {
    if (count > MOST_TAPS)
      throw this.error("limits", `it takes ${count} elements together; at most ${MOST_TAPS} are computed`);
  }

  // ---- what is wrong ----

  error(code: OnnxErrorCode, problem: string): OnnxError {
    return new OnnxError(code, this.around.source, `node ${nodeName(this.node)}: ${problem}`);
  }

  wrong(problem: string): OnnxError {
    return this.error("model", problem);
  }

  unsupported(problem: string): OnnxError {
    return this.error("unsupported", problem);
  }
}

/** An operator without attributes that makes one floating tensor. */
export function floating(inputs: number, make: (call: Call) => Tensor): Operator {
  return { inputs: [inputs, inputs], run: (call) => call.like(make(call)) };
}
