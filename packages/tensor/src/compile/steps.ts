// The steps of an entry: those of its graph; or, where it works on a batch by images (batch.ts), those of one image, which are done for one
// image after the other, and between such loops those of what is made of all images.

import type { Node } from "../ops/definition.ts";
import { align, layoutOf } from "../wasm/layout.ts";
import { type Batch, batchOf, imageBytes } from "./batch.ts";
import { Fusion, type Task } from "./fuse.ts";
import { Lowering, type Step } from "./lower.ts";
import { type Chain, chainsOf } from "./parts.ts";
import type { ImageLoop } from "./schedule.ts";

/** Where images of a node lie, of which a step sees one. */
export interface Images {
  /** The node whose place it is: one of all images, or the node itself, of which memory holds as many as there are images. */
  readonly base: Node;
  /** Bytes from image to image, and of a plane. */
  readonly image: number;
  readonly plane: number;
  /** Bytes of all images, where these are the node's own. */
  readonly bytes: number;
}

/** Where an image of a node lies. */
export function sliceOf(base: Node, images: number): Images {
  const { planeBytes: plane } = layoutOf(base.shape, base.dtype);
  return { base, image: imageBytes(base, images), plane, bytes: 0 };
}

const NONE: ReadonlyMap<Node, Node> = new Map();

export class EntrySteps {
  readonly lowering: Lowering;
  /** Of every step, the loop over images that it is in; undefined where it is in none. */
  readonly loops: (ImageLoop | undefined)[] = [];
  /** Nodes of one image, and the nodes of all images of which they are one. */
  readonly slices: ReadonlyMap<Node, Node>;
  /** The nodes that make one image of others, by these. */
  readonly members: ReadonlyMap<Node, Node>;
  readonly #grain: number;
  /** Who decided how a node is made. */
  readonly #makers = new Map<Node, Fusion>();

  constructor(roots: readonly Node[], available: ReadonlySet<Node>, threads: number, grain: number) {
    this.#grain = grain;
    // Several threads share the steps of all images: each of these alone is too much work to wait for a thread that lost its core in it.
    const isApart = threads === 1 && grain !== Number.POSITIVE_INFINITY;
    const batch = isApart ? batchOf(roots, available, grain === 0 ? 0 : undefined) : null;
    this.slices = batch?.slices ?? NONE;
    this.members = batch?.members ?? NONE;
    if (batch !== null) {
      this.lowering = this.#lowerBatch(batch, available);
      return;
    }
    const fusion = new Fusion([roots], available);
    this.lowering = new Lowering(fusion);
    this.#add(fusion, fusion.tasks, this.lowering);
  }

  get steps(): readonly Step[] {
    return this.lowering.steps;
  }

  #lowerBatch({ images, stages, available: availableToOne }: Batch, available: ReadonlySet<Node>): Lowering {
    const one = new Fusion(
      stages.map(({ single }) => single),
      availableToOne,
    );
    const ofOne = new Lowering(one);
    const made = new Set(available);
    stages.forEach(({ single, together }, stage) => {
      const tasks = one.tasks.filter((task) => task.stage === stage);
      if (tasks.length > 0) this.#add(one, tasks, ofOne, { number: stage, images });
      for (const node of single) made.add(this.slices.get(node) as Node);
      if (together.length === 0) return;
      const all = new Fusion([together], new Set(made));
      this.#add(all, all.tasks, new Lowering(all, ofOne));
      for (const node of together) made.add(node);
    });
    return ofOne;
  }

  #add(fusion: Fusion, tasks: readonly Task[], lowering: Lowering, loop?: ImageLoop): void {
    const { steps } = lowering;
    for (const task of tasks) lowering.add(task);
    for (; this.loops.length < steps.length; this.loops.push(loop)) {
      for (const node of steps[this.loops.length].writes) this.#makers.set(node, fusion);
    }
  }

  /** Copies a node's buffer into another's, last of all. */
  copy(from: Node, to: Node): void {
    this.lowering.copy(from, to);
    while (this.loops.length < this.steps.length) this.loops.push(undefined);
  }

  /** Chains, none of which reaches into a loop, or out of it. */
  chains(): Chain[] {
    const chains: Chain[] = [];
    for (let first = 0; first < this.steps.length; ) {
      let end = first + 1;
      while (end < this.steps.length && this.loops[end] === this.loops[first]) end++;
      for (const chain of chainsOf(this.steps.slice(first, end), this.#grain)) {
        chains.push({ ...chain, first: first + chain.first, end: first + chain.end });
      }
      first = end;
    }
    return chains;
  }

  /** Whether only some rows of a node are made: those that are read. */
  isPartial(node: Node): boolean {
    const rows = node.shape[node.shape.length - 2] ?? 1;
    return (this.#makers.get(node)?.rowsRead(node) ?? rows) < rows;
  }

  /** Whether the loop that makes `value` reads `buffer` only at the index it writes. Both as its step sees them. */
  readsOnlyAtSameIndex(value: Node, buffer: Node): boolean {
    return this.#makers.get(value)?.readsOnlyAtSameIndex(value, buffer) ?? false;
  }

  /** Nodes and temporaries that live while one image is at work; and where those lie of which there are several images. */
  imagePlaces(): { local: ReadonlySet<Node | number>; images: ReadonlyMap<Node, Images> } {
    const homes = new Map<Node | number, ImageLoop>();
    const images = new Map<Node, Images>();
    const local = new Set<Node | number>();
    this.steps.forEach(({ reads, writes, arguments: given }, i) => {
      const loop = this.loops[i];
      if (loop === undefined) return;
      for (const node of [...reads, ...writes]) {
        const base = this.slices.get(node);
        if (base === undefined || images.has(node)) continue;
        images.set(node, sliceOf(base, loop.images));
      }
      for (const node of writes) {
        if (images.has(node)) continue;
        if (!homes.has(node)) homes.set(node, loop);
        local.add(node);
      }
      for (const a of given) if (a.of === "temporary") local.add(a.id);
      for (const node of reads) {
        const home = homes.get(node);
        if (home === undefined || home === loop || images.has(node)) continue;
        // It goes from one loop to another.
        const { planeBytes: plane, bytes } = layoutOf(node.shape, node.dtype);
        images.set(node, { base: node, image: align(bytes), plane, bytes: align(bytes) * loop.images });
        local.delete(node);
      }
    });
    return { local, images };
  }
}
