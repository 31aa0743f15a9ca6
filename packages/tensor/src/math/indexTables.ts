// Index tables: which elements along an axis make up each element of a result (ops/gather.ts sums them).
// Padding follows PyTorch's rules (torch.nn.functional.pad): what each mode repeats, and how far it may reach.

import { shown } from "../words/shown.ts";

export type PaddingMode = "constant" | "circular" | "reflect" | "replicate";

/** Result element i is the sum of the elements indices[starts[i]] ... indices[starts[i + 1] - 1], in that order. */
export interface IndexTable {
  readonly starts: Int32Array;
  readonly indices: Int32Array;
}

/** A table with at most one index for every result element; -1 means none. */
function singles(length: number, indexOf: (i: number) => number): IndexTable {
  const starts = new Int32Array(length + 1);
  const indices = new Int32Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const index = indexOf(i);
    if (index >= 0) indices[count++] = index;
    starts[i + 1] = count;
  }
  return { starts, indices: indices.slice(0, count) };
}

const PADDING_LIMIT: Readonly<Record<PaddingMode, (n: number) => { most: number; why: string }>> = {
  constant: () => ({ most: Number.POSITIVE_INFINITY, why: "" }),
  circular: (n) => ({ most: n, why: "circular padding wraps around once, so it is at most the size" }),
  reflect: (n) => ({ most: n - 1, why: "reflect padding does not repeat the edge, so it is less than the size" }),
  replicate: (n) => ({
    most: n > 0 ? Number.POSITIVE_INFINITY : 0,
    why: "replicate padding repeats the edge, and there is none",
  }),
};

/** Refuses a mode that there is not. */
export function checkPaddingMode(mode: unknown): void {
  if (typeof mode === "string" && Object.hasOwn(PADDING_LIMIT, mode)) return;
  throw new RangeError(`pad: the mode is ${shown(mode)}; it must be one of ${Object.keys(PADDING_LIMIT).join(", ")}`);
}

/** Refuses amounts that a mode does not allow. `axis` is only for the message. */
export function checkPadding(
  n: number,
  before: number,
  after: number,
  mode: PaddingMode,
  axis: number | undefined,
): void {
  const where = `pad: axis ${axis === undefined ? "" : `${axis} `}of size ${n} with padding [${before}, ${after}]`;
  for (const amount of [before, after]) {
    if (!Number.isInteger(amount)) throw new RangeError(`${where}: ${shown(amount)} is not an integer`);
    if (amount < 0 && mode !== "constant") {
      throw new RangeError(`${where}: mode ${mode} takes no negative padding; crop with mode constant`);
    }
    if (amount < -n) throw new RangeError(`${where}: ${-amount} elements cannot be cropped from ${n}`);
    const { most, why } = PADDING_LIMIT[mode](n);
    if (amount > 0 && amount > most) {
      throw new RangeError(`${where}: ${why}; use less padding or another mode`);
    }
  }
  if (n + before + after < 0) {
    throw new RangeError(`${where}: ${-before - after} elements cannot be cropped from ${n}`);
  }
}

/**
 * Padding of an axis of `n` elements: `before + n + after` result elements.
 *
 * - constant: zeros; negative amounts crop.
 * - circular: the axis goes on from its other end; amounts up to n.
 * - reflect: mirrored about the edge element, which is not repeated; amounts below n.
 * - replicate: the edge element again and again.
 *
 * `axis` is only for the message of the RangeError thrown for amounts the mode does not allow.
 */
export function padTable(n: number, before: number, after: number, mode: PaddingMode, axis?: number): IndexTable {
  checkPaddingMode(mode);
  checkPadding(n, before, after, mode, axis);
  return singles(n + before + after, (i) => {
    const at = i - before;
    if (at >= 0 && at < n) return at;
    switch (mode) {
      case "constant":
        return -1;
      case "circular":
        return at < 0 ? at + n : at - n;
      case "reflect":
        return at < 0 ? -at : 2 * (n - 1) - at;
      case "replicate":
        return at < 0 ? 0 : n - 1;
    }
  });
}

/**
 * Spreads an axis of `n` elements out: element i goes to `offset + i * step` of `length` result elements, the
 * others are zero. `step` >= 1; every element must find its place.
 */
export function spreadTable(n: number, step: number, offset: number, length: number): IndexTable {
  return singles(length, (i) => {
    const at = i - offset;
    return at >= 0 && at % step === 0 && at / step < n ? at / step : -1;
  });
}

/** The first index of a table that lists one element after the other; null for other tables. */
export function runOf({ starts, indices }: IndexTable): number | null {
  if (indices.length === 0 || indices.length !== starts.length - 1) return null;
  const isRun = indices.every((index, i) => index === indices[0] + i && starts[i] === i);
  return isRun ? indices[0] : null;
}

/**
 * The table of the adjoint, for an axis of `n` elements: result element j lists every i that listed j, in
 * increasing order (an i that listed j twice comes twice).
 */
export function transposeTable(starts: Int32Array, indices: Int32Array, n: number): IndexTable {
  const begins = new Int32Array(n + 1);
  for (const j of indices) begins[j + 1]++;
  for (let j = 0; j < n; j++) begins[j + 1] += begins[j];
  const next = begins.slice(0, n);
  const users = new Int32Array(indices.length);
  for (let i = 0; i + 1 < starts.length; i++) {
    for (let k = starts[i]; k < starts[i + 1]; k++) users[next[indices[k]]++] = i;
  }
  return { starts: begins, indices: users };
}
