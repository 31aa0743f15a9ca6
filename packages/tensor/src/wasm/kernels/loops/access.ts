// How kernels reach the elements of arrays: by strides from row to row, and along a row a vector at a time.

import type { ScalarType } from "../../../math/scalar.ts";
import type { Expr, FunctionBuilder, Local } from "../../assembler/assembler.ts";
import type { Words } from "../../words.ts";
import { type Lanes, laneLoad, loadVector } from "./scalars.ts";

export type MemoryType = Exclude<ScalarType, "i64">;

const TYPES: readonly MemoryType[] = ["f32", "f64", "i32", "bool"];

/** An array in memory, as the iteration index reaches it. Strides and offset in elements. */
export interface Access {
  readonly type: MemoryType;
  readonly offset: number;
  readonly strides: readonly number[];
}

export const bytesOf = (type: MemoryType): 4 | 8 => (type === "f64" ? 8 : 4);
export const shiftOf = (type: MemoryType): 2 | 3 => (type === "f64" ? 3 : 2);

/** One element for the whole iteration. */
export const isStill = (a: Access): boolean => a.strides.every((s) => s === 0);

export const innerStride = (a: Access): number => (a.strides.length === 0 ? 0 : a.strides[a.strides.length - 1]);

/** What decides how it is reached. */
export function writeAccess(words: Words, { type, offset, strides }: Access): void {
  words.push(TYPES.indexOf(type));
  words.push(offset);
  words.list(strides);
}

/** Sizes of (merged) axes, and every access's strides along them. */
export interface RowAxes {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

export const plus = (f: FunctionBuilder, address: Expr, bytes: number): Expr =>
  bytes === 0 ? address : f.op("i32.add", address, bytes);

/** Sets every access's pointer to the start of row `u`. */
export function setPointers(
  f: FunctionBuilder,
  u: Local,
  rows: RowAxes,
  accesses: readonly Access[],
  params: readonly Local[],
  pointers: readonly (Local | null)[],
): void {
  const { sizes, strides } = rows;
  // Row number to one index per (merged) axis, last axis first.
  const index: Expr[] = new Array(sizes.length);
  let rest: Expr = u;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (axis === 0) index[0] = rest;
    else {
      index[axis] = f.op("i32.rem_u", rest, sizes[axis]);
      rest = f.op("i32.div_u", rest, sizes[axis]);
    }
  }
  accesses.forEach((a, k) => {
    const pointer = pointers[k];
    if (pointer === null) return;
    let at: Expr = params[k];
    if (a.offset !== 0) at = f.op("i32.add", at, a.offset * bytesOf(a.type));
    index.forEach((i, axis) => {
      const step = strides[k][axis] * bytesOf(a.type);
      if (step !== 0) at = f.op("i32.add", at, f.op("i32.mul", i, step));
    });
    f.set(pointer, at);
  });
}

/** Loads `lanes` elements at columns j, j + 1, ... of a row; only the first `valid` ones count. */
export function loadAlong(
  f: FunctionBuilder,
  access: Access,
  lanes: Lanes,
  pointer: Local,
  j: Expr,
  valid: number,
): Expr {
  const { type } = access;
  const stride = innerStride(access);
  if (stride === 1) return loadVector(f, type, lanes, f.op("i32.add", pointer, f.op("i32.shl", j, shiftOf(type))));
  const first = f.op("i32.add", pointer, f.op("i32.mul", j, stride * bytesOf(type)));
  // Lanes past the end read the last valid element, so that nothing outside the array is touched.
  const addresses = Array.from({ length: lanes }, (_, k) =>
    plus(f, first, Math.min(k, valid - 1) * stride * bytesOf(type)),
  );
  return laneLoad(f, type, lanes, addresses);
}
