// A graph as text: one line for each node, inputs before users. The fingerprint is the hash of these lines, and a stored
// graph is these lines with its arrays beside them.
//
//   plenoptic graph 1
//   0 input@0(){}:float64[1,1,8,8]              number, op, place of an input, operands, attributes, dtype and shape
//   1 array(){}#<hash>:float64[3]               an array is named by its hash
//   2 correlate1d(0,1){axis=40080000:0}:float64[1,1,8,6]
//   out 2
//
// Numbers are written as their bits (two hexadecimal halves), so that 0 and -0 differ and nothing is rounded; NaNs are
// one. An op whose version is not 1 is written as `name/version`.

import { topological } from "../graph/node.ts";
import type { Attribute, Node } from "../ops/definition.ts";
import { array, input } from "../ops/leaf.ts";
import { hashArray, typeText } from "./hash.ts";

/** The first line. The number changes when the form of the text does. */
export const HEAD = "plenoptic graph 1";

const view = new DataView(new ArrayBuffer(8));

function numberText(x: number): string {
  view.setFloat64(0, Number.isNaN(x) ? Number.NaN : x);
  return `${view.getUint32(0).toString(16)}:${view.getUint32(4).toString(16)}`;
}

/** The number whose bits these halves are. */
export function numberOf(high: number, low: number): number {
  view.setUint32(0, high);
  view.setUint32(4, low);
  return view.getFloat64(0);
}

function attributeText(a: Attribute): string {
  if (typeof a === "number") return numberText(a);
  if (typeof a === "string") return JSON.stringify(a);
  if (typeof a === "boolean") return a ? "true" : "false";
  if (a instanceof Int32Array) return `int32(${a.join(",")})`;
  return `[${a.map(attributeText).join(",")}]`;
}

/** All attributes in one text; equal text means equal attributes. */
function attributesText(node: Node): string {
  return Object.keys(node.attributes)
    .sort()
    .map((key) => `${key}=${attributeText(node.attributes[key])}`)
    .join(";");
}

/** The text of a graph. Inputs count by their place in `inputs`. */
export function graphText(
  outputs: readonly Node[],
  inputs: readonly Node[],
  hashOf: (node: Node) => string = (node) => hashArray(node.value!),
): string {
  const number = new Map<Node, number>();
  const lines: string[] = [HEAD];
  for (const node of topological(outputs)) {
    const id = number.size;
    number.set(node, id);
    const { name, version = 1 } = node.op;
    const data = node.op === array ? `#${hashOf(node)}` : "";
    const position = node.op === input ? `@${inputs.indexOf(node)}` : "";
    const uses = node.inputs.map((x) => number.get(x)).join(",");
    const op = version === 1 ? name : `${name}/${version}`;
    lines.push(`${id} ${op}${position}(${uses}){${attributesText(node)}}${data}:${typeText(node)}`);
  }
  lines.push(`out ${outputs.map((x) => number.get(x)).join(",")}`);
  return lines.join("\n");
}
