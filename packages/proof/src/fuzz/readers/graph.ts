// Damaged stored graphs: lines, operands, attributes and arrays. What is accepted must be what storeGraph writes, to the letter.

import { createHash } from "node:crypto";
import { loadGraph, type StoredGraph, StoredGraphError, storeGraph } from "@plenoptic-js/tensor/engine";
import { randomGraph } from "../../graphs/randomGraph.ts";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";

type Stored = ReturnType<typeof unpacked>;
type Constant = { dtype: string; shape: number[]; re: string; im?: string };

/** A graph as bytes: inputs, text and arrays as JSON. The carrier is ours; what is in it is what is read. */
function packed({
  inputs,
  text,
  constants,
}: {
  inputs: unknown;
  text: string;
  constants: [string, Constant][];
}): Uint8Array {
  return Buffer.from(JSON.stringify({ inputs, text, constants }), "utf8");
}

function unpacked(bytes: Uint8Array): {
  inputs: { shape: number[]; dtype: string }[];
  text: string;
  constants: [string, Constant][];
} {
  return JSON.parse(Buffer.from(bytes).toString("utf8"));
}

const base64 = (plane: ArrayBufferView): string =>
  Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength).toString("base64");

function plane(dtype: string, text: string): ArrayBufferView {
  const raw = new Uint8Array(Buffer.from(text, "base64"));
  const kind =
    /64$|128$/.test(dtype) && dtype !== "complex64" ? Float64Array : dtype === "int32" ? Int32Array : Float32Array;
  if (dtype === "bool") return raw;
  return new kind(raw.buffer, 0, Math.floor(raw.length / kind.BYTES_PER_ELEMENT));
}

/** Whatever it holds: the reader looks at all of it. */
function storedOf({ inputs, text, constants }: Stored): StoredGraph {
  const arrays = constants.map(([hash, { dtype, shape, re, im }]) => {
    return [hash, { dtype, shape, re: plane(dtype, re), ...(im !== undefined && { im: plane(dtype, im) }) }] as const;
  });
  const stored: unknown = { inputs, text, constants: new Map(arrays) };
  return stored as StoredGraph;
}

function packedGraph(stored: StoredGraph): Uint8Array {
  const constants = [...stored.constants].map(([hash, { dtype, shape, re, im }]): [string, Constant] => {
    return [hash, { dtype, shape: [...shape], re: base64(re), ...(im && { im: base64(im) }) }];
  });
  return packed({ inputs: stored.inputs, text: stored.text, constants });
}

/** Random graphs hold all operations between them. */
function files(): Uint8Array[] {
  return Array.from({ length: 40 }, (_, seed) => {
    const { outputs, inputs } = randomGraph(seed);
    return packedGraph(storeGraph(outputs, [...inputs.keys()]));
  });
}

