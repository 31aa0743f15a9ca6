// The matrix product kernel for one row times [K, N], as of a linear layer's gradient (ops/matmul.ts). There is as much to read as to
// compute, so the matrix is read in the order of memory: whole stretches of a few rows at a time, whose terms are of one lane.
//
// A unit is one block of terms for a panel of columns. Sums of a panel stay in scratch, those of each lane behind each other.

import type { Expr } from "../../assembler/assembler.ts";
import type { Element } from "../element.ts";
import { type Kernel, kernelSignature } from "../kernel.ts";
import { readWords } from "../tiles.ts";

/** Bytes of a panel: a page, so that a row of the matrix takes one look at the table of pages. */
export const ROW_PANEL_BYTES = 4096;

/** Rows of the matrix that are read side by side. */
const TOGETHER = 4;

/** Words of the kernel's table. `Bytes` are distances; a block's results are a plane apart. Sums of up to 64 terms have one lane. */
export interface RowSizes {
  readonly blocks: number;
  readonly blockTerms: number;
  readonly terms: number;
  readonly lanes: number;
  readonly width: number;
  readonly panels: number;
  readonly aMatrixBytes: number;
  readonly bRowBytes: number;
  readonly outMatrixBytes: number;
  readonly planeBytes: number;
}

export const ROW_SIZES: readonly (keyof RowSizes)[] = [
  "blocks",
  "blockTerms",
  "terms",
  "lanes",
  "width",
  "panels",
  "aMatrixBytes",
  "bRowBytes",
  "outMatrixBytes",
  "planeBytes",
];

/** Bytes of scratch: a panel for every lane. */
export const rowScratch = (e: Element): number => e.lanes * ROW_PANEL_BYTES;

/** Address parameters: a, b, the result, table. */
export function rowKernel(e: Element<"f32" | "f64">): Kernel {
  return {
    key: `matmulRow/${e.type}`,
    addresses: 4,
    emit: (module) =>
      module.func(null, kernelSignature(4), [], (f, a, b, out, table, scratch, begin, end) => {
        const add = (x: Expr, y: Expr | number): Expr => f.op("i32.add", x, y);
        const mul = (x: Expr, y: Expr | number): Expr => f.op("i32.mul", x, y);
        const sub = (x: Expr, y: Expr | number): Expr => f.op("i32.sub", x, y);
        const least = (x: Expr, y: Expr | number): Expr => f.select(x, y, f.op("i32.lt_s", x, y));
        const size = readWords(f, table, ROW_SIZES);
        const { vector } = e;
        const step = f.let(mul(size.lanes, size.bRowBytes));
        const [unit, lane, left, at, aAt, bAt, width, sums] = Array.from({ length: 8 }, () => f.local("i32"));

        /** Adds the terms of so many rows to the lane's sums, and goes on to the rows behind. */
        const addRows = (count: number): void => {
          const factors = Array.from({ length: count }, (_, i) =>
            f.let(f.load(vector.splat, add(aAt, mul(size.lanes, i * e.bytes)))),
          );
          const rows: Expr[] = [bAt];
          for (let i = 1; i < count; i++) rows.push(f.let(add(rows[i - 1], step)));
          f.forRange(at, 0, width, 16, () => {
            let sum = f.load("v128.load", add(sums, at));
            rows.forEach((row, i) => {
              sum = f.op(vector.add, sum, f.op(vector.mul, factors[i], f.load("v128.load", add(row, at))));
            });
            f.store("v128.store", add(sums, at), sum);
          });
          f.set(aAt, add(aAt, mul(size.lanes, count * e.bytes)));
          f.set(bAt, add(bAt, mul(step, count)));
          f.set(left, sub(left, count));
        };

        f.forRange(unit, begin, end, 1, () => {
          const panel = f.let(f.op("i32.rem_u", unit, size.panels));
          const byPanel = f.op("i32.div_u", unit, size.panels);
          const block = f.let(f.op("i32.rem_u", byPanel, size.blocks));
          const matrix = f.let(f.op("i32.div_u", byPanel, size.blocks));
          const firstTerm = f.let(mul(block, size.blockTerms));
          const firstColumn = f.let(mul(panel, ROW_PANEL_BYTES));
          const terms = f.let(least(f.let(sub(size.terms, firstTerm)), size.blockTerms));
          f.set(width, least(f.let(sub(size.width, firstColumn)), ROW_PANEL_BYTES));
          const aFirst = f.let(add(a, add(mul(matrix, size.aMatrixBytes), mul(firstTerm, e.bytes))));
          const row = add(mul(matrix, size.terms), firstTerm);
          const bFirst = f.let(add(b, add(mul(row, size.bRowBytes), firstColumn)));

          f.set(sums, scratch);
          f.forRange(lane, 0, size.lanes, 1, () => {
            f.forRange(at, 0, width, 16, () => f.store("v128.store", add(sums, at), vector.zero));
            f.set(aAt, add(aFirst, mul(lane, e.bytes)));
            f.set(bAt, add(bFirst, mul(lane, size.bRowBytes)));
            // Terms lane, lane + lanes, ... below `terms`.
            f.set(left, f.op("i32.div_s", sub(add(sub(terms, lane), size.lanes), 1), size.lanes));
            f.block((done) => {
              f.loop((again) => {
                f.brIf(done, f.op("i32.lt_s", left, TOGETHER));
                addRows(TOGETHER);
                f.br(again);
              });
            });
            f.block((done) => {
              f.loop((again) => {
                f.brIf(done, f.op("i32.le_s", left, 0));
                addRows(1);
                f.br(again);
              });
            });
            f.set(sums, add(sums, ROW_PANEL_BYTES));
          });

          const to = f.let(
            add(add(out, add(mul(block, size.planeBytes), mul(matrix, size.outMatrixBytes))), firstColumn),
          );
          const sumOf = (n: number): Expr => f.load("v128.load", add(scratch, at), n * ROW_PANEL_BYTES);
          const pair = (n: number): Expr => f.op(vector.add, sumOf(n), sumOf(n + 1));
          const all = e.lanes === 2 ? () => pair(0) : () => f.op(vector.add, pair(0), pair(2));
          f.if(
            f.op("i32.eq", size.lanes, 1),
            () => f.memoryCopy(to, scratch, width),
            () => f.forRange(at, 0, width, 16, () => f.store("v128.store", add(to, at), all())),
          );
        });
      }),
  };
}
