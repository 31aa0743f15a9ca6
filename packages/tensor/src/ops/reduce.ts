// Sum, min and max over axes. Sums follow the fixed order of math/summation.ts; min and max have no order to fix.
// Attribute `axes`: sorted, not negative. Reduced axes are dropped.

import { addTree, BLOCK, lanesOf, SEQUENTIAL_LIMIT } from "../math/summation.ts";
import {
  type ArrayValue,
  allocate,
  type DType,
  type Node,
  type Plane,
  type ReduceDefinition,
  sizeOf,
  stridesOf,
} from "./definition.ts";
import { checkAxis, oneOf, ShapeError, shapeText } from "./rules.ts";

/** How a reduction walks its operand: where each output starts, and the reduced elements in C order. */
interface Walk {
  readonly outputs: Int32Array;
  /** Operand offsets of the rows (all reduced axes but the innermost). */
  readonly rows: Int32Array;
  /** Length and stride of the innermost reduced axis. */
  readonly columns: number;
  readonly stride: number;
}

/** C-order offsets of all index combinations of the given axes. */
function offsets(shape: readonly number[], strides: readonly number[]): Int32Array {
  let list = Int32Array.of(0);
  shape.forEach((n, i) => {
    const next = new Int32Array(list.length * n);
    for (let a = 0; a < list.length; a++) for (let j = 0; j < n; j++) next[a * n + j] = list[a] + j * strides[i];
    list = next;
  });
  return list;
}

function walk(shape: readonly number[], axes: readonly number[]): Walk {
  const strides = stridesOf(shape);
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const reduced = axes.filter((i) => shape[i] !== 1);
  const inner = reduced.pop();
  return {
    outputs: offsets(
      kept.map((i) => shape[i]),
      kept.map((i) => strides[i]),
    ),
    rows: offsets(
      reduced.map((i) => shape[i]),
      reduced.map((i) => strides[i]),
    ),
    columns: inner === undefined ? 1 : shape[inner],
    stride: inner === undefined ? 1 : strides[inner],
  };
}

function sumPlane(x: Plane, out: Plane, w: Walk): void {
  const wide = x instanceof Float64Array;
  const lanes = lanesOf(wide ? 8 : 4);
  const make = (n: number): Float32Array | Float64Array | Int32Array =>
    wide ? new Float64Array(n) : x instanceof Int32Array ? new Int32Array(n) : new Float32Array(n);
  const lane = make(lanes);
  const blocks = Math.ceil(w.columns / BLOCK);
  const partial = make(Math.max(1, blocks * w.rows.length));
  const sequential = w.rows.length * w.columns <= SEQUENTIAL_LIMIT;
  w.outputs.forEach((base, o) => {
    if (sequential) {
      lane[0] = 0;
      for (const row of w.rows) for (let j = 0; j < w.columns; j++) lane[0] += x[base + row + j * w.stride];
      out[o] = lane[0];
      return;
    }
    let p = 0;
    for (const row of w.rows) {
      for (let b = 0; b < blocks; b++) {
        lane.fill(0);
        const end = Math.min(w.columns, (b + 1) * BLOCK);
        for (let j = b * BLOCK; j < end; j++) lane[j & (lanes - 1)] += x[base + row + j * w.stride];
        partial[p++] = addTree(lane, lanes);
      }
    }
    out[o] = addTree(partial, p);
  });
}

function extremePlane(x: Plane, out: Plane, w: Walk, pick: (a: number, b: number) => number): void {
  w.outputs.forEach((base, o) => {
    let best = x[base + w.rows[0]];
    for (const row of w.rows) for (let j = 0; j < w.columns; j++) best = pick(best, x[base + row + j * w.stride]);
    out[o] = best;
  });
}

