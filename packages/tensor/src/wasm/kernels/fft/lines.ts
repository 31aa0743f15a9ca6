// Fourier transforms of many lines at once, every lane of a SIMD vector working on a line of its own.
//
// Made for columns: element j of all lines of a group lies in one row, so vectors load without any shuffling. A unit
// is one group: `vectors` vectors wide. Rows that cannot be cut into vectors are done the same way, as many as a vector
// has lanes, every lane read and written on its own. Between stages the group lives in scratch memory, in two buffers of
// rows of (re, im) vector pairs. Real images: `separate` transforms pairs of real columns to two half columns, `join`
// goes back; see math/realLines.ts.

import { separate } from "../../../math/realLines.ts";
import type { Expr, FunctionBuilder, Local, ModuleBuilder } from "../../assembler/assembler.ts";
import { type LineKernel, loadPair, type Places, scratchBuffer, scratchRowBytes } from "./group.ts";
import { StageEmitter } from "./stage.ts";
import { advance, repeat, storeLanes, tableOffsets, VECTOR, vectorArithmetic } from "./vectors.ts";

/** Bytes of scratch memory that `emitLines` needs. */
export function lineScratch({ plan, vectors }: LineKernel): number {
  return 2 * plan.length * vectors * 2 * VECTOR;
}

export function lineKey(kernel: LineKernel): string {
  const { lanes, plan, inverse, mode, partner, vectors, lines, groups, from, to, valid, masked } = kernel;
  const direction = inverse ? "inverse" : "forward";
  const numbers = [plan.size, partner, vectors, lines, groups, from.element, from.batch, to.element, to.batch];
  return ["fftLines", lanes.type, mode, direction, ...numbers, valid.first, valid.second, masked].join("/");
}

/** Emits the kernel: addresses from re, from im, to re, to im, table; for rows also the end of the rows (from re). */
export function emitLines(module: ModuleBuilder, kernel: LineKernel): number {
  const { lanes, plan, mode, from, to } = kernel;
  const params = Array<"i32">(mode === "rows" ? 9 : 8).fill("i32");
  return module.func(null, params, [], (f, fromRe, fromIm, toRe, toIm, table, ...rest) => {
    const [scratch, begin, end] = rest.slice(-3);
    const pointer = (): Local => f.local("i32");
    const others = mode === "rows" ? lanes.count - 1 : 0;
    const places: Places = {
      from: pointer(),
      fromIm: pointer(),
      to: pointer(),
      toIm: pointer(),
      fromLanes: Array.from({ length: others }, pointer),
      toLanes: Array.from({ length: others }, pointer),
      scratch,
      table,
      mask: pointer(),
    };
    f.set(places.fromIm, f.op("i32.sub", fromIm, fromRe));
    f.set(places.toIm, f.op("i32.sub", toIm, toRe));
    const unit = f.local("i32");
    if (mode === "rows") {
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
        emitGroup(f, kernel, places);
      });
      return;
    }
    const { groups, lines, vectors } = kernel;
    const width = vectors * lanes.count;
    f.forRange(unit, begin, end, 1, () => {
      const batch = f.op("i32.div_u", unit, groups);
      const regular = f.op("i32.mul", f.op("i32.rem_u", unit, groups), width * lanes.bytes);
      // The last group may overlap the one before: both write the same there.
      const furthest = (lines - width) * lanes.bytes;
      const overlaps = groups * width > lines && lines > width;
      const across = overlaps ? f.select(regular, furthest, f.op("i32.lt_u", regular, furthest)) : regular;
      const start = (base: Local, stride: number): Expr =>
        f.op("i32.add", base, f.op("i32.add", across, f.op("i32.mul", batch, stride)));
      f.set(places.from, start(fromRe, from.batch));
      f.set(places.to, start(toRe, to.batch));
      if (kernel.masked) {
        f.set(places.mask, f.op("i32.add", f.op("i32.add", table, tableOffsets(plan, lanes).end), across));
      }
      emitGroup(f, kernel, places);
    });
  });
}

function emitGroup(f: FunctionBuilder, kernel: LineKernel, places: Places): void {
  const offsets = tableOffsets(kernel.plan, kernel.lanes);
  kernel.plan.stages.forEach((_, index) => {
    new StageEmitter(f, kernel, places, index, offsets).emit();
  });
  if (kernel.mode === "separate") emitSeparation(f, kernel, places);
}

/** From the transform in scratch memory to the half columns of both real columns. */
function emitSeparation(f: FunctionBuilder, kernel: LineKernel, places: Places): void {
  const { lanes, plan, vectors, valid, partner, to } = kernel;
  const { size, stages } = plan;
  const pointers = Array.from({ length: 6 }, () => f.local("i32"));
  const [upRow, downRow, writeRow, up, down, write] = pointers;
  f.set(upRow, scratchBuffer(f, kernel, places, stages.length - 1));
  f.set(downRow, f.op("i32.add", upRow, size * scratchRowBytes(kernel)));
  f.set(writeRow, places.to);
  const row = (own: boolean): void => {
    f.set(up, upRow);
    f.set(down, downRow);
    f.set(write, writeRow);
    repeat(f, vectors, () => {
      const writeIm = f.op("i32.add", write, places.toIm);
      const z = loadPair(f, up, 0);
      const [first, second] = separate(vectorArithmetic(f, lanes), own, z, loadPair(f, down, 0));
      storeLanes(f, lanes, valid.first, write, first.re, 0);
      storeLanes(f, lanes, valid.first, writeIm, first.im, 0);
      storeLanes(f, lanes, valid.second, write, second.re, partner);
      storeLanes(f, lanes, valid.second, writeIm, second.im, partner);
      advance(f, up, 2 * VECTOR);
      advance(f, down, 2 * VECTOR);
      advance(f, write, VECTOR);
    });
    advance(f, upRow, scratchRowBytes(kernel));
    advance(f, downRow, -scratchRowBytes(kernel));
    advance(f, writeRow, to.element);
  };
  // Row 0 is its own mirror image, and so is row size / 2.
  row(true);
  const mirrored = Math.ceil(size / 2) - 1;
  if (mirrored > 0) repeat(f, mirrored, () => row(false));
  if (size % 2 === 0) row(true);
}
