// One stage of the transform of a group of lines: butterflies from memory to memory, with what belongs to the first and the
// last stage of a transform: gathering lanes, the chirps and the spectrum of convolutions.

import { butterfly, type Pair, twist } from "../../../math/butterfly.ts";
import type { Stage } from "../../../math/fft.ts";
import { sideOf } from "../../../math/realLines.ts";
import type { Expr, FunctionBuilder, Local } from "../../assembler/assembler.ts";
import { type LineKernel, loadPair, type Places, scratchBuffer, scratchRowBytes } from "./group.ts";
import {
  advance,
  loadLanes,
  loadSpread,
  repeat,
  splatFactor,
  storeLanes,
  storeSpread,
  type TableOffsets,
  VECTOR,
  vectorArithmetic,
} from "./vectors.ts";

/** Consecutive numbers below `count` with equal keys: the first one and how many. */
function runs(count: number, keyOf: (i: number) => string): [first: number, length: number][] {
  const found: [number, number][] = [];
  let previous: string | null = null;
  for (let i = 0; i < count; i++) {
    const key = keyOf(i);
    if (key === previous) found[found.length - 1][1]++;
    else found.push([i, 1]);
    previous = key;
  }
  return found;
}

/** Emits one stage of a group. */
export class StageEmitter {
  readonly #f: FunctionBuilder;
  readonly #kernel: LineKernel;
  readonly #places: Places;
  readonly #stage: Stage;
  readonly #first: boolean;
  /** Whether the result leaves scratch memory. */
  readonly #last: boolean;
  readonly #masks: boolean;
  readonly #folds: boolean;
  /** Bytes from one row to the next. */
  readonly #readStride: number;
  readonly #writeStride: number;
  /** Rows of the current p, and within them. */
  readonly #readRow: Local;
  readonly #writeRow: Local;
  readonly #read: Local;
  readonly #write: Local;
  /** Folded results only: where row n - q belongs, from where all others that are folded lie whole multiples of s rows before. */
  readonly #foldRow: Local;
  readonly #fold: Local;
  readonly #mask: Local;
  readonly #twiddles: Local;
  /** Chirp or spectrum: the factor of the current row. */
  readonly #factors: Local;

