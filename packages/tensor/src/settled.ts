// Tensors whose values are needed more than once: computed now, by one program, so that whatever is made of them later begins with
// these values. A lazy tensor would be computed anew in each program that reads it.

import { evaluateGraph } from "./compile/eager.ts";
import { fromValue } from "./create.ts";
import { bound, evaluate, evaluateSync, refuseUnknown } from "./evaluate.ts";
import type { ArrayValue, Node } from "./ops/definition.ts";
import type { Tensor } from "./tensor.ts";
import type { Trace } from "./trace.ts";

/**
 * The same tensors with their values at hand and without their history: no gradient flows through them. Throws TraceError for
 * tensors that have no data yet.
 */
export async function settled<const T extends readonly Tensor[]>(tensors: T): Promise<T> {
  const nodes = tensors.map(({ node }) => node);
  refuseUnknown(nodes);
  await evaluate(nodes);
  return tensors.map((tensor) => tensor.detach()) as unknown as T;
}

/** A tensor's values as they are held, computed now if needed. Not copied: not to be changed. */
export const heldValue = (tensor: Tensor): ArrayValue => heldValues([tensor])[0];

/** The same of several tensors, computed by one program. */
export const heldValues = (tensors: readonly Tensor[]): ArrayValue[] => evaluateSync(tensors.map(({ node }) => node));

/** What a traced function gives for some inputs, computed now. All calls with graphs of one structure share a program. */
export function outputAt({ inputs, output }: Trace, given: readonly Tensor[]): Tensor {
  const values = evaluateSync(given.map(({ node }) => node));
  const own = new Map<Node, ArrayValue>(inputs.map((input, i) => [input, values[i]]));
  const all = { has: (x: Node) => own.has(x) || bound.has(x), get: (x: Node) => own.get(x) ?? bound.get(x) };
  return fromValue(evaluateGraph([output], all)[0]);
}
