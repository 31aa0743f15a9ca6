// Fourier transforms of many lines at once, every lane of a SIMD vector working on a line of its own.
//
// Made for columns: element j of all lines of a group lies in one row, so vectors load without any shuffling. A unit
// is one block (shares.ts) of one group: `vectors` vectors wide. Rows that cannot be cut into vectors are done the same way, as
// many as a vector has lanes, every lane read and written on its own. Between stages the block lives in scratch memory, in two
// buffers of rows of (re, im) vector pairs.

import type { Expr, Local, ModuleBuilder } from "../../assembler/assembler.ts";
import { type LineKernel, type Places, type Side, scratchRowBytes } from "./group.ts";
import { StageEmitter } from "./stage.ts";
import { tableOffsets } from "./vectors.ts";

/** Bytes of scratch memory that `emitLines` needs. */
export function lineScratch(kernel: LineKernel): number {
  return 2 * kernel.share.length * scratchRowBytes(kernel);
}

export function lineKey(kernel: LineKernel): string {
  const { lanes, plan, share, inverse, alongRows, vectors, lines, groups, from, to, masked, folds } = kernel;
  const direction = inverse ? "inverse" : "forward";
  const numbers = (side: Side): number[] => [side.element, side.block, side.batch, side.re, side.im];
  return [
    "fftLines",
    lanes.type,
    alongRows ? "rows" : "columns",
    share.kind,
    direction,
    plan.size,
    vectors,
    lines,
    groups,
    ...numbers(from),
    ...numbers(to),
    masked,
    folds,
  ].join("/");
}

/**
 * Emits the kernel: addresses from re, from im, to re, to im, table; for rows also the end of the rows (from re), for folded
 * results also where rows are folded to (re).
 */
export function emitLines(module: ModuleBuilder, kernel: LineKernel): number {
  const { lanes, plan, share, alongRows, from, to, folds } = kernel;
  const params = Array<"i32">(alongRows || folds ? 9 : 8).fill("i32");
  return module.func(null, params, [], (f, fromRe, fromIm, toRe, toIm, table, ...rest) => {
    const [scratch, begin, end] = rest.slice(-3);
    const pointer = (): Local => f.local("i32");
    const others = alongRows ? lanes.count - 1 : 0;
    const places: Places = {
      from: pointer(),
      fromIm: pointer(),
      to: pointer(),
      toIm: pointer(),
      fromLanes: Array.from({ length: others }, pointer),
      toLanes: Array.from({ length: others }, pointer),
      fold: pointer(),
      block: pointer(),
      scratch,
      table,
      mask: pointer(),
    };
    f.set(places.fromIm, f.op("i32.sub", fromIm, fromRe));
    f.set(places.toIm, f.op("i32.sub", toIm, toRe));
    if (folds) f.set(places.fold, f.op("i32.sub", rest[0], toRe));
    const offsets = tableOffsets(plan, lanes);
    const stages = (): void => {
      share.stages.forEach((_, index) => {
        new StageEmitter(f, kernel, places, index, offsets).emit();
      });
    };
    const unit = f.local("i32");
    if (alongRows) {
      const last = f.local("i32");
      f.set(last, f.op("i32.sub", f.op("i32.div_u", f.op("i32.sub", rest[0], fromRe), from.batch), 1));
      f.forRange(unit, begin, end, 1, () => {
        const first = f.let(f.op("i32.mul", unit, lanes.count));
        f.set(places.from, f.op("i32.add", fromRe, f.op("i32.mul", first, from.batch)));
        f.set(places.to, f.op("i32.add", toRe, f.op("i32.mul", first, to.batch)));
        // Lanes beyond the last row repeat it.
        const left = f.let(f.op("i32.sub", last, first));
        places.fromLanes.forEach((lane, i) => {
          const row = f.select(left, i + 1, f.op("i32.lt_u", left, i + 1));
          f.set(lane, f.op("i32.mul", row, from.batch));
          f.set(places.toLanes[i], f.op("i32.mul", row, to.batch));
        });
        stages();
      });
      return;
    }
    const { groups, lines, vectors } = kernel;
    const width = vectors * lanes.count;
    f.forRange(unit, begin, end, 1, () => {
      const blocks = f.let(f.op("i32.div_u", unit, groups));
      f.set(places.block, f.op("i32.rem_u", blocks, share.blocks));
      const batch = f.let(f.op("i32.div_u", blocks, share.blocks));
      const regular = f.let(f.op("i32.mul", f.op("i32.rem_u", unit, groups), width * lanes.bytes));
      // The last group may overlap the one before: both write the same there.
      const furthest = (lines - width) * lanes.bytes;
      const overlaps = groups * width > lines && lines > width;
      const across = overlaps ? f.let(f.select(regular, furthest, f.op("i32.lt_u", regular, furthest))) : regular;
      const start = (base: Local, side: Side): Expr => {
        const block = f.op("i32.add", across, f.op("i32.mul", places.block, side.block));
        return f.op("i32.add", base, f.op("i32.add", block, f.op("i32.mul", batch, side.batch)));
      };
      f.set(places.from, start(fromRe, from));
      f.set(places.to, start(toRe, to));
      if (kernel.masked) f.set(places.mask, f.op("i32.add", f.op("i32.add", table, offsets.end), across));
      stages();
    });
  });
}
