// Reverse-mode differentiation: a graph for the gradient of an output. The result is made of ops, so it can be
// differentiated again. Contributions to a node are added in the fixed order in which the walk meets them.

import { hasZeroDerivative, isComplex, isDifferentiable, type Node, type Ops } from "../ops/definition.ts";
import { DTypeError, describe, ShapeError, sameShape } from "../ops/rules.ts";
import { topological } from "./node.ts";

function cotangentsOf(ops: Ops, node: Node, cotangent: Node): readonly (Node | null)[] {
  const { op } = node;
  if (op.vjp) return op.vjp(ops, node, cotangent);
  if (hasZeroDerivative(op)) return node.inputs.map(() => null);
  if (op.kind === "elementwise" && typeof op.derivative === "function") {
    const derivative = op.derivative;
    const conj = (x: Node): Node => (isComplex(x.dtype) ? ops.conj(x) : x);
    return node.inputs.map((x, i) => (isDifferentiable(x.dtype) ? derivative(ops, node, i, cotangent, conj) : null));
  }
  throw new Error(`${op.name} has no derivative`);
}

/**
 * Gradients of `output` with respect to `inputs`: one node per input, of its shape and dtype (zeros where the output
 * does not depend on it).
 *
 * @param cotangent weight of every output element; may be left out for a real output of one element.
 */
export function gradient(ops: Ops, output: Node, inputs: readonly Node[], cotangent?: Node): Node[] {
  for (const x of inputs) {
    if (!isDifferentiable(x.dtype)) {
      throw new DTypeError(`gradient: an input is ${x.dtype}; only float and complex tensors have gradients`);
    }
  }
  let seed = cotangent;
  if (seed === undefined) {
    if (isComplex(output.dtype) || !isDifferentiable(output.dtype) || output.shape.some((n) => n !== 1)) {
      throw new ShapeError(
        `gradient: the output is ${describe(output)}; without a cotangent it must be a real float ` +
          "tensor with one element. Reduce it (for example with sum()) or give { cotangent }.",
      );
    }
    seed = ops.like(1, output);
  } else if (!sameShape(seed.shape, output.shape) || seed.dtype !== output.dtype) {
    throw new ShapeError(
      `gradient: the cotangent is ${describe(seed)}; it must be like the output, ` + `${describe(output)}`,
    );
  }

  const order = topological([output]);
  const wanted = new Set(inputs);
  const active = new Set<Node>();
  for (const node of order) {
    if (wanted.has(node) || node.inputs.some((x) => active.has(x))) active.add(node);
  }
  const cotangents = new Map<Node, Node>([[output, seed]]);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i];
    const own = cotangents.get(node);
    if (own === undefined || !active.has(node) || !node.inputs.some((x) => active.has(x))) continue;
    cotangentsOf(ops, node, own).forEach((part, k) => {
      const x = node.inputs[k];
      if (part === null || !active.has(x) || !isDifferentiable(x.dtype)) return;
      const fitting = isComplex(part.dtype) && !isComplex(x.dtype) ? ops.real(part) : ops.cast(part, x.dtype);
      const before = cotangents.get(x);
      cotangents.set(x, before ? ops.add(before, fitting) : fitting);
    });
  }
  return inputs.map((x) => cotangents.get(x) ?? ops.like(0, x));
}
