// The scalar operations that an elementwise node makes for one element: how much work it is.

import { inOrder } from "../math/order.ts";
import { arg, type Scalar } from "../math/scalar.ts";
import { componentsOf, type ElementwiseDefinition, type Node, scalarTypeOf } from "../ops/definition.ts";

/** The operations, each once, in an order in which they can be made. */
export function scalarOperations(op: ElementwiseDefinition, node: Node): readonly Scalar[] {
  let slots = 0;
  const operands = node.inputs.map((x) =>
    Array.from({ length: componentsOf(x.dtype) }, () => arg(slots++, scalarTypeOf(x.dtype))),
  );
  return inOrder(op.expression(operands, node.attributes, node)).filter(({ args }) => args.length > 0);
}
