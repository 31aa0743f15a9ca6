// Eager evaluation: a graph of tensors in hand is compiled with all its arrays as inputs, so that the same computation on
// other data is the same program. A few programs are kept, by structure. Small graphs run in the interpreter: same bits.

import { inputLeaf } from "../graph/build.ts";
import { topological } from "../graph/node.ts";
import { type ArrayValue, type DType, type Node, type OpDefinition, sizeOf } from "../ops/definition.ts";
import { interpret } from "../reference/interpret.ts";
import { scalarOperations } from "./operations.ts";
import { Program, release } from "./program.ts";
import { checkSpec } from "./spec.ts";

/**
 * Scalar operations below which a graph is interpreted. Measured on graphs that come once and graphs that come again:
 * bench/RESULTS.md, "Tuned numbers".
 */
const SMALL = 1_000_000;
/** Programs kept for their next use, and the memory they may hold together. */
const KEPT_PROGRAMS = 16;
const KEPT_BYTES = 256 * 1024 * 1024;

/** Roughly how many scalar operations a node takes. */
function workOf(node: Node): number {
  switch (node.op.kind) {
    case "leaf":
      return 0;
    case "reduce":
      return sizeOf(node.inputs[0].shape);
    case "kernel":
      return node.op.cost(node);
    case "elementwise":
      return sizeOf(node.shape) * operationsOf(node);
    default:
      return sizeOf(node.shape);
  }
}

/** Scalar operations of one element, by op and dtype: a sine takes many. */
const operations = new Map<OpDefinition, Map<DType, number>>();

function operationsOf(node: Node): number {
  const { op, dtype } = node;
  if (op.kind !== "elementwise") return 1;
  const byType = operations.get(op) ?? new Map<DType, number>();
  let count = byType.get(dtype);
  if (count === undefined) {
    count = Math.max(1, scalarOperations(op, node).length);
    byType.set(dtype, count);
    operations.set(op, byType);
  }
  return count;
}

const programs = new Map<string, Program>();

/** Keeps a program for its next use, and lets go of others, or of this one if it is too large. */
function keep(key: string, program: Program): void {
  // A Map remembers insertion order: the first key is the one longest not used.
  programs.delete(key);
  programs.set(key, program);
  let bytes = 0;
  for (const p of programs.values()) bytes += p.bytes;
  for (const [oldest, p] of programs) {
    if (programs.size <= KEPT_PROGRAMS && bytes <= KEPT_BYTES) break;
    programs.delete(oldest);
    release(p);
    bytes -= p.bytes;
  }
}

/** Values of some nodes. They may be made when they are asked for. */
export interface Known {
  has(node: Node): boolean;
  get(node: Node): ArrayValue | undefined;
}

/** Values of `outputs`, where `known` gives the values of some nodes (every leaf that has data among them). */
export function evaluateGraph(outputs: readonly Node[], known: Known): ArrayValue[] {
  // The graph without what is known, with inputs in its place.
  const copies = new Map<Node, Node>();
  const inputs: Node[] = [];
  const given: Node[] = [];
  let work = 0;
  const needed = new Set(outputs);
  const order = topological(outputs);
  for (let i = order.length - 1; i >= 0; i--) {
    if (needed.has(order[i]) && !known.has(order[i])) for (const x of order[i].inputs) needed.add(x);
  }
  for (const node of order) {
    if (!needed.has(node)) continue;
    if (known.has(node)) {
      const leaf = inputLeaf(node.shape, node.dtype);
      copies.set(node, leaf);
      inputs.push(leaf);
      given.push(node);
    } else {
      work += workOf(node);
      copies.set(node, { ...node, inputs: node.inputs.map((x) => copies.get(x) as Node) });
    }
  }
  const copied = outputs.map((node) => copies.get(node) as Node);
  const givenValue = (i: number): ArrayValue => known.get(given[i]) as ArrayValue;
  if (work < SMALL) return interpret(copied, new Map(inputs.map((leaf, i) => [leaf, givenValue(i)])));

  const spec = {
    isPassing: true,
    buffers: Object.fromEntries(inputs.map((leaf, i) => [`x${i}`, leaf])),
    entries: { main: { outputs: Object.fromEntries(copied.map((node, i) => [`y${i}`, node])) } },
  };
  // There is no array in it, of which a structure would not tell the values.
  const { structure: key } = checkSpec(spec);
  // First of all: to make a value may take a program of its own, for which this one would be set aside.
  const values = Object.fromEntries(inputs.map((_, i) => [`x${i}`, givenValue(i)]));
  const running = programs.get(key) ?? new Program(spec);
  running.run("main", values);
  const results = outputs.map((_, i) => running.get(`main.y${i}`));
  keep(key, running);
  return results;
}