/** The bytes of a plane; all NaNs are one. */
function canonical(dtype: string, text: string): Uint8Array {
  const values = plane(dtype, text);
  if (values instanceof Float32Array || values instanceof Float64Array) {
    for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = Number.NaN;
  }
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** SHA-256 of dtype, shape and values, by Node. */
function hashOf({ dtype, shape, re, im }: Constant): string {
  const hash = createHash("sha256")
    .update(`${dtype}[${shape.join(",")}]`)
    .update(canonical(dtype, re));
  return (im === undefined ? hash : hash.update(canonical(dtype, im))).digest("hex");
}

/** A word of a line changed: an operand, a number of an attribute, a dimension. */
export function wordChanged(line: string, draw: Draw): string {
  const words = [...line.matchAll(/[0-9a-f]{1,8}:[0-9a-f]{1,8}|\d+|[a-z]\w*/gi)];
  if (words.length === 0) return line;
  const word = words[draw(words.length)];
  const [old] = word;
  let fresh: string;
  if (old.includes(":"))
    fresh = draw(2)
      ? `${(0x3ff00000 + (draw(64) << 17)).toString(16)}:0`
      : `${oddNumber(draw, 0x40000000).toString(16)}:0`;
  else if (/^\d+$/.test(old)) fresh = String(draw(3) ? draw(8) : oddNumber(draw, Number(old)));
  else
    fresh = ["add", "mul", "sum", "float32", "float64", "bool", "int32", "true", "false", "reshape", "where"][draw(11)];
  return line.slice(0, word.index) + fresh + line.slice(word.index + old.length);
}

/** Mostly one line, and its type set to what the op gives, as the reader says: so that the graph is whole behind the damage. */
function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const stored = unpacked(bytes);
  const kind = draw(10);
  if (kind === 0 && stored.constants.length > 0) {
    const [name, constant] = stored.constants[draw(stored.constants.length)];
    constant.re = Buffer.from(damage(Buffer.from(constant.re, "base64"), draw)).toString("base64");
    if (draw(2)) return packed(stored);
    const hash = hashOf(constant);
    const constants = stored.constants.map(([other, value]): [string, Constant] => [
      other === name ? hash : other,
      value,
    ]);
    return packed({ ...stored, text: stored.text.replaceAll(name, hash), constants });
  }
  if (kind === 1 && stored.inputs.length > 0) {
    const input = stored.inputs[draw(stored.inputs.length)];
    if (draw(2)) input.shape[draw(input.shape.length + 1)] = oddNumber(draw, 4);
    else input.dtype = ["float32", "bool", "string", "complex64"][draw(4)];
    return packed(stored);
  }
  const lines = stored.text.split("\n");
  const hit = draw(lines.length);
  if (kind === 2) lines.splice(draw(lines.length), 0, lines[hit]);
  else if (kind === 3) lines.splice(hit, 1);
  else lines[hit] = wordChanged(lines[hit], draw);
  return repaired({ ...stored, text: lines.join("\n") });
}

/** How often a type is set right: every line behind it may follow. */
const REPAIRS = 4;

function repaired(stored: Stored): Uint8Array {
  let { text } = stored;
  for (let tries = 0; tries < REPAIRS; tries++) {
    try {
      loadGraph(storedOf({ ...stored, text }));
      break;
    } catch (error) {
      const found = /line (\d+): it says .* gives (\w+) \[([\d, ]*)\]/.exec(String(error));
      if (found === null) break;
      const lines = text.split("\n");
      const at = Number(found[1]) - 1;
      lines[at] = lines[at].replace(/:\w+\[[\d,]*\]$/, `:${found[2]}[${found[3].replaceAll(" ", "")}]`);
      text = lines.join("\n");
    }
  }
  return packed({ ...stored, text });
}

function check(bytes: Uint8Array, { outputs, inputs, fingerprint }: ReturnType<typeof loadGraph>): string | undefined {
  const stored = unpacked(bytes);
  if (createHash("sha256").update(stored.text).digest("hex") !== fingerprint) return "another fingerprint";
  const again = storeGraph(outputs, inputs);
  if (again.text !== stored.text) return "it is written otherwise";
  const arrays = new Map(stored.constants);
  for (const hash of again.constants.keys()) {
    const constant = arrays.get(hash);
    if (constant === undefined || hashOf(constant) !== hash) return `the array ${hash} has another hash`;
  }
  return undefined;
}

/** Damaged JSON is no matter of the reader: the text is damaged instead. */
function textDamaged(bytes: Uint8Array, draw: Draw): Uint8Array {
  const stored = unpacked(bytes);
  return packed({ ...stored, text: Buffer.from(damage(Buffer.from(stored.text, "latin1"), draw)).toString("latin1") });
}

export const graph: FuzzReader = {
  name: "graph",
  count: 200_000,
  files,
  anywhere: textDamaged,
  within,
  read: (bytes) => loadGraph(storedOf(unpacked(bytes)), { characters: 1 << 20, elements: 1 << 20 }),
  isRefusal: (error) => error instanceof StoredGraphError,
  stages: [
    ["inputs", /: input \d+|inputs; the most|its text has/],
    [
      "lines",
      /first line|is expected at|is no dtype|there is no op|has version|is not an integer|nodes; the most|axes; the most|is not a shape|has more than|has not come/,
    ],
    ["arrays", /array/],
    ["types", /it says|takes|place|literal|inputs|int32 cannot/],
    ["operations", /line \d+/],
    ["the whole", /not as storeGraph writes/],
  ],
  check,
  limit: 64 << 20,
};
