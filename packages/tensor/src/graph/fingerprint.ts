// The fingerprint of a graph: a SHA-256 over its structure and constants, independent of how it was built in memory.
// Two graphs with the same fingerprint compute the same function. Used to recognise models and to compare traces.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ArrayValue, Attribute, Node, Plane } from "../ops/definition.ts";
import { input } from "../ops/leaf.ts";
import { topological } from "./node.ts";

/** Changes when the text that is hashed changes its form. */
const FINGERPRINT_SCHEMA = 1;

const view = new DataView(new ArrayBuffer(8));

/** A number by its bits, so that 0 and -0 differ and NaNs are one. */
function numberText(x: number): string {
  view.setFloat64(0, Number.isNaN(x) ? Number.NaN : x);
  return `${view.getUint32(0).toString(16)}:${view.getUint32(4).toString(16)}`;
}

function attributeText(a: Attribute): string {
  if (typeof a === "number") return numberText(a);
  if (typeof a === "string") return JSON.stringify(a);
  if (typeof a === "boolean") return a ? "true" : "false";
  if (a instanceof Int32Array) return `int32(${a.join(",")})`;
  return `[${a.map(attributeText).join(",")}]`;
}

/** All attributes in one text; equal text means equal attributes. */
export function attributesText(node: Node): string {
  return Object.keys(node.attributes)
    .sort()
    .map((key) => `${key}=${attributeText(node.attributes[key])}`)
    .join(";");
}

function canonicalBytes(plane: Plane): Uint8Array {
  const copy = plane.slice();
  if (copy instanceof Float32Array || copy instanceof Float64Array) {
    for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
  }
  return new Uint8Array(copy.buffer);
}

/** SHA-256 over dtype, shape and little-endian values with canonical NaN: the hash of a result. */
export function hashArray(value: ArrayValue): string {
  const hash = sha256.create();
  hash.update(new TextEncoder().encode(`${value.dtype}[${value.shape.join(",")}]`));
  hash.update(canonicalBytes(value.re));
  if (value.im) hash.update(canonicalBytes(value.im));
  return bytesToHex(hash.digest());
}

/** The fingerprint of a graph. Inputs count by their position in `inputs`. */
export function fingerprint(outputs: readonly Node[], inputs: readonly Node[]): string {
  const number = new Map<Node, number>();
  const lines: string[] = [`plenoptic graph ${FINGERPRINT_SCHEMA}`];
  for (const node of topological(outputs)) {
    const id = number.size;
    number.set(node, id);
    const type = `${node.dtype}[${node.shape.join(",")}]`;
    const data = node.value ? `#${hashArray(node.value)}` : "";
    const position = node.op === input ? `@${inputs.indexOf(node)}` : "";
    const uses = node.inputs.map((x) => number.get(x)).join(",");
    lines.push(`${id} ${node.op.name}${position}(${uses}){${attributesText(node)}}${data}:${type}`);
  }
  lines.push(`out ${outputs.map((x) => number.get(x)).join(",")}`);
  return bytesToHex(sha256(new TextEncoder().encode(lines.join("\n"))));
}
