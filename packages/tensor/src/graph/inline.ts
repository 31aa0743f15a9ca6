// A graph with other nodes in the place of its inputs: what a function gives for these, without the function.

import type { Node } from "../ops/definition.ts";
import { rebuilt } from "./build.ts";
import { topological } from "./node.ts";

/**
 * The outputs, made of `given` where the graph has `inputs`, as if the function that made the graph had been called on them. The types
 * must be the same. What depends on no input stays the very same node, so that constants are there once.
 */
export function inlined(outputs: readonly Node[], inputs: readonly Node[], given: readonly Node[]): Node[] {
  const copies = new Map<Node, Node>(inputs.map((input, i) => [input, given[i]]));
  for (const node of topological(outputs)) {
    if (copies.has(node)) continue;
    const isSame = node.inputs.every((x) => copies.get(x) === x);
    copies.set(
      node,
      isSame
        ? node
        : rebuilt(
            node,
            node.inputs.map((x) => copies.get(x) as Node),
          ),
    );
  }
  return outputs.map((node) => copies.get(node) as Node);
}
