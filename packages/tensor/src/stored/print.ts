// A graph for people: the lines of stored/text.ts with numbers written as numbers, and long tables cut short.
//
//   %2 = correlate1d(%0, %1) axis=3 : float64 [1, 1, 8, 6]

import { topological } from "../graph/node.ts";
import type { Attribute, Node } from "../ops/definition.ts";
import { input } from "../ops/leaf.ts";
import { describe } from "../ops/rules.ts";
import { hashArray, hashText } from "./hash.ts";

/** Entries of a table that are written out. */
const LONGEST_TABLE = 16;
/** Digits of a hash. */
const DIGITS = 12;

function words(a: Attribute): string {
  if (typeof a === "number") return Object.is(a, -0) ? "-0" : String(a);
  if (a instanceof Int32Array) {
    if (a.length <= LONGEST_TABLE) return `(${a.join(", ")})`;
    return `(${a.length} integers #${hashText(a.join()).slice(0, DIGITS)})`;
  }
  return typeof a === "object" ? `[${a.map(words).join(", ")}]` : String(a);
}

/** A line for each node, inputs before users. Equal texts mean equal graphs, as far as the shortened hashes tell. */
export function printGraph(outputs: readonly Node[], inputs: readonly Node[]): string {
  const number = new Map<Node, number>();
  const name = (node: Node): string => `%${number.get(node)}`;
  const lines = topological(outputs).map((node) => {
    number.set(node, number.size);
    const { op, attributes, value } = node;
    const version = op.version === undefined ? "" : `/${op.version}`;
    const parts = [`${name(node)} = ${op.name}${version}`];
    if (node.inputs.length > 0) parts[0] += `(${node.inputs.map(name).join(", ")})`;
    if (op === input) parts.push(`${inputs.indexOf(node)}`);
    for (const key of Object.keys(attributes).sort()) parts.push(`${key}=${words(attributes[key])}`);
    if (value) parts.push(`#${hashArray(value).slice(0, DIGITS)}`);
    return `${parts.join(" ")} : ${describe(node)}`;
  });
  return [...lines, `out ${outputs.map(name).join(", ")}`].join("\n");
}
