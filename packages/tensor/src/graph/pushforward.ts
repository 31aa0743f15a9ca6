// Forward-mode differentiation: a graph for the directional derivative of outputs.

import { hasZeroDerivative, isComplex, isDifferentiable, type Node, type Ops } from "../ops/definition.ts";
import { describe, ShapeError, sameShape } from "../ops/rules.ts";
import { topological } from "./node.ts";

function tangentOf(ops: Ops, node: Node, tangents: readonly (Node | null)[]): Node | null {
  const { op } = node;
  if (op.jvp) return op.jvp(ops, node, tangents);
  if (hasZeroDerivative(op)) return null;
  if (op.kind === "elementwise" && typeof op.derivative === "function") {
    const derivative = op.derivative;
    let total: Node | null = null;
    tangents.forEach((v, i) => {
      if (v === null) return;
      const part = derivative(ops, node, i, v, (x) => x);
      if (part === null) return;
      const fitting = isComplex(node.dtype) ? ops.cast(part, node.dtype) : part;
      total = total === null ? fitting : ops.add(total, fitting);
    });
    return total;
  }
  throw new Error(`${op.name} has no derivative`);
}

/** The derivative of every output in the direction `tangents` (one per input, of its shape and dtype). */
export function pushforward(
  ops: Ops,
  outputs: readonly Node[],
  inputs: readonly Node[],
  tangents: readonly Node[],
): Node[] {
  const known = new Map<Node, Node | null>();
  inputs.forEach((x, i) => {
    const v = tangents[i];
    if (v === undefined || !sameShape(v.shape, x.shape) || v.dtype !== x.dtype) {
      throw new ShapeError(
        `pushforward: tangent ${i} is ${v ? `${describe(v)}` : "missing"}; it must be like its input, ` +
          `${describe(x)}`,
      );
    }
    known.set(x, v);
  });
  for (const node of topological(outputs)) {
    if (known.has(node)) continue;
    const tangents_ = node.inputs.map((x) => known.get(x) ?? null);
    const none = !isDifferentiable(node.dtype) || tangents_.every((v) => v === null);
    known.set(node, none ? null : tangentOf(ops, node, tangents_));
  }
  return outputs.map((y) => known.get(y) ?? ops.like(0, y));
}
