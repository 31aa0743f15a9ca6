// Reads an ONNX file: from bytes to data, with nothing computed. The fields are those of onnx.proto; others are skipped.

import { ProtobufReader } from "@plenoptic-js/formats";
import { OnnxError } from "./error.ts";
import { MOST_ATTRIBUTES, MOST_NAME, MOST_NESTED, MOST_NODES, MOST_NUMBERS } from "./limits.ts";
import type { Attribute, OnnxGraph, OnnxInput, OnnxModel, OnnxNode } from "./model.ts";
import { readTensorInfo, type TensorInfo } from "./tensorInfo.ts";

/** The operators whose meaning is known: those of the default domain, of these versions. */
const LEAST_OPSET = 7;
const MOST_OPSET = 28;

const isDefaultDomain = (domain: string): boolean => domain === "" || domain === "ai.onnx";

/** Reads a file whole. */
export function readModel(bytes: Uint8Array, source: string): OnnxModel {
  const reading = new Reading(source);
  const model = new ProtobufReader(bytes, source);
  let graph: OnnxGraph | undefined;
  let irVersion = 0;
  let producer = "";
  let producerVersion = "";
  let opset: number | undefined;
  const functions = new Map<string, readonly string[]>();
  for (let field = model.next(); field !== 0; field = model.next()) {
    if (field === 1) irVersion = model.integer();
    else if (field === 2) producer = model.text(MOST_NAME);
    else if (field === 3) producerVersion = model.text(MOST_NAME);
    else if (field === 7) {
      if (graph !== undefined) throw new OnnxError("model", source, "it has two graphs; there must be one");
      graph = reading.graph(model.message(), 0);
    } else if (field === 8) {
      const { domain, version } = readOpset(model.message());
      if (isDefaultDomain(domain)) opset = version;
    } else if (field === 25) {
      const { name, calls } = readFunction(model.message());
      functions.set(name, calls);
    }
  }
  if (graph === undefined) throw new OnnxError("model", source, "it has no graph, so it is no network");
  if (opset === undefined) {
    throw new OnnxError("model", source, "it does not say which opset its operators are of; export it again");
  }
  if (opset < LEAST_OPSET || opset > MOST_OPSET) {
    throw new OnnxError(
      "unsupported",
      source,
      `its operators are of opset ${opset}; those of ${LEAST_OPSET} to ${MOST_OPSET} are read: export it with opset_version=17`,
    );
  }
  const own = callsItself(functions);
  if (own !== undefined) throw new OnnxError("model", source, `the function ${own} calls itself`);
  return { source, irVersion, producer: `${producer} ${producerVersion}`.trim(), opset, graph };
}

/** The name of an operator that the file brings along, and the operators that it is made of. */
function readFunction(message: ProtobufReader): { name: string; calls: string[] } {
  let [name, domain] = ["", ""];
  const calls: string[] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) name = message.text(MOST_NAME);
    else if (field === 10) domain = message.text(MOST_NAME);
    else if (field === 7) {
      const node = message.message();
      let [op, of] = ["", ""];
      for (let part = node.next(); part !== 0; part = node.next()) {
        if (part === 4) op = node.text(MOST_NAME);
        else if (part === 7) of = node.text(MOST_NAME);
      }
      calls.push(`${of}.${op}`);
    }
  }
  return { name: `${domain}.${name}`, calls };
}

/** A function that is part of itself, if there is one. */
function callsItself(functions: ReadonlyMap<string, readonly string[]>): string | undefined {
  return [...functions.keys()].find((first) => {
    const seen = new Set<string>();
    const left = [...(functions.get(first) ?? [])];
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (name === first) return true;
      if (!seen.has(name)) left.push(...(functions.get(name) ?? []));
      seen.add(name);
    }
    return false;
  });
}

function readOpset(message: ProtobufReader): { domain: string; version: number } {
  let domain = "";
  let version = 0;
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) domain = message.text(MOST_NAME);
    else if (field === 2) version = message.integer();
  }
  return { domain, version };
}

/** The entry of a node's metadata that has the path of its module. */
const SCOPES = "pkg.torch.onnx.name_scopes";
const MOST_SCOPES = 65_536;

/** What all graphs of a file share. */
class Reading {
  readonly #source: string;
  #nodes = 0;

  constructor(source: string) {
    this.#source = source;
  }

