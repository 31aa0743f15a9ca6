// Constants that an entry computes as well, but of a buffer where they are of an array: a synthesis compares what a model makes of its
// image with what it makes of its target. Such constants are not planned, written and compiled once more: when the program is made, the
// entry's own steps run with the array in the buffer, and what they leave is kept. Bit-neutral, like all that decides which loops compute
// a node.

import { makeLeaf, topological } from "../graph/node.ts";
import type { Node } from "../ops/definition.ts";
import { array } from "../ops/leaf.ts";
import { layoutOf } from "../wasm/layout.ts";
import { copySteps, type Step } from "./lower.ts";
import { type EntryPlan, placesOf } from "./plan.ts";
import type { ImageLoop } from "./schedule.ts";
import type { Twins } from "./spec.ts";
import { type Images, sliceOf } from "./steps.ts";

/** Bytes that may be kept of what constants are then made of, though no entry reads it. */
const LITTLE = 64 * 1024;

export interface Rehearsal extends Pick<Twins, "buffer" | "array"> {
  /** The entry, by its number from 0. */
  readonly entry: number;
  /** Steps that copy what the entry's leave in its region to where it is kept: more steps of the entry's plan, behind its own. */
  readonly copies: readonly Step[];
  /** Of every copy, the loop over images that it is in; and where the images lie that it makes. */
  readonly loops: EntryPlan["loops"];
  readonly images: EntryPlan["images"];
  /** The numbers of the steps in question, copies among them, and groups of those that may run side by side. */
  readonly steps: readonly { readonly number: number; readonly group: number }[];
  /** What is known after it. */
  readonly results: ReadonlySet<Node>;
  /** Constants that are made of the results. */
  readonly later: ReadonlySet<Node>;
}

/** The rehearsal that saves planning constants, if there is one. */
export function rehearsalOf(
  twins: Twins | undefined,
  constants: ReadonlySet<Node>,
  entries: readonly EntryPlan[],
): Rehearsal | undefined {
  if (twins === undefined) return undefined;
  for (const [entry, plan] of entries.entries()) {
    const found = rehearse(twins, constants, plan);
    if (found !== undefined) return { buffer: twins.buffer, array: twins.array, entry, ...found };
  }
  return undefined;
}

function rehearse(
  twins: Twins,
  constants: ReadonlySet<Node>,
  plan: EntryPlan,
): Omit<Rehearsal, "buffer" | "array" | "entry"> | undefined {
  // What the entry leaves in its region, or one image of it, by the constant that it would be.
  const left = new Map<Node, Node>();
  const isLeft = (node: Node): boolean => plan.nodeOffsets.has(node) && !plan.partial.has(node) && !plan.slim.has(node);
  for (const [node, constant] of twins.constants) {
    const member = plan.members.get(node);
    if (isLeft(node)) left.set(constant, node);
    else if (member !== undefined && isLeft(member) && (plan.local.has(member) || plan.images.has(member))) {
      // An image must be whole rows, if others are to be made beside it.
      if (node.shape.length > 1) left.set(constant, member);
    }
  }
  const order = topological([...constants], left);
  const results = new Set<Node>();
  for (const node of order) for (const x of node.inputs) if (left.has(x)) results.add(x);
  for (const node of constants) if (left.has(node)) results.add(node);
  if (results.size === 0) return undefined;
  const dependent = new Set<Node>(results);
  for (const node of order) if (node.inputs.some((x) => dependent.has(x))) dependent.add(node);
  const sources = [...results].map((constant) => left.get(constant) as Node);
  const later = new Set([...constants].filter((node) => dependent.has(node) && !results.has(node)));
  const before = { has: (node: Node) => results.has(node) || (constants.has(node) && !dependent.has(node)) };
  const besides = [...results, ...topological([...later], before).filter(({ op }) => op === array)];
  const bytes = (node: Node): number => (constants.has(node) ? 0 : layoutOf(node.shape, node.dtype).bytes);
  if (besides.reduce((sum, node) => sum + bytes(node), 0) > LITTLE) return undefined;
  // What the steps read must be there before.
  for (const node of topological(sources, constants)) {
    if (node.inputs.some((x) => constants.has(x) && dependent.has(x))) return undefined;
  }
  const steps = stepsFor(plan, sources);
  if (steps === undefined) return undefined;
  // What a step leaves lies there until the next group: it may not be read again.
  // That of all images is there when the last has gone through.
  const groupOf = new Map<Node, number>();
  const loopOf = new Map<Node, ImageLoop>();
  for (const i of steps) {
    const loop = plan.loops[i];
    for (const node of plan.steps[i].writes) {
      const base = plan.images.get(node)?.base ?? node;
      groupOf.set(base, plan.groups[base === node ? i : plan.loops.lastIndexOf(loop)]);
      if (base === node && loop !== undefined) loopOf.set(node, loop);
    }
  }
  const images = new Map<Node, Images>();
  const copies = [...results].flatMap((constant) => {
    const source = left.get(constant) as Node;
    const loop = loopOf.get(source);
    if (loop === undefined) return copySteps(source, constant);
    const image = makeLeaf(array, source.shape, source.dtype);
    images.set(image, sliceOf(constant, loop.images));
    return copySteps(source, image);
  });
  const loops = copies.map(({ reads: [node] }) => loopOf.get(node));
  const all = [
    ...steps.map((number) => ({ number, group: 2 * plan.groups[number] })),
    ...copies.map(({ reads: [node] }, i) => ({
      number: plan.steps.length + i,
      group: 2 * (groupOf.get(node) as number) + 1,
    })),
  ];
  return { copies, loops, images, steps: all.sort((a, b) => a.group - b.group || a.number - b.number), results, later };
}

/** The steps of a plan that these nodes take, in their order; undefined where they would change what lies outside of its region. */
function stepsFor(plan: EntryPlan, nodes: readonly Node[]): number[] | undefined {
  const needed = new Set<Node | number>(nodes);
  const steps: number[] = [];
  for (let i = plan.steps.length - 1; i >= 0; i--) {
    const { arguments: given } = plan.steps[i];
    const reads = placesOf(plan, plan.steps[i].reads);
    const writes = placesOf(plan, plan.steps[i].writes);
    const temporaries = given.flatMap((a) => (a.of === "temporary" ? [a.id] : []));
    if (![...writes, ...temporaries].some((x) => needed.has(x))) continue;
    if (writes.some((node) => !plan.nodeOffsets.has(node))) return undefined;
    for (const x of [...reads, ...temporaries]) needed.add(x);
    steps.push(i);
  }
  return steps.reverse();
}
