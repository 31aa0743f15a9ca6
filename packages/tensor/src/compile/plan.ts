// The plan of one entry: its steps, which of them may run side by side, and where in the shared region every
// intermediate array lies. Also: which parts of a graph are constant.

import { topological } from "../graph/node.ts";
import type { Node } from "../ops/definition.ts";
import { array, input, literal } from "../ops/leaf.ts";
import { layoutOf } from "../wasm/layout.ts";
import { Fusion } from "./fuse.ts";
import { operandsOf } from "./kernels.ts";
import { Lowering, type Step } from "./lower.ts";
import { type Lifetime, planMemory } from "./memory.ts";
import { type Chain, chainsOf, passingThrough, type Slim, slimOf } from "./parts.ts";
import type { CheckedSpec } from "./spec.ts";

export interface EntryPlan {
  readonly steps: readonly Step[];
  /** The group of every step: those of one group are neighbours, and independent of each other or a chain. */
  readonly groups: readonly number[];
  /** Of every step, the parts of its chain (parts.ts); 1 where it is in none. */
  readonly parts: readonly number[];
  /** Nodes of which memory holds one part at a time, that of the chain they live in. */
  readonly slim: ReadonlyMap<Node, Slim>;
  /** Offsets in the shared region, of nodes and of temporaries by number. */
  readonly nodeOffsets: ReadonlyMap<Node, number>;
  readonly temporaryOffsets: readonly number[];
  readonly tables: readonly Uint8Array[];
  /** Nodes of which only the rows that are read are made. */
  readonly partial: ReadonlySet<Node>;
  /** Update values that are written straight into their buffer. */
  readonly inPlace: ReadonlyMap<Node, Node>;
  /** Size of the region. */
  readonly bytes: number;
}

/** What entries have in common. */
export interface Parts {
  /** Constant nodes that are computed when the program is made. */
  readonly constants: ReadonlySet<Node>;
  /** Nodes whose values are in memory when an entry runs: buffers, arrays and constants. */
  readonly available: ReadonlySet<Node>;
}

export function partsOf({ buffers, entries, arrays }: CheckedSpec): Parts {
  const roots = entries.flatMap((e) => e.roots);
  const order = topological(roots);
  const constants = constantBoundary(order, constantNodes(order), roots);
  return { constants, available: new Set([...buffers.values(), ...arrays, ...constants]) };
}

/** Nodes that never change, but for cheap ones made of literals alone, which loops compute where they need them. */
export function constantNodes(order: readonly Node[]): Set<Node> {
  const constant = new Set<Node>();
  const literals = new Set<Node>();
  for (const node of order) {
    const { kind } = node.op;
    if (node.op === array) constant.add(node);
    else if (node.op === literal) literals.add(node);
    else if (node.op !== input && node.inputs.every((x) => constant.has(x) || literals.has(x))) {
      const cheap = kind !== "kernel" && kind !== "reduce" && node.inputs.every((x) => literals.has(x));
      (cheap ? literals : constant).add(node);
    }
  }
  return constant;
}

/** What computing a node reads. */
const readBy = (node: Node): readonly Node[] => (node.op.kind === "kernel" ? operandsOf(node) : node.inputs);

/** Constant nodes whose values varying nodes (or roots) use. */
export function constantBoundary(
  order: readonly Node[],
  constant: ReadonlySet<Node>,
  roots: readonly Node[],
): Set<Node> {
  const boundary = new Set<Node>();
  const use = (x: Node): void => {
    if (!constant.has(x)) return;
    let base = x;
    // Do not store what is only a repetition.
    while (base.op.kind === "view" && base.op.elements === "repeated") base = base.inputs[0];
    if (base.op !== array) boundary.add(base);
  };
  for (const node of order) if (!constant.has(node)) readBy(node).forEach(use);
  roots.forEach(use);
  return boundary;
}

/**
 * Plans an entry. `outputs` and `available` nodes have places of their own, the latter with their values in them, but for those that
 * are `passing`: their values are in the region when the entry begins, or ends, if they are outputs. With `sideBySide`, neighbouring
 * steps that do not depend on each other become one group; else every step is one, or a chain.
 */
