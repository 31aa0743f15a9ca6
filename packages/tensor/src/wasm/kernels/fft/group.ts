// A group of lines that are transformed together, every lane of a SIMD vector working on a line of its own: what its kernel
// knows of it, and where its data lies.

import type { Pair } from "../../../math/butterfly.ts";
import type { Plan } from "../../../math/fft.ts";
import type { Expr, FunctionBuilder, Local } from "../../assembler/assembler.ts";
import type { Share } from "./shares.ts";
import { type Lanes, VECTOR } from "./vectors.ts";

/** One side of a group of lines: where it lies. */
export interface Side {
  /** Bytes from one element of a line to the next, from block to block, and from one batch member (of rows: row) to the next. */
  readonly element: number;
  readonly block: number;
  readonly batch: number;
  /** Lanes of every vector that hold data: of the real parts, and of the imaginary ones. */
  readonly re: number;
  readonly im: number;
}

export interface LineKernel {
  readonly lanes: Lanes;
  readonly plan: Plan;
  readonly share: Share;
  readonly inverse: boolean;
  /** Whether lines are rows, whose elements follow each other, instead of columns. */
  readonly alongRows: boolean;
  readonly vectors: number;
  /** Lines in one batch member, at least as many as a group has, or less than a vector. Groups may overlap. Not for rows. */
  readonly lines: number;
  readonly groups: number;
  readonly from: Side;
  readonly to: Side;
  /** Whether the imaginary parts of the last of all lines are 0, whatever lies there; the table ends with a mask then. */
  readonly masked: boolean;
  /** Whether the result is folded (halves.ts). */
  readonly folds: boolean;
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
  /** Folded results only: the distance from a row to the one it is folded onto. */
  readonly fold: Local;
  /** The number of the block. */
  readonly block: Local;
  readonly scratch: Local;
  readonly table: Local;
  /** The part of the mask that belongs to the group. */
  readonly mask: Local;
}

/** Bytes of one row of scratch memory: an element of every line. */
export function scratchRowBytes({ vectors }: LineKernel): number {
  return vectors * 2 * VECTOR;
}

/** Where stage `index` of the share leaves its result. */
export function scratchBuffer(f: FunctionBuilder, kernel: LineKernel, { scratch }: Places, index: number): Expr {
  return f.op("i32.add", scratch, index % 2 === 0 ? 0 : kernel.share.length * scratchRowBytes(kernel));
}

/** A (re, im) pair of vectors in scratch memory. */
export function loadPair(f: FunctionBuilder, address: Expr, offset: number): Pair<Expr> {
  return { re: f.load("v128.load", address, offset), im: f.load("v128.load", address, offset + VECTOR) };
}
