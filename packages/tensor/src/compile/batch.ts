// Batches: a graph that treats the images of a batch each for itself is planned as the graph of one image, and its steps run for one
// image after the other. So what they leave of an image is still in a cache when the next step reads it, and memory holds all images only
// of what outlives a run, or a stage: where something is made of all images, such as the norm of a batch, and images go on from it, all go
// through the steps before it, then all through those behind. No bit depends on it: operations say themselves which parts of a
// result are made of parts of operands just as the whole is.

import { makeLeaf, makeNode, topological } from "../graph/node.ts";
import { type Cut, type Node, sizeOf } from "../ops/definition.ts";
import { input } from "../ops/leaf.ts";
import { sameShape } from "../ops/rules.ts";
import { layoutOf, rowBytes } from "../wasm/layout.ts";
import { LARGE } from "./parts.ts";

/** One image after the other is at work, then what is made of all of them, or of none. */
export interface Stage {
  /** Results for one image that are needed whole: as they are, or by what is made of all. */
  readonly single: readonly Node[];
  readonly together: readonly Node[];
}

export interface Batch {
  readonly images: number;
  /** The first has no work on single images. */
  readonly stages: readonly Stage[];
  /** Nodes of one image, and the nodes of all images of which they are one. */
  readonly slices: ReadonlyMap<Node, Node>;
  /** The nodes that make one image of others, by these. */
  readonly members: ReadonlyMap<Node, Node>;
  /** What work on single images finds in memory. */
  readonly available: ReadonlySet<Node>;
}

/** Bytes from image to image in an array. */
export function imageBytes({ shape, dtype }: Node, images: number): number {
  const layout = layoutOf(shape, dtype);
  if (shape.length > 1) return (layout.rows / images) * rowBytes(layout);
  return (layout.columns / images) * layout.elementBytes;
}

const isLarge = ({ shape, dtype }: Node, least = LARGE): boolean => layoutOf(shape, dtype).planeBytes >= least;

/** The images of the largest buffer that holds several; 1 where there is none. */
function imagesOf(available: Iterable<Node>): number {
  let largest: Node | undefined;
  for (const node of available) {
    const { op, shape } = node;
    if (op !== input || shape.length < 3 || shape[0] < 2) continue;
    if (largest === undefined || sizeOf(shape) > sizeOf(largest.shape)) largest = node;
  }
  return largest?.shape[0] ?? 1;
}

/** How a node is cut by images; null where it cannot be. */
function cutOf(node: Node, images: number): Cut | null {
  const { op, inputs, attributes, shape } = node;
  if (shape.length === 0 || shape[0] % images !== 0 || sizeOf(shape) === 0) return null;
  switch (op.kind) {
    case "leaf":
      return null;
    case "elementwise":
      return { operands: inputs.map(() => true), attributes };
    case "reduce":
      return (attributes.axes as number[])[0] === 0 ? null : { operands: [true], attributes };
    default: {
      const cut = op.cut?.(node, images) ?? null;
      if (cut === null || op.kind !== "kernel" || op.weight === undefined || cut.operands[op.weight]) return cut;
      // A large weight is better read once than once for every image.
      return isLarge(inputs[op.weight]) ? null : cut;
    }
  }
}

/**
 * The batch that a graph works on, where that is so large that it pays to go through it by images: an array of `least` bytes is made by a
 * kernel (with 0, in whatever way), and what is made of all images together is little work.
 */
export function batchOf(roots: readonly Node[], available: ReadonlySet<Node>, least = LARGE): Batch | null {
  const images = imagesOf(available);
  if (images === 1) return null;
  const batch = new Cutting(roots, available, images);
  return batch.pays(least) ? batch.result() : null;
}

class Cutting {
  readonly #images: number;
  readonly #available: ReadonlySet<Node>;
  readonly #order: readonly Node[];
  /** Nodes that can be made for one image. */
  readonly #cuts = new Map<Node, Cut>();
  /** Those of them that are, whoever needs them; others are made for one image where they are needed for one. */
  readonly #split = new Set<Node>();
  /** What is needed for one image; what is needed and made for all together; and what is needed in memory for all images. */
  readonly #single = new Set<Node>();
  readonly #together = new Set<Node>();
  readonly #whole = new Set<Node>();
  /** Elementwise nodes for one image that only work on all together needs, and that it makes. */
  readonly #pulled = new Set<Node>();

