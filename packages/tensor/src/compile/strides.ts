// Where the elements of a node's buffer lie (wasm/layout.ts), as strides that an index map is applied to.

import { matchAxes } from "../math/indexMap.ts";
import type { Node, Shape } from "../ops/definition.ts";
import { layoutOf } from "../wasm/layout.ts";

const known = new WeakMap<Node, readonly number[]>();

/** Element strides of a node's buffer (layout.ts) along its axes. */
export function bufferStrides(node: Node): readonly number[] {
  let strides = known.get(node);
  if (strides === undefined) {
    strides = findStrides(node);
    known.set(node, strides);
  }
  return strides;
}

function findStrides(node: Node): number[] {
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
