// Fourier transforms of rows, the lanes of a SIMD vector working on neighbouring elements of one row.
//
// In the first stage the lanes are neighbouring p; a small transpose in registers then makes them neighbouring k, and
// in all later stages they are neighbouring q (names of math/fft.ts). Between stages the row lives in scratch memory,
// in two buffers of (re, im) vector pairs. A unit is one row.

import { butterfly, type Pair } from "../../../math/butterfly.ts";
import type { Plan, Stage } from "../../../math/fft.ts";
import type { Expr, FunctionBuilder, Local, ModuleBuilder } from "../../assembler/assembler.ts";
import { advance, type Lanes, repeat, splatFactor, tableOffsets, VECTOR, vectorArithmetic } from "./vectors.ts";

export interface RowKernel {
  readonly lanes: Lanes;
  readonly plan: Plan;
  readonly inverse: boolean;
  /** Bytes from one row to the next. */
  readonly from: number;
  readonly to: number;
}

/** Whether rows of this plan can be cut into whole vectors. Other rows go through the line kernel, several at once. */
export function fitsRowKernel({ size, length, stages }: Plan, { count }: Lanes): boolean {
  return length === size && stages[0].radix % count === 0 && stages[0].rest % count === 0;
}

/** Bytes of scratch memory that `emitRows` needs. */
export function rowScratch({ plan, lanes }: RowKernel): number {
  return 2 * 2 * plan.size * lanes.bytes;
}

export function rowKey({ lanes, plan, inverse, from, to }: RowKernel): string {
  return ["fftRows", lanes.type, inverse ? "inverse" : "forward", plan.size, from, to].join("/");
}

/** Emits the kernel: addresses from re, from im, to re, to im, table. The result may take the place of the input. */
export function emitRows(module: ModuleBuilder, kernel: RowKernel): number {
  const params = Array<"i32">(8).fill("i32");
  return module.func(null, params, [], (f, fromRe, fromIm, toRe, toIm, table, scratch, begin, end) => {
    const { lanes, plan, from, to } = kernel;
    const offsets = tableOffsets(plan, lanes).stages;
    const last = plan.stages.length - 1;
    const source = f.local("i32");
    const target = f.local("i32");
    const fromDistance = f.local("i32");
    const toDistance = f.local("i32");
    f.set(fromDistance, f.op("i32.sub", fromIm, fromRe));
    f.set(toDistance, f.op("i32.sub", toIm, toRe));
    const buffer = (index: number): Expr => f.op("i32.add", scratch, index % 2 === 0 ? 0 : rowScratch(kernel) / 2);
    const row = f.local("i32");
    f.forRange(row, begin, end, 1, () => {
      f.set(source, f.op("i32.add", fromRe, f.op("i32.mul", row, from)));
      f.set(target, f.op("i32.add", toRe, f.op("i32.mul", row, to)));
      plan.stages.forEach((stage, index) => {
        const twiddles = f.local("i32");
        f.set(twiddles, f.op("i32.add", table, offsets[index]));
        if (index === 0)
          emitFirst(f, kernel, stage, { read: source, readIm: fromDistance, write: buffer(0), twiddles });
        else if (index < last)
          emitMiddle(f, kernel, stage, { read: buffer(index - 1), write: buffer(index), twiddles });
        else emitLast(f, kernel, stage, { read: buffer(index - 1), write: target, writeIm: toDistance });
      });
    });
  });
}

function emitFirst(
  f: FunctionBuilder,
  { lanes, inverse }: RowKernel,
  stage: Stage,
  places: { read: Local; readIm: Local; write: Expr; twiddles: Local },
): void {
  const { radix, rest } = stage;
  const { count, bytes } = lanes;
  const { read, readIm, twiddles } = places;
  const a = vectorArithmetic(f, lanes);
  const write = f.local("i32");
  f.set(write, places.write);
  repeat(f, rest / count, () => {
    const im = f.op("i32.add", read, readIm);
    const x: Pair<Expr>[] = [];
    for (let j = 0; j < radix; j++) {
      const offset = j * rest * bytes;
      x.push({ re: f.load("v128.load", read, offset), im: f.load("v128.load", im, offset) });
    }
    const y = butterfly(a, stage, x, inverse, (k) => {
      const offset = (k - 1) * 2 * VECTOR;
      return { re: f.load("v128.load", twiddles, offset), im: f.load("v128.load", twiddles, offset + VECTOR) };
    });
    for (let k = 0; k < radix; k += count) {
      const block = y.slice(k, k + count);
      const re = transpose(
        f,
        block.map((z) => z.re),
      );
      const im = transpose(
        f,
        block.map((z) => z.im),
      );
      for (let p = 0; p < count; p++) {
        const offset = (p * radix + k) * 2 * bytes;
        f.store("v128.store", write, re[p], offset);
        f.store("v128.store", write, im[p], offset + VECTOR);
      }
    }
    advance(f, read, VECTOR);
    advance(f, write, count * radix * 2 * bytes);
    advance(f, twiddles, (radix - 1) * 2 * VECTOR);
  });
}

