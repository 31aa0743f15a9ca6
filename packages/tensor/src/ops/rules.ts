// Shape and dtype rules shared by the operations, and the words of their errors.

import { checkArray } from "../words/arguments.ts";
import { shown } from "../words/shown.ts";
import type { DType, Operand, Shape } from "./definition.ts";
import { dtypes, isComplex, realOf, sizeOf } from "./definition.ts";

/** A shape, or another list of numbers, as people write it. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The dtype and shape of an array as people write them. */
export function describe({ dtype, shape }: Operand): string {
  return `${dtype} ${shapeText(shape)}`;
}

/** Shapes do not fit an operation. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Element types do not fit an operation. */
export class DTypeError extends Error {
  override readonly name = "DTypeError";
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** NumPy's broadcasting rule. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `${op}: shapes ${shapeText(a)} and ${shapeText(b)} do not fit together: axis ${i - rank} has sizes ${x} and ${y}. ` +
          "Sizes must be equal or 1; reshape one of them.",
      );
    }
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/** An axis counted from the front; negative axes count from the end. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new RangeError(
      rank === 0
        ? `${op}: axis ${shown(axis)} does not exist; a 0-d tensor has no axes`
        : `${op}: axis ${shown(axis)} does not exist; the tensor has ${rank} axes, so axes run from ${-rank} to ${rank - 1}`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Refuses an axis of a node that is not counted from the front, as builders count it. */
export function checkAxis(op: string, axis: number, rank: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
    throw new RangeError(`${op}: axis ${shown(axis)} is not one of the ${rank} axes, counted from 0`);
  }
}

/** Axes counted from the front, sorted, without repetition. */
export function normalizeAxes(op: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes !== undefined && typeof axes !== "number") checkArray(op, "the list of axes", axes, "axes, or one axis");
  const list =
    axes === undefined ? Array.from({ length: rank }, (_, i) => i) : typeof axes === "number" ? [axes] : [...axes];
  const normal = list.map((axis) => normalizeAxis(op, axis, rank)).sort((a, b) => a - b);
  normal.forEach((axis, i) => {
    if (i > 0 && axis === normal[i - 1]) {
      throw new RangeError(`${op}: axis ${axis} is named twice in ${shapeText(list)}; name every axis once`);
    }
  });
  return normal;
}

/** Refuses a dtype that there is not. */
export function checkDtype(op: string, dtype: unknown): void {
  if (dtypes.includes(dtype as DType)) return;
  throw new DTypeError(`${op}: the dtype is ${shown(dtype)}; it must be one of ${dtypes.join(", ")}`);
}

/** Checks a shape given by a person. */
export function checkShape(op: string, shape: Shape): Shape {
  checkArray(op, "the shape", shape, "sizes");
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 0 || n > 0x7fffffff) {
      throw new ShapeError(`${op}: ${shown(shape)} is not a shape; sizes must be integers from 0 to 2147483647`);
    }
  }
  return shape;
}

const SUGGEST = 'cast one of them first, for example x.cast("float64")';

/** The dtype of arithmetic on two operands: equal dtypes, or a real one with the complex one of its precision. */
export function arithmeticDType(op: string, a: DType, b: DType): DType {
  if (a === "bool" || b === "bool") {
    throw new DTypeError(`${op}: operands are ${a} and ${b}; bool has no arithmetic, use where() or cast it first`);
  }
  if (a === b) return a;
  if (isComplex(a) !== isComplex(b) && realOf(a) === realOf(b)) return isComplex(a) ? a : b;
  throw new DTypeError(`${op}: operands are ${a} and ${b}; nothing is cast silently, ${SUGGEST}`);
}

/** Equal dtypes out of `allowed`. */
export function equalDType(op: string, a: DType, b: DType, allowed: readonly DType[]): DType {
  if (a !== b) throw new DTypeError(`${op}: operands are ${a} and ${b}; nothing is cast silently, ${SUGGEST}`);
  return oneOf(op, a, allowed);
}

/** A dtype out of `allowed`. */
export function oneOf(op: string, dtype: DType, allowed: readonly DType[]): DType {
  if (!allowed.includes(dtype)) {
    throw new DTypeError(`${op}: the operand is ${dtype}; it must be ${allowed.join(" or ")}`);
  }
  return dtype;
}

/** Elementwise operands have one shape by the time a node is made (builders broadcast them). */
export function equalShape(op: string, operands: readonly Operand[]): Shape {
  const shape = operands[0].shape;
  for (const other of operands) {
    if (!sameShape(shape, other.shape)) {
      throw new ShapeError(`${op}: shapes ${shapeText(shape)} and ${shapeText(other.shape)} differ`);
    }
  }
  return shape;
}

/** Elements before and after an axis: the axis' elements are `inner` apart, and there are `outer` such groups. */
export function around(shape: Shape, axis: number): { outer: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), inner: sizeOf(shape.slice(axis + 1)) };
}
