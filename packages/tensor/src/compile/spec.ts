// What a program is asked to do: buffers, and entries that compute outputs and new buffer values. Checks of the request.

import { makeNode } from "../graph/node.ts";
import type { Node } from "../ops/definition.ts";
import { input } from "../ops/leaf.ts";
import { describe, ShapeError, sameShape } from "../ops/rules.ts";
import { stopGradient } from "../ops/stopGradient.ts";
import { Canonical } from "./canonical.ts";

export interface EntrySpec {
  /** Values to keep, by name. */
  readonly outputs?: Readonly<Record<string, Node>>;
  /** New values of buffers, by buffer name. All are computed from the old values. */
  readonly updates?: Readonly<Record<string, Node>>;
}

/** Many arrays of one shape, of which entries see a few at a time: the history of an optimizer, for example. */
export interface StackSpec {
  readonly slots: number;
  /** Buffers that are windows on the stack: each shows the slot that was chosen for it last, at first slot 0. */
  readonly windows: readonly string[];
}

export interface ProgramSpec {
  /** Input leaves that keep their data across runs, by name. */
  readonly buffers: Readonly<Record<string, Node>>;
  readonly stacks?: Readonly<Record<string, StackSpec>>;
  readonly entries: Readonly<Record<string, EntrySpec>>;
  /**
   * Nothing outlives a run: every run is given all buffers, and outputs are read at once after it. So they share the region of
   * intermediate arrays, each there while it is needed. There is one entry then, without updates, and no stack. Default false.
   */
  readonly isPassing?: boolean;
}

/** An entry with equal nodes made one. Neither outputs nor updates are leaves. */
export interface Entry {
  readonly name: string;
  readonly outputs: ReadonlyMap<string, Node>;
  /** New values by buffer. */
  readonly updates: ReadonlyMap<Node, Node>;
  readonly roots: readonly Node[];
}

/** A stack with its windows as nodes. */
export interface Stack {
  readonly slots: number;
  readonly windows: ReadonlyMap<string, Node>;
}

/** What is computed of a buffer, and also of an array, where it is a constant. */
export interface Twins {
  readonly buffer: Node;
  readonly array: Node;
  /** Nodes that depend on the buffer, and those that are as they but for the array in the buffer's place. */
  readonly constants: ReadonlyMap<Node, Node>;
}

export interface CheckedSpec {
  readonly buffers: ReadonlyMap<string, Node>;
  readonly stacks: readonly Stack[];
  readonly entries: readonly Entry[];
  /** Arrays that are part of the graph: all that programs of one structure may differ in is their values. */
  readonly arrays: readonly Node[];
  /** The greatest there are, where there are any that take work. */
  readonly twins: Twins | undefined;
  /** Whether buffers and outputs lie among the intermediate arrays. */
  readonly isPassing: boolean;
  /** Equal texts for programs that compile to the same, arrays left out. */
  readonly structure: string;
}

/** A leaf has no step that computes it; its copy has. */
const computed = (x: Node): Node => (x.op.kind === "leaf" ? makeNode(stopGradient, [x]) : x);

export function checkSpec(spec: ProgramSpec): CheckedSpec {
  const canonical = new Canonical();
  const buffers = new Map<string, Node>();
  const nameOf = new Map<Node, string>();
  for (const [name, node] of Object.entries(spec.buffers)) {
    if (node.op !== input) throw new TypeError(`program: buffer ${name} is ${node.op.name}; it must be an input`);
    const other = nameOf.get(node);
    if (other !== undefined) {
      throw new TypeError(`program: buffers ${other} and ${name} are the same input; give each its own`);
    }
    nameOf.set(node, name);
    buffers.set(name, canonical.nodes([node])[0]);
  }
  const entries = Object.entries(spec.entries).map(([name, { outputs = {}, updates = {} }]): Entry => {
    const kept = new Map<string, Node>();
    for (const [key, node] of Object.entries(outputs)) {
      if (buffers.has(`${name}.${key}`)) {
        throw new TypeError(`program: ${name}.${key} is both a buffer and an output; rename one of them`);
      }
      kept.set(key, canonical.nodes([computed(node)])[0]);
    }
    const updated = new Map<Node, Node>();
    for (const [key, node] of Object.entries(updates)) {
      const buffer = buffers.get(key);
      if (buffer === undefined) {
        throw new TypeError(
          `program: entry ${name} updates ${key}, which is no buffer; there are ${[...buffers.keys()].join(", ")}`,
        );
      }
      if (!sameShape(buffer.shape, node.shape) || buffer.dtype !== node.dtype) {
        throw new ShapeError(`program: entry ${name} updates ${key} (${describe(buffer)}) with ${describe(node)}`);
      }
      updated.set(buffer, canonical.nodes([computed(node)])[0]);
    }
    return { name, outputs: kept, updates: updated, roots: [...new Set([...kept.values(), ...updated.values()])] };
  });
  const known = new Set(buffers.values());
  const unknown = canonical.inputs.find((node) => !known.has(node));
  if (unknown) throw new TypeError(`program: an input of ${describe(unknown)} is used that is no buffer`);
  const stacks = checkStacks(spec.stacks ?? {}, buffers);
  const { isPassing = false } = spec;
  if (isPassing) checkPassing(stacks, entries);
  const twins = isPassing ? undefined : twinsOf(canonical, buffers, stacks);
  const structure = structureOf(canonical, { buffers, stacks, entries, isPassing });
  return { buffers, stacks, entries, arrays: canonical.arrays, twins, isPassing, structure };
}

