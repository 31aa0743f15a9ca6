// Leaves of a graph: inputs, arrays and literals.

import type { LeafDefinition, Node } from "./definition.ts";

function given(name: string, attributes: LeafDefinition["attributes"] = {}): LeafDefinition {
  return {
    kind: "leaf",
    name,
    attributes,
    infer() {
      throw new Error(`${name}: a leaf has its shape given, it is not inferred`);
    },
  };
}

/** Data that is given when a program runs. */
export const input = given("input");

/** Data that is known when the graph is built. */
export const array = given("array");

/** One number, part of the program's structure. Attribute `value`; keyed by bit pattern, so 0 and -0 differ. */
export const literal = given("literal", { value: "number" });

/** The number of a literal, also seen through a broadcast; undefined for every other node. */
export function literalValue(node: Node): number | undefined {
  let n = node;
  while (n.op.kind === "view" && n.op.elements === "repeated") n = n.inputs[0];
  return n.op === literal ? (n.attributes.value as number) : undefined;
}