/** The inputs of a butterfly from scratch memory. */
function inputs(f: FunctionBuilder, { lanes }: RowKernel, { radix, rest, stride }: Stage, read: Local): Pair<Expr>[] {
  return Array.from({ length: radix }, (_, j) => {
    const offset = j * rest * stride * 2 * lanes.bytes;
    return { re: f.load("v128.load", read, offset), im: f.load("v128.load", read, offset + VECTOR) };
  });
}

function emitMiddle(
  f: FunctionBuilder,
  kernel: RowKernel,
  stage: Stage,
  places: { read: Expr; write: Expr; twiddles: Local },
): void {
  const { lanes, inverse } = kernel;
  const { radix, rest, stride } = stage;
  const { twiddles } = places;
  const a = vectorArithmetic(f, lanes);
  const read = f.local("i32");
  const write = f.local("i32");
  f.set(read, places.read);
  f.set(write, places.write);
  const block = stride * 2 * lanes.bytes;
  const step = (p: number): void => {
    repeat(f, stride / lanes.count, () => {
      const x = inputs(f, kernel, stage, read);
      const twiddle = (k: number): Pair<Expr> => splatFactor(f, lanes, twiddles, k - 1);
      butterfly(a, stage, x, inverse, stage.twiddles === "table" ? twiddle : p).forEach((z, k) => {
        f.store("v128.store", write, z.re, k * block);
        f.store("v128.store", write, z.im, k * block + VECTOR);
      });
      advance(f, read, 2 * VECTOR);
      advance(f, write, 2 * VECTOR);
    });
    advance(f, write, (radix - 1) * block);
    if (stage.twiddles === "table") advance(f, twiddles, (radix - 1) * 2 * lanes.bytes);
  };
  if (stage.twiddles === "table") repeat(f, rest, () => step(0));
  else for (let p = 0; p < rest; p++) step(p);
}

function emitLast(
  f: FunctionBuilder,
  kernel: RowKernel,
  stage: Stage,
  places: { read: Expr; write: Local; writeIm: Local },
): void {
  const { lanes, inverse } = kernel;
  const { write, writeIm } = places;
  const a = vectorArithmetic(f, lanes);
  const read = f.local("i32");
  f.set(read, places.read);
  repeat(f, stage.stride / lanes.count, () => {
    const im = f.op("i32.add", write, writeIm);
    butterfly(a, stage, inputs(f, kernel, stage, read), inverse, 0).forEach((z, k) => {
      const offset = k * stage.stride * lanes.bytes;
      f.store("v128.store", write, z.re, offset);
      f.store("v128.store", im, z.im, offset);
    });
    advance(f, read, 2 * VECTOR);
    advance(f, write, VECTOR);
  });
}

/** Columns of the square matrix whose rows are the vectors given. */
function transpose(f: FunctionBuilder, rows: readonly Expr[]): Expr[] {
  if (rows.length === 2) {
    const [a, b] = rows;
    return [f.shuffle(wide([0, 2]), a, b), f.shuffle(wide([1, 3]), a, b)];
  }
  const [a, b, c, d] = rows;
  const abLow = f.shuffle(narrow([0, 4, 1, 5]), a, b);
  const abHigh = f.shuffle(narrow([2, 6, 3, 7]), a, b);
  const cdLow = f.shuffle(narrow([0, 4, 1, 5]), c, d);
  const cdHigh = f.shuffle(narrow([2, 6, 3, 7]), c, d);
  return [
    f.shuffle(wide([0, 2]), abLow, cdLow),
    f.shuffle(wide([1, 3]), abLow, cdLow),
    f.shuffle(wide([0, 2]), abHigh, cdHigh),
    f.shuffle(wide([1, 3]), abHigh, cdHigh),
  ];
}

/** Bytes of a shuffle that takes 8-byte lanes. */
function wide(lanes: readonly number[]): number[] {
  return lanes.flatMap((lane) => Array.from({ length: 8 }, (_, i) => lane * 8 + i));
}

/** Bytes of a shuffle that takes 4-byte lanes. */
function narrow(lanes: readonly number[]): number[] {
  return lanes.flatMap((lane) => Array.from({ length: 4 }, (_, i) => lane * 4 + i));
}
