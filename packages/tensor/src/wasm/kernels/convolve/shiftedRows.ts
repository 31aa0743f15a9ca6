// The kernel of correlate1d and conv2d: sums of shifted rows, each times one tap, for several output channels side by side, so
// that every operand vector that is loaded serves all of them.
//
// A unit is a few output channels of a group, on a block of rows and columns. It first copies their taps into scratch, as
// records in the order of summation: where the tap's operand lies from a result's first, then the tap of every output. Then tiles
// of sums in registers run over the records, some of them at a time, so that the operands' pages and lines stay near. The last
// tile of rows, columns and outputs may do some elements again, to the same values, and so nothing outside the rows is read.
//
// Neighbouring results have neighbouring operands here: a strided convolution's are brought together first (convolve.ts).
//
// Sums start from -0: (-0) + p is p for every product p, -0 included, so the first tap needs no case of its own.

import type { Expr, FunctionBuilder, Local, Operand } from "../../assembler/assembler.ts";
import type { Element, Instructions } from "../element.ts";
import { type Kernel, kernelSignature } from "../kernel.ts";
import { forTiles, readWords, type Tile, withTile } from "../tiles.ts";

/** Output channels that a tile can have. */
export type Outputs = 1 | 2 | 3 | 4;

/**
 * Result rows and vectors of the tiles by their number of outputs, best first. Up to Node 22 all operands of a step are loaded
 * before any is used: with more than these, registers are too few.
 */
const TILES: Readonly<Record<Outputs, readonly Tile[]>> = {
  1: [
    [2, 3],
    [1, 4],
    [4, 1],
    [1, 1],
  ],
  2: [
    [1, 4],
    [2, 2],
    [4, 1],
    [1, 1],
  ],
  3: [
    [1, 2],
    [2, 1],
    [1, 1],
  ],
  4: [
    [1, 2],
    [2, 1],
    [1, 1],
  ],
};

/** Rows of a block, at most. Measured: bench/RESULTS.md, "Tuned numbers". */
const ROWS = 8;

/** Bytes of a block's rows, about: for one output, and for several, which share operands that should stay near. Measured, too. */
const WIDE_SPAN = 2048;
const SPAN = 512;

/** Taps that all of a unit's tiles run over before the next ones are begun. Measured, too. */
const TAPS = 128;

/**
 * Sizes the kernel reads from its table, in this order; `Bytes` are distances. Then come the offsets of a tap row's taps from its
 * first, and those of the tap rows.
 */
export interface ConvolutionSizes {
  /** Result rows of a block, and of an image. */
  readonly blockRows: number;
  readonly rows: number;
  readonly rowBlocks: number;
  /** Bytes of a block's result rows but the last's, which takes what is left. */
  readonly span: number;
  readonly width: number;
  readonly spans: number;
  /** Tiles of outputs in a group. */
  readonly tiles: number;
  readonly groups: number;
  readonly outputsPerGroup: number;
  readonly imageBytes: number;
  readonly groupBytes: number;
  readonly rowBytes: number;
  readonly outRowBytes: number;
  readonly outPlaneBytes: number;
  readonly weightBytes: number;
  readonly tapRows: number;
  /** Taps in a tap row. */
  readonly taps: number;
  readonly weightTapBytes: number;
  readonly weightRowBytes: number;
}

export const CONVOLUTION_SIZES: readonly (keyof ConvolutionSizes)[] = [
  "blockRows",
  "rows",
  "rowBlocks",
  "span",
  "width",
  "spans",
  "tiles",
  "groups",
  "outputsPerGroup",
  "imageBytes",
  "groupBytes",
  "rowBytes",
  "outRowBytes",
  "outPlaneBytes",
  "weightBytes",
  "tapRows",
  "taps",
  "weightTapBytes",
  "weightRowBytes",
];

/** How many outputs a tile takes of a group's: as many as divide them, if any does. */
export const outputsOfTile = (outputs: number): Outputs =>
  ([4, 3, 2] as const).find((n) => outputs % n === 0) ?? (outputs > 4 ? 4 : 1);

/** How results of `rows` by `width` bytes are cut into blocks. */
export function blocksOf(
  rows: number,
  width: number,
  outputs: Outputs,
): Pick<ConvolutionSizes, "blockRows" | "rows" | "rowBlocks" | "span" | "width" | "spans"> {
  const blockRows = Math.ceil(rows / Math.ceil(rows / ROWS));
  const spans = Math.max(1, Math.floor(width / (outputs === 1 ? WIDE_SPAN : SPAN)));
  const span = Math.floor(width / spans / 16) * 16;
  return { blockRows, rows, rowBlocks: Math.ceil(rows / blockRows), span, width, spans };
}

