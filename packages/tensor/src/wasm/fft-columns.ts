// Fourier transforms of many lines at once, every lane of a SIMD vector working on a line of its own.
//
// Made for columns: element j of all lines of a group lies in one row, so vectors load without any shuffling. A unit
// is one group: `vectors` vectors wide. Between stages the group lives in scratch memory, in two buffers of rows of
// (re, im) vector pairs. Real images: `separate` transforms pairs of real columns to two half columns, `join` goes
// back; see math/fft.ts.

import { butterfly, join, type Pair, type Plan, type Stage, separate, sideOf } from "../math/fft.ts";
import type { Expr, FunctionBuilder, Local, ModuleBuilder } from "./assembler.ts";
import {
  advance,
  type Lanes,
  loadLanes,
  repeat,
  splatTwiddle,
  storeLanes,
  twiddleOffsets,
  VECTOR,
  vectorArithmetic,
} from "./fft-vectors.ts";

/** Bytes from one element of a line to the next, and from one batch member to the next. */
export interface Strides {
  readonly element: number;
  readonly batch: number;
}

export interface ColumnKernel {
  readonly lanes: Lanes;
  readonly plan: Plan;
  readonly inverse: boolean;
  /**
   * complex: (re, im) to (re, im). separate: real columns (first, second) to half columns (first re, first im), with
   * the second ones `partner` bytes further. join: the reverse.
   */
  readonly mode: "complex" | "separate" | "join";
  readonly partner: number;
  readonly vectors: number;
  /** Groups in one batch member. */
  readonly groups: number;
  readonly from: Strides;
  readonly to: Strides;
  /** Lanes of every vector that hold data; `second` counts the lines that have a partner. */
  readonly valid: { readonly first: number; readonly second: number };
}

/** Bytes of scratch memory that `emitColumns` needs. */
export function columnScratch({ plan, vectors }: ColumnKernel): number {
  return 2 * plan.size * vectors * 2 * VECTOR;
}

export function columnKey(kernel: ColumnKernel): string {
  const { lanes, plan, inverse, mode, partner, vectors, groups, from, to, valid } = kernel;
  const direction = inverse ? "inverse" : "forward";
  const numbers = [plan.size, partner, vectors, groups, from.element, from.batch, to.element, to.batch];
  return ["fftColumns", lanes.type, mode, direction, ...numbers, valid.first, valid.second].join("/");
}

/** Pointers of one group. `fromIm` and `toIm` are distances from the real to the imaginary plane. */
interface Places {
  readonly from: Local;
  readonly fromIm: Local;
  readonly to: Local;
  readonly toIm: Local;
  readonly scratch: Local;
  readonly table: Local;
}

/** Emits the kernel: addresses from re, from im, to re, to im, table. */
export function emitColumns(module: ModuleBuilder, kernel: ColumnKernel): number {
  const params = Array<"i32">(8).fill("i32");
  return module.func(null, params, [], (f, fromRe, fromIm, toRe, toIm, table, scratch, begin, end) => {
    const places: Places = {
      from: f.local("i32"),
      fromIm: f.local("i32"),
      to: f.local("i32"),
      toIm: f.local("i32"),
      scratch,
      table,
    };
    f.set(places.fromIm, f.op("i32.sub", fromIm, fromRe));
    f.set(places.toIm, f.op("i32.sub", toIm, toRe));
    const unit = f.local("i32");
    f.forRange(unit, begin, end, 1, () => {
      const batch = f.op("i32.div_u", unit, kernel.groups);
      const across = f.op("i32.mul", f.op("i32.rem_u", unit, kernel.groups), kernel.vectors * VECTOR);
      const start = (base: Local, stride: number): Expr =>
        f.op("i32.add", base, f.op("i32.add", across, f.op("i32.mul", batch, stride)));
      f.set(places.from, start(fromRe, kernel.from.batch));
      f.set(places.to, start(toRe, kernel.to.batch));
      emitGroup(f, kernel, places);
    });
  });
}

function emitGroup(f: FunctionBuilder, kernel: ColumnKernel, places: Places): void {
  const offsets = twiddleOffsets(kernel.plan, kernel.lanes);
  kernel.plan.stages.forEach((_, index) => {
    new StageEmitter(f, kernel, places, index, offsets[index]).emit();
  });
  if (kernel.mode === "separate") emitSeparation(f, kernel, places);
}

