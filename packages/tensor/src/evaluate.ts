// Gives nodes their values, for tensors in hand (eager use). Values are remembered per node, so that a chain of
// tensors is computed once. Nodes are held weakly: what nobody holds any more is collected, nothing is ever freed by hand.

import { evaluateGraph, type Known } from "./compile/eager.ts";
import { makeLeaf, topological } from "./graph/node.ts";
import type { ArrayValue, Node } from "./ops/definition.ts";
import { array, input } from "./ops/leaf.ts";

const known = new WeakMap<Node, ArrayValue>();

/** The value of a node, if it is known without computing. */
export function knownValue(node: Node): ArrayValue | undefined {
  return node.value ?? known.get(node);
}

/** Asking for the data of something that depends on a model's input, while the model is being traced. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}

function checkNoInput(order: readonly Node[]): void {
  if (order.some((node) => node.op === input && !known.has(node))) {
    throw new TraceError(
      "this tensor depends on the input of a function that is being traced, so it has no data yet. A model must be a " +
        "pure function of its input: compute with tensors (where(), clip(), ...) instead of reading numbers out of them.",
    );
  }
}

/** All values that are known. Those of arrays may be made when they are asked for. */
export const bound: Known = { has: (node) => node.op === array || known.has(node), get: knownValue };

/** Throws TraceError where a node has no value yet, because it depends on the input of a function that is being traced. */
export function refuseUnknown(nodes: readonly Node[]): void {
  const missing = nodes.filter((node) => !bound.has(node));
  if (missing.length > 0) checkNoInput(topological(missing));
}

/** Values of nodes, computed now on this thread. */
export function evaluateSync(nodes: readonly Node[]): ArrayValue[] {
  const missing = nodes.filter((node) => !bound.has(node));
  if (missing.length > 0) {
    // Known values cut the graph.
    checkNoInput(topological(missing));
    evaluateGraph(missing, bound).forEach((value, i) => {
      known.set(missing[i], value);
    });
  }
  return nodes.map((node) => knownValue(node) as ArrayValue);
}

/** Values of nodes. */
export async function evaluate(nodes: readonly Node[]): Promise<ArrayValue[]> {
  return evaluateSync(nodes);
}

/** A fresh leaf with the value of `node`, if that is known; else undefined. */
export function cut(node: Node): Node | undefined {
  const value = knownValue(node);
  return value && makeLeaf(array, value.shape, value.dtype, { value });
}