  graph(message: ProtobufReader, depth: number): OnnxGraph {
    if (depth > MOST_NESTED) {
      throw new OnnxError("limits", this.#source, `graphs are nested more than ${MOST_NESTED} deep`);
    }
    const nodes: OnnxNode[] = [];
    const inputs: OnnxInput[] = [];
    const outputs: string[] = [];
    const initializers = new Map<string, TensorInfo>();
    for (let field = message.next(); field !== 0; field = message.next()) {
      if (field === 1) nodes.push(this.#node(message.message(), nodes.length, depth));
      else if (field === 5) {
        const info = readTensorInfo(message.message(), this.#source);
        if (initializers.has(info.name)) {
          throw new OnnxError("model", this.#source, `the array ${JSON.stringify(info.name)} is there twice`);
        }
        initializers.set(info.name, info);
      } else if (field === 11) inputs.push(readInput(message.message()));
      else if (field === 12) outputs.push(readInput(message.message()).name);
      else if (field === 15) {
        throw new OnnxError("unsupported", this.#source, "it has sparse arrays, which are not read");
      }
    }
    return { nodes, inputs, outputs, initializers };
  }

  #node(message: ProtobufReader, index: number, depth: number): OnnxNode {
    if (++this.#nodes > MOST_NODES) {
      throw new OnnxError("limits", this.#source, `it has more than ${MOST_NODES} nodes, which are not read`);
    }
    const [inputs, outputs]: [string[], string[]] = [[], []];
    const attributes = new Map<string, Attribute>();
    let [name, op, domain] = ["", "", ""];
    let scopes: string | undefined;
    for (let field = message.next(); field !== 0; field = message.next()) {
      if (field === 1) inputs.push(message.text(MOST_NAME));
      else if (field === 2) outputs.push(message.text(MOST_NAME));
      else if (field === 3) name = message.text(MOST_NAME);
      else if (field === 4) op = message.text(MOST_NAME);
      else if (field === 5) {
        const { key, value } = this.#attribute(message.message(), depth, name === "" ? String(index) : name);
        if (attributes.has(key) || attributes.size === MOST_ATTRIBUTES) {
          const problem = attributes.has(key)
            ? `has the attribute ${key} twice`
            : `has more than ${MOST_ATTRIBUTES} attributes`;
          throw new OnnxError(attributes.has(key) ? "model" : "limits", this.#source, `node ${name} ${problem}`);
        }
        attributes.set(key, value);
      } else if (field === 7) domain = message.text(MOST_NAME);
      else if (field === 9) scopes = readScopes(message.message()) ?? scopes;
    }
    return { index, name, op, domain: isDefaultDomain(domain) ? "" : domain, inputs, outputs, attributes, scopes };
  }

  #attribute(message: ProtobufReader, depth: number, node: string): { key: string; value: Attribute } {
    let key = "";
    let type = 0;
    let isReference = false;
    const found: { [field: number]: Attribute } = {};
    const [floats, ints]: [number[], number[]] = [[], []];
    for (let field = message.next(); field !== 0; field = message.next()) {
      if (field === 1) key = message.text(MOST_NAME);
      else if (field === 2) found[1] = { kind: "float", value: message.float() };
      else if (field === 3) found[2] = { kind: "int", value: message.integer() };
      else if (field === 4) found[3] = { kind: "text", value: message.text(MOST_SCOPES) };
      else if (field === 5) found[4] = { kind: "tensor", value: readTensorInfo(message.message(), this.#source) };
      else if (field === 6) found[5] = { kind: "graph", value: this.graph(message.message(), depth + 1) };
      else if (field === 7) message.floats(floats, MOST_NUMBERS);
      else if (field === 8) message.integers(ints, MOST_NUMBERS);
      else if (field === 20) type = message.integer();
      else if (field === 21) isReference = true;
    }
    if (floats.length > 0) found[6] = { kind: "floats", value: floats };
    if (ints.length > 0) found[7] = { kind: "ints", value: ints };
    const wrong = (problem: string): OnnxError =>
      new OnnxError("model", this.#source, `node ${node}: the attribute ${JSON.stringify(key)} ${problem}`);
    if (isReference) throw wrong("refers to one of a function, outside of one");
    const value = found[type] ?? EMPTY[type];
    const other = Object.keys(found).find((number) => Number(number) !== type);
    if (value === undefined) throw wrong(`does not say what type it has, or type ${type}, which there is not`);
    if (other !== undefined) throw wrong("has a value of another type than it says");
    return { key, value };
  }
}

/** What stands for an attribute whose value is not written: zero, nothing, an empty list. */
const EMPTY: Readonly<Record<number, Attribute>> = {
  1: { kind: "float", value: 0 },
  2: { kind: "int", value: 0 },
  3: { kind: "text", value: "" },
  6: { kind: "floats", value: [] },
  7: { kind: "ints", value: [] },
  8: { kind: "texts" },
  9: { kind: "tensors" },
  10: { kind: "graphs" },
  11: { kind: "other" },
  12: { kind: "other" },
  13: { kind: "other" },
  14: { kind: "other" },
};

function readScopes(message: ProtobufReader): string | undefined {
  let key = "";
  let value: string | undefined;
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) key = message.text(MOST_SCOPES);
    // What else stands there, such as the lines of a program, may be long and is not wanted.
    else if (field === 2 && key === SCOPES) value = message.text(MOST_SCOPES);
  }
  return value;
}

function readInput(message: ProtobufReader): OnnxInput {
  let name = "";
  let type = 0;
  let shape: (number | string)[] | undefined;
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) name = message.text(MOST_NAME);
    else if (field === 2) {
      const kinds = message.message();
      for (let kind = kinds.next(); kind !== 0; kind = kinds.next()) {
        if (kind !== 1) continue;
        const tensor = kinds.message();
        for (let part = tensor.next(); part !== 0; part = tensor.next()) {
          if (part === 1) type = tensor.integer();
          else if (part === 2) shape = readShape(tensor.message());
        }
      }
    }
  }
  return { name, type, shape };
}

function readShape(message: ProtobufReader): (number | string)[] {
  const shape: (number | string)[] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field !== 1) continue;
    const dim = message.message();
    let size: number | string = "";
    for (let part = dim.next(); part !== 0; part = dim.next()) {
      if (part === 1) size = dim.integer();
      else if (part === 2) size = dim.text(MOST_NAME);
    }
    shape.push(size);
  }
  return shape;
}
