// The plans of a program: that of its constants, its entries', and what ties them together.

import { topological } from "../graph/node.ts";
import type { Node } from "../ops/definition.ts";
import { array } from "../ops/leaf.ts";
import { layoutOf } from "../wasm/layout.ts";
import { type EntryPlan, type Parts, placesOf, planEntry } from "./plan.ts";
import { type Rehearsal, rehearsalOf } from "./rehearsal.ts";
import type { CheckedSpec } from "./spec.ts";

/** Plans of a program, and what they leave in its memory. */
export interface Plans {
  /**
   * The plan of the constants, then every entry's, then that of constants which are made of what is left by the rehearsal, and last
   * one for each constant of `made`: these are the first to run, where it is not known yet.
   */
  readonly plans: readonly EntryPlan[];
  readonly rehearsal: Rehearsal | undefined;
  /** Nodes whose values are in memory whenever an entry runs. */
  readonly kept: ReadonlySet<Node>;
  /** Those of them that are large, and may be in memory already for another program's sake: arrays, and what is cheap to make of these. */
  readonly shelved: ReadonlySet<Node>;
  /** Those of them that are made of arrays: one by one, so that not all of these have to be in memory at once. */
  readonly made: readonly Node[];
}

/** Bytes of all large constants of a program together from which on they are shelved; of one of them, a part of it. */
export const SHELF = 16 * 1024 * 1024;
const PART = 1 / 256;

/**
 * Plans the constants and every entry. Arrays that only constants are made of are in the region while these are computed, and
 * nowhere after that. For several threads, steps that do not depend on each other form groups. Steps of a grain of work or more form
 * chains.
 */
export function planEntries(
  { buffers, entries, arrays, twins, isPassing }: CheckedSpec,
  { constants, available }: Parts,
  threads: number,
  grain: number,
  shelf = SHELF,
): Plans {
  const ends = isPassing ? [...buffers.values(), ...entries[0].outputs.values()] : [];
  const through = new Set(ends.filter((node) => !constants.has(node)));
  const own = entries.map((e) =>
    planEntry(e.outputs.values(), e.updates, available, { threads, grain, passing: through }),
  );
  const rehearsal = rehearsalOf(twins, constants, own);
  const { later, results } = rehearsal ?? { later: new Set<Node>(), results: new Set<Node>() };
  if (rehearsal !== undefined) own[rehearsal.entry] = longer(own[rehearsal.entry], rehearsal);
  const first = new Set([...constants].filter((node) => !later.has(node) && !results.has(node)));
  const last = planEntry(later, new Map(), new Set([...arrays, ...first, ...results]));
  const read = new Set([...own, last].flatMap((plan) => plan.steps.flatMap(({ reads }) => placesOf(plan, reads))));
  const passing = new Set(arrays.filter((node) => !read.has(node)));
  // A buffer that no step reads has no place in the region.
  const isApart = (node: Node): boolean => !passing.has(node) && !(through.has(node) && own[0].nodeOffsets.has(node));
  const kept = new Set([...available, ...results].filter(isApart));
  const outputs = new Set(entries.flatMap((e) => [...e.outputs.values()]));
  const constant = [...kept].filter((node) => node.op === array || first.has(node));
  const dear = dearOf(constant);
  const candidates = constant.filter((node) => !dear.has(node) && !outputs.has(node));
  const shelved = largeOf(candidates, shelf);
  const made = [...shelved].filter((node) => node.op !== array);
  const rest = [...first].filter((node) => !shelved.has(node));
  const initial = planEntry(rest, new Map(), new Set([...arrays, ...made]), { passing });
  const making = made.map((node) => planEntry([node], new Map(), new Set(arrays), { passing }));
  return { plans: [initial, ...own, last, ...making], rehearsal, kept, shelved, made };
}

/** Nodes that take a kernel: each may be much of what it takes to make another. */
function dearOf(nodes: readonly Node[]): ReadonlySet<Node> {
  const dear = new Set<Node>();
  for (const node of topological(nodes)) {
    if (node.op.kind === "kernel" || node.inputs.some((x) => dear.has(x))) dear.add(node);
  }
  return dear;
}

/** The large ones among constants, which programs share; none where all of these are little together. */
export function largeOf(constants: Iterable<Node>, shelf = SHELF): ReadonlySet<Node> {
  const bytesOf = ({ shape, dtype }: Node): number => layoutOf(shape, dtype).bytes;
  const large = [...constants].filter((node) => bytesOf(node) >= shelf * PART);
  return new Set(large.reduce((sum, node) => sum + bytesOf(node), 0) >= shelf ? large : []);
}

/** A plan with more steps behind its own. */
function longer(plan: EntryPlan, { copies: more, loops, images }: Rehearsal): EntryPlan {
  const next = plan.steps.length;
  return {
    ...plan,
    steps: [...plan.steps, ...more],
    groups: [...plan.groups, ...more.map((_, i) => next + i)],
    parts: [...plan.parts, ...more.map(() => 1)],
    loops: [...plan.loops, ...loops],
    images: new Map([...plan.images, ...images]),
  };
}
