// The convolution kernel for several output channels side by side: every operand vector that is loaded serves all of them.
//
// A unit is a few output channels of a group, on a block of rows and columns. It first copies their taps into scratch, as
// records in the order of summation: where the tap's operand lies from a result's first, then the tap of every output. Then a
// tile of sums in registers runs over the records. The last tile of a row, and the last rows, channels and columns, may do some
// elements again, to the same values, and so nothing outside the rows is read.
//
// Sums start from -0: (-0) + p is p for every product p, -0 included, so the first tap needs no case of its own.

import type { Expr, FunctionBuilder, Local, Operand } from "../../assembler/assembler.ts";
import type { Element, Instructions } from "../element.ts";
import { type Kernel, kernelSignature } from "../kernel.ts";
import { forTiles, readWords } from "../tiles.ts";
import { loadStrided } from "./strided.ts";

/** Output channels that a tile can have. */
export type Outputs = 2 | 3 | 4;

/** Rows of a block at most, and bytes of a block's rows, about. */
const ROWS = 8;
const SPAN_BYTES = 512;

/** Sizes the kernel reads from its table, in this order; `Bytes` are distances. Offsets of the tap rows follow. */
export interface OutputsSizes {
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
  readonly tapBytes: number;
  readonly weightTapBytes: number;
  readonly weightRowBytes: number;
}

export const OUTPUTS_SIZES: readonly (keyof OutputsSizes)[] = [
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
  "tapBytes",
  "weightTapBytes",
  "weightRowBytes",
];

/** How many outputs a tile takes of a group's: as many as divide them, if any does. */
export const outputsOfTile = (outputs: number): Outputs =>
  ([4, 3, 2] as const).find((n) => outputs % n === 0) ?? (outputs > 4 ? 4 : 2);

/** How results of `rows` by `width` bytes are cut into blocks. */
export function blocksOf(
  rows: number,
  width: number,
): Pick<OutputsSizes, "blockRows" | "rows" | "rowBlocks" | "span" | "width" | "spans"> {
  const blockRows = Math.ceil(rows / Math.ceil(rows / ROWS));
  const spans = Math.max(1, Math.floor(width / SPAN_BYTES));
  const span = Math.floor(width / spans / 16) * 16;
  return { blockRows, rows, rowBlocks: Math.ceil(rows / blockRows), span, width, spans };
}

/** Bytes of a record: the offset, and a tap of every output. */
const recordBytes = (e: Element, outputs: Outputs): number => (1 + outputs) * e.bytes;

/** Bytes of scratch. */
export const outputsScratch = (e: Element, outputs: Outputs, taps: number): number => taps * recordBytes(e, outputs);

interface Tile {
  readonly use: Instructions;
  /** Vectors (or single elements) side by side. */
  readonly across: number;
  /** Result rows. */
  readonly down: number;
}

