// Questions about what a node depends on.

import { hasZeroDerivative, isDifferentiable, type Node } from "../ops/definition.ts";
import { topological } from "./node.ts";

/** Whether a derivative can flow from one of `inputs` to `output` (it may still be zero for every value). */
export function differentiablyDependsOn(output: Node, inputs: readonly Node[]): boolean {
  const active = new Set<Node>(inputs);
  for (const node of topological([output])) {
    if (hasZeroDerivative(node.op) || !isDifferentiable(node.dtype)) continue;
    if (node.inputs.some((x) => active.has(x))) active.add(node);
  }
  return active.has(output);
}
