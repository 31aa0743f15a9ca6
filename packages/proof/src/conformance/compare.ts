// Whether an output agrees with its golden array: |value - expected| <= atol + rtol * |expected| for every element.

import type { GoldenArray, Tolerance } from "./format.ts";

/**
 * What else counts as equal. `angle`: values that differ by a multiple of 2 pi. `sign`: vectors (the entries of the
 * first axis) that differ by their sign.
 */
export type Freedom = "none" | "angle" | "sign";

export interface Comparison {
  readonly agrees: boolean;
  /** The worst element, in words; for arrays that cannot be compared, why not. */
  readonly detail: string;
}

export function compare(
  value: GoldenArray,
  expected: GoldenArray,
  tolerance: Tolerance,
  freedom: Freedom = "none",
): Comparison {
  const problem = mismatch(value, expected, tolerance);
  if (problem !== undefined) return { agrees: false, detail: problem };
  if (isInteger(expected.dtype)) return compareIntegers(value, expected);

  const parts = expected.dtype.startsWith("complex") ? 2 : 1;
  const got = value.data;
  const want = expected.data;
  const count = want.length / parts;
  const signs = freedom === "sign" ? signsOf(got, want, expected.shape[0] ?? 1) : undefined;

  let worst = -1;
  let worstRatio = -1;
  let worstError = 0;
  for (let i = 0; i < count; i++) {
    const factor = signs === undefined ? 1 : signs[Math.floor((i * signs.length) / count)];
    let error = 0;
    let size = 0;
    for (let part = 0; part < parts; part++) {
      const e = want[i * parts + part];
      error = Math.hypot(error, difference(factor * got[i * parts + part], e, freedom));
      size = Math.hypot(size, e);
    }
    const rtol = tolerance.rtol_by_entry?.[i] ?? tolerance.rtol;
    const ratio = ratioOf(error, tolerance.atol + rtol * (Number.isFinite(size) ? size : 0));
    if (ratio > worstRatio) {
      worst = i;
      worstRatio = ratio;
      worstError = error;
    }
  }
  if (worst < 0) return { agrees: true, detail: "empty" };
  return {
    agrees: worstRatio <= 1,
    detail:
      `worst at [${indexOf(worst, expected.shape).join(", ")}]: ${show(got, worst, parts)}, expected ` +
      `${show(want, worst, parts)}, off by ${worstError.toPrecision(3)}, ${worstRatio.toPrecision(3)} of the tolerance`,
  };
}

/** Why two arrays cannot be compared element by element. int32 stands for the reference's int64. */
function mismatch(value: GoldenArray, expected: GoldenArray, tolerance: Tolerance): string | undefined {
  const bothInteger = isInteger(value.dtype) && isInteger(expected.dtype);
  if (value.dtype !== expected.dtype && !bothInteger) return `dtype ${value.dtype}, expected ${expected.dtype}`;
  const shape = `[${value.shape.join(", ")}]`;
  if (shape !== `[${expected.shape.join(", ")}]`) return `shape ${shape}, expected [${expected.shape.join(", ")}]`;
  if (value.data.length !== expected.data.length) return `${value.data.length} values for the shape ${shape}`;
  const entries = tolerance.rtol_by_entry?.length ?? expected.data.length;
  if (entries !== expected.data.length) return `rtol_by_entry has ${entries} entries for the shape ${shape}`;
  return undefined;
}

function isInteger(dtype: string): boolean {
  return /^(u?int\d+|bool)$/.test(dtype);
}

function compareIntegers(value: GoldenArray, expected: GoldenArray): Comparison {
  for (let i = 0; i < expected.data.length; i++) {
    if (value.data[i] !== expected.data[i]) {
      const place = indexOf(i, expected.shape).join(", ");
      return { agrees: false, detail: `at [${place}]: ${value.data[i]}, expected ${expected.data[i]}` };
    }
  }
  return { agrees: true, detail: "equal" };
}

/** |value - expected|; 0 for two NaNs and for equal infinities, NaN where only one is NaN. */
function difference(value: number, expected: number, freedom: Freedom): number {
  if (value === expected || (Number.isNaN(value) && Number.isNaN(expected))) return 0;
  const d = value - expected;
  return Math.abs(freedom === "angle" ? d - 2 * Math.PI * Math.round(d / (2 * Math.PI)) : d);
}

/** How much of the tolerance an error uses up. */
function ratioOf(error: number, allowed: number): number {
  if (error === 0) return 0;
  if (Number.isNaN(error)) return Number.POSITIVE_INFINITY;
  return error / allowed;
}

/** For each of `count` vectors, the sign that turns it to its expected side. */
function signsOf(value: ArrayLike<number>, expected: ArrayLike<number>, count: number): number[] {
  const length = expected.length / count;
  return Array.from({ length: count }, (_, k) => {
    let dot = 0;
    for (let i = k * length; i < (k + 1) * length; i++) dot += value[i] * expected[i];
    return dot < 0 ? -1 : 1;
  });
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const n of [...shape].reverse()) {
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return index;
}

function show(data: ArrayLike<number>, i: number, parts: number): string {
  return parts === 1 ? `${data[i]}` : `${data[2 * i]} + ${data[2 * i + 1]}i`;
}
