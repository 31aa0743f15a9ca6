// Gathering along one axis.
//
// gatherSum covers every padding, cropping, rolling and repeating, and all their adjoints: result element i is
//   nothing listed: +0      one index: that element itself      more: ((x[i0] + x[i1]) + x[i2]) + ...
// in the order of the list, every sum rounded to the dtype (int32 wraps). Complex planes are summed apart.

import { runOf, transposeTable } from "../math/indexTables.ts";
import {
  allocate,
  type DType,
  type KernelDefinition,
  type Operand,
  type Plane,
  sizeOf,
  stretchOf,
} from "./definition.ts";
import { around, checkAxis, DTypeError, oneOf, shapeText } from "./rules.ts";

const ANY: readonly DType[] = ["float32", "float64", "complex64", "complex128", "int32", "bool"];

interface GatherAttributes {
  readonly axis: number;
  readonly starts: Int32Array;
  readonly indices: Int32Array;
}

function checkTable(x: Operand, { axis, starts, indices }: GatherAttributes): void {
  checkAxis("gatherSum", axis, x.shape.length);
  const n = x.shape[axis];
  if (starts.length === 0 || starts[0] !== 0 || starts[starts.length - 1] !== indices.length) {
    throw new RangeError(
      `gatherSum: starts must run from 0 to the number of indices, ${indices.length}; it is ` +
        (starts.length === 0 ? "empty" : `${starts[0]} to ${starts[starts.length - 1]}`),
    );
  }
  for (let i = 0; i + 1 < starts.length; i++) {
    const count = starts[i + 1] - starts[i];
    if (count < 0) throw new RangeError(`gatherSum: starts fall from ${starts[i]} to ${starts[i + 1]} at ${i}`);
    if (count > 1 && x.dtype === "bool") {
      throw new DTypeError(`gatherSum: element ${i} sums ${count} bool elements; cast to int32 first`);
    }
  }
  for (const index of indices) {
    if (index < 0 || index >= n) {
      throw new RangeError(
        `gatherSum: index ${index} is outside axis ${axis} of ${shapeText(x.shape)}, which has size ${n}`,
      );
    }
  }
}

function gatherPlane(from: Plane, to: Plane, n: number, outer: number, inner: number, table: GatherAttributes): void {
  const { starts, indices } = table;
  const m = starts.length - 1;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < m; i++) {
      const at = (o * m + i) * inner;
      for (let k = starts[i]; k < starts[i + 1]; k++) {
        const source = (o * n + indices[k]) * inner;
        // Storing rounds to the plane's type.
        if (k === starts[i]) for (let c = 0; c < inner; c++) to[at + c] = from[source + c];
        else for (let c = 0; c < inner; c++) to[at + c] += from[source + c];
      }
    }
  }
}

/**
 * Sums listed elements along an axis. Attributes: `axis`, `starts` (one more than result elements) and `indices`;
 * the result has size `starts.length - 1` along the axis.
 */
export const gatherSum: KernelDefinition = {
  kind: "kernel",
  name: "gatherSum",
  attributes: { axis: "integer", starts: "table", indices: "table" },
  cost: ({ shape }) => sizeOf(shape),
  cut: ({ attributes }) => (attributes.axis === 0 ? null : { operands: [true], attributes }),
  infer([x], attributes) {
    const table = attributes as unknown as GatherAttributes;
    oneOf("gatherSum", x.dtype, ANY);
    checkTable(x, table);
    return { shape: x.shape.map((n, i) => (i === table.axis ? table.starts.length - 1 : n)), dtype: x.dtype };
  },
  evaluate([x], node) {
    const table = node.attributes as unknown as GatherAttributes;
    const { outer, inner } = around(x.shape, table.axis);
    const out = allocate(node.dtype, node.shape);
    gatherPlane(x.re, out.re, x.shape[table.axis], outer, inner, table);
    if (x.im && out.im) gatherPlane(x.im, out.im, x.shape[table.axis], outer, inner, table);
    return out;
  },
  vjp(ops, node, cotangent) {
    const { axis, starts, indices } = node.attributes as unknown as GatherAttributes;
    const { shape } = node.inputs[0];
    const back = transposeTable(starts, indices, shape[axis]);
    const first = runOf(back);
    if (first === null) return [ops.gatherSum(cotangent, axis, back.starts, back.indices)];
    const alone = stretchOf(ops, cotangent, axis, first, shape[axis]);
    if (alone !== null) return [alone];
    // A stretch is a view, which costs nothing.
    const begins = shape.map((_, i) => (i === axis ? first : 0));
    return [ops.slice(cotangent, begins, shape, new Array<number>(shape.length).fill(1))];
  },
  jvp(ops, node, [v]) {
    const { axis, starts, indices } = node.attributes as unknown as GatherAttributes;
    return v === null ? null : ops.gatherSum(v, axis, starts, indices);
  },
  stretch(ops, node, along, from, size) {
    const { axis, starts, indices } = node.attributes as unknown as GatherAttributes;
    const [x] = node.inputs;
    if (along !== axis) {
      const part = stretchOf(ops, x, along, from, size);
      return part === null ? null : ops.gatherSum(part, axis, starts, indices);
    }
    const first = starts[from];
    const starting = starts.slice(from, from + size + 1).map((at) => at - first);
    const listed = indices.slice(first, starts[from + size]);
    const isAll = size === x.shape[axis] && runOf({ starts: starting, indices: listed }) === 0;
    return isAll ? x : ops.gatherSum(x, axis, starting, listed);
  },
};
