// How many multiplications with an addition a graph takes, by its ops' own costs: what networks are compared by.

import { type Node, sizeOf } from "../ops/definition.ts";
import { topological } from "./node.ts";

/**
 * Of all nodes between an image and some results. Counted are ops with an algorithm of their own that take more than one operation an element:
 * convolutions and products of matrices. What moves elements, or changes each on its own, is little beside those.
 */
export function multiplyAdds(outputs: readonly Node[], image: Node): number {
  const active = new Set<Node>([image]);
  let sum = 0;
  for (const node of topological(outputs)) {
    if (!node.inputs.some((input) => active.has(input))) continue;
    active.add(node);
    if (node.op.kind !== "kernel") continue;
    const cost = node.op.cost(node);
    if (cost > sizeOf(node.shape)) sum += cost;
  }
  return sum;
}
