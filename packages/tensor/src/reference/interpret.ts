// The interpreter: runs any graph through the ops' own meanings, one node at a time. It is the oracle of every test.

import { topological } from "../graph/node.ts";
import { arg } from "../math/scalar.ts";
import {
  type ArrayValue,
  allocate,
  componentsOf,
  isComplex,
  type Node,
  type Plane,
  realOf,
  scalarTypeOf,
  sizeOf,
} from "../ops/definition.ts";
import { array, input, literal } from "../ops/leaf.ts";
import { evaluateScalars } from "./scalars.ts";

/** A literal as a 0-d array. */
function literalArray(node: Node): ArrayValue {
  const out = allocate(node.dtype, []);
  const value = node.attributes.value as number;
  out.re[0] = realOf(node.dtype) === "bool" ? (value === 0 ? 0 : 1) : value;
  return out;
}

function evaluateElementwise(node: Node, operands: readonly ArrayValue[]): ArrayValue {
  if (node.op.kind !== "elementwise") throw new Error(`${node.op.name} is not elementwise`);
  const planes: Plane[] = [];
  const scalars = node.inputs.map((x, i) => {
    const type = scalarTypeOf(x.dtype);
    const parts = [arg(planes.length, type)];
    planes.push(operands[i].re);
    if (operands[i].im) {
      parts.push(arg(planes.length, type));
      planes.push(operands[i].im);
    }
    return parts;
  });
  const results = evaluateScalars(node.op.expression(scalars, node.attributes, node), planes, sizeOf(node.shape));
  const { dtype, shape } = node;
  return isComplex(dtype) ? { dtype, shape, re: results[0], im: results[1] } : { dtype, shape, re: results[0] };
}

function evaluateNode(node: Node, operands: readonly ArrayValue[]): ArrayValue {
  switch (node.op.kind) {
    case "elementwise":
      return evaluateElementwise(node, operands);
    case "view":
    case "reduce":
      return node.op.evaluate(operands[0], node);
    case "kernel":
      return node.op.evaluate(operands, node);
    case "leaf":
      if (node.op === array && node.value) return node.value;
      if (node.op === literal) return literalArray(node);
      throw new Error(node.op === input ? "an input of the graph was given no data" : `unknown leaf ${node.op.name}`);
  }
}

/** Values of `outputs`, given the data of every input leaf. */
export function interpret(outputs: readonly Node[], inputs: ReadonlyMap<Node, ArrayValue> = new Map()): ArrayValue[] {
  const values = new Map<Node, ArrayValue>(inputs);
  const order = topological(outputs);
  const uses = new Map<Node, number>();
  for (const node of order) for (const x of node.inputs) uses.set(x, (uses.get(x) ?? 0) + 1);
  for (const output of outputs) uses.set(output, Number.POSITIVE_INFINITY);
  for (const node of order) {
    if (!values.has(node)) {
      const operands = node.inputs.map((x) => values.get(x) as ArrayValue);
      const value = evaluateNode(node, operands);
      if (value.re.length !== sizeOf(node.shape) || (value.im !== undefined) !== (componentsOf(node.dtype) === 2)) {
        throw new Error(`${node.op.name}: the meaning returned ${value.re.length} elements for ${sizeOf(node.shape)}`);
      }
      values.set(node, value);
    }
    // Free what nobody needs any more.
    for (const x of node.inputs) {
      const left = (uses.get(x) as number) - 1;
      uses.set(x, left);
      if (left === 0) values.delete(x);
    }
  }
  return outputs.map((output) => values.get(output) as ArrayValue);
}
