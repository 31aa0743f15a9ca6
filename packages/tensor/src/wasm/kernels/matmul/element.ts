// What the two matrix product kernels share: element types, terms of complex numbers, sizes read from a table, tiles.

import {
  type Expr,
  type FunctionBuilder,
  f32x4Const,
  f64x2Const,
  type LoadName,
  type Local,
  type OpName,
} from "../../assembler/assembler.ts";

/** Instructions for vectors of one element type. */
export interface Element {
  readonly type: "f32" | "f64";
  readonly bytes: 4 | 8;
  readonly lanes: 4 | 2;
  readonly splat: LoadName;
  readonly add: OpName;
  readonly sub: OpName;
  readonly mul: OpName;
  readonly zero: Expr;
}

export const F64: Element = {
  type: "f64",
  bytes: 8,
  lanes: 2,
  splat: "v128.load64_splat",
  add: "f64x2.add",
  sub: "f64x2.sub",
  mul: "f64x2.mul",
  zero: f64x2Const(0),
};

export const F32: Element = {
  type: "f32",
  bytes: 4,
  lanes: 4,
  splat: "v128.load32_splat",
  add: "f32x4.add",
  sub: "f32x4.sub",
  mul: "f32x4.mul",
  zero: f32x4Const(0),
};

/** The terms a b of a sum, one vector per component (ops/matmul.ts). */
export function termsOf(f: FunctionBuilder, e: Element, a: readonly Expr[], b: readonly Expr[]): Expr[] {
  const product = (i: number, j: number): Expr => f.op(e.mul, a[i], b[j]);
  if (a.length === 1) return [product(0, 0)];
  return [f.op(e.sub, product(0, 0), product(1, 1)), f.op(e.add, product(0, 1), product(1, 0))];
}

/** Reads named 32-bit words from the start of a table. */
export function readWords<K extends string>(f: FunctionBuilder, table: Local, names: readonly K[]): Record<K, Expr> {
  return Object.fromEntries(names.map((name, i) => [name, f.let(f.load("i32.load", table, 4 * i))])) as Record<K, Expr>;
}

/**
 * Counts `cursor` from 0 in steps of `size`, the last step shortened so that it ends at `total` >= size: the last tile
 * may do some elements again, to the same values, and none lies outside.
 */
export function forTiles(f: FunctionBuilder, cursor: Local, total: Expr, size: number, body: () => void): void {
  const last = f.let(f.op("i32.sub", total, size));
  f.set(cursor, 0);
  f.loop((again) => {
    body();
    const done = f.let(f.op("i32.eq", cursor, last));
    const next = f.let(f.op("i32.add", cursor, size));
    f.set(cursor, f.select(next, last, f.op("i32.lt_s", next, last)));
    f.brIf(again, f.op("i32.eqz", done));
  });
}

/** How many rows of the first and rows (or vectors) of the second operand a tile spans. */
export type Tile = readonly [down: number, across: number];

/** Emits `body` for the first tile that fits (the last one always does); which one is known when the kernel runs. */
export function withTile(
  f: FunctionBuilder,
  tiles: readonly Tile[],
  fits: (tile: Tile) => Expr,
  body: (tile: Tile) => void,
): void {
  const [first, ...others] = tiles;
  if (others.length === 0) {
    body(first);
    return;
  }
  f.if(
    fits(first),
    () => body(first),
    () => withTile(f, others, fits, body),
  );
}
