// Eager evaluation: a graph of tensors in hand is compiled with its arrays as inputs, so that the same computation on
// other data is the same program. Only large weights stay what they are, so that they are not copied for every evaluation, and
// lie where other programs have them too. A few programs are kept, by structure and weights. Small graphs run in the interpreter:
// same bits.

import { arrayLeaf, inputLeaf } from "../graph/build.ts";
import { topological } from "../graph/node.ts";
import { workOf } from "../graph/work.ts";
import type { ArrayValue, Node } from "../ops/definition.ts";
import { input } from "../ops/leaf.ts";
import { interpret } from "../reference/interpret.ts";
import { identityOf } from "../wasm/memory/constants.ts";
import { largeOf } from "./plans.ts";
import { Program, release } from "./program.ts";
import { checkSpec, type ProgramSpec } from "./spec.ts";

/**
 * Scalar operations below which a graph is interpreted. Measured on graphs that come once and graphs that come again:
 * bench/RESULTS.md, "Tuned numbers".
 */
const SMALL = 1_000_000;
/** Programs kept for their next use, and the memory they may hold together: weights are not counted, which exist anyway. */
const KEPT_PROGRAMS = 16;
const KEPT_BYTES = 256 * 1024 * 1024;

const programs = new Map<string, Program>();

/** Programs are kept no longer than the weights that they were made with. */
const weightsGone = new FinalizationRegistry<string>((key) => letGo(key));

function letGo(key: string): void {
  const program = programs.get(key);
  if (program === undefined) return;
  programs.delete(key);
  weightsGone.unregister(program);
  release(program);
}

/** Keeps a program for its next use, and lets go of others, or of this one if it is too large. */
function keep(key: string, program: Program): void {
  // A Map remembers insertion order: the first key is the one longest not used.
  programs.delete(key);
  programs.set(key, program);
  let bytes = 0;
  for (const p of programs.values()) bytes += p.ownBytes;
  for (const [oldest, p] of programs) {
    if (programs.size <= KEPT_PROGRAMS && bytes <= KEPT_BYTES) break;
    bytes -= p.ownBytes;
    letGo(oldest);
  }
}

/** What is known of large weights of kernels, also where these see them in another form. */
function weightsOf(nodes: Iterable<Node>, known: Known): ReadonlySet<Node> {
  const found = new Set<Node>();
  for (const { op, inputs } of nodes) {
    if (op.kind !== "kernel" || op.weight === undefined) continue;
    let weight = inputs[op.weight];
    while (!known.has(weight) && weight.inputs.length === 1 && weight.op.kind !== "kernel") weight = weight.inputs[0];
    if (known.has(weight) && weight.op !== input) found.add(weight);
  }
  return largeOf(found);
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
  const computed: Node[] = [];
  for (let i = order.length - 1; i >= 0; i--) {
    if (!needed.has(order[i]) || known.has(order[i])) continue;
    computed.push(order[i]);
    for (const x of order[i].inputs) needed.add(x);
  }
  const weights = weightsOf(computed, known);
  for (const node of order) {
    if (!needed.has(node)) continue;
    if (weights.has(node)) {
      copies.set(node, arrayLeaf(known.get(node) as ArrayValue));
    } else if (known.has(node)) {
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

  const spec: ProgramSpec = {
    isPassing: true,
    buffers: Object.fromEntries(inputs.map((leaf, i) => [`x${i}`, leaf])),
    entries: { main: { outputs: Object.fromEntries(copied.map((node, i) => [`y${i}`, node])) } },
  };
  // A structure does not tell the values of arrays.
  const { structure, arrays } = checkSpec(spec);
  const planes = arrays.map((node) => node.value as ArrayValue);
  const key = [...planes.map(identityOf), structure].join(" ");
  // First of all: to make a value may take a program of its own, for which this one would be set aside.
  const values = Object.fromEntries(inputs.map((_, i) => [`x${i}`, givenValue(i)]));
  let running = programs.get(key);
  if (running === undefined) {
    running = new Program(spec);
    for (const { re } of planes) weightsGone.register(re, key, running);
  }
  running.run("main", values);
  const results = copied.map((_, i) => running.get(`main.y${i}`));
  keep(key, running);
  return results;
}
