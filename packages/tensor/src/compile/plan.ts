// The plan of one entry: its steps, which of them may run side by side, and where in the shared region every
// intermediate array lies. Also: which parts of a graph are constant.

import { topological } from "../graph/node.ts";
import type { Node } from "../ops/definition.ts";
import { array, input, literal } from "../ops/leaf.ts";
import { layoutOf } from "../wasm/layout.ts";
import { operandsOf } from "./kernels.ts";
import type { Step } from "./lower.ts";
import { type Lifetime, planMemory } from "./memory.ts";
import { type Chain, passingThrough, type Slim, slimOf } from "./parts.ts";
import type { ImageLoop } from "./schedule.ts";
import type { CheckedSpec } from "./spec.ts";
import { EntrySteps, type Images } from "./steps.ts";

export interface EntryPlan {
  readonly steps: readonly Step[];
  /** The group of every step: those of one group are neighbours, and independent of each other or a chain. */
  readonly groups: readonly number[];
  /** Of every step, the parts of its chain (parts.ts); 1 where it is in none. */
  readonly parts: readonly number[];
  /** Of every step, the loop over the images of a batch that it is in (batch.ts), if it is in one. */
  readonly loops: readonly (ImageLoop | undefined)[];
  /** Nodes of which memory holds one part at a time, that of the chain they live in. */
  readonly slim: ReadonlyMap<Node, Slim>;
  /** The nodes that make one image of others, by these. */
  readonly members: ReadonlyMap<Node, Node>;
  /** Where nodes of one image lie that outlive its turn. */
  readonly images: ReadonlyMap<Node, Images>;
  /** Nodes and temporaries that do not: each thread has those of the image that it is at, in its scratch. */
  readonly local: ReadonlySet<Node | number>;
  /** Offsets in the shared region, or in that of the scratch, of nodes and of temporaries by number. */
  readonly nodeOffsets: ReadonlyMap<Node, number>;
  readonly temporaryOffsets: readonly number[];
  readonly tables: readonly Uint8Array[];
  /** Nodes of which only the rows that are read are made. */
  readonly partial: ReadonlySet<Node>;
  /** Update values that are written straight into their buffer. */
  readonly inPlace: ReadonlyMap<Node, Node>;
  /** Size of the region, and of that in the scratch. */
  readonly bytes: number;
  readonly localBytes: number;
}

/** The nodes whose places a step reads, or writes. */
export const placesOf = ({ images }: EntryPlan, nodes: readonly Node[]): readonly Node[] =>
  images.size === 0 ? nodes : nodes.map((node) => images.get(node)?.base ?? node);

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
 * are `passing`: their values are in the region when the entry begins, or ends, if they are outputs. For several threads, neighbouring
 * steps that do not depend on each other become one group; else every step is one, or a chain.
 */