  constructor(roots: readonly Node[], available: ReadonlySet<Node>, images: number) {
    this.#images = images;
    this.#available = available;
    this.#order = topological(roots, available);
    for (const node of this.#order) this.#tryCut(node);
    for (const root of roots) {
      if (this.#split.has(root)) this.#single.add(root);
      else this.#together.add(root);
      this.#whole.add(root);
    }
    for (let i = this.#order.length - 1; i >= 0; i--) this.#need(this.#order[i]);
  }

  #isOfBatch(node: Node): boolean {
    const { op, shape } = node;
    return this.#split.has(node) || (op === input && shape.length > 2 && shape[0] === this.#images);
  }

  #tryCut(node: Node): void {
    const cut = cutOf(node, this.#images);
    if (cut === null) return;
    const { inputs, op } = node;
    const canBe = (x: Node, i: number): boolean =>
      cut.operands[i] ? x.shape.length > 0 && x.shape[0] % this.#images === 0 : !this.#split.has(x);
    if (!inputs.every(canBe)) return;
    const isSplit = inputs.some((x, i) => cut.operands[i] && this.#isOfBatch(x));
    if (isSplit) this.#split.add(node);
    if (isSplit || op.kind === "view" || op.kind === "elementwise") this.#cuts.set(node, cut);
  }

  /** Notes what a node needs, whose users have been looked at. */
  #need(node: Node): void {
    if (this.#split.has(node) && this.#together.delete(node)) {
      if (!this.#single.has(node) && this.#isPulled(node)) {
        this.#split.delete(node);
        this.#cuts.delete(node);
        this.#pulled.add(node);
        this.#together.add(node);
      } else {
        this.#single.add(node);
        this.#whole.add(node);
      }
    }
    if (this.#single.has(node)) {
      const { operands } = this.#cuts.get(node) as Cut;
      node.inputs.forEach((x, i) => {
        if (operands[i] && this.#cuts.has(x)) this.#single.add(x);
        else this.#needWhole(operands[i] ? x : this.#base(x));
      });
    }
    if (this.#together.has(node)) for (const x of node.inputs) if (!this.#isThere(x)) this.#together.add(x);
  }

  #isThere(node: Node): boolean {
    return this.#available.has(node) || node.op.kind === "leaf";
  }

  /** What a view is of: views are read through. */
  #base(node: Node): Node {
    let base = node;
    while (base.op.kind === "view" && !this.#available.has(base)) base = base.inputs[0];
    return base;
  }

  #needWhole(node: Node): void {
    if (this.#isThere(node)) return;
    this.#together.add(node);
    this.#whole.add(node);
  }

  /** A sum over all images takes its terms as it comes to them, if these are made of one array besides what is there. */
  #isPulled({ op, inputs }: Node): boolean {
    if (op.kind !== "elementwise" && !(op.kind === "view" && op.elements === "in order")) return false;
    return new Set(inputs.filter((x) => this.#split.has(x))).size <= 1;
  }

  pays(least: number): boolean {
    for (const node of this.#whole) if (this.#split.has(node) && node.shape.length < 2) return false;
    for (const node of this.#together) {
      const { op, inputs } = node;
      if (op.kind === "kernel" && [node, ...inputs].some((x) => isLarge(x))) return false;
      if (op.kind === "elementwise" && !this.#pulled.has(node) && isLarge(node)) return false;
    }
    const isWorth = (node: Node): boolean => (least === 0 || node.op.kind === "kernel") && isLarge(node, least);
    return [...this.#single].some(isWorth);
  }

  result(): Batch {
    const slices = new Map<Node, Node>();
    const leaves = new Map<Node, Node>();
    const made = new Map<Node, Node>();
    const leafOf = (x: Node): Node => {
      let leaf = leaves.get(x);
      if (leaf === undefined) {
        leaf = makeLeaf(input, [x.shape[0] / this.#images, ...x.shape.slice(1)], x.dtype);
        leaves.set(x, leaf);
        slices.set(leaf, x);
      }
      return leaf;
    };
    // The stage that makes a node: for one image, and together. What is there is from before the first.
    const single = new Map<Node, number>();
    const together = new Map<Node, number>();
    const stageOf = (x: Node): number => (this.#split.has(x) ? single : together).get(x) ?? 0;
    const stages: { single: Node[]; together: Node[] }[] = [];
    const place = (stage: number, node: Node, kind: "single" | "together"): void => {
      while (stages.length <= stage) stages.push({ single: [], together: [] });
      stages[stage][kind].push(node);
    };
    for (const node of this.#order) {
      const { inputs, op } = node;
      if (!this.#split.has(node)) {
        const stage = Math.max(0, ...inputs.map(stageOf));
        together.set(node, stage);
        if (this.#whole.has(node)) place(stage, node, "together");
      }
      if (!this.#single.has(node)) continue;
      const { operands, attributes } = this.#cuts.get(node) as Cut;
      let stage = 1;
      const own = inputs.map((x, i) => {
        const isMade = operands[i] && this.#cuts.has(x);
        stage = Math.max(stage, isMade ? (single.get(x) as number) : stageOf(x) + 1);
        return isMade ? (made.get(x) as Node) : operands[i] ? leafOf(x) : x;
      });
      single.set(node, stage);
      const isNeeded = this.#split.has(node) && this.#whole.has(node);
      const one = makeNode(op, own, attributes);
      // A view that changes nothing is its operand.
      const isSame = op.kind === "view" && op.elements !== "moved" && sameShape(one.shape, own[0].shape);
      made.set(node, isSame && !isNeeded ? own[0] : one);
      if (!isNeeded) continue;
      slices.set(one, node);
      place(stage, one, "single");
    }
    const available = new Set([...this.#available, ...leaves.values(), ...this.#whole]);
    return { images: this.#images, stages, slices, members: made, available };
  }
}
