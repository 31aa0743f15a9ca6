// Fourier transforms of rows, the lanes of a SIMD vector working on neighbouring elements of one row.
//
// In the first stage the lanes are neighbouring p; a small transpose in registers then makes them neighbouring k, and
// in all later stages they are neighbouring q (names of math/fft.ts). Between stages the row lives in scratch memory,
// in two buffers of (re, im) vector pairs. A unit is one row.
//
// Rows of half planes come from packed rows, or go to them (halves.ts): what both halves of a row need lies in one butterfly
// of the first stage, and what comes of them in one of the last.

import { butterfly, type Pair } from "../../../math/butterfly.ts";
import type { Plan, Stage } from "../../../math/fft.ts";
import { LineTransform } from "../../../math/lineTransform.ts";
import { join, separate } from "../../../math/realLines.ts";
import {
  type Expr,
  type FunctionBuilder,
  i32Const,
  type Local,
  type ModuleBuilder,
} from "../../assembler/assembler.ts";
import { kernelSignature } from "../kernel.ts";
import { type HalfRow, halfRow } from "./halves.ts";
import {
  advance,
  type Lanes,
  repeat,
  splatFactor,
  tableOf,
  tableOffsets,
  VECTOR,
  vectorArithmetic,
} from "./vectors.ts";

export interface RowKernel {
  readonly lanes: Lanes;
  readonly plan: Plan;
  readonly inverse: boolean;
  /** What else is done to rows of half planes: packed ones are separated before, or joined behind. */
  readonly also: "nothing" | "separate" | "join";
  /** Whether the packed rows to separate are folded. The result may take their place then. */
  readonly folded: boolean;
}

/** What a step says besides: numbers that a kernel is given behind its addresses, so that images of other heights share it. */
export interface RowNumbers {
  /** Bytes from one row to the next. */
  readonly from: number;
  readonly to: number;
  /** How many rows of each half plane are to be done, from the first, and how many lie in memory. To join, the others are 0. */
  readonly count: number;
  readonly given: number;
  /** Rows of the whole image, if the rows are those of half planes. */
  readonly imageRows: number;
}

/** Whether rows of this plan can be cut into whole vectors. Other rows go through the line kernel, several at once. */
export function fitsRowKernel({ size, length, stages }: Plan, { count }: Lanes): boolean {
  return length === size && stages[0].radix % count === 0 && stages[0].rest % count === 0;
}

/** Whether both halves of such a row come of the same butterflies, and can be joined there. Their inputs always do. */
export function joinsRows({ stages }: Plan): boolean {
  return stages[stages.length - 1].radix % 2 === 0;
}

/** Bytes of scratch memory that `emitRows` needs. */
export function rowScratch({ plan, lanes }: RowKernel): number {
  return 2 * 2 * plan.size * lanes.bytes;
}

export function rowKey(kernel: RowKernel): string {
  const { lanes, plan, inverse, also, folded } = kernel;
  return ["fftRows", lanes.type, inverse ? "inverse" : "forward", also, plan.size, folded].join("/");
}

/** Parameters of the kernel before the scratch. */
export const ROW_PARAMETERS = 11;

/**
 * Emits the kernel: addresses from re, from im, to re, to im, table, and a table of what rows of zeros become when they are joined
 * (`zeroRows`; any address where there are none), then the numbers. From im, of packed rows that are folded, is where they are folded
 * to. The result of complex rows may take the place of the input.
 */
