// Index maps: where in a node (or in its buffer) the element for an iteration index lies. Views are folded into the
// maps, so that reading through a view costs nothing.

import type { Node, Shape } from "../ops/definition.ts";
import { sameShape } from "../ops/rules.ts";
import { layoutOf } from "../wasm/layout.ts";

/** offset + sum_k coefficients[k] * (iteration index k) */
export interface Affine {
  readonly offset: number;
  readonly coefficients: readonly number[];
}

/** The index along every axis of a node, as a function of the iteration index. */
export interface IndexMap {
  readonly iteration: Shape;
  readonly axes: readonly Affine[];
}

/** The element of a node at the iteration index itself. */
export function identityMap(shape: Shape): IndexMap {
  const axes = shape.map((_, i) => ({ offset: 0, coefficients: shape.map((_, k) => (k === i ? 1 : 0)) }));
  return { iteration: shape, axes };
}

export function isIdentity(map: IndexMap, shape: Shape): boolean {
  return (
    sameShape(map.iteration, shape) &&
    map.axes.every(
      (axis, i) =>
        shape[i] === 1 ||
        (axis.offset === 0 && axis.coefficients.every((c, k) => c === (k === i ? 1 : 0) || shape[k] === 1)),
    )
  );
}

export function mapKey(map: IndexMap): string {
  return map.axes.map((axis) => `${axis.offset}:${axis.coefficients.join(",")}`).join("|");
}

/** Groups of axes of two shapes that hold the same elements, as [from, to) in each. Both shapes are of equal size, not zero. */
function matchAxes(a: Shape, b: Shape): { a: [number, number]; b: [number, number] }[] {
  const groups: { a: [number, number]; b: [number, number] }[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const start = { i, j };
    let p = i < a.length ? a[i++] : 1;
    let q = j < b.length ? b[j++] : 1;
    while (p !== q) {
      if (p < q) p *= a[i++];
      else q *= b[j++];
    }
    groups.push({ a: [start.i, i], b: [start.j, j] });
  }
  return groups;
}

/** The map of a view's operand, given the map of the view; null for a reshape that merges axes. */
export function throughView(view: Node, map: IndexMap): IndexMap | null {
  const { attributes } = view;
  const operand = view.inputs[0];
  const nothing: Affine = { offset: 0, coefficients: map.iteration.map(() => 0) };
  switch (view.op.name) {
    case "permute": {
      const axes = new Array<Affine>(operand.shape.length);
      (attributes.axes as number[]).forEach((axis, i) => {
        axes[axis] = map.axes[i];
      });
      return { iteration: map.iteration, axes };
    }
    case "broadcastTo": {
      const lead = view.shape.length - operand.shape.length;
      return { iteration: map.iteration, axes: operand.shape.map((n, i) => (n === 1 ? nothing : map.axes[lead + i])) };
    }
    case "slice": {
      const starts = attributes.starts as number[];
      const steps = attributes.steps as number[];
      return {
        iteration: map.iteration,
        axes: map.axes.map((axis, i) => ({
          offset: starts[i] + steps[i] * axis.offset,
          coefficients: axis.coefficients.map((c) => c * steps[i]),
        })),
      };
    }
    case "reshape": {
      if (view.shape.includes(0)) return { iteration: map.iteration, axes: operand.shape.map(() => nothing) };
      const axes = new Array<Affine>(operand.shape.length).fill(nothing);
      for (const group of matchAxes(operand.shape, view.shape)) {
        const own: number[] = [];
        for (let i = group.a[0]; i < group.a[1]; i++) if (operand.shape[i] !== 1) own.push(i);
        if (own.length === 0) continue;
        if (own.length > 1) return null;
        let offset = 0;
        let coefficients = map.iteration.map(() => 0);
        for (let j = group.b[0]; j < group.b[1]; j++) {
          offset = offset * view.shape[j] + map.axes[j].offset;
          const axis = map.axes[j];
          const size = view.shape[j];
          coefficients = coefficients.map((c, k) => c * size + axis.coefficients[k]);
        }
        axes[own[0]] = { offset, coefficients };
      }
      return { iteration: map.iteration, axes };
    }
    default:
      throw new Error(`${view.op.name} is not a view`);
  }
}

/** Element strides of a node's buffer (layout.ts) along its axes. */
export function bufferStrides(node: Node): number[] {
  const { shape } = node;
  const strides = new Array<number>(shape.length);
  let step = layoutOf(shape, node.dtype).pitch;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = i === shape.length - 1 ? 1 : step;
    if (i < shape.length - 1) step *= shape[i];
  }
  return strides;
}

/** Element strides of a reshaped view of a buffer along the view's axes; null where padding or order forbids it. */
export function reshapedStrides(operand: Node, shape: Shape): number[] | null {
  const own = bufferStrides(operand);
  const strides = new Array<number>(shape.length).fill(0);
  if (shape.includes(0)) return strides;
  for (const group of matchAxes(operand.shape, shape)) {
    const axes: number[] = [];
    for (let i = group.a[0]; i < group.a[1]; i++) if (operand.shape[i] !== 1) axes.push(i);
    if (axes.length === 0) continue;
    for (let i = 0; i + 1 < axes.length; i++) {
      if (own[axes[i]] !== own[axes[i + 1]] * operand.shape[axes[i + 1]]) return null;
    }
    let step = own[axes[axes.length - 1]];
    for (let j = group.b[1] - 1; j >= group.b[0]; j--) {
      strides[j] = step;
      step *= shape[j];
    }
  }
  return strides;
}

/** A place in a buffer as a function of the iteration index, in elements. */
export function place(map: IndexMap, strides: readonly number[]): Affine {
  let offset = 0;
  const coefficients = map.iteration.map(() => 0);
  map.axes.forEach((axis, i) => {
    offset += axis.offset * strides[i];
    axis.coefficients.forEach((c, k) => {
      coefficients[k] += c * strides[i];
    });
  });
  return { offset, coefficients };
}