/** Bytes of a record: the offset, and a tap of every output. */
const recordBytes = (e: Element, outputs: Outputs): number => (1 + outputs) * e.bytes;

/** Bytes of scratch: records, and a block's sums while they wait for the next taps. */
export function scratchOf(
  e: Element,
  outputs: Outputs,
  taps: number,
  { blockRows, width, span, spans }: Pick<ConvolutionSizes, "blockRows" | "width" | "span" | "spans">,
): number {
  // A tile may be three vectors wider than what is left of a row, and three rows higher than what is left of a block.
  const sums = outputs * (blockRows + 3) * (width - span * (spans - 1) + 48);
  return taps * recordBytes(e, outputs) + (taps > TAPS ? sums : 0);
}

/** The kernel for elements of one type, and tiles of so many outputs. */
export function convolutionKernel(e: Element, outputs: Outputs): Kernel {
  return {
    key: `convolution/${e.type}/${outputs}`,
    addresses: 4,
    emit: (module) =>
      module.func(null, kernelSignature(4), [], (f, x, weight, out, table, scratch, begin, end) =>
        emitConvolution(f, e, outputs, { x, weight, out, table, scratch, begin, end }),
      ),
  };
}

interface Params {
  readonly x: Local;
  readonly weight: Local;
  readonly out: Local;
  readonly table: Local;
  readonly scratch: Local;
  readonly begin: Local;
  readonly end: Local;
}