export function emitRows(module: ModuleBuilder, kernel: RowKernel): number {
  const { lanes, plan, also, folded } = kernel;
  return module.func(null, kernelSignature(ROW_PARAMETERS), [], (f, ...params) => {
    const [fromRe, fromIm, toRe, toIm, table, zeros, from, to, count, given, imageRows, scratch, begin, end] = params;
    const offsets = tableOffsets(plan, lanes).stages;
    const last = plan.stages.length - 1;
    const read: Ends = { at: f.local("i32"), im: f.local("i32"), mirror: f.local("i32") };
    const write: Ends = { at: f.local("i32"), im: f.local("i32"), mirror: f.local("i32") };
    // Of a packed row the imaginary parts are its second half.
    const partner = (plan.size / 2) * lanes.bytes;
    f.set(read.im, also === "separate" ? i32Const(partner) : f.op("i32.sub", fromIm, fromRe));
    f.set(write.im, f.op("i32.sub", toIm, toRe));
    const buffer = (index: number): Expr => f.op("i32.add", scratch, index % 2 === 0 ? 0 : rowScratch(kernel) / 2);
    const place = (base: Local, row: Expr, stride: Local): Expr => f.op("i32.add", base, f.op("i32.mul", row, stride));
    const unit = f.local("i32");
    f.forRange(unit, begin, end, 1, () => {
      const half: HalfRow | null = also === "nothing" ? null : halfRow(f, unit, count, given, imageRows);
      const row = half === null ? unit : half.plane;
      f.set(read.at, place(fromRe, half && also === "separate" && !folded ? half.packed : row, from));
      f.set(write.at, place(toRe, half && also === "join" ? half.packed : row, to));
      if (half && also === "separate") {
        f.set(read.mirror, folded ? place(fromIm, row, from) : place(fromRe, half.mirrored, from));
      }
      if (half && also === "join") f.set(write.mirror, place(toRe, half.mirrored, to));
      const transform = (): void =>
        plan.stages.forEach((stage, index) => {
          const twiddles = f.local("i32");
          f.set(twiddles, f.op("i32.add", table, offsets[index]));
          if (index === 0) {
            emitFirst(f, kernel, stage, half, { read, write: buffer(0), twiddles });
          } else if (index < last) {
            emitMiddle(f, kernel, stage, { read: buffer(index - 1), write: buffer(index), twiddles });
          } else {
            emitLast(f, kernel, stage, half, { read: buffer(index - 1), write });
          }
        });
      if (half === null || also === "separate") transform();
      else f.if(f.op("i32.lt_u", half.k, given), transform, () => copyZeroRow(f, kernel, half, write, zeros));
    });
  });
}

/** Where a row begins, how far its imaginary parts are from there, and where the row begins that is its mirror image. */
interface Ends {
  readonly at: Local;
  readonly im: Local;
  readonly mirror: Local;
}

/**
 * What a row of zeros becomes when it is transformed and joined: zeros, but some are negative. Row k, then its mirror image,
 * then a row that is its own.
 */
export const zeroRows = (kernel: RowKernel): Uint8Array =>
  tableOf(kernel.plan, `zero rows ${kernel.lanes.type} ${kernel.inverse}`, () => makeZeroRows(kernel));

function makeZeroRows({ lanes, plan, inverse }: RowKernel): Uint8Array {
  const { size } = plan;
  const transform = new LineTransform(size, lanes.type, inverse);
  transform.run();
  const { line, arithmetic } = transform;
  const half = size / 2;
  const at = (i: number): Pair<number> => ({ re: line.re[i], im: line.im[i] });
  const joined = (side: "lower" | "upper"): number[] => {
    const z = Array.from({ length: half }, (_, c) => join(arithmetic, side, at(c), at(c + half)));
    return [...z.map(({ re }) => re), ...z.map(({ im }) => im)];
  };
  const values = [...joined("lower"), ...joined("upper"), ...line.re];
  return new Uint8Array((lanes.type === "f64" ? Float64Array : Float32Array).from(values).buffer);
}

function copyZeroRow(
  f: FunctionBuilder,
  { lanes, plan }: RowKernel,
  { own }: HalfRow,
  write: Ends,
  zeros: Local,
): void {
  const bytes = plan.size * lanes.bytes;
  f.if(
    own,
    () => f.memoryCopy(write.at, f.op("i32.add", zeros, 2 * bytes), bytes),
    () => {
      f.memoryCopy(write.at, zeros, bytes);
      f.memoryCopy(write.mirror, f.op("i32.add", zeros, bytes), bytes);
    },
  );
}

function loadAt(f: FunctionBuilder, at: Local, im: Local, offset: number): Pair<Expr> {
  return { re: f.load("v128.load", at, offset), im: f.load("v128.load", f.op("i32.add", at, im), offset) };
}

