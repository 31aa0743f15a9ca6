// A group of lines that are transformed together, every lane of a SIMD vector working on a line of its own: what its kernel
// knows of it, and where its data lies.

import type { Pair } from "../../../math/butterfly.ts";
import type { Plan } from "../../../math/fft.ts";
import type { Expr, FunctionBuilder, Local } from "../../assembler/assembler.ts";
import { type Lanes, VECTOR } from "./vectors.ts";

/** Bytes from one element of a line to the next, and from one batch member to the next (of rows: one row to the next). */
export interface Strides {
  readonly element: number;
  readonly batch: number;
}

export interface LineKernel {
  readonly lanes: Lanes;
  readonly plan: Plan;
  readonly inverse: boolean;
  /**
   * complex: columns, (re, im) to (re, im). separate: real columns (first, second) to half columns (first re, first im),
   * with the second ones `partner` bytes further. join: the reverse. rows: complex rows.
   */
  readonly mode: "complex" | "separate" | "join" | "rows";
  readonly partner: number;
  readonly vectors: number;
  /** Lines in one batch member, at least as many as a group has, or less than a vector. Groups may overlap. Not for rows. */
  readonly lines: number;
  readonly groups: number;
  readonly from: Strides;
  readonly to: Strides;
  /** Lanes of every vector that hold data; `second` counts the lines that have a partner. */
  readonly valid: { readonly first: number; readonly second: number };
  /** Whether the last of all lines has no partner although its lane is valid; the table ends with a mask then. */
  readonly masked: boolean;
}

/** Pointers of one group. `fromIm` and `toIm` are distances from the real to the imaginary plane. */
export interface Places {
  readonly from: Local;
  readonly fromIm: Local;
  readonly to: Local;
  readonly toIm: Local;
  /** Rows only: distances of the lanes, the first one's 0 left out. */
  readonly fromLanes: readonly Local[];
  readonly toLanes: readonly Local[];
  readonly scratch: Local;
  readonly table: Local;
  /** The part of the mask that belongs to the group. */
  readonly mask: Local;
}

/** Bytes of one row of scratch memory: an element of every line. */
export function scratchRowBytes({ vectors }: LineKernel): number {
  return vectors * 2 * VECTOR;
}

/** Where stage `index` leaves its result. */
export function scratchBuffer(f: FunctionBuilder, kernel: LineKernel, { scratch }: Places, index: number): Expr {
  return f.op("i32.add", scratch, index % 2 === 0 ? 0 : kernel.plan.length * scratchRowBytes(kernel));
}

/** A (re, im) pair of vectors in scratch memory. */
export function loadPair(f: FunctionBuilder, address: Expr, offset: number): Pair<Expr> {
  return { re: f.load("v128.load", address, offset), im: f.load("v128.load", address, offset + VECTOR) };
}