/** The kernel for elements of one type, tiles of so many outputs, and result columns `stride` operand elements apart. */
export function outputsKernel(e: Element, outputs: Outputs, stride: number): Kernel {
  return {
    key: `convolution/${e.type}/${outputs}/${stride}`,
    addresses: 4,
    emit: (module) =>
      module.func(null, kernelSignature(4), [], (f, x, weight, out, table, scratch, begin, end) =>
        emitOutputs(f, e, outputs, stride, { x, weight, out, table, scratch, begin, end }),
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

function emitOutputs(f: FunctionBuilder, e: Element, outputs: Outputs, stride: number, params: Params): void {
  const add = (a: Operand, b: Operand): Expr => f.op("i32.add", a, b);
  const mul = (a: Operand, b: Operand): Expr => f.op("i32.mul", a, b);
  const sub = (a: Operand, b: Operand): Expr => f.op("i32.sub", a, b);
  const size = readWords(f, params.table, OUTPUTS_SIZES);
  const tapRowsAt = f.let(add(params.table, 4 * OUTPUTS_SIZES.length));
  const tapRowsBytes = f.let(f.op("i32.shl", size.tapRows, 2));
  const tapsBytes = f.let(mul(size.taps, size.weightTapBytes));
  const record = recordBytes(e, outputs);
  const recordsEnd = f.let(add(params.scratch, mul(mul(size.tapRows, size.taps), record)));

  // Where the current unit's operands, taps and results begin; its rows, and its columns in bytes.
  const [source, taps, target, rows, width] = [0, 1, 2, 3, 4].map(() => f.local("i32"));
  const [row, column, tapRow, weightRow, weightAt, offset, at] = Array.from({ length: 7 }, () => f.local("i32"));

  /** Copies the outputs' taps into records. */
  const gatherTaps = (): void => {
    f.set(at, params.scratch);
    f.set(weightRow, taps);
    f.forRange(tapRow, 0, tapRowsBytes, 4, () => {
      f.set(offset, f.load("i32.load", add(tapRowsAt, tapRow)));
      f.set(weightAt, weightRow);
      const stop = f.let(add(weightRow, tapsBytes));
      f.loop((again) => {
        f.store("i32.store", at, offset);
        let from: Expr = weightAt;
        for (let o = 0; o < outputs; o++) {
          if (o > 0) from = add(from, size.weightBytes);
          f.store(e.single.store, at, f.load(e.single.load, from), (1 + o) * e.bytes);
        }
        f.set(at, add(at, record));
        f.set(offset, add(offset, size.tapBytes));
        f.set(weightAt, add(weightAt, size.weightTapBytes));
        f.brIf(again, f.op("i32.ne", weightAt, stop));
      });
      f.set(weightRow, add(weightRow, size.weightRowBytes));
    });
  };

  /** All results of the unit, in tiles. The unit has at least one tile's rows and columns. */
  const inTiles = ({ use, across, down }: Tile): void => {
    forTiles(f, row, rows, down, () => {
      forTiles(f, column, width, across * use.bytes, () => {
        const from = f.let(add(add(source, mul(row, size.rowBytes)), mul(column, stride)));
        const sums = Array.from({ length: outputs * down * across }, () => f.local(use.neutral.type));
        for (const sum of sums) f.set(sum, use.neutral);
        f.set(at, params.scratch);
        f.loop((again) => {
          let address: Expr = add(from, f.load("i32.load", at));
          const operands = Array.from({ length: down * across }, (_, i) => {
            if (i > 0 && i % across === 0) address = add(address, size.rowBytes);
            return loadStrided(f, e, use, stride, address, i % across);
          });
          for (let o = 0; o < outputs; o++) {
            const tap = f.load(use.splat, at, (1 + o) * e.bytes);
            operands.forEach((operand, i) => {
              const sum = sums[o * operands.length + i];
              f.set(sum, f.op(use.add, sum, f.op(use.mul, operand, tap)));
            });
          }
          f.set(at, add(at, record));
          f.brIf(again, f.op("i32.ne", at, recordsEnd));
        });
        let plane = add(add(target, mul(row, size.outRowBytes)), column);
        for (let o = 0; o < outputs; o++) {
          if (o > 0) plane = add(plane, size.outPlaneBytes);
          let to: Expr = plane;
          for (let i = 0; i < down * across; i++) {
            if (i > 0 && i % across === 0) to = add(to, size.outRowBytes);
            f.store(use.store, to, sums[o * down * across + i], (i % across) * use.bytes, e.bytes);
          }
        }
      });
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
    const least = (a: Expr, b: Expr): Expr => f.select(a, b, f.op("i32.lt_s", a, b));

    const within = least(f.let(mul(tile, outputs)), f.let(sub(size.outputsPerGroup, outputs)));
    const output = f.let(add(mul(group, size.outputsPerGroup), within));
    const firstColumn = f.let(mul(spanIndex, size.span));
    f.set(rows, least(f.let(sub(size.rows, firstRow)), size.blockRows));
    const isLast = f.op("i32.eq", add(spanIndex, 1), size.spans);
    f.set(width, f.select(sub(size.width, firstColumn), size.span, isLast));
    const base = add(params.x, add(mul(image, size.imageBytes), mul(group, size.groupBytes)));
    f.set(source, add(base, add(mul(firstRow, size.rowBytes), mul(firstColumn, stride))));
    f.set(taps, add(params.weight, mul(output, size.weightBytes)));
    const plane = add(mul(image, mul(size.groups, size.outputsPerGroup)), output);
    f.set(target, add(add(params.out, mul(plane, size.outPlaneBytes)), add(mul(firstRow, size.outRowBytes), firstColumn)));

    gatherTaps();
    const wide = (bytes: number): Expr => f.op("i32.ge_s", width, bytes);
    const { vector, single } = e;
    const across = outputs === 2 ? 4 : 2;
    const narrow = (): void =>
      f.if(
        f.op("i32.ge_s", rows, 2),
        () => inTiles({ use: vector, across: 1, down: 2 }),
        () => inTiles({ use: vector, across: 1, down: 1 }),
      );
    f.if(
      wide(across * 16),
      () => inTiles({ use: vector, across, down: 1 }),
      () => f.if(wide(16), narrow, () => inTiles({ use: single, across: 1, down: 1 })),
    );
  });
}
