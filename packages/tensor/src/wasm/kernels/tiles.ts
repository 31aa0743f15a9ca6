// How kernels cut their work into tiles that fill the registers, and tables of sizes that they read at the start.

import type { Expr, FunctionBuilder, Local } from "../assembler/assembler.ts";

/** The bytes of a table of 32-bit words. Words of 2^31 and more wrap: addresses are unsigned. */
export function wordsOf(words: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(words, (w) => w | 0).buffer);
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