function checkPassing(stacks: readonly Stack[], entries: readonly Entry[]): void {
  if (entries.length === 1 && entries[0].updates.size === 0 && stacks.length === 0) return;
  throw new RangeError("program: where nothing outlives a run, there must be one entry, without updates, and no stack");
}

function twinsOf(
  canonical: Canonical,
  buffers: ReadonlyMap<string, Node>,
  stacks: readonly Stack[],
): Twins | undefined {
  const windows = new Set(stacks.flatMap((stack) => [...stack.windows.values()]));
  let greatest: Twins | undefined;
  for (const buffer of buffers.values()) {
    if (windows.has(buffer)) continue;
    for (const array of canonical.arrays) {
      if (array.dtype !== buffer.dtype || !sameShape(array.shape, buffer.shape)) continue;
      const constants = canonical.counterparts(buffer, array);
      if (constants.size > (greatest?.constants.size ?? 0)) greatest = { buffer, array, constants };
    }
  }
  if (greatest === undefined || ![...greatest.constants.keys()].some(({ op }) => op.kind === "kernel"))
    return undefined;
  return greatest;
}

function structureOf(
  canonical: Canonical,
  spec: Pick<CheckedSpec, "buffers" | "stacks" | "entries" | "isPassing">,
): string {
  const { words } = canonical;
  const names = (nodes: ReadonlyMap<string, Node>): void => {
    words.push(nodes.size);
    for (const [name, node] of nodes) {
      words.text(name);
      words.push(canonical.number(node));
    }
  };
  names(spec.buffers);
  words.push(spec.stacks.length);
  words.push(spec.isPassing ? 1 : 0);
  for (const { slots, windows } of spec.stacks) {
    words.push(slots);
    names(windows);
  }
  for (const { name, outputs, updates } of spec.entries) {
    words.text(name);
    names(outputs);
    words.list([...updates].flatMap(([buffer, value]) => [canonical.number(buffer), canonical.number(value)]));
  }
  // So that it is known where nodes end and names begin.
  words.push(canonical.count);
  return words.key();
}

function checkStacks(stacks: Readonly<Record<string, StackSpec>>, buffers: ReadonlyMap<string, Node>): Stack[] {
  const taken = new Set<string>();
  return Object.entries(stacks).map(([name, { slots, windows }]) => {
    if (!Number.isInteger(slots) || slots < 1) {
      throw new RangeError(`program: stack ${name} has ${slots} slots; it must be a whole number, 1 or more`);
    }
    const nodes = new Map<string, Node>();
    for (const window of windows) {
      const node = buffers.get(window);
      if (node === undefined) throw new TypeError(`program: window ${window} of stack ${name} is no buffer`);
      if (taken.has(window)) throw new TypeError(`program: buffer ${window} is a window on two stacks; give it one`);
      taken.add(window);
      nodes.set(window, node);
    }
    const [first, ...rest] = nodes.values();
    if (first === undefined) throw new TypeError(`program: stack ${name} has no window`);
    for (const node of rest) {
      if (!sameShape(node.shape, first.shape) || node.dtype !== first.dtype) {
        throw new ShapeError(`program: the windows of stack ${name} differ in shape or dtype`);
      }
    }
    return { slots, windows: nodes };
  });
}
