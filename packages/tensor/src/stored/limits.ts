// What a stored graph may hold at most, and what it holds.

import { topological } from "../graph/node.ts";
import { operationsOf, workOf } from "../graph/work.ts";
import { type ArrayValue, allocatePlane, componentsOf, type Node, type Operand, sizeOf } from "../ops/definition.ts";
import { StoredGraphError } from "./error.ts";

/** What a graph may hold at most. Attributes are numbers and flat lists of them, so nothing nests. */
export interface StoredLimits {
  /** Characters of the text. */
  readonly characters: number;
  readonly nodes: number;
  readonly inputs: number;
  /** Axes of one array. */
  readonly axes: number;
  /** Elements of one array, computed ones included: more than 4 GiB of memory hold. */
  readonly elements: number;
  /** Bytes of all arrays that it is stored with. */
  readonly constantBytes: number;
  /** Scalar operations that it takes to compute it once, roughly. */
  readonly work: number;
  /** The same for one element of every node: how much is compiled. */
  readonly instructions: number;
}

export const LIMITS: StoredLimits = {
  characters: 0x1000_0000,
  nodes: 1_000_000,
  inputs: 10_000,
  axes: 32,
  elements: 0x1_0000_0000,
  constantBytes: 0x4_0000_0000,
  work: Number.POSITIVE_INFINITY,
  instructions: Number.POSITIVE_INFINITY,
};

/** What a graph holds. */
export interface GraphSize {
  readonly nodes: number;
  /** How often each op occurs, leaves among them, by name. */
  readonly ops: ReadonlyMap<string, number>;
  /** Bytes of its arrays, each once. */
  readonly constantBytes: number;
  /** Elements of its largest array, computed ones included. */
  readonly elements: number;
  /** Scalar operations that it takes to compute it once, roughly. */
  readonly work: number;
  /** The same for one element of every node: how much is compiled. */
  readonly instructions: number;
}

/** Bytes of an array of this type. */
export const bytesOf = (type: Operand): number =>
  sizeOf(type.shape) * componentsOf(type.dtype) * allocatePlane(type.dtype, 0).BYTES_PER_ELEMENT;

/** What a graph holds, by its shapes alone. */
export function sizeOfGraph(outputs: readonly Node[]): GraphSize {
  const ops = new Map<string, number>();
  const arrays = new Set<ArrayValue>();
  let [nodes, elements, work, instructions, constantBytes] = [0, 0, 0, 0, 0];
  for (const node of topological(outputs)) {
    nodes++;
    ops.set(node.op.name, (ops.get(node.op.name) ?? 0) + 1);
    elements = Math.max(elements, sizeOf(node.shape));
    work += workOf(node);
    if (node.op.kind !== "leaf") instructions += operationsOf(node);
    if (node.value === undefined || arrays.has(node.value)) continue;
    arrays.add(node.value);
    constantBytes += bytesOf(node);
  }
  return { nodes, ops, constantBytes, elements, work, instructions };
}

/** What is counted while a graph is read, in words. */
const WORDS = {
  characters: (n: string, most: string) => `its text has ${n} characters; the most is ${most}`,
  nodes: (n: string, most: string) => `it has ${n} nodes; the most is ${most}`,
  inputs: (n: string, most: string) => `it has ${n} inputs; the most is ${most}`,
  constantBytes: (n: string, most: string) => `its arrays have ${n} bytes; the most is ${most}`,
  work: (n: string, most: string) => `it takes ${n} scalar operations; the most is ${most}`,
  instructions: (n: string, most: string) =>
    `it takes ${n} scalar operations for one element of each node; the most is ${most}`,
};

/** Throws for more than a limit allows. */
export function overLimit(name: keyof typeof WORDS, value: number, limits: StoredLimits): void {
  if (value <= limits[name]) return;
  throw new StoredGraphError(WORDS[name](String(value), String(limits[name])), { limit: name });
}