/** Emits one stage of a group. */
class StageEmitter {
  private readonly f: FunctionBuilder;
  private readonly kernel: ColumnKernel;
  private readonly places: Places;
  private readonly stage: Stage;
  private readonly first: boolean;
  /** Whether the result leaves scratch memory. */
  private readonly last: boolean;
  private readonly joins: boolean;
  /** Bytes from one row to the next. */
  private readonly readStride: number;
  private readonly writeStride: number;
  /** Rows of the current p, and within them. */
  private readonly readRow: Local;
  private readonly writeRow: Local;
  private readonly read: Local;
  private readonly write: Local;
  /** Join only: row m - p, from where the mirror images of all inputs lie whole multiples of m rows further. */
  private readonly mirrorRow: Local;
  private readonly mirror: Local;
  private readonly twiddles: Local;

  constructor(f: FunctionBuilder, kernel: ColumnKernel, places: Places, index: number, twiddleOffset: number) {
    const { plan, mode, from, to } = kernel;
    this.f = f;
    this.kernel = kernel;
    this.places = places;
    this.stage = plan.stages[index];
    this.first = index === 0;
    this.last = index === plan.stages.length - 1 && mode !== "separate";
    this.joins = this.first && mode === "join";
    this.readStride = this.first ? from.element : rowBytes(kernel);
    this.writeStride = this.last ? to.element : rowBytes(kernel);
    const pointer = (): Local => f.local("i32");
    this.readRow = pointer();
    this.writeRow = pointer();
    this.read = pointer();
    this.write = pointer();
    this.mirrorRow = pointer();
    this.mirror = pointer();
    this.twiddles = pointer();
    f.set(this.readRow, this.first ? places.from : scratchBuffer(f, kernel, places, index - 1));
    f.set(this.writeRow, this.last ? places.to : scratchBuffer(f, kernel, places, index));
    if (this.joins) f.set(this.mirrorRow, f.op("i32.add", this.readRow, this.stage.rest * this.readStride));
    f.set(this.twiddles, f.op("i32.add", places.table, twiddleOffset));
  }

  emit(): void {
    const { f, stage } = this;
    const { rest, stride, radix, twiddles } = stage;
    const { vectors, lanes } = this.kernel;
    // Rows of one p, one q after the other: where the result goes they do not follow each other.
    if (twiddles === "none") {
      repeat(f, stride, () => {
        this.row(vectors, 0);
        advance(f, this.readRow, this.readStride);
        advance(f, this.writeRow, this.writeStride);
      });
      return;
    }
    // All q of one p at once: rows follow each other on both sides (the first stage has only one).
    const step = (p: number): void => {
      this.row(stride * vectors, p);
      advance(f, this.readRow, stride * this.readStride);
      advance(f, this.writeRow, stride * radix * this.writeStride);
      if (this.joins) advance(f, this.mirrorRow, -this.readStride);
      if (twiddles === "table") advance(f, this.twiddles, (radix - 1) * 2 * lanes.bytes);
    };
    // Code depends on p where factors are constants, and where some inputs are their own mirror images (p = 0).
    if (twiddles === "constants") {
      for (let p = 0; p < rest; p++) step(p);
    } else if (this.joins) {
      step(0);
      repeat(f, rest - 1, () => step(1));
    } else {
      repeat(f, rest, () => step(1));
    }
  }

  /** `times` butterflies side by side, of twiddle set p. */
  private row(times: number, p: number): void {
    const { f, joins } = this;
    f.set(this.read, this.readRow);
    f.set(this.write, this.writeRow);
    if (joins) f.set(this.mirror, this.mirrorRow);
    repeat(f, times, () => {
      this.butterfly(p);
      advance(f, this.read, this.first ? VECTOR : 2 * VECTOR);
      advance(f, this.write, this.last ? VECTOR : 2 * VECTOR);
      if (joins) advance(f, this.mirror, VECTOR);
    });
  }

