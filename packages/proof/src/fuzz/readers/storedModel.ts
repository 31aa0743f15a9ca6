// Damaged models in .pt files: the index, the texts of graphs, the constants. What is accepted has the graphs that its texts say.

import { createHash } from "node:crypto";
import { FileError, PtTensor, type PtValue, readPt, writePt } from "@plenoptic-js/formats";
import { storeGraph } from "@plenoptic-js/tensor/engine";
import { MODEL_KEY } from "../../../../plenoptic/src/stored/form.ts";
import { type ReadFunctions, readFunctions } from "../../../../plenoptic/src/stored/read.ts";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";
import { wordChanged } from "./graph.ts";
import { storedSample } from "./samples.ts";

type Dict = Map<PtValue, PtValue>;

const names = ["metamer", "ctf", "mad", "eigendistortion"];

/** The metadata of a file alone: the rest of it is a matter of other readers. */
function files(): Uint8Array[] {
  return names.map((name) => writePt((readPt(storedSample(name)).value as Dict).get("save_metadata")!));
}

/** The model in such bytes. */
function modelIn(bytes: Uint8Array): { readonly metadata: Dict; readonly model: Dict } {
  const metadata = readPt(bytes, { name: "fuzz" }).value as Dict;
  return { metadata, model: metadata.get(MODEL_KEY) as Dict };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

const textDamaged = (text: string, draw: Draw): string =>
  Buffer.from(damage(Buffer.from(text, "latin1"), draw)).toString("latin1");

/** Characters or words of the index or of a graph, wherever. */
function anywhere(bytes: Uint8Array, draw: Draw): Uint8Array {
  const { metadata, model } = modelIn(bytes);
  const graphs = [...(model.get("graphs") as Dict)];
  const hit = draw(graphs.length + 1);
  if (hit === graphs.length) model.set("index", textDamaged(model.get("index") as string, draw));
  else (model.get("graphs") as Dict).set(graphs[hit][0], textDamaged(graphs[hit][1] as string, draw));
  return writePt(metadata);
}

function lineChanged(text: string, draw: Draw): string {
  const lines = text.split("\n");
  const hit = draw(lines.length);
  lines[hit] = wordChanged(lines[hit], draw);
  return lines.join("\n");
}

/** One of so many is made as long as no model is. */
const GROWN = 400;

/** A graph that goes on for as many operations as a file may not hold. */
function grown(text: string, draw: Draw): string {
  const lines = text.trimEnd().split("\n");
  const last = lines.length - 2;
  const type = lines[last].slice(lines[last].lastIndexOf(":"));
  const count = 1000 + draw(24_000);
  const more = Array.from({ length: count }, (_, i) => `${last + i} exp(${last + i - 1}){}${type}`);
  return [...lines.slice(0, -1), ...more, `out ${last + count - 1}`].join("\n");
}

/** A line of a graph, with the hash of the new text in the index; or a constant; or a value of the index; or a graph beyond the limits. */
function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const { metadata, model } = modelIn(bytes);
  const [graphs, constants] = [model.get("graphs") as Dict, model.get("constants") as Dict];
  const kind = draw(8);
  if (kind === 0 && constants.size > 0) {
    const [hash] = [...constants][draw(constants.size)];
    const length = draw(4) === 0 ? draw(20) : (constants.get(hash) as PtTensor).size;
    const values = Float64Array.from({ length }, () => oddNumber(draw, 9));
    const other =
      draw(4) === 0 ? PtTensor.of("int64", [1], BigInt64Array.of(1n)) : PtTensor.of("float64", [length], values);
    constants.set(draw(3) === 0 ? "0".repeat(64) : hash, other);
  } else if (kind < 3) {
    model.set("index", wordChanged(model.get("index") as string, draw));
  } else {
    const [hash, text] = [...graphs][draw(graphs.size)] as [string, string];
    const changed = draw(GROWN) === 0 ? grown(text, draw) : lineChanged(text, draw);
    graphs.delete(hash);
    graphs.set(hashOf(changed), changed);
    model.set("index", (model.get("index") as string).replaceAll(hash, hashOf(changed)));
  }
  return writePt(metadata);
}

function check(bytes: Uint8Array, read: ReadFunctions): string | undefined {
  const texts = modelIn(bytes).model.get("graphs") as Dict;
  for (const [name, one] of Object.entries(read.functions)) {
    for (const { inputs, graph } of one.function.cases) {
      const { text } = storeGraph(graph.outputs, graph.inputs);
      if (texts.get(graph.fingerprint) !== text) return `a graph of ${name} is not the one in the file`;
      if (hashOf(text) !== graph.fingerprint) return `a graph of ${name} has another fingerprint`;
      const types = (list: readonly { readonly dtype: string; readonly shape: readonly number[] }[]): string =>
        JSON.stringify(list.map(({ dtype, shape }) => [dtype, shape]));
      if (types(inputs) !== types(graph.inputs)) return `a graph of ${name} is for other types than its index says`;
    }
  }
  return undefined;
}

export const storedModel: FuzzReader = {
  name: "stored-model",
  count: 200_000,
  files,
  anywhere,
  within,
  read(bytes) {
    const { metadata } = modelIn(bytes);
    const read = readFunctions(metadata, "fuzz");
    if (read === null) throw new Error("the model is gone");
    return read;
  },
  isRefusal: (error) => error instanceof FileError,
  stages: [
    ["index", /its index|the form/],
    ["constants", /one of its constants/],
    ["hashes", /is missing|another fingerprint/],
    ["limits", /the most is/],
    ["graphs", /the stored graph cannot be read|several results/],
  ],
  check,
  limit: 64 << 20,
};
