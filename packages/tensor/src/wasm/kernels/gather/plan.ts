// Cuts an index table (ops/gather.ts) into pieces of one row that vectors can do: stretches of zeros, copied stretches,
// sums of stretches that run forwards or backwards, evenly spaced single elements, and the rest element by element.
// The kernel does the kinds of pieces in this order, and later ones may overwrite what earlier ones wrote.

import type { IndexTable } from "../../../math/indexTables.ts";

/** Pieces of a row, as words of the kernel's table; all positions in bytes. */
export interface RowPlan {
  /** to, bytes */
  readonly zeros: number[][];
  /** to, from, bytes */
  readonly copies: number[][];
  /** to, bytes - 16, number of terms, then for every term: from (of its lowest lane), direction 1 or -1 */
  readonly sums: number[][];
  /** to, step to, from, step from, count */
  readonly spaced: number[][];
  /** to, count, then for every element: number of terms, from ... */
  readonly lists: number[][];
}

/**
 * Shorter pieces are not worth their overhead. Also at least the lanes of a vector. Measured: bench/RESULTS.md, "Tuned numbers".
 */
const SHORTEST = 4;

/** Cuts the table of an axis whose elements have `bytes` bytes. */
export function planRow({ starts, indices }: IndexTable, bytes: number): RowPlan {
  const plan: RowPlan = { zeros: [], copies: [], sums: [], spaced: [], lists: [] };
  const length = starts.length - 1;
  const terms = (i: number): number => starts[i + 1] - starts[i];
  const term = (i: number, k: number): number => indices[starts[i] + k];

  /** From i on: how many elements sum equally many terms, each going on by the same single step. */
  const stretch = (i: number): { count: number; steps: number[] } => {
    const n = terms(i);
    const follows = i + 1 < length && terms(i + 1) === n;
    const steps = Array.from({ length: n }, (_, k) => (follows ? term(i + 1, k) - term(i, k) : 0));
    if (!steps.every((s) => s === 1 || s === -1)) return { count: 1, steps };
    let end = i + 1;
    while (end < length && terms(end) === n && steps.every((s, k) => term(end, k) === term(end - 1, k) + s)) end++;
    return { count: end - i, steps };
  };

  /** From i on: how many single elements come at even distances, with nothing between them. */
  const comb = (i: number): { count: number; gap: number; step: number } => {
    let next = i + 1;
    while (next < length && terms(next) === 0) next++;
    if (next >= length || terms(i) !== 1 || terms(next) !== 1) return { count: 1, gap: 1, step: 0 };
    const gap = next - i;
    const step = term(next, 0) - term(i, 0);
    let count = 2;
    for (let at = next + gap; at < length; at += gap, count++) {
      if (terms(at) !== 1 || term(at, 0) !== term(at - gap, 0) + step || starts[at] !== starts[at - gap] + 1) break;
    }
    return { count, gap, step };
  };

  let list: number[] = [];
  let listEnd = -1;
  for (let i = 0; i < length; ) {
    const run = stretch(i);
    const to = i * bytes;
    if (run.count >= SHORTEST) {
      const size = run.count * bytes;
      if (terms(i) === 0) plan.zeros.push([to, size]);
      else if (terms(i) === 1 && run.steps[0] === 1) plan.copies.push([to, term(i, 0) * bytes, size]);
      else {
        const from = run.steps.flatMap((s, k) => [s === 1 ? term(i, k) * bytes : (term(i, k) + 1) * bytes - 16, s]);
        plan.sums.push([to, size - 16, run.steps.length, ...from]);
      }
      i += run.count;
      continue;
    }
    const even = comb(i);
    if (even.count >= SHORTEST) {
      const span = (even.count - 1) * even.gap + 1;
      if (even.gap > 1) plan.zeros.push([to, span * bytes]);
      plan.spaced.push([to, even.gap * bytes, term(i, 0) * bytes, even.step * bytes, even.count]);
      i += span;
    } else {
      if (i !== listEnd) {
        list = [to, 0];
        plan.lists.push(list);
      }
      list[1]++;
      list.push(terms(i));
      for (let k = 0; k < terms(i); k++) list.push(term(i, k) * bytes);
      i++;
      listEnd = i;
    }
  }
  return plan;
}
