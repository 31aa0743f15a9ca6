// The matrix product kernel for [M, K] times [K, N] (ops/matmul.ts): vectors run across the columns of the result.
//
// A unit is one block of terms for a group of rows and a panel of columns. It is made of tiles, a few rows and vectors
// of sums in registers, with one pass over the terms for every lane of the summation order; finished lanes wait in
// scratch and are joined as the tree asks. A column of tiles is done before the next, so that its operand stays in the nearest cache.

import type { Expr, FunctionBuilder, Local } from "../../assembler/assembler.ts";
import type { Element } from "../element.ts";
import type { Kernel } from "../kernel.ts";
import { forTiles, readWords, type Tile, withTile } from "../tiles.ts";
import { termsOf } from "./terms.ts";

// Both measured: bench/RESULTS.md, "Tuned numbers".

/** Rows of a group. */
export const GROUP_ROWS = 32;
/** Bytes of a panel's rows. */
export const PANEL_BYTES = 512;

/**
 * Words of the kernel's table. `Bytes` are distances; a block's results are a plane apart. Sums of up to 64 terms have
 * one lane.
 */
export interface ColumnsSizes {
  readonly blocks: number;
  readonly blockTerms: number;
  readonly terms: number;
  readonly lanes: number;
  readonly rows: number;
  readonly width: number;
  readonly rowGroups: number;
  readonly panels: number;
  readonly aRowBytes: number;
  readonly bRowBytes: number;
  readonly bMatrixBytes: number;
  /** Rows of b lie in pieces, which hold whole panels, with a gap behind each. */
  readonly bPieceBytes: number;
  readonly bGapBytes: number;
  readonly outRowBytes: number;
  readonly planeBytes: number;
}

export const COLUMNS_SIZES: readonly (keyof ColumnsSizes)[] = [
  "blocks",
  "blockTerms",
  "terms",
  "lanes",
  "rows",
  "width",
  "rowGroups",
  "panels",
  "aRowBytes",
  "bRowBytes",
  "bMatrixBytes",
  "bPieceBytes",
  "bGapBytes",
  "outRowBytes",
  "planeBytes",
];

const REAL_TILES: readonly Tile[] = [
  [2, 4],
  [4, 1],
  [1, 4],
  [1, 1],
];
const COMPLEX_TILES: readonly Tile[] = [
  [2, 2],
  [1, 2],
  [1, 1],
];

/** Bytes of scratch: three waiting lanes of the largest tile. */
export const COLUMNS_SCRATCH = 3 * 8 * 16;

/** Address parameters: planes of a, planes of b, planes of the result, table. */
export function columnsKernel(e: Element<"f32" | "f64">, components: 1 | 2): Kernel {
  const addresses = 3 * components + 1;
  return {
    key: `matmulColumns/${e.type}/${components}`,
    addresses,
    emit: (module) =>
      module.func(null, new Array<"i32">(addresses + 3).fill("i32"), [], (f, ...params) =>
        emitColumns(f, e, components, params),
      ),
  };
}