  constructor(f: FunctionBuilder, kernel: LineKernel, places: Places, index: number, offsets: TableOffsets) {
    const { share, from, to } = kernel;
    this.#f = f;
    this.#kernel = kernel;
    this.#places = places;
    this.#stage = share.stages[index];
    this.#first = index === 0;
    this.#last = index === share.stages.length - 1;
    this.#masks = this.#first && kernel.masked;
    this.#folds = this.#last && kernel.folds;
    this.#readStride = this.#first ? from.element : scratchRowBytes(kernel);
    this.#writeStride = this.#last ? to.element : scratchRowBytes(kernel);
    const pointer = (): Local => f.local("i32");
    this.#readRow = pointer();
    this.#writeRow = pointer();
    this.#read = pointer();
    this.#write = pointer();
    this.#foldRow = pointer();
    this.#fold = pointer();
    this.#mask = pointer();
    this.#twiddles = pointer();
    this.#factors = pointer();
    f.set(this.#readRow, this.#first ? places.from : scratchBuffer(f, kernel, places, index - 1));
    f.set(this.#writeRow, this.#last ? places.to : scratchBuffer(f, kernel, places, index));
    if (this.#folds) {
      f.set(this.#foldRow, f.op("i32.add", f.op("i32.add", places.to, places.fold), kernel.plan.size * to.element));
    }
    f.set(this.#twiddles, f.op("i32.add", places.table, offsets.stages[share.before + index]));
    if (share.kind === "first") {
      f.set(this.#twiddles, f.op("i32.add", this.#twiddles, f.op("i32.mul", places.block, this.#twiddleBytes)));
    }
    const { chirped, outputs } = this.#stage;
    if (chirped || outputs === "times chirp") f.set(this.#factors, f.op("i32.add", places.table, offsets.chirp));
    else if (outputs === "times spectrum") f.set(this.#factors, f.op("i32.add", places.table, offsets.spectrum));
  }

  /** Bytes of the twiddles of one p. */
  get #twiddleBytes(): number {
    return (this.#stage.radix - 1) * 2 * this.#kernel.lanes.bytes;
  }

  emit(): void {
    const f = this.#f;
    const stage = this.#stage;
    const { rest, stride, radix, twiddles, chirped, outputs } = stage;
    const { vectors, lanes, share } = this.#kernel;
    const factor = 2 * lanes.bytes;
    // The p of a block of the first pass are `blocks` apart.
    const nextTwiddles = this.#twiddleBytes * (share.kind === "first" ? share.blocks : 1);
    // Rows of one p, one q after the other: where the result goes they do not follow each other.
    if (twiddles === "none") {
      for (const [q, times] of runs(stride, (i) =>
        this.#kept(i)
          .map((k) => `${k}${this.#isFolded(i, k)}`)
          .join(),
      )) {
        if (this.#kept(q).length === 0) continue;
        repeat(f, times, () => {
          this.#row(vectors, 0, q);
          advance(f, this.#readRow, this.#readStride);
          advance(f, this.#writeRow, this.#writeStride);
          if (this.#folds) advance(f, this.#foldRow, -this.#writeStride);
          if (outputs !== "as they are") advance(f, this.#factors, factor);
        });
      }
      return;
    }
    // All q of one p at once where rows follow each other on both sides: in scratch memory. The first stage has only one.
    const together = this.#last ? 1 : stride;
    for (const [p, times] of runs(rest, (i) => this.#variant(i))) {
      repeat(f, times, () => {
        repeat(f, stride / together, () => {
          this.#row(together * vectors, p, 0);
          advance(f, this.#readRow, together * this.#readStride);
          advance(f, this.#writeRow, together * this.#writeStride);
        });
        advance(f, this.#writeRow, stride * (radix - 1) * this.#writeStride);
        if (twiddles === "table") advance(f, this.#twiddles, nextTwiddles);
        if (chirped) advance(f, this.#factors, factor);
      });
    }
  }

  /** What the code of twiddle set p depends on. */
  #variant(p: number): string {
    const stage = this.#stage;
    if (stage.twiddles === "constants") return `${p}`;
    if (!stage.chirped) return "";
    const { size } = this.#kernel.plan;
    const inputs = Array.from({ length: stage.radix }, (_, j) => p + j * stage.rest);
    return inputs.map((i) => (i >= size ? "none" : "there")).join();
  }

  /** The outputs k of row q that are wanted. */
  #kept(q: number): number[] {
    const { radix, stride, outputs } = this.#stage;
    const all = Array.from({ length: radix }, (_, k) => k);
    return outputs === "times chirp" ? all.filter((k) => q + k * stride < this.#kernel.plan.size) : all;
  }

  /** Whether output k of row q is folded onto another row. */
  #isFolded(q: number, k: number): boolean {
    return this.#folds && sideOf(q + k * this.#stage.stride, this.#kernel.plan.size) === "upper";
  }

  /** `times` butterflies side by side, of twiddle set p, and with the outputs of row q. */
  #row(times: number, p: number, q: number): void {
    const f = this.#f;
    const masks = this.#masks;
    f.set(this.#read, this.#readRow);
    f.set(this.#write, this.#writeRow);
    if (masks) f.set(this.#mask, this.#places.mask);
    if (this.#folds) f.set(this.#fold, this.#foldRow);
    repeat(f, times, () => {
      this.#butterfly(p, q);
      advance(f, this.#read, this.#first ? VECTOR : 2 * VECTOR);
      advance(f, this.#write, this.#last ? VECTOR : 2 * VECTOR);
      if (masks) advance(f, this.#mask, VECTOR);
      if (this.#folds) advance(f, this.#fold, VECTOR);
    });
  }

  #butterfly(p: number, q: number): void {
    const f = this.#f;
    const stage = this.#stage;
    const kernel = this.#kernel;
    const { lanes, inverse } = kernel;
    const a = vectorArithmetic(f, lanes);
    const x = Array.from({ length: stage.radix }, (_, j) => this.#factored(p, j));
    const twiddle = (k: number): Pair<Expr> => splatFactor(f, lanes, this.#twiddles, k - 1);
    const y = butterfly(a, stage, x, inverse, stage.twiddles === "table" ? twiddle : p);
    for (const k of this.#kept(q)) {
      const z = y[k];
      const isFolded = this.#isFolded(q, k);
      if (stage.outputs === "as they are") this.#output(k, z, isFolded);
      else this.#output(k, twist(a, z, splatFactor(f, lanes, this.#factors, k * stage.stride), inverse), isFolded);
    }
  }

  /** Input j of the butterfly of twiddle set p. */
  #factored(p: number, j: number): Pair<Expr> {
    const f = this.#f;
    const stage = this.#stage;
    const { lanes, inverse, plan } = this.#kernel;
    const a = vectorArithmetic(f, lanes);
    const i = p + j * stage.rest;
    if (stage.chirped && i >= plan.size) return { re: a.constant(0), im: a.constant(0) };
    const z = this.#input(j);
    return stage.chirped ? twist(a, z, splatFactor(f, lanes, this.#factors, j * stage.rest), inverse) : z;
  }

  #input(j: number): Pair<Expr> {
    const f = this.#f;
    const read = this.#read;
    const stage = this.#stage;
    const { lanes, from, alongRows } = this.#kernel;
    const { fromIm, fromLanes } = this.#places;
    const offset = j * stage.rest * stage.stride * this.#readStride;
    if (!this.#first) return loadPair(f, read, offset);
    const readIm = f.op("i32.add", read, fromIm);
    if (alongRows) {
      return {
        re: loadSpread(f, lanes, spread(f, read, fromLanes), offset),
        im: loadSpread(f, lanes, spread(f, readIm, fromLanes), offset),
      };
    }
    const im = loadLanes(f, lanes, from.im, readIm, offset);
    return {
      re: loadLanes(f, lanes, from.re, read, offset),
      im: this.#masks ? f.op("v128.and", im, f.load("v128.load", this.#mask)) : im,
    };
  }

  #output(k: number, z: Pair<Expr>, isFolded: boolean): void {
    const f = this.#f;
    const stage = this.#stage;
    const { lanes, to, alongRows } = this.#kernel;
    const { toIm, toLanes } = this.#places;
    const distance = k * stage.stride * this.#writeStride;
    const write = isFolded ? f.op("i32.sub", this.#fold, distance) : this.#write;
    const offset = isFolded ? 0 : distance;
    if (!this.#last) {
      f.store("v128.store", write, z.re, offset);
      f.store("v128.store", write, z.im, offset + VECTOR);
      return;
    }
    const writeIm = f.op("i32.add", write, toIm);
    if (alongRows) {
      storeSpread(f, lanes, spread(f, write, toLanes), z.re, offset);
      storeSpread(f, lanes, spread(f, writeIm, toLanes), z.im, offset);
    } else {
      storeLanes(f, lanes, to.re, write, z.re, offset);
      storeLanes(f, lanes, to.im, writeIm, z.im, offset);
    }
  }
}

/** Addresses of all lanes, from the first one's and the distances of the others. */
function spread(f: FunctionBuilder, address: Expr, others: readonly Local[]): Expr[] {
  return [address, ...others.map((distance) => f.op("i32.add", address, distance))];
}
