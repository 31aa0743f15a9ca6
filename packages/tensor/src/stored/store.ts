// A graph written as data: text and arrays, which any container (a file, a message to a worker) can carry.

import { topological } from "../graph/node.ts";
import type { ArrayValue, DType, Node, Shape } from "../ops/definition.ts";
import { input } from "../ops/leaf.ts";
import { hashArray } from "./hash.ts";
import { graphText } from "./text.ts";

/** A graph as data. Nothing in it is code; `structuredClone` copies it. */
export interface StoredGraph {
  /** Shape and dtype of every input. */
  readonly inputs: readonly { readonly shape: Shape; readonly dtype: DType }[];
  /** A line for each node (stored/text.ts). Its SHA-256 is the fingerprint of the graph. */
  readonly text: string;
  /** The arrays of the graph by their hash. They are not copied. */
  readonly constants: ReadonlyMap<string, ArrayValue>;
}

/**
 * Writes what computes `outputs` from `inputs` as data. Reading it (`loadGraph`) gives a graph of the same fingerprint.
 *
 * @throws TypeError if the outputs depend on an input that is not among `inputs`.
 */
export function storeGraph(outputs: readonly Node[], inputs: readonly Node[]): StoredGraph {
  const constants = new Map<string, ArrayValue>();
  for (const node of topological(outputs)) {
    if (node.op === input && !inputs.includes(node)) {
      throw new TypeError("storeGraph: the outputs depend on an input that is not in the list of inputs; add it");
    }
  }
  const text = graphText(outputs, inputs, ({ value }) => {
    const hash = hashArray(value!);
    constants.set(hash, value!);
    return hash;
  });
  return { inputs: inputs.map(({ shape, dtype }) => ({ shape, dtype })), text, constants };
}
