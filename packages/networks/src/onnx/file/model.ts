// An ONNX file as data, before anything is made of it. The names are those of onnx.proto.

import type { TensorInfo } from "./tensorInfo.ts";

export interface OnnxModel {
  /** What messages call the file. */
  readonly source: string;
  readonly irVersion: number;
  readonly producer: string;
  /** Version of the default set of operators. */
  readonly opset: number;
  readonly graph: OnnxGraph;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly string[];
  readonly initializers: ReadonlyMap<string, TensorInfo>;
}

export interface OnnxInput {
  readonly name: string;
  /** Number of the element type; 0 where none is given. */
  readonly type: number;
  /** Sizes, or their names; undefined where the file gives none. */
  readonly shape: readonly (number | string)[] | undefined;
}

export interface OnnxNode {
  /** Its place among the nodes of its graph. */
  readonly index: number;
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** Names of values; "" for one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** What the exporter wrote of the module that it came from. */
  readonly scopes: string | undefined;
}

export type Attribute =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: TensorInfo }
  | { readonly kind: "graph"; readonly value: OnnxGraph }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "texts" | "tensors" | "graphs" | "other"; readonly value?: undefined };

export type AttributeKind = Attribute["kind"];

/** An operator as messages call it: with its domain, unless that is the default one. */
export function operatorName({ op, domain }: OnnxNode): string {
  return domain === "" ? op : `${domain}.${op}`;
}

/** A node as messages call it: `bad (Conv)`, `17 (Conv)`. */
export function nodeName(node: OnnxNode): string {
  return `${node.name === "" ? node.index : node.name} (${operatorName(node)})`;
}
