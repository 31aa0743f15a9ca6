// Questions about what a node depends on.

import { isDifferentiable, type Node } from "../ops/definition.ts";
import { stopGradient } from "../ops/stopGradient.ts";
import { topological } from "./node.ts";

/** Whether a derivative can flow from one of `inputs` to `output` (it may still be zero for every value). */
export function differentiablyDependsOn(output: Node, inputs: readonly Node[]): boolean {
  const active = new Set<Node>(inputs);
  for (const node of topological([output])) {
    if (node.op === stopGradient || !isDifferentiable(node.dtype)) continue;
    if (STEPS.has(node.op.name)) continue;
    if (node.inputs.some((x) => active.has(x))) active.add(node);
  }
  return active.has(output);
}

/** Ops whose derivative is zero wherever it exists. */
const STEPS: ReadonlySet<string> = new Set(["sign", "floor", "ceil", "trunc"]);
