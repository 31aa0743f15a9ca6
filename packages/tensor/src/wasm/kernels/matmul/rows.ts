// The matrix product kernel for [M, K] times the transpose of [N, K], for K above 64 (ops/matmul.ts): vectors run along
// the rows of both operands, so that their lanes are those of the summation order, and rows that are loaded serve several results.
//
// A unit is one block of terms for a pair of groups of rows. Its results are stored one plane per block, and added later.
// For a product of a matrix with its own transpose only one half is computed and stored twice: the terms commute.

import { BLOCK } from "../../../math/summation.ts";
import type { Expr, FunctionBuilder, Local } from "../../assembler/assembler.ts";
import type { Element } from "../element.ts";
import type { Kernel } from "../kernel.ts";
import { joinLanes } from "../loops/join.ts";
import { forTiles, readWords, type Tile, withTile } from "../tiles.ts";
import { termsOf } from "./terms.ts";

/** Rows of a group, of either operand. Measured: bench/RESULTS.md, "Tuned numbers". */
const GROUP_ROWS = 32;

/** Rows of the first operand that stay near whole, so that the second is read but once. */
const FEW_ROWS = 4;

/** Words of the kernel's table; `Bytes` are distances. */
export interface RowsSizes {
  readonly blocks: number;
  readonly terms: number;
  readonly pairs: number;
  /** 1: units of one pair are neighbours, and so its rows are read as they lie; 0: those of one block, which then stays near. */
  readonly blocksFirst: number;
  /** Where rows lie in pieces: the bytes of one, whole vectors, and the gaps behind one. */
  readonly pieceBytes: number;
  readonly aRowBytes: number;
  readonly aMatrixBytes: number;
  readonly aGapBytes: number;
  readonly bRowBytes: number;
  readonly bMatrixBytes: number;
  readonly bGapBytes: number;
  /** Distances between results of neighbouring rows of a, of neighbouring rows of b, of matrices and of blocks. */
  readonly outABytes: number;
  readonly outBBytes: number;
  readonly outMatrixBytes: number;
  readonly planeBytes: number;
}

const SIZES: readonly (keyof RowsSizes)[] = [
  "blocks",
  "terms",
  "pairs",
  "blocksFirst",
  "pieceBytes",
  "aRowBytes",
  "aMatrixBytes",
  "aGapBytes",
  "bRowBytes",
  "bMatrixBytes",
  "bGapBytes",
  "outABytes",
  "outBBytes",
  "outMatrixBytes",
  "planeBytes",
];

/** Byte offset of the mask of the last vector of a row (aligned), and of the pairs. */
const MASK_AT = Math.ceil((4 * SIZES.length) / 16) * 16;
const PAIRS_AT = MASK_AT + 16;

/** Groups of rows, [first, count], and their pairs as the table holds them. */
function pairsOf(aRows: number, bRows: number, own: boolean): number[][] {
  const groups = (rows: number): number[][] =>
    Array.from({ length: Math.ceil(rows / GROUP_ROWS) }, (_, i) => [
      i * GROUP_ROWS,
      Math.min(GROUP_ROWS, rows - i * GROUP_ROWS),
    ]);
  return groups(aRows).flatMap((x) => groups(bRows).flatMap((y) => (own && y[0] < x[0] ? [] : [[...x, ...y]])));
}

/** The table of a product, and the number of pairs of groups: units are matrices times blocks times pairs. */
export function rowsTable(
  sizes: Omit<RowsSizes, "pairs" | "blocksFirst">,
  rows: { readonly a: number; readonly b: number },
  own: boolean,
  e: Element<"f32" | "f64">,
): { table: Uint8Array; pairs: number } {
  const pairs = pairsOf(rows.a, rows.b, own);
  const all: RowsSizes = { ...sizes, pairs: pairs.length, blocksFirst: rows.a <= FEW_ROWS ? 1 : 0 };
  const table = new Int32Array(PAIRS_AT / 4 + 4 * pairs.length);
  SIZES.forEach((name, i) => {
    table[i] = all[name];
  });
  table.fill(-1, MASK_AT / 4, (MASK_AT + (sizes.terms % e.lanes) * e.bytes) / 4);
  table.set(pairs.flat(), PAIRS_AT / 4);
  return { table: new Uint8Array(table.buffer), pairs: pairs.length };
}

