// Long lines in two passes, so that no pass has to do with many rows of an image at once.
//
// With the names of math/fft.ts, let S be the product of the first few radices, and M = n / S. The stages of these radices
// never mix the S elements b + M i with others, for each of the M blocks b: they are a transform of S elements, with other
// twiddles. They leave their results in the S elements that follow S b. The stages after them never mix the M
// elements b + S i, for each of the S blocks b, and leave their results there. So a pass over blocks does the very butterflies of
// the stages it stands for (D. H. Bailey, "FFTs in external or hierarchical memory", J. Supercomputing 4, 1990).

import type { Plan, Stage } from "../../../math/fft.ts";

/** Stages of a plan that a pass does, as those of a transform of one block. */
export interface Share {
  readonly kind: "whole" | "first" | "second";
  readonly stages: readonly Stage[];
  /** How many stages of the plan are done before. */
  readonly before: number;
  /** Elements of a block between stages. */
  readonly length: number;
  /** Blocks of a line. */
  readonly blocks: number;
}

/** All stages at once. */
export function wholeShare({ length, stages }: Plan): Share {
  return { kind: "whole", stages, before: 0, length, blocks: 1 };
}

/** Two passes over blocks of about equal length; null where the plan cannot be cut so. */
export function twoShares({ size, length, stages }: Plan): [first: Share, second: Share] | null {
  const before = stages.findIndex(({ stride, radix }) => stride * radix >= Math.sqrt(size)) + 1;
  if (length > size || before === stages.length) return null;
  const own = stages[before].stride;
  const other = size / own;
  const first = stages.slice(0, before).map((stage) => ({ ...stage, rest: stage.rest / other }));
  // Constants in the code belong to one p, and a block has others.
  if (first.some(({ twiddles }) => twiddles !== "table")) return null;
  const second = stages.slice(before).map((stage) => ({ ...stage, stride: stage.stride / own }));
  return [
    { kind: "first", stages: first, before: 0, length: own, blocks: other },
    { kind: "second", stages: second, before, length: other, blocks: own },
  ];
}