export function planEntry(
  outputs: Iterable<Node>,
  updates: ReadonlyMap<Node, Node>,
  available: ReadonlySet<Node>,
  {
    threads = 1,
    grain = Number.POSITIVE_INFINITY,
    passing = new Set(),
  }: {
    readonly threads?: number;
    /** Nanoseconds of work of steps that are worth a chain. Infinite: nothing is; 0: small arrays are, too. */
    readonly grain?: number;
    readonly passing?: ReadonlySet<Node>;
  } = {},
): EntryPlan {
  const sideBySide = threads > 1;
  const kept = [...outputs];
  const placed = new Set([...kept, ...available].filter((node) => !passing.has(node)));
  const entry = new EntrySteps([...new Set([...kept, ...updates.values()])], available, threads, grain);
  const { steps, loops, slices, members, lowering } = entry;
  let chains = entry.chains();
  let groups = groupsOf(entry, chains, sideBySide);
  const { inPlace, copies } = placeUpdates(updates, placed, entry, groups);
  if (copies.length > 0) {
    for (const [buffer, value] of copies) entry.copy(value, buffer);
    chains = entry.chains();
    groups = groupsOf(entry, chains, sideBySide);
  }

  const { local, images } = entry.imagePlaces();
  const slim = new Map<Node, Slim>();
  const seen = new Set([...images].flatMap(([node, { base }]) => [node, base]));
  const isElsewhere = (node: Node): boolean =>
    placed.has(node) || inPlace.has(node) || passing.has(node) || seen.has(node) || (sideBySide && !local.has(node));
  for (const [node, parts] of passingThrough(steps, chains)) {
    const one = isElsewhere(node) ? null : slimOf(node, parts);
    if (one !== null) slim.set(node, one);
  }
  const bytesOf = (key: Node | number): number =>
    typeof key === "number"
      ? lowering.temporaries[key]
      : (slim.get(key) ?? images.get(key) ?? layoutOf(key.shape, key.dtype)).bytes;
  const parts = chains.flatMap((chain) => new Array<number>(chain.end - chain.first).fill(chain.parts));

  // What lives in the region, or in scratch while an image is at work, and in which groups of steps.
  const lives = new Map<Node | number, { first: number; last: number }>();
  const spans = spansOf(loops, groups);
  const use = (used: Node | number, i: number): void => {
    const key = typeof used === "number" ? used : (slices.get(used) ?? used);
    if (typeof key !== "number" && (placed.has(key) || inPlace.has(key))) return;
    // What is not an image's own is there until the last image is done.
    const span = local.has(key) ? undefined : spans.get(loops[i]);
    const { first, last } = span ?? { first: groups[i], last: groups[i] };
    const life = lives.get(key);
    const isThere = typeof key !== "number" && passing.has(key) && available.has(key);
    if (life === undefined) lives.set(key, { first: isThere ? 0 : first, last });
    else life.last = last;
  };
  steps.forEach((step, i) => {
    step.writes.forEach((node) => {
      use(node, i);
    });
    step.reads.forEach((node) => {
      use(node, i);
    });
    step.arguments.forEach((a) => {
      if (a.of === "temporary") use(a.id, i);
    });
  });
  for (const node of kept) {
    const life = lives.get(node);
    if (life !== undefined) life.last = groups[groups.length - 1];
  }
  const nodeOffsets = new Map<Node, number>();
  const temporaryOffsets = lowering.temporaries.map(() => 0);
  const placeAll = (keys: readonly (Node | number)[]): number => {
    const { offsets, bytes } = planMemory(keys.map((key): Lifetime => ({ ...lives.get(key)!, bytes: bytesOf(key) })));
    keys.forEach((key, i) => {
      if (typeof key === "number") temporaryOffsets[key] = offsets[i];
      else nodeOffsets.set(key, offsets[i]);
    });
    return bytes;
  };
  const keys = [...lives.keys()];
  const bytes = placeAll(keys.filter((key) => !local.has(key)));
  const localBytes = placeAll(keys.filter((key) => local.has(key)));
  const partial = new Set([...nodeOffsets.keys()].filter((node) => entry.isPartial(node)));
  const { tables } = lowering;
  const offsets = { nodeOffsets, temporaryOffsets, bytes, localBytes };
  return { steps, groups, parts, loops, slim, members, images, local, tables, partial, inPlace, ...offsets };
}

/** The first and last group of every loop over images. */
function spansOf(
  loops: readonly (ImageLoop | undefined)[],
  groups: readonly number[],
): ReadonlyMap<ImageLoop | undefined, { readonly first: number; readonly last: number }> {
  const spans = new Map<ImageLoop | undefined, { first: number; last: number }>();
  loops.forEach((loop, i) => {
    if (loop !== undefined) spans.set(loop, { first: spans.get(loop)?.first ?? groups[i], last: groups[i] });
  });
  return spans;
}

/**
 * Numbers for the groups of steps: chains; and other steps, where these may run side by side, which those of a loop over images do not.
 * A step joins its neighbours then unless one of them writes what the other uses.
 */
function groupsOf({ steps, loops }: EntrySteps, chains: readonly Chain[], sideBySide: boolean): number[] {
  let group = -1;
  let used = new Set<Node | number>();
  let written = new Set<Node | number>();
  let isChain = true;
  return chains.flatMap(({ first, end, parts }) => {
    const wasChain = isChain;
    isChain = parts > 1 || loops[first] !== undefined;
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
  entry: EntrySteps,
  groups: readonly number[],
): { inPlace: Map<Node, Node>; copies: [buffer: Node, value: Node][] } {
  const { steps, loops, slices } = entry;
  const inPlace = new Map<Node, Node>();
  const copies: [Node, Node][] = [];
  const seenAs = (nodes: readonly Node[], whole: Node): Node | undefined =>
    nodes.find((node) => (slices.get(node) ?? node) === whole);
  for (const [buffer, value] of updates) {
    const numbers = [...steps.keys()];
    const writers = numbers.filter((i) => seenAs(steps[i].writes, value) !== undefined);
    const readers = numbers.filter((i) => seenAs(steps[i].reads, buffer) !== undefined);
    const [writer] = writers;
    const isBefore = (i: number): boolean => {
      const read = seenAs(steps[i].reads, buffer) as Node;
      // What reads all images must have done so before the first is written.
      if (read === buffer && loops[i] !== undefined && loops[i] === loops[writer]) return false;
      if (groups[i] < groups[writer]) return true;
      // A loop reads an element before it writes that element; so it may replace what it reads at the same index.
      return i === writer && entry.readsOnlyAtSameIndex(seenAs(steps[i].writes, value) as Node, read);
    };
    const safe = !placed.has(value) && !inPlace.has(value) && writers.length === 1 && readers.every(isBefore);
    if (safe) inPlace.set(value, buffer);
    else copies.push([buffer, value]);
  }
  return { inPlace, copies };
}