function evaluateWith(plane: (x: Plane, out: Plane, w: Walk) => void) {
  return (x: ArrayValue, node: Node): ArrayValue => {
    const out = allocate(node.dtype, node.shape);
    const w = walk(x.shape, node.attributes.axes as number[]);
    plane(x.re, out.re, w);
    if (x.im && out.im) plane(x.im, out.im, w);
    return out;
  };
}

const kept = (shape: readonly number[], axes: readonly number[]): number[] => shape.filter((_, i) => !axes.includes(i));

/** The axes of a node are some, sorted, each once. */
function checkAxes(name: string, axes: readonly number[], rank: number): void {
  for (const axis of axes) checkAxis(name, axis, rank);
  if (axes.length === 0 || axes.some((axis, i) => i > 0 && axis <= axes[i - 1])) {
    throw new RangeError(`${name}: the axes ${shapeText(axes)} are not sorted, or none`);
  }
}

/** The result of a reduction, with the reduced axes put back as size 1 and then grown to the operand's shape. */
function spread(ops: Parameters<NonNullable<ReduceDefinition["vjp"]>>[0], y: Node, node: Node): Node {
  const shape = node.inputs[0].shape;
  const axes = node.attributes.axes as number[];
  const ones = shape.map((n, i) => (axes.includes(i) ? 1 : n));
  return ops.broadcastTo(ops.reshape(y, ones), shape);
}

export const sum: ReduceDefinition = {
  kind: "reduce",
  name: "sum",
  reduction: "sum",
  attributes: { axes: "integers" },
  infer([x], attributes) {
    checkAxes("sum", attributes.axes as number[], x.shape.length);
    const allowed: DType[] = ["float32", "float64", "complex64", "complex128", "int32"];
    return { shape: kept(x.shape, attributes.axes as number[]), dtype: oneOf("sum", x.dtype, allowed) };
  },
  evaluate: evaluateWith(sumPlane),
  vjp: (ops, node, cotangent) => [spread(ops, cotangent, node)],
  jvp: (ops, node, [v]) => (v === null ? null : ops.sum(v, node.attributes.axes as number[])),
};

function extreme(name: "min" | "max", pick: (a: number, b: number) => number): ReduceDefinition {
  /** 1 / (number of ties) where the operand attains the extreme, else 0, times v. */
  const share: NonNullable<ReduceDefinition["vjp"]> = (ops, node, v) => {
    const x = node.inputs[0];
    const ties = ops.eq(x, spread(ops, node, node));
    const count = ops.sum(ops.cast(ties, node.dtype), node.attributes.axes as number[]);
    return [ops.where(ties, spread(ops, ops.div(v, count), node), ops.like(0, x))];
  };
  return {
    kind: "reduce",
    name,
    reduction: name,
    attributes: { axes: "integers" },
    infer([x], attributes) {
      const axes = attributes.axes as number[];
      checkAxes(name, axes, x.shape.length);
      if (sizeOf(axes.map((i) => x.shape[i])) === 0 && sizeOf(kept(x.shape, axes)) > 0) {
        throw new ShapeError(
          `${name}: nothing to choose from: an axis of ${shapeText(x.shape)} that is reduced is empty`,
        );
      }
      return { shape: kept(x.shape, axes), dtype: oneOf(name, x.dtype, ["float32", "float64", "int32"]) };
    },
    evaluate: evaluateWith((x, out, w) => extremePlane(x, out, w, pick)),
    vjp: share,
    jvp(ops, node, [v]) {
      if (v === null) return null;
      const x = node.inputs[0];
      const axes = node.attributes.axes as number[];
      const ties = ops.eq(x, spread(ops, node, node));
      const chosen = ops.sum(ops.where(ties, v, ops.like(0, v)), axes);
      return ops.div(chosen, ops.sum(ops.cast(ties, node.dtype), axes));
    },
  };
}

// Math.min and Math.max do what the contract asks: NaN wins, and -0 is below +0.
export const min = extreme("min", Math.min);
export const max = extreme("max", Math.max);
