// Making nodes. A node's shape and dtype are decided, and its mistakes reported, at this moment.

import type { ArrayValue, Attributes, DType, Node, OpDefinition, Shape } from "../ops/definition.ts";

let created = 0;

/** A node computed by `op`. Throws the op's error when the inputs do not fit. */
export function makeNode(op: OpDefinition, inputs: readonly Node[], attributes: Attributes = {}): Node {
  const { shape, dtype } = op.infer(inputs, attributes);
  return { id: created++, op, inputs, attributes, shape, dtype };
}

/** A leaf: its shape and dtype are given. */
export function makeLeaf(
  op: OpDefinition,
  shape: Shape,
  dtype: DType,
  given: { attributes?: Attributes; value?: ArrayValue } = {},
): Node {
  const leaf = { id: created++, op, inputs: [], attributes: given.attributes ?? {}, shape, dtype };
  return given.value ? { ...leaf, value: given.value } : leaf;
}

/** An array leaf whose value is made when it is first looked at. */
export function deferredLeaf(op: OpDefinition, shape: Shape, dtype: DType, make: () => ArrayValue): Node {
  let value: ArrayValue | undefined;
  return {
    ...makeLeaf(op, shape, dtype),
    get value() {
      value ??= make();
      return value;
    },
  };
}

/** Nodes that a walk does not enter. */
interface Known {
  has(node: Node): boolean;
}

const NONE: Known = { has: () => false };

/**
 * All nodes the outputs depend on, inputs before users, without `known` ones and what only those depend on. The order is that of a
 * depth-first walk from the outputs.
 */
export function topological(outputs: readonly Node[], known: Known = NONE): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  // The nodes that were entered and not left, and how many inputs of each were looked at.
  const stack: Node[] = [];
  const looked: number[] = [];
  // By index, and in one function: this is run for the first time when a program is made, and several times then.
  for (let i = 0; i < outputs.length; i++) {
    let next: Node | undefined = outputs[i];
    for (;;) {
      if (next !== undefined && !done.has(next) && !known.has(next)) {
        done.add(next);
        stack.push(next);
        looked.push(0);
      }
      const top = stack.length - 1;
      if (top < 0) break;
      const { inputs } = stack[top];
      next = inputs[looked[top]++];
      if (next !== undefined) continue;
      order.push(stack[top]);
      stack.pop();
      looked.pop();
    }
  }
  return order;
}