  private butterfly(p: number): void {
    const { f, stage, kernel } = this;
    const { lanes, inverse } = kernel;
    const x = Array.from({ length: stage.radix }, (_, j) => (this.joins ? this.joined(j, p) : this.input(j)));
    const twiddle = (k: number): Pair<Expr> => splatTwiddle(f, lanes, this.twiddles, k);
    const y = butterfly(vectorArithmetic(f, lanes), stage, x, inverse, stage.twiddles === "table" ? twiddle : p);
    y.forEach((z, k) => {
      this.output(k, z);
    });
  }

  private input(j: number): Pair<Expr> {
    const { f, read, stage } = this;
    const { lanes, valid, mode } = this.kernel;
    const offset = j * stage.rest * stage.stride * this.readStride;
    if (!this.first) return loadPair(f, read, offset);
    const readIm = f.op("i32.add", read, this.places.fromIm);
    return {
      re: loadLanes(f, lanes, valid.first, read, offset),
      im: loadLanes(f, lanes, mode === "separate" ? valid.second : valid.first, readIm, offset),
    };
  }

  /**
   * Element p + m j of the line that joins two half lines; p is 0, or 1 for all p above 0, which are alike because the
   * radix is even (or the size 1): j alone tells on which side of the middle they are.
   */
  private joined(j: number, p: number): Pair<Expr> {
    const { f, stage } = this;
    const { lanes, valid, partner, plan } = this.kernel;
    const side = sideOf(p + j * stage.rest, plan.size);
    const re = side === "upper" ? this.mirror : this.read;
    const im = f.op("i32.add", re, this.places.fromIm);
    const offset = (side === "upper" ? stage.radix - 1 - j : j) * stage.rest * this.readStride;
    return join(
      vectorArithmetic(f, lanes),
      side,
      { re: loadLanes(f, lanes, valid.first, re, offset), im: loadLanes(f, lanes, valid.first, im, offset) },
      {
        re: loadLanes(f, lanes, valid.second, re, offset + partner),
        im: loadLanes(f, lanes, valid.second, im, offset + partner),
      },
    );
  }

  private output(k: number, z: Pair<Expr>): void {
    const { f, write, stage } = this;
    const { lanes, valid, mode } = this.kernel;
    const offset = k * stage.stride * this.writeStride;
    if (this.last) {
      const writeIm = f.op("i32.add", write, this.places.toIm);
      storeLanes(f, lanes, valid.first, write, z.re, offset);
      storeLanes(f, lanes, mode === "join" ? valid.second : valid.first, writeIm, z.im, offset);
    } else {
      f.store("v128.store", write, z.re, offset);
      f.store("v128.store", write, z.im, offset + VECTOR);
    }
  }
}

function rowBytes({ vectors }: ColumnKernel): number {
  return vectors * 2 * VECTOR;
}

/** Where stage `index` leaves its result. */
function scratchBuffer(f: FunctionBuilder, kernel: ColumnKernel, { scratch }: Places, index: number): Expr {
  return f.op("i32.add", scratch, index % 2 === 0 ? 0 : kernel.plan.size * rowBytes(kernel));
}

/** A (re, im) pair of vectors in scratch memory. */
function loadPair(f: FunctionBuilder, address: Expr, offset: number): Pair<Expr> {
  return { re: f.load("v128.load", address, offset), im: f.load("v128.load", address, offset + VECTOR) };
}

/** From the transform in scratch memory to the half columns of both real columns. */
function emitSeparation(f: FunctionBuilder, kernel: ColumnKernel, places: Places): void {
  const { lanes, plan, vectors, valid, partner, to } = kernel;
  const { size, stages } = plan;
  const pointers = Array.from({ length: 6 }, () => f.local("i32"));
  const [upRow, downRow, writeRow, up, down, write] = pointers;
  f.set(upRow, scratchBuffer(f, kernel, places, stages.length - 1));
  f.set(downRow, f.op("i32.add", upRow, size * rowBytes(kernel)));
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
    advance(f, upRow, rowBytes(kernel));
    advance(f, downRow, -rowBytes(kernel));
    advance(f, writeRow, to.element);
  };
  // Rows 0 and size / 2 are their own mirror images.
  row(true);
  if (size > 2) repeat(f, size / 2 - 1, () => row(false));
  if (size > 1) row(true);
}