function storeAt(f: FunctionBuilder, at: Local, im: Local, z: Pair<Expr>, offset: number): void {
  f.store("v128.store", at, z.re, offset);
  f.store("v128.store", f.op("i32.add", at, im), z.im, offset);
}

function emitFirst(
  f: FunctionBuilder,
  kernel: RowKernel,
  stage: Stage,
  half: HalfRow | null,
  places: { read: Ends; write: Expr; twiddles: Local },
): void {
  const { lanes, also } = kernel;
  const { radix, rest } = stage;
  const { at, im, mirror } = places.read;
  const a = vectorArithmetic(f, lanes);
  const step = rest * lanes.bytes;
  const each = (count: number, value: (j: number) => Pair<Expr>): Pair<Expr>[] =>
    Array.from({ length: count }, (_, j) => value(j));
  if (half === null || also !== "separate") {
    emitFirstLoop(f, kernel, stage, places, () => each(radix, (j) => loadAt(f, at, im, j * step)));
    return;
  }
  f.if(
    half.own,
    // Both halves are real, and follow each other.
    () =>
      emitFirstLoop(f, kernel, stage, places, () =>
        each(radix, (j) => ({ re: f.load("v128.load", at, j * step), im: a.constant(0) })),
      ),
    () =>
      emitFirstLoop(f, kernel, stage, places, () => {
        const both = Array.from({ length: radix / 2 }, (_, j) =>
          separate(a, false, loadAt(f, at, im, j * step), loadAt(f, mirror, im, j * step)),
        );
        return [...both.map(([first]) => first), ...both.map(([, second]) => second)];
      }),
  );
}

function emitFirstLoop(
  f: FunctionBuilder,
  { lanes, inverse, also }: RowKernel,
  stage: Stage,
  { read, write: start, twiddles }: { read: Ends; write: Expr; twiddles: Local },
  load: () => readonly Pair<Expr>[],
): void {
  const { radix, rest } = stage;
  const { count, bytes } = lanes;
  const a = vectorArithmetic(f, lanes);
  const write = f.local("i32");
  f.set(write, start);
  repeat(f, rest / count, () => {
    const y = butterfly(a, stage, load(), inverse, (k) => {
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
    advance(f, read.at, VECTOR);
    if (also === "separate") advance(f, read.mirror, VECTOR);
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
  half: HalfRow | null,
  places: { read: Expr; write: Ends },
): void {
  const { lanes, also } = kernel;
  const { radix, stride } = stage;
  const { at, im, mirror } = places.write;
  const a = vectorArithmetic(f, lanes);
  const step = stride * lanes.bytes;
  if (half === null || also !== "join") {
    emitLastLoop(f, kernel, stage, places, (y) => {
      y.forEach((z, k) => {
        storeAt(f, at, im, z, k * step);
      });
    });
    return;
  }
  f.if(
    half.own,
    // Both halves are taken to be real, and follow each other.
    () =>
      emitLastLoop(f, kernel, stage, places, (y) => {
        y.forEach((z, k) => {
          f.store("v128.store", at, z.re, k * step);
        });
      }),
    () =>
      emitLastLoop(f, kernel, stage, places, (y) => {
        for (let k = 0; k < radix / 2; k++) {
          const [first, second] = [y[k], y[k + radix / 2]];
          storeAt(f, at, im, join(a, "lower", first, second), k * step);
          storeAt(f, mirror, im, join(a, "upper", first, second), k * step);
        }
      }),
  );
}

function emitLastLoop(
  f: FunctionBuilder,
  kernel: RowKernel,
  stage: Stage,
  places: { read: Expr; write: Ends },
  store: (y: readonly Pair<Expr>[]) => void,
): void {
  const { lanes, inverse, also } = kernel;
  const a = vectorArithmetic(f, lanes);
  const { at, mirror } = places.write;
  const read = f.local("i32");
  f.set(read, places.read);
  repeat(f, stage.stride / lanes.count, () => {
    store(butterfly(a, stage, inputs(f, kernel, stage, read), inverse, 0));
    advance(f, read, 2 * VECTOR);
    advance(f, at, VECTOR);
    if (also === "join") advance(f, mirror, VECTOR);
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
