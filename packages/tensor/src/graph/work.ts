// How much work a graph is, by its ops and shapes alone.

import { type DType, type Node, type OpDefinition, sizeOf } from "../ops/definition.ts";
import { scalarOperations } from "./operations.ts";

/** Roughly how many scalar operations a node takes. */
export function workOf(node: Node): number {
  switch (node.op.kind) {
    case "leaf":
      return 0;
    case "reduce":
      return sizeOf(node.inputs[0].shape);
    case "kernel":
      return node.op.cost(node);
    case "elementwise":
      return sizeOf(node.shape) * operationsOf(node);
    default:
      return sizeOf(node.shape);
  }
}

/** They are known by op and dtype: a sine takes many. */
const operations = new Map<OpDefinition, Map<DType, number>>();

/** Scalar operations that a node makes for one element, where it is elementwise: what is compiled for it. 1 for others. */
export function operationsOf(node: Node): number {
  const { op, dtype } = node;
  if (op.kind !== "elementwise") return 1;
  const byType = operations.get(op) ?? new Map<DType, number>();
  let count = byType.get(dtype);
  if (count === undefined) {
    count = Math.max(1, scalarOperations(op, node).length);
    byType.set(dtype, count);
    operations.set(op, byType);
  }
  return count;
}