const REAL_TILES: readonly Tile[] = [
  [2, 4],
  [2, 2],
  [1, 4],
  [1, 1],
];
const COMPLEX_TILES: readonly Tile[] = [
  [2, 2],
  [1, 2],
  [1, 1],
];

interface RowsForm {
  /** Both operands are the same matrix. */
  readonly own: boolean;
  /** Rows of some operand lie in pieces (pieces.ts). */
  readonly inPieces: boolean;
}

/** Address parameters: planes of a, planes of b, planes of the result, table. */
export function rowsKernel(e: Element<"f32" | "f64">, components: 1 | 2, form: RowsForm): Kernel {
  const addresses = 3 * components + 1;
  return {
    key: `matmulRows/${e.type}/${components}/${form.own}/${form.inPieces}`,
    addresses,
    emit: (module) =>
      module.func(null, new Array<"i32">(addresses + 3).fill("i32"), [], (f, ...params) =>
        emitRows(f, e, components, form, params),
      ),
  };
}

function emitRows(
  f: FunctionBuilder,
  e: Element<"f32" | "f64">,
  components: 1 | 2,
  { own, inPieces }: RowsForm,
  params: readonly Local[],
): void {
  const planes = (i: number): readonly Local[] => params.slice(i * components, (i + 1) * components);
  const [table, , begin, end] = params.slice(3 * components);
  const add = (a: Expr, b: Expr | number): Expr => f.op("i32.add", a, b);
  const mul = (a: Expr, b: Expr | number): Expr => f.op("i32.mul", a, b);
  const size = readWords(f, table, SIZES);
  const mask = f.let(f.load("v128.load", table, MASK_AT));

  // Where the unit's operands and results begin in every plane; the bytes of its rows' whole vectors.
  const a = planes(0).map(() => f.local("i32"));
  const b = planes(1).map(() => f.local("i32"));
  const out = planes(2).map(() => f.local("i32"));
  const [aRows, bRows, aFirst, bFirst, whole, tail] = Array.from({ length: 6 }, () => f.local("i32"));
  const [i, j, at] = [0, 1, 2].map(() => f.local("i32"));
  // Pieces: which one the unit begins in, and where in it (in bytes); and where a tile is.
  const [firstPiece, inFirst, left, inPiece] = [0, 1, 2, 3].map(() => f.local("i32"));

  const inTiles = ([down, across]: Tile): void => {
    const sums = Array.from({ length: down * across * components }, () => f.local("v128"));
    /** Adds the terms of one vector of columns, in all lanes or in those that are in the row. */
    const addTerms = (aAt: readonly Expr[], bAt: readonly Expr[], masked: boolean): void => {
      const loadRows = (bases: readonly Expr[], rowBytes: Expr, count: number): Expr[][] => {
        let address: readonly Expr[] = bases;
        return Array.from({ length: count }, (_, r) => {
          if (r > 0) address = address.map((x) => add(x, rowBytes));
          return address.map((x) => f.load("v128.load", x));
        });
      };
      const left = loadRows(aAt, size.aRowBytes, down);
      const right = loadRows(bAt, size.bRowBytes, across);
      left.forEach((x, r) => {
        right.forEach((y, s) => {
          termsOf(f, e, x, y).forEach((term, c) => {
            const sum = sums[(r * across + s) * components + c];
            f.set(sum, f.op(e.vector.add, sum, masked ? f.op("v128.and", term, mask) : term));
          });
        });
      });
    };

    const oneTile = (): void => {
      const aBase = a.map((base) => f.let(add(base, mul(i, size.aRowBytes))));
      const bBase = b.map((base) => f.let(add(base, mul(j, size.bRowBytes))));
      const from = (bases: readonly Expr[], bytes: Expr): Expr[] => bases.map((base) => add(base, bytes));
      for (const sum of sums) f.set(sum, e.vector.zero);
      if (inPieces) {
        f.set(left, whole);
        f.set(inPiece, inFirst);
        const starts = [aBase, bBase].map((bases, side) => {
          const gap = side === 0 ? size.aGapBytes : size.bGapBytes;
          const start = add(mul(firstPiece, add(size.pieceBytes, gap)), inFirst);
          const places = bases.map((base) => {
            const place = f.local("i32");
            f.set(place, add(base, start));
            return place;
          });
          return { gap, places };
        });
        f.loop((again) => {
          const rest = f.let(f.op("i32.sub", size.pieceBytes, inPiece));
          const bytes = f.let(f.select(rest, left, f.op("i32.lt_s", rest, left)));
          const [x, y] = starts.map(({ places }) => places);
          f.forRange(at, 0, bytes, 16, () => addTerms(from(x, at), from(y, at), false));
          for (const { gap, places } of starts) {
            for (const place of places) f.set(place, add(place, add(bytes, gap)));
          }
          f.set(inPiece, 0);
          f.set(left, f.op("i32.sub", left, bytes));
          f.brIf(again, left);
        });
      } else {
        f.forRange(at, 0, whole, 16, () => addTerms(from(aBase, at), from(bBase, at), false));
      }
      f.if(tail, () => addTerms(from(aBase, whole), from(bBase, whole), true));
      for (let r = 0; r < down; r++) {
        for (let s = 0; s < across; s++) {
          const [m, n] = [add(add(aFirst, i), r), add(add(bFirst, j), s)];
          const to = add(mul(m, size.outABytes), mul(n, size.outBBytes));
          const mirrored = add(mul(n, size.outABytes), mul(m, size.outBBytes));
          out.forEach((base, c) => {
            const sum = joinLanes(f, "sum", e.type, sums[(r * across + s) * components + c]);
            f.store(`${e.type}.store`, add(base, to), sum);
            if (own) f.store(`${e.type}.store`, add(base, mirrored), sum);
          });
        }
      }
    };

    forTiles(f, i, aRows, down, () =>
      forTiles(f, j, bRows, across, () => {
        // Tiles wholly below the diagonal are mirrors of others.
        if (own) f.if(f.op("i32.ge_s", add(add(bFirst, j), across - 1), add(aFirst, i)), oneTile);
        else oneTile();
      }),
    );
  };

  const unit = f.local("i32");
  const units = f.let(mul(size.blocks, size.pairs));
  f.forRange(unit, begin, end, 1, () => {
    const matrix = f.let(f.op("i32.div_u", unit, units));
    const within = f.let(f.op("i32.rem_u", unit, units));
    const pair = f.select(
      f.op("i32.div_u", within, size.blocks),
      f.op("i32.rem_u", within, size.pairs),
      size.blocksFirst,
    );
    const block = f.let(
      f.select(f.op("i32.rem_u", within, size.blocks), f.op("i32.div_u", within, size.pairs), size.blocksFirst),
    );
    const record = f.let(add(table, f.op("i32.shl", pair, 4)));
    [aFirst, aRows, bFirst, bRows].forEach((local, word) => {
      f.set(local, f.load("i32.load", record, PAIRS_AT + 4 * word));
    });
    const firstTerm = f.let(mul(block, BLOCK));
    const left = f.let(f.op("i32.sub", size.terms, firstTerm));
    const last = f.op("i32.le_s", left, BLOCK);
    const count = f.select(left, BLOCK, last);
    f.set(whole, mul(f.op("i32.and", count, -e.lanes), e.bytes));
    f.set(tail, f.op("i32.and", count, e.lanes - 1));
    const first = f.let(mul(firstTerm, e.bytes));
    if (inPieces) {
      f.set(firstPiece, f.op("i32.div_u", first, size.pieceBytes));
      f.set(inFirst, f.op("i32.rem_u", first, size.pieceBytes));
    }
    const behind = inPieces ? 0 : first;
    planes(0).forEach((plane, c) => {
      const start = add(mul(matrix, size.aMatrixBytes), mul(aFirst, size.aRowBytes));
      f.set(a[c], add(add(plane, start), behind));
    });
    planes(1).forEach((plane, c) => {
      const start = add(mul(matrix, size.bMatrixBytes), mul(bFirst, size.bRowBytes));
      f.set(b[c], add(add(plane, start), behind));
    });
    planes(2).forEach((plane, c) => {
      f.set(out[c], add(add(plane, mul(block, size.planeBytes)), mul(matrix, size.outMatrixBytes)));
    });

    const fits = ([down, across]: Tile): Expr =>
      f.op("i32.and", f.op("i32.ge_s", aRows, down), f.op("i32.ge_s", bRows, across));
    withTile(f, components === 2 ? COMPLEX_TILES : REAL_TILES, fits, inTiles);
  });
}