export function planEntry(
  outputs: Iterable<Node>,
  updates: ReadonlyMap<Node, Node>,
  available: ReadonlySet<Node>,
  {
    sideBySide = false,
    grain = Number.POSITIVE_INFINITY,
    passing = new Set(),
  }: {
    readonly sideBySide?: boolean;
    /** Nanoseconds of work of steps that are worth a chain. */
    readonly grain?: number;
    readonly passing?: ReadonlySet<Node>;
  } = {},
): EntryPlan {
  const kept = [...outputs];
  const placed = new Set([...kept, ...available].filter((node) => !passing.has(node)));
  const fusion = new Fusion([...new Set([...kept, ...updates.values()])], available);
  const lowering = new Lowering(fusion);
  const { steps } = lowering;
  for (const task of fusion.tasks) lowering.add(task);
  let chains = chainsOf(steps, grain);
  let groups = groupsOf(steps, chains, sideBySide);
  const { inPlace, copies } = placeUpdates(updates, placed, steps, groups, fusion);
  if (copies.length > 0) {
    for (const [buffer, value] of copies) lowering.copy(value, buffer);
    chains = chainsOf(steps, grain);
    groups = groupsOf(steps, chains, sideBySide);
  }

  const slim = new Map<Node, Slim>();
  if (!sideBySide) {
    const isElsewhere = (node: Node): boolean => placed.has(node) || inPlace.has(node) || passing.has(node);
    for (const [node, parts] of passingThrough(steps, chains)) {
      const one = isElsewhere(node) ? null : slimOf(node, parts);
      if (one !== null) slim.set(node, one);
    }
  }
  const bytesOf = (node: Node): number => slim.get(node)?.bytes ?? layoutOf(node.shape, node.dtype).bytes;
  const parts = chains.flatMap((chain) => new Array<number>(chain.end - chain.first).fill(chain.parts));

  // What lives in the region, and in which groups of steps.
  const lives = new Map<Node | number, { first: number; last: number }>();
  const use = (key: Node | number, group: number): void => {
    if (typeof key !== "number" && (placed.has(key) || inPlace.has(key))) return;
    const life = lives.get(key);
    const isThere = typeof key !== "number" && passing.has(key) && available.has(key);
    if (life === undefined) lives.set(key, { first: isThere ? 0 : group, last: group });
    else life.last = group;
  };
  steps.forEach((step, i) => {
    step.writes.forEach((node) => {
      use(node, groups[i]);
    });
    step.reads.forEach((node) => {
      use(node, groups[i]);
    });
    step.arguments.forEach((a) => {
      if (a.of === "temporary") use(a.id, groups[i]);
    });
  });
  for (const node of kept) {
    const life = lives.get(node);
    if (life !== undefined) life.last = groups[groups.length - 1];
  }
  const keys = [...lives.keys()];
  const { offsets, bytes } = planMemory(
    keys.map((key): Lifetime => {
      const size = typeof key === "number" ? lowering.temporaries[key] : bytesOf(key);
      return { ...lives.get(key)!, bytes: size };
    }),
  );
  const nodeOffsets = new Map<Node, number>();
  const temporaryOffsets = lowering.temporaries.map(() => 0);
  keys.forEach((key, i) => {
    if (typeof key === "number") temporaryOffsets[key] = offsets[i];
    else nodeOffsets.set(key, offsets[i]);
  });
  const partial = new Set(
    keys.filter((key) => typeof key !== "number" && fusion.rowsRead(key) < rowsOf(key)) as Node[],
  );
  const { tables } = lowering;
  return { steps, groups, parts, slim, nodeOffsets, temporaryOffsets, tables, partial, inPlace, bytes };
}

/** Rows of the axis before the last. */
const rowsOf = ({ shape }: Node): number => shape[shape.length - 2] ?? 1;

/**
 * Numbers for the groups of steps: chains; and other steps, where these may run side by side. A step joins its neighbours then unless
 * one of them writes what the other uses.
 */
function groupsOf(steps: readonly Step[], chains: readonly Chain[], sideBySide: boolean): number[] {
  let group = -1;
  let used = new Set<Node | number>();
  let written = new Set<Node | number>();
  let isChain = true;
  return chains.flatMap(({ first, end, parts }) => {
    const wasChain = isChain;
    isChain = parts > 1;
    if (isChain || !sideBySide) {
      group++;
      return new Array<number>(end - first).fill(group);
    }
    const step = steps[first];
    const temporaries = step.arguments.flatMap((a) => (a.of === "temporary" ? [a.id] : []));
    const writes = [...step.writes, ...temporaries];
    const uses = [...writes, ...step.reads];
    if (wasChain || writes.some((x) => used.has(x)) || uses.some((x) => written.has(x))) {
      group++;
      used = new Set();
      written = new Set();
    }
    for (const x of uses) used.add(x);
    for (const x of writes) written.add(x);
    return [group];
  });
}

/** Which updates can be written where their buffer lies, and which must be copied at the end: those of nodes in `placed`. */
function placeUpdates(
  updates: ReadonlyMap<Node, Node>,
  placed: ReadonlySet<Node>,
  steps: readonly Step[],
  groups: readonly number[],
  fusion: Fusion,
): { inPlace: Map<Node, Node>; copies: [buffer: Node, value: Node][] } {
  const inPlace = new Map<Node, Node>();
  const copies: [Node, Node][] = [];
  for (const [buffer, value] of updates) {
    const numbers = [...steps.keys()];
    const writers = numbers.filter((i) => steps[i].writes.includes(value));
    const readers = numbers.filter((i) => steps[i].reads.includes(buffer));
    const [writer] = writers;
    // A loop reads an element before it writes that element; so it may replace what it reads at the same index.
    const safe =
      !placed.has(value) &&
      !inPlace.has(value) &&
      writers.length === 1 &&
      readers.every((i) => groups[i] < groups[writer] || (i === writer && fusion.readsOnlyAtSameIndex(value, buffer)));
    if (safe) inPlace.set(value, buffer);
    else copies.push([buffer, value]);
  }
  return { inPlace, copies };
}
