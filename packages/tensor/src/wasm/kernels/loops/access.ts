// How kernels reach the elements of arrays: by strides from row to row, and along a row a vector at a time.

import type { ScalarType } from "../../../math/scalar.ts";
import type { Expr, FunctionBuilder, Local, Operand } from "../../assembler/assembler.ts";
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
export function isStill({ strides }: Access): boolean {
  for (let i = 0; i < strides.length; i++) if (strides[i] !== 0) return false;
  return true;
}

export const innerStride = (a: Access): number => (a.strides.length === 0 ? 0 : a.strides[a.strides.length - 1]);

/** The number of a type in a kernel's key. */
export const typeNumber = (type: MemoryType): number => TYPES.indexOf(type);

/** What decides how it is reached. */
export function writeAccess(words: Words, { type, offset, strides }: Access): void {
  words.push(typeNumber(type));
  words.push(offset);
  words.list(strides);
}

/** How the rows of an iteration lie in memory. Numbers are known when a kernel is made, expressions when it runs. */
export interface RowAxes {
  /** Sizes of (merged) axes. That of the first does not matter. */
  readonly sizes: readonly Operand[];
  /** Of every access, bytes from its address to where it begins, and along every axis. Accesses that share a list share the arithmetic. */
  readonly offsets: readonly Operand[];
  readonly strides: readonly (readonly Operand[])[];
}

export const plus = (f: FunctionBuilder, address: Expr, bytes: Operand): Expr =>
  bytes === 0 ? address : f.op("i32.add", address, bytes);

/** Sets every access's pointer to the start of row `u`. */
export function setPointers(
  f: FunctionBuilder,
  u: Local,
  { sizes, offsets, strides }: RowAxes,
  params: readonly Local[],
  pointers: readonly (Local | null)[],
): void {
  // Row number to one index per (merged) axis, last axis first.
  const index: Expr[] = new Array(sizes.length);
  let rest: Expr = u;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (axis === 0) index[0] = rest;
    else {
      const quotient = f.op("i32.div_u", rest, sizes[axis]);
      index[axis] = f.op("i32.sub", rest, f.op("i32.mul", quotient, sizes[axis]));
      rest = quotient;
    }
  }
  const known = new Map<readonly Operand[], Expr | null>();
  const offsetBy = (steps: readonly Operand[]): Expr | null => {
    let sum: Expr | null = null;
    for (let axis = 0; axis < steps.length; axis++) {
      if (steps[axis] === 0) continue;
      const term = f.op("i32.mul", index[axis], steps[axis]);
      sum = sum === null ? term : f.op("i32.add", sum, term);
    }
    return sum;
  };
  pointers.forEach((pointer, k) => {
    if (pointer === null) return;
    let offset = known.get(strides[k]);
    if (offset === undefined) {
      offset = offsetBy(strides[k]);
      known.set(strides[k], offset);
    }
    const start = plus(f, params[k], offsets[k]);
    f.set(pointer, offset === null ? start : f.op("i32.add", start, offset));
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
