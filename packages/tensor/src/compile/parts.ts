// Chains: neighbouring steps that can be cut into the same parts (orientations, images), each of which takes from the
// steps before it only what they left in the same part. Part after part goes through the whole chain, so that it is still in a cache
// when the next step reads it; and threads take whole parts, and need not meet after every step. No bit depends on it.

import { type IndexMap, place } from "../math/indexMap.ts";
import { type Node, type Shape, sizeOf, stridesOf } from "../ops/definition.ts";
import { align, layoutOf, rowBytes } from "../wasm/layout.ts";

/** What chains ask of a step. */
export interface Partwise {
  readonly units: number;
  readonly unitCost: number;
  readonly reads: readonly Node[];
  readonly writes: readonly Node[];
  /** Into how many parts it can be cut, such that each writes one of as many equal parts, in C order, of all it writes. */
  readonly parts: number;
  /** Whether such a part reads the same part only of a node. Asked of few, so it is found out then. */
  readonly isPartwise: (node: Node) => boolean;
}

/** Parts at most: each is a function of a program. An image has fewer bands, but a convolution's weights are as many small arrays. */
const MOST_PARTS = 1024;

/** The axes that an iteration, or an array, is cut along: all but the last two, or as many of the first as give no more parts. */
function cutAxes(shape: Shape): Shape {
  let count = 0;
  for (let parts = 1; count < shape.length - 2; count++) {
    parts *= shape[count];
    if (parts > MOST_PARTS) break;
  }
  return shape.slice(0, count);
}

/** Into how many parts an iteration, or an array, is cut. */
export const partsOf = (shape: Shape): number => sizeOf(cutAxes(shape));

/** Whether an iteration, cut into its parts, reads in each the same part of an array only. */
export function readsSamePart(map: IndexMap, shape: Shape): boolean {
  const { iteration } = map;
  const cut = cutAxes(iteration);
  const parts = sizeOf(cut);
  const size = sizeOf(shape);
  if (size === 0 || size % parts !== 0) return false;
  const { offset, coefficients } = place(map, stridesOf(shape));
  const steps = stridesOf(cut);
  let [least, most] = [offset, offset];
  for (let k = 0; k < iteration.length; k++) {
    if (iteration[k] === 1) continue;
    if (k < steps.length) {
      if (coefficients[k] !== (steps[k] * size) / parts) return false;
    } else if (coefficients[k] < 0) least += coefficients[k] * (iteration[k] - 1);
    else most += coefficients[k] * (iteration[k] - 1);
  }
  return least >= 0 && most < size / parts;
}

/** A chain of steps, or one step by itself: from the first to before the last. */
export interface Chain {
  readonly first: number;
  readonly end: number;
  readonly parts: number;
}

/**
 * Bytes of an array from which on chains pay: smaller ones stay in a cache anyway. Tried on a texture model in both precisions, and a
 * batch of it.
 */
export const LARGE = 2_097_152;

/** Cuts steps into chains, of steps that take so many nanoseconds or more and write something large; with 0, of any. */
export function chainsOf(steps: readonly Partwise[], least: number): Chain[] {
  const isLarge = ({ shape, dtype }: Node): boolean => least === 0 || layoutOf(shape, dtype).planeBytes >= LARGE;
  const chains: Chain[] = [];
  for (let first = 0; first < steps.length; ) {
    const { parts } = steps[first];
    const written = new Set<Node>();
    const joins = (step: Partwise): boolean =>
      step.parts % parts === 0 &&
      step.units * step.unitCost >= least &&
      step.reads.every((node) => !written.has(node) || step.isPartwise(node));
    let end = first;
    while (parts > 1 && end < steps.length && joins(steps[end])) {
      for (const node of steps[end].writes) written.add(node);
      end++;
    }
    const isWorth = end > first + 1 && [...written].some(isLarge);
    if (!isWorth) end = first + 1;
    chains.push({ first, end, parts: isWorth ? parts : 1 });
    first = end;
  }
  return chains;
}

/** Nodes that live within a chain, made by its steps and used by no others, and the parts of the chain. */
export function passingThrough(steps: readonly Partwise[], chains: readonly Chain[]): ReadonlyMap<Node, number> {
  const homes = new Map<Node, Chain>();
  const visited = new Set<Node>();
  for (const chain of chains) {
    for (let i = chain.first; i < chain.end; i++) {
      const { reads, writes } = steps[i];
      for (const node of writes) {
        if (chain.parts > 1 && !visited.has(node)) homes.set(node, chain);
        else if (homes.get(node) !== chain) homes.delete(node);
        visited.add(node);
      }
      for (const node of reads) {
        if (homes.get(node) !== chain) homes.delete(node);
        visited.add(node);
      }
    }
  }
  return new Map([...homes].map(([node, { parts }]) => [node, parts]));
}

/** How a node lies of which memory holds one part at a time. */
export interface Slim {
  /** Bytes from part to part, had it all of them; of a plane; and of all planes. */
  readonly part: number;
  readonly plane: number;
  readonly bytes: number;
}

/** The same for a node that is cut into `parts`; null where a part is not a number of whole rows. */
export function slimOf({ shape, dtype }: Node, parts: number): Slim | null {
  const layout = layoutOf(shape, dtype);
  if (layout.rows % parts !== 0) return null;
  const part = (layout.rows / parts) * rowBytes(layout);
  // As whole arrays, planes do not share cache sets.
  const plane = align(part) + (align(part) % 4096 === 0 ? align(1) : 0);
  return { part, plane, bytes: plane * layout.components };
}