function emitConvolution(f: FunctionBuilder, e: Element, outputs: Outputs, params: Params): void {
  const add = (a: Operand, b: Operand): Expr => f.op("i32.add", a, b);
  const mul = (a: Operand, b: Operand): Expr => f.op("i32.mul", a, b);
  const sub = (a: Operand, b: Operand): Expr => f.op("i32.sub", a, b);
  const size = readWords(f, params.table, CONVOLUTION_SIZES);
  const least = (a: Expr, b: Expr | number): Expr => f.select(a, b, f.op("i32.lt_s", a, b));
  const tapsAt = f.let(add(params.table, 4 * CONVOLUTION_SIZES.length));
  const tapsBytes = f.let(f.op("i32.shl", size.taps, 2));
  const tapRowsBytes = f.let(f.op("i32.shl", size.tapRows, 2));
  const tapRowsAt = f.let(add(tapsAt, tapsBytes));
  const record = recordBytes(e, outputs);
  const recordsEnd = f.let(add(params.scratch, mul(mul(size.tapRows, size.taps), record)));

  // Where the current unit's operands, taps and results begin; its rows, and its columns in bytes.
  const [source, taps, target, rows, width] = [0, 1, 2, 3, 4].map(() => f.local("i32"));
  const [row, column, tapRow, tap, weightRow, weightAt, at, chunk, waiting] = Array.from({ length: 9 }, () =>
    f.local("i32"),
  );

  /** Copies the outputs' taps into records. */
  const gatherTaps = (): void => {
    f.set(at, params.scratch);
    f.set(weightRow, taps);
    // Not from address to address: those beyond 2 GiB are negative.
    f.forRange(tapRow, 0, tapRowsBytes, 4, () => {
      f.set(weightAt, weightRow);
      const rowOffset = f.let(f.load("i32.load", add(tapRowsAt, tapRow)));
      f.forRange(tap, 0, tapsBytes, 4, () => {
        f.store("i32.store", at, add(rowOffset, f.load("i32.load", add(tapsAt, tap))));
        let from: Expr = weightAt;
        for (let o = 0; o < outputs; o++) {
          if (o > 0) from = add(from, size.weightBytes);
          f.store(e.single.store, at, f.load(e.single.load, from), (1 + o) * e.bytes);
        }
        f.set(at, add(at, record));
        f.set(weightAt, add(weightAt, size.weightTapBytes));
      });
      f.set(weightRow, add(weightRow, size.weightRowBytes));
    });
  };

  /** A tile at `row` and `column`: its sums go on from what the taps before `chunk` made, up to those at `chunkEnd`. */
  const oneTile = (use: Instructions, [down, across]: Tile, chunkEnd: Expr): void => {
    const sums = Array.from({ length: outputs * down * across }, () => f.local(use.neutral.type));
    f.if(
      f.op("i32.eq", chunk, params.scratch),
      () => {
        for (const sum of sums) f.set(sum, use.neutral);
      },
      () => {
        sums.forEach((sum, i) => {
          f.set(sum, f.load(use.load, waiting, i * use.bytes, e.bytes));
        });
      },
    );
    const from = f.let(add(add(source, mul(row, size.rowBytes)), column));
    f.set(at, chunk);
    f.loop((again) => {
      let address: Expr = add(from, f.load("i32.load", at));
      const operands = Array.from({ length: down * across }, (_, i) => {
        if (i > 0 && i % across === 0) address = add(address, size.rowBytes);
        return f.load(use.load, address, (i % across) * use.bytes, e.bytes);
      });
      for (let o = 0; o < outputs; o++) {
        const weight = f.load(use.splat, at, (1 + o) * e.bytes);
        operands.forEach((operand, i) => {
          const sum = sums[o * operands.length + i];
          f.set(sum, f.op(use.add, sum, f.op(use.mul, operand, weight)));
        });
      }
      f.set(at, add(at, record));
      f.brIf(again, f.op("i32.ne", at, chunkEnd));
    });
    f.if(
      f.op("i32.ne", chunkEnd, recordsEnd),
      () => {
        sums.forEach((sum, i) => {
          f.store(use.store, waiting, sum, i * use.bytes, e.bytes);
        });
      },
      () => {
        let plane = add(add(target, mul(row, size.outRowBytes)), column);
        for (let o = 0; o < outputs; o++) {
          if (o > 0) plane = add(plane, size.outPlaneBytes);
          let to: Expr = plane;
          for (let i = 0; i < down * across; i++) {
            if (i > 0 && i % across === 0) to = add(to, size.outRowBytes);
            f.store(use.store, to, sums[o * down * across + i], (i % across) * use.bytes, e.bytes);
          }
        }
      },
    );
    f.set(waiting, add(waiting, sums.length * use.bytes));
  };

  /** All results of the unit, in tiles. The unit has at least one tile's rows and columns. */
  const inTiles = (use: Instructions, tile: Tile): void => {
    f.set(chunk, params.scratch);
    f.loop((next) => {
      f.set(waiting, recordsEnd);
      const chunkEnd = f.let(add(chunk, least(f.let(sub(recordsEnd, chunk)), TAPS * record)));
      const [down, across] = tile;
      forTiles(f, row, rows, down, () =>
        forTiles(f, column, width, across * use.bytes, () => oneTile(use, tile, chunkEnd)),
      );
      f.set(chunk, chunkEnd);
      f.brIf(next, f.op("i32.ne", chunk, recordsEnd));
    });
  };

  const unit = f.local("i32");
  f.forRange(unit, params.begin, params.end, 1, () => {
    const tile = f.op("i32.rem_u", unit, size.tiles);
    const byTile = f.let(f.op("i32.div_u", unit, size.tiles));
    const spanIndex = f.let(f.op("i32.rem_u", byTile, size.spans));
    const bySpan = f.let(f.op("i32.div_u", byTile, size.spans));
    const firstRow = f.let(mul(f.op("i32.rem_u", bySpan, size.rowBlocks), size.blockRows));
    const byBlock = f.let(f.op("i32.div_u", bySpan, size.rowBlocks));
    const group = f.let(f.op("i32.rem_u", byBlock, size.groups));
    const image = f.op("i32.div_u", byBlock, size.groups);

    const within = least(f.let(mul(tile, outputs)), f.let(sub(size.outputsPerGroup, outputs)));
    const output = f.let(add(mul(group, size.outputsPerGroup), within));
    const firstColumn = f.let(mul(spanIndex, size.span));
    f.set(rows, least(f.let(sub(size.rows, firstRow)), size.blockRows));
    const isLast = f.op("i32.eq", add(spanIndex, 1), size.spans);
    f.set(width, f.select(sub(size.width, firstColumn), size.span, isLast));
    const base = add(params.x, add(mul(image, size.imageBytes), mul(group, size.groupBytes)));
    f.set(source, add(base, add(mul(firstRow, size.rowBytes), firstColumn)));
    f.set(taps, add(params.weight, mul(output, size.weightBytes)));
    const plane = add(mul(image, mul(size.groups, size.outputsPerGroup)), output);
    f.set(
      target,
      add(add(params.out, mul(plane, size.outPlaneBytes)), add(mul(firstRow, size.outRowBytes), firstColumn)),
    );

    gatherTaps();
    const vectors = f.let(f.op("i32.shr_u", add(width, 15), 4));
    const fits = ([down, across]: Tile): Expr => {
      const holds = f.op("i32.and", f.op("i32.ge_s", rows, down), f.op("i32.ge_s", width, across * 16));
      // Of four or eight vectors, threes would do too many again; twelve do as well in fours.
      return across === 3 ? f.op("i32.and", holds, f.op("i32.ne", f.op("i32.or", vectors, 12), 12)) : holds;
    };
    f.if(
      f.op("i32.ge_s", width, 16),
      () => withTile(f, TILES[outputs], fits, (tile) => inTiles(e.vector, tile)),
      () => inTiles(e.single, [1, 1]),
    );
  });
}
