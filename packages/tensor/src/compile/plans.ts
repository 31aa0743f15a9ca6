// The plans of a program: that of its constants, its entries', and what ties them together.

import type { Node } from "../ops/definition.ts";
import type { Step } from "./lower.ts";
import { type EntryPlan, type Parts, planEntry } from "./plan.ts";
import { type Rehearsal, rehearsalOf } from "./rehearsal.ts";
import type { CheckedSpec } from "./spec.ts";

/** Plans of a program, and what they leave in its memory. */
export interface Plans {
  /** The plan of the constants, then every entry's, and last that of constants which are made of what is left by the rehearsal. */
  readonly plans: readonly EntryPlan[];
  readonly rehearsal: Rehearsal | undefined;
  /** Nodes whose values are in memory whenever an entry runs. */
  readonly kept: ReadonlySet<Node>;
}

/**
 * Plans the constants and every entry. Arrays that only constants are made of are in the region while these are computed, and
 * nowhere after that. With `sideBySide`, steps that do not depend on each other form groups. Steps of a grain of work or more form chains.
 */
export function planEntries(
  { buffers, entries, arrays, twins, isPassing }: CheckedSpec,
  { constants, available }: Parts,
  sideBySide: boolean,
  grain: number,
): Plans {
  const ends = isPassing ? [...buffers.values(), ...entries[0].outputs.values()] : [];
  const through = new Set(ends.filter((node) => !constants.has(node)));
  const own = entries.map((e) =>
    planEntry(e.outputs.values(), e.updates, available, { sideBySide, grain, passing: through }),
  );
  const rehearsal = rehearsalOf(twins, constants, own);
  const { later, results } = rehearsal ?? { later: new Set<Node>(), results: new Set<Node>() };
  if (rehearsal !== undefined) own[rehearsal.entry] = longer(own[rehearsal.entry], rehearsal.copies);
  const first = new Set([...constants].filter((node) => !later.has(node) && !results.has(node)));
  const last = planEntry(later, new Map(), new Set([...arrays, ...first, ...results]));
  const read = new Set([...own, last].flatMap(({ steps }) => steps.flatMap(({ reads }) => reads)));
  const passing = new Set(arrays.filter((node) => !read.has(node)));
  const initial = planEntry(first, new Map(), new Set(arrays), { passing });
  // A buffer that no step reads has no place in the region.
  const isApart = (node: Node): boolean => !passing.has(node) && !(through.has(node) && own[0].nodeOffsets.has(node));
  const kept = new Set([...available, ...results].filter(isApart));
  return { plans: [initial, ...own, last], rehearsal, kept };
}

/** A plan with more steps behind its own. */
function longer(plan: EntryPlan, more: readonly Step[]): EntryPlan {
  const next = plan.steps.length;
  return {
    ...plan,
    steps: [...plan.steps, ...more],
    groups: [...plan.groups, ...more.map((_, i) => next + i)],
    parts: [...plan.parts, ...more.map(() => 1)],
  };
}