function emitColumns(f: FunctionBuilder, e: Element<"f32" | "f64">, components: 1 | 2, params: readonly Local[]): void {
  const planes = (i: number): readonly Local[] => params.slice(i * components, (i + 1) * components);
  const [table, scratch, begin, end] = params.slice(3 * components);
  const add = (a: Expr, b: Expr | number): Expr => f.op("i32.add", a, b);
  const mul = (a: Expr, b: Expr | number): Expr => f.op("i32.mul", a, b);
  const least = (a: Expr, b: Expr | number): Expr => {
    const [x, y] = [f.let(a), typeof b === "number" ? b : f.let(b)];
    return f.select(x, y, f.op("i32.lt_s", x, y));
  };
  const size = readWords(f, table, COLUMNS_SIZES);
  const aStep = f.let(mul(size.lanes, e.bytes));
  const bStep = f.let(mul(size.lanes, size.bRowBytes));

  // Where the unit's operands and results begin in every plane; its rows, columns (in bytes) and terms (in bytes of a).
  const a = planes(0).map(() => f.local("i32"));
  const b = planes(1).map(() => f.local("i32"));
  const out = planes(2).map(() => f.local("i32"));
  const [rows, width, terms] = [0, 1, 2].map(() => f.local("i32"));
  const [row, column, lane, waiting, joins, aAt, bAt] = Array.from({ length: 7 }, () => f.local("i32"));

  const inTiles = ([down, across]: Tile): void => {
    const sums = Array.from({ length: down * across * components }, () => f.local("v128"));
    const tileBytes = sums.length * 16;
    forTiles(f, column, width, across * 16, () => {
      forTiles(f, row, rows, down, () => {
        const aRow = f.let(mul(row, size.aRowBytes));
        f.set(lane, 0);
        f.set(waiting, scratch);
        f.loop((nextLane) => {
          for (const sum of sums) f.set(sum, e.vector.zero);
          f.set(aAt, add(aRow, mul(lane, e.bytes)));
          f.set(bAt, add(column, mul(lane, size.bRowBytes)));
          const stop = f.let(add(aRow, terms));
          f.if(f.op("i32.lt_s", aAt, stop), () => {
            f.loop((again) => {
              const right = Array.from({ length: across }, (_, v) =>
                b.map((base) => f.load("v128.load", add(base, bAt), v * 16)),
              );
              let address: Expr[] = a.map((base) => add(base, aAt));
              for (let r = 0; r < down; r++) {
                if (r > 0) address = address.map((at) => add(at, size.aRowBytes));
                const left = address.map((at) => f.load(e.vector.splat, at));
                right.forEach((vector, v) => {
                  termsOf(f, e, left, vector).forEach((term, c) => {
                    const sum = sums[(r * across + v) * components + c];
                    f.set(sum, f.op(e.vector.add, sum, term));
                  });
                });
              }
              f.set(aAt, add(aAt, aStep));
              f.set(bAt, add(bAt, bStep));
              f.brIf(again, f.op("i32.lt_s", aAt, stop));
            });
          });
          // Lane 1 joins lane 0; lane 3 joins lane 2, and both the first two.
          f.set(joins, lane);
          f.block((done) => {
            f.loop((again) => {
              f.brIf(done, f.op("i32.eqz", f.op("i32.and", joins, 1)));
              f.set(waiting, f.op("i32.sub", waiting, tileBytes));
              sums.forEach((sum, i) => {
                f.set(sum, f.op(e.vector.add, f.load("v128.load", waiting, i * 16), sum));
              });
              f.set(joins, f.op("i32.shr_u", joins, 1));
              f.br(again);
            });
          });
          f.set(lane, add(lane, 1));
          f.if(f.op("i32.lt_s", lane, size.lanes), () => {
            sums.forEach((sum, i) => {
              f.store("v128.store", waiting, sum, i * 16);
            });
            f.set(waiting, add(waiting, tileBytes));
            f.br(nextLane);
          });
        });
        let to = out.map((base) => add(add(base, mul(row, size.outRowBytes)), column));
        for (let r = 0; r < down; r++) {
          if (r > 0) to = to.map((at) => add(at, size.outRowBytes));
          for (let v = 0; v < across; v++) {
            to.forEach((at, c) => {
              f.store("v128.store", at, sums[(r * across + v) * components + c], v * 16, e.bytes);
            });
          }
        }
      });
    });
  };

  const unit = f.local("i32");
  f.forRange(unit, begin, end, 1, () => {
    const panel = f.let(f.op("i32.rem_u", unit, size.panels));
    const byRow = f.op("i32.div_u", unit, size.panels);
    const group = f.let(f.op("i32.rem_u", byRow, size.rowGroups));
    const byBlock = f.op("i32.div_u", byRow, size.rowGroups);
    const block = f.let(f.op("i32.rem_u", byBlock, size.blocks));
    const matrix = f.let(f.op("i32.div_u", byBlock, size.blocks));

    const firstTerm = f.let(mul(block, size.blockTerms));
    const firstRow = f.let(mul(group, GROUP_ROWS));
    const firstColumn = f.let(mul(panel, PANEL_BYTES));
    f.set(terms, mul(least(f.op("i32.sub", size.terms, firstTerm), size.blockTerms), e.bytes));
    f.set(rows, least(f.op("i32.sub", size.rows, firstRow), GROUP_ROWS));
    f.set(width, least(f.op("i32.sub", size.width, firstColumn), PANEL_BYTES));
    const resultRow = f.let(add(mul(matrix, size.rows), firstRow));
    planes(0).forEach((plane, c) => {
      f.set(a[c], add(add(plane, mul(resultRow, size.aRowBytes)), mul(firstTerm, e.bytes)));
    });
    planes(1).forEach((plane, c) => {
      const start = add(mul(matrix, size.bMatrixBytes), mul(firstTerm, size.bRowBytes));
      const gaps = mul(f.op("i32.div_u", firstColumn, size.bPieceBytes), size.bGapBytes);
      f.set(b[c], add(add(plane, start), add(firstColumn, gaps)));
    });
    planes(2).forEach((plane, c) => {
      const start = add(mul(block, size.planeBytes), mul(resultRow, size.outRowBytes));
      f.set(out[c], add(add(plane, start), firstColumn));
    });

    const fits = ([down, across]: Tile): Expr =>
      f.op("i32.and", f.op("i32.ge_s", rows, down), f.op("i32.ge_s", width, across * 16));
    withTile(f, components === 2 ? COMPLEX_TILES : REAL_TILES, fits, inTiles);
  });
}
