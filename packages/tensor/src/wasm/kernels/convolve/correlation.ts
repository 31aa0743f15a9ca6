// The correlation kernel for one output channel of a group, and for taps along one axis: sums of shifted rows, each times a tap.
//
// A result row is made of tiles. A tile keeps a few sums in registers and runs over all taps with a small loop body
// (one tap spread over a vector, then one load, product and sum for each vector of the tile). The last tile of a row
// ends with the row; it may do some elements again, to the same values, and so nothing outside the rows is read.
//
// Sums start from -0: (-0) + p is p for every product p, -0 included, so the first tap needs no case of its own.

import type { Expr, FunctionBuilder, Local, Operand } from "../../assembler/assembler.ts";
import type { Element, Instructions } from "../element.ts";
import { type Kernel, kernelSignature } from "../kernel.ts";
import { forTiles, readWords } from "../tiles.ts";
import { loadStrided } from "./strided.ts";

/**
 * A unit is up to this many result rows of one plane, so that their common operand rows stay in the nearest cache. Measured:
 * bench/RESULTS.md, "Tuned numbers".
 */
export const ROWS = 8;

/**
 * Sizes the kernel reads from its table, in this order; `Bytes` are distances. A plane is one output channel of one
 * image. After them come the offsets of the tap rows from a result row's first operand.
 */
export interface CorrelationSizes {
  readonly unitsPerPlane: number;
  readonly rows: number;
  readonly outputs: number;
  readonly outputsPerGroup: number;
  readonly imageBytes: number;
  readonly groupBytes: number;
  readonly rowBytes: number;
  readonly outRowBytes: number;
  readonly width: number;
  readonly weightBytes: number;
  readonly tapRows: number;
  readonly taps: number;
  readonly tapBytes: number;
  readonly weightTapBytes: number;
  readonly weightRowBytes: number;
}

export const CORRELATION_SIZES: readonly (keyof CorrelationSizes)[] = [
  "unitsPerPlane",
  "rows",
  "outputs",
  "outputsPerGroup",
  "imageBytes",
  "groupBytes",
  "rowBytes",
  "outRowBytes",
  "width",
  "weightBytes",
  "tapRows",
  "taps",
  "tapBytes",
  "weightTapBytes",
  "weightRowBytes",
];

interface Tile {
  readonly use: Instructions;
  /** Vectors (or single elements) side by side. */
  readonly across: number;
  /** Result rows. */
  readonly down: number;
}

/** The correlation kernel for elements of one type and result columns `stride` operand elements apart. */
export function correlationKernel(e: Element, stride: number): Kernel {
  return {
    key: `correlation/${e.type}/${stride}`,
    addresses: 4,
    emit: (module) =>
      module.func(null, kernelSignature(4), [], (f, x, weight, out, table, _scratch, begin, end) =>
        emitCorrelation(f, e, stride, { x, weight, out, table, begin, end }),
      ),
  };
}

interface Params {
  readonly x: Local;
  readonly weight: Local;
  readonly out: Local;
  readonly table: Local;
  readonly begin: Local;
  readonly end: Local;
}

function emitCorrelation(f: FunctionBuilder, e: Element, stride: number, params: Params): void {
  const add = (a: Operand, b: Operand): Expr => f.op("i32.add", a, b);
  const mul = (a: Operand, b: Operand): Expr => f.op("i32.mul", a, b);
  const size = readWords(f, params.table, CORRELATION_SIZES);
  const tapRowsAt = f.let(add(params.table, 4 * CORRELATION_SIZES.length));
  const tapRowsBytes = f.let(f.op("i32.shl", size.tapRows, 2));
  const tapsBytes = f.let(mul(size.taps, size.weightTapBytes));

  // Where the current unit's operands, taps and results begin, and its number of rows.
  const [source, taps, target, rows] = [0, 1, 2, 3].map(() => f.local("i32"));
  const [row, column, tapRow, weightRow, weightAt, at] = [0, 1, 2, 3, 4, 5].map(() => f.local("i32"));

  /** All results of the unit, in tiles. The unit has at least one tile's rows and columns. */
  const inTiles = ({ use, across, down }: Tile): void => {
    forTiles(f, column, size.width, across * use.bytes, () => {
      forTiles(f, row, rows, down, () => {
        const from = f.let(add(add(source, mul(row, size.rowBytes)), mul(column, stride)));
        const sums = Array.from({ length: across * down }, () => f.local(use.neutral.type));
        for (const sum of sums) f.set(sum, use.neutral);
        f.set(weightRow, taps);
        f.forRange(tapRow, 0, tapRowsBytes, 4, () => {
          f.set(at, add(from, f.load("i32.load", add(tapRowsAt, tapRow))));
          f.set(weightAt, weightRow);
          const stop = f.let(add(weightRow, tapsBytes));
          f.loop((again) => {
            const tap = f.load(use.splat, weightAt);
            let address: Expr = at;
            sums.forEach((sum, i) => {
              if (i > 0 && i % across === 0) address = add(address, size.rowBytes);
              f.set(sum, f.op(use.add, sum, f.op(use.mul, loadStrided(f, e, use, stride, address, i % across), tap)));
            });
            f.set(at, add(at, size.tapBytes));
            f.set(weightAt, add(weightAt, size.weightTapBytes));
            f.brIf(again, f.op("i32.ne", weightAt, stop));
          });
          f.set(weightRow, add(weightRow, size.weightRowBytes));
        });
        let to = add(add(target, mul(row, size.outRowBytes)), column);
        sums.forEach((sum, i) => {
          if (i > 0 && i % across === 0) to = add(to, size.outRowBytes);
          f.store(use.store, to, sum, (i % across) * use.bytes, e.bytes);
        });
      });
    });
  };

  const unit = f.local("i32");
  f.forRange(unit, params.begin, params.end, 1, () => {
    const plane = f.op("i32.div_u", unit, size.unitsPerPlane);
    const first = f.let(mul(f.op("i32.rem_u", unit, size.unitsPerPlane), ROWS));
    const image = f.op("i32.div_u", plane, size.outputs);
    const output = f.op("i32.rem_u", plane, size.outputs);
    const group = f.op("i32.div_u", output, size.outputsPerGroup);
    const base = add(params.x, add(mul(image, size.imageBytes), mul(group, size.groupBytes)));
    f.set(source, add(base, mul(first, size.rowBytes)));
    f.set(taps, add(params.weight, mul(output, size.weightBytes)));
    f.set(target, add(params.out, mul(add(mul(plane, size.rows), first), size.outRowBytes)));
    const left = f.let(f.op("i32.sub", size.rows, first));
    f.set(rows, f.select(left, ROWS, f.op("i32.lt_s", left, ROWS)));

    const wide = (bytes: number): Expr => f.op("i32.ge_s", size.width, bytes);
    const { vector, single } = e;
    const narrow = (): void =>
      f.if(
        f.op("i32.ge_s", rows, 4),
        () => inTiles({ use: vector, across: 1, down: 4 }),
        () => inTiles({ use: vector, across: 1, down: 1 }),
      );
    const scalar = (): void => inTiles({ use: single, across: 1, down: 1 });
    // Four sums in flight are as fast as six; with eight, Node 20 becomes slower.
    f.if(
      wide(64),
      () => inTiles({ use: vector, across: 4, down: 1 }),
      () => f.if(wide(16), narrow, scalar),
    );
  });
}
