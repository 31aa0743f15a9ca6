// Loop kernels: fused elementwise expressions over one iteration shape, stored and (or) reduced along rows.
//
// Three forms, all with the same values:
// - flat: every array is read and written in memory order, padding included; units are vectors;
// - rows: units are rows of the iteration shape; arrays are reached by strides;
// - rows with reductions: like rows; each reduction leaves one partial result per block of 512 columns, in the lanes of
//   math/summation.ts, which combine.ts adds up.

import { sameNumbers } from "../../../math/indexMap.ts";
import { inOrder } from "../../../math/order.ts";
import type { Scalar, ScalarType } from "../../../math/scalar.ts";
import { addTreeLevels, BLOCK } from "../../../math/summation.ts";
import { type ReduceKind, type Shape, sizeOf } from "../../../ops/definition.ts";
import {
  type Expr,
  type FunctionBuilder,
  type Local,
  type ModuleBuilder,
  type Operand,
  v128Const,
} from "../../assembler/assembler.ts";
import { Words } from "../../words.ts";
import { type GivenNumber, type Kernel, kernelSignature, numbers } from "../kernel.ts";
import {
  type Access,
  bytesOf,
  innerStride,
  isStill,
  loadAlong,
  type MemoryType,
  plus,
  setPointers,
  shiftOf,
  typeNumber,
} from "./access.ts";
import { accumulate, joinLanes, neutral, splat } from "./join.ts";
import { type Lanes, lanesOf, loadVector, splatLoad, storeVector, VectorEmitter } from "./scalars.ts";
import { writeScalars } from "./scalarWords.ts";

export interface Store {
  readonly to: Access;
  readonly value: Scalar;
}

export interface RowReduction {
  readonly kind: ReduceKind;
  /** f32, f64 or i32. */
  readonly value: Scalar;
}

/** Slot i of the scalar expressions is `loads[i]`. Address parameters: loads, then stores, then partials; numbers follow. */
export interface LoopSpec {
  readonly shape: Shape;
  /** Into how many parts the iteration is to be cut, where it can be; a divisor of the number of its rows. 1 if left out. */
  readonly parts?: number;
  readonly loads: readonly Access[];
  readonly stores: readonly Store[];
  readonly reductions: readonly RowReduction[];
}

/** Sizes and strides are numbers that the step gives, so that loops of one form share a kernel. */
export interface LoopPlan {
  readonly kernel: Kernel;
  readonly numbers: readonly GivenNumber[];
  readonly units: number;
  readonly unitCost: number;
  /** Into how many parts the units can be cut, such that each does an equal part of the iteration. */
  readonly parts: number;
}

/** Partial results per row of a row reduction. */
export function blocksOf(columns: number): number {
  return Math.ceil(columns / BLOCK);
}

/** Running minima or maxima of a row at a time. */
const CHAINS = 4;

/** Sizes of merged axes, and every access's strides along them, in elements. */
interface MergedRows {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Merges leading axes that every access walks as one, to save index arithmetic. */
function mergeRows(shape: Shape, accesses: readonly Access[]): MergedRows {
  const sizes: number[] = [];
  const strides: number[][] = accesses.map(() => []);
  // By index, here and below: in code that is run for the first time, walking makes garbage.
  for (let axis = 0; axis < shape.length - 1; axis++) {
    const n = shape[axis];
    if (n === 1) continue;
    let last = sizes.length - 1;
    if (last >= 0 && areOneWalk(accesses, strides, axis, n)) sizes[last] *= n;
    else last = sizes.push(n) - 1;
    for (let i = 0; i < accesses.length; i++) strides[i][last] = accesses[i].strides[axis];
  }
  return { sizes, strides };
}

/** Whether every access goes on along an axis of n elements where the last of the merged axes before it steps on. */
function areOneWalk(accesses: readonly Access[], strides: readonly number[][], axis: number, n: number): boolean {
  for (let i = 0; i < accesses.length; i++) {
    if (strides[i][strides[i].length - 1] !== accesses[i].strides[axis] * n) return false;
  }
  return true;
}

/** Strides of axes of size one do not matter: make them 0. */
function normalized(access: Access, shape: Shape): Access {
  const { strides } = access;
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] !== 1 || strides[i] === 0) continue;
    return { ...access, strides: shape.map((n, k) => (n === 1 ? 0 : strides[k])) };
  }
  return access;
}

/** The common pitch if all accesses that move run through memory in order, else null. */
function flatPitch(
  loads: readonly Access[],
  stores: readonly Access[],
  columns: number,
  { sizes, strides }: MergedRows,
): number | null {
  if (sizes.length > 1) return null;
  let pitch: number | null = null;
  for (let i = 0; i < strides.length; i++) {
    const isLoad = i < loads.length;
    const access = isLoad ? loads[i] : stores[i - loads.length];
    if (isLoad && isStill(access)) continue;
    if (access.offset !== 0 || (columns !== 1 && innerStride(access) !== 1)) return null;
    const outer = sizes.length === 0 ? columns : strides[i][0];
    if (pitch !== null && pitch !== outer) return null;
    pitch = outer;
  }
  return pitch;
}

/** In which keys are written, one after the other. */
const keys = new Words();

/** Numbers that are given to a kernel, in their order: each is known by its place, and 0 is none. */
class Numbers {
  readonly list: number[] = [];

  /** The place of one more number; -1 for 0, which is not given. */
  add(value: number): number {
    return value === 0 ? -1 : this.list.push(value) - 1;
  }
}

/** The plan of a loop kernel, or null when its iteration is empty. */
export function planLoop(spec: LoopSpec): LoopPlan | null {
  if (sizeOf(spec.shape) === 0) return null;
  const loads = spec.loads.map((a) => normalized(a, spec.shape));
  const stores = spec.stores.map((s) => normalized(s.to, spec.shape));
  const accesses = [...loads, ...stores];
  const scalars = [...spec.stores.map((s) => s.value), ...spec.reductions.map((r) => r.value)];
  const order = inOrder(scalars);
  const lanes = lanesOf(order);
  for (const { value } of spec.reductions) {
    if (bytesOf(value.type as MemoryType) * lanes !== 16) {
      throw new Error(`row reduction of ${value.type} in a kernel of ${lanes} lanes: materialise its operand first`);
    }
  }
  const rows = mergeRows(spec.shape, accesses);
  const columns = spec.shape.length === 0 ? 1 : spec.shape[spec.shape.length - 1];
  const count = sizeOf(rows.sizes);
  const pitch = spec.reductions.length > 0 ? null : flatPitch(loads, stores, columns, rows);
  const body: Body = { loads, stores, scalars, lanes, reductions: spec.reductions };
  const addresses = accesses.length + spec.reductions.length;
  const unitCost = (1 + accesses.length + scalars.length) * 0.5;
  const { parts = 1 } = spec;
  const given = new Numbers();
  const words = keys;
  words.truncate(0);
  words.push(loads.length);
  words.push(stores.length);
  for (const { type } of accesses) words.push(typeNumber(type));
  for (const { kind } of spec.reductions) words.text(kind);
  writeScalars(words, scalars, order);
  const offsets = accesses.map((a) => given.add(a.offset * bytesOf(a.type)));
  words.list(offsets);
  const still = accesses.map(isStill);
  const plan = (build: (f: FunctionBuilder, params: Params) => void): Pick<LoopPlan, "kernel" | "numbers"> => ({
    kernel: {
      key: `loop ${words.key()}`,
      addresses: addresses + given.list.length,
      emit: (m) => emitLoop(m, body, given.list.length, build),
    },
    numbers: numbers(...given.list),
  });
  if (pitch !== null) {
    words.push(-1);
    for (const isOne of still) words.push(isOne ? 1 : 0);
    const units = Math.ceil((count * pitch) / lanes);
    return {
      ...plan((f, params) => emitFlat(f, body, params, { still, offsets })),
      units,
      unitCost,
      parts: units % parts === 0 ? parts : 1,
    };
  }
  const form = {
    still,
    offsets,
    ...rowForm({ accesses, columns, lanes, isReduced: spec.reductions.length > 0 }, rows, given),
  };
  writeForm(words, form);
  return {
    ...plan((f, params) => emitRows(f, body, params, form)),
    units: count,
    unitCost: (columns / lanes) * unitCost + 20,
    parts,
  };
}

interface Body {
  readonly loads: readonly Access[];
  readonly stores: readonly Access[];
  /** Values of the stores, then of the reductions. */
  readonly scalars: readonly Scalar[];
  readonly reductions: readonly RowReduction[];
  readonly lanes: Lanes;
}

/** Which accesses do not move, and how far from their addresses all begin. Numbers are told by their places among those given; -1 is 0. */
interface Still {
  readonly still: readonly boolean[];
  readonly offsets: readonly number[];
}

/** How a loop goes over rows. */
interface RowForm extends Still {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
  /** Of every access, elements from column to column. */
  readonly inner: readonly number[];
  /** Columns in whole vectors, and how many there are besides. */
  readonly whole: number;
  readonly tail: number;
  /** Blocks of a row that is reduced; -1 where it is one. */
  readonly blocks: number;
}

function rowForm(
  of: {
    readonly accesses: readonly Access[];
    readonly columns: number;
    readonly lanes: Lanes;
    readonly isReduced: boolean;
  },
  { sizes, strides }: MergedRows,
  given: Numbers,
): Omit<RowForm, keyof Still> {
  const { accesses, columns, lanes, isReduced } = of;
  const bytes = accesses.map(({ type }, k) => strides[k].map((stride) => stride * bytesOf(type)));
  const places: number[][] = [];
  bytes.forEach((list, k) => {
    const alike = bytes.findIndex((other) => sameNumbers(other, list));
    places.push(alike < k ? places[alike] : list.map((stride) => given.add(stride)));
  });
  const tail = columns % lanes;
  const blocks = blocksOf(columns);
  return {
    sizes: sizes.map((size, axis) => (axis === 0 ? -1 : given.add(size))),
    strides: places,
    inner: accesses.map(innerStride),
    whole: given.add(columns - tail),
    tail,
    blocks: isReduced && blocks > 1 ? given.add(blocks) : -1,
  };
}

function writeForm(words: Words, { sizes, strides, inner, whole, tail, blocks }: RowForm): void {
  words.list(sizes);
  for (const list of strides) words.list(list);
  words.list(inner);
  words.push(whole);
  words.push(tail);
  words.push(blocks);
}

/** The parameters of a kernel, by what they are. */
interface Params {
  readonly addresses: readonly Local[];
  /** A number by its place. */
  readonly number: (place: number) => Operand;
  readonly begin: Local;
  readonly end: Local;
}

/** Emits the function of a kernel that takes so many numbers behind its addresses. */
function emitLoop(
  module: ModuleBuilder,
  { loads, stores, reductions }: Body,
  count: number,
  build: (f: FunctionBuilder, params: Params) => void,
): number {
  const first = loads.length + stores.length + reductions.length;
  return module.func(null, kernelSignature(first + count), [], (f, ...params) => {
    const [begin, end] = params.slice(-2);
    const number = (place: number): Operand => (place < 0 ? 0 : params[first + place]);
    build(f, { addresses: params.slice(0, first), number, begin, end });
  });
}

/** Loads what does not move, once. */
function loadStill(
  f: FunctionBuilder,
  { loads, lanes }: Body,
  params: Params,
  { still, offsets }: Still,
): (Local | null)[] {
  return loads.map(({ type }, k) => {
    if (!still[k]) return null;
    const local = f.local("v128");
    f.set(local, splatLoad(f, type, lanes, plus(f, params.addresses[k], params.number(offsets[k]))));
    return local;
  });
}

function emitFlat(f: FunctionBuilder, body: Body, params: Params, form: Still): void {
  const { lanes, loads, stores } = body;
  const { addresses, begin, end } = params;
  const still = loadStill(f, body, params, form);
  const i = f.local("i32");
  f.forRange(i, f.op("i32.mul", begin, lanes), f.op("i32.mul", end, lanes), lanes, () => {
    const at = (k: number, type: MemoryType): Expr => f.op("i32.add", addresses[k], f.op("i32.shl", i, shiftOf(type)));
    const emitter = new VectorEmitter(f, lanes);
    const leaf = (s: Scalar): Expr => {
      const k = s.value as number;
      return still[k] ?? loadVector(f, loads[k].type, lanes, at(k, loads[k].type));
    };
    const values = body.scalars.map((value) => emitter.value(value, leaf));
    stores.forEach(({ type }, n) => {
      storeVector(f, type, lanes, at(loads.length + n, type), values[n]);
    });
  });
}

function emitRows(f: FunctionBuilder, body: Body, params: Params, form: RowForm): void {
  const { lanes, loads, stores, reductions } = body;
  const accesses = [...loads, ...stores];
  const { addresses, number, begin, end } = params;
  const still = loadStill(f, body, params, form);
  const pointers = accesses.map((_, k) => (still[k] ? null : f.local("i32")));
  // The order of a minimum or maximum is free: several at once, so that none waits for the one before.
  const chains = reductions.length > 0 && reductions.every(({ kind }) => kind !== "sum") ? CHAINS : 1;
  const accumulators = reductions.map(() => Array.from({ length: chains }, () => f.local("v128")));
  const splats = loads.map((a, k) => (!still[k] && innerStride(a) === 0 ? f.local("v128") : null));
  const u = f.local("i32");
  const j = f.local("i32");

  /** One vector of columns; with fewer than `lanes` valid ones the rest is kept out of the reductions. */
  const vector = (valid: number, chain = 0): void => {
    const emitter = new VectorEmitter(f, lanes);
    const leaf = (s: Scalar): Expr => {
      const k = s.value as number;
      return still[k] ?? splats[k] ?? loadAlong(f, loads[k], lanes, pointers[k] as Local, j, valid);
    };
    const values = body.scalars.map((value) => emitter.value(value, leaf));
    // Lanes past the last column land in the row's padding.
    stores.forEach(({ type }, n) => {
      const at = f.op("i32.add", pointers[loads.length + n] as Local, f.op("i32.shl", j, shiftOf(type)));
      storeVector(f, type, lanes, at, values[n]);
    });
    reductions.forEach(({ kind, value }, n) => {
      const v = values[stores.length + n];
      const none = splat(value.type, neutral(kind, value.type));
      const masked = valid === lanes ? v : f.op("v128.bitselect", v, none, laneMask(value.type, valid));
      const into = accumulators[n][chain];
      f.set(into, accumulate(f, kind, value.type, into, masked));
    });
  };
  const columns = (from: Operand, to: Operand): void => {
    if (chains === 1) {
      f.forRange(j, from, to, lanes, () => vector(lanes));
      return;
    }
    const first = typeof from === "object" ? f.let(from) : from;
    const together = f.op("i32.and", f.op("i32.sub", to, first), -chains * lanes);
    const middle = f.let(f.op("i32.add", first, together));
    f.forRange(j, first, middle, lanes, () => {
      for (let chain = 0; chain < chains; chain++) {
        if (chain > 0) f.set(j, f.op("i32.add", j, lanes));
        vector(lanes, chain);
      }
    });
    f.forRange(j, middle, to, lanes, () => vector(lanes));
  };
  const whole = number(form.whole);
  const lastPart = (from: Operand): void => {
    if (whole !== 0) columns(from, whole);
    if (form.tail === 0) return;
    f.set(j, whole);
    vector(form.tail);
  };

  const blocks = form.blocks < 0 ? 1 : number(form.blocks);
  const startBlock = (): void => {
    reductions.forEach(({ kind, value }, n) => {
      for (const chain of accumulators[n]) f.set(chain, splat(value.type, neutral(kind, value.type)));
    });
  };
  const finishBlock = (block: Operand): void => {
    reductions.forEach(({ kind, value }, n) => {
      const type = value.type as "f32" | "f64" | "i32";
      const index = f.op("i32.add", f.op("i32.mul", u, blocks), block);
      const at = f.op("i32.add", addresses[accesses.length + n], f.op("i32.shl", index, shiftOf(type)));
      const all = addTreeLevels<Expr>(accumulators[n], (a, b) => accumulate(f, kind, type, a, b));
      f.store(`${type}.store`, at, joinLanes(f, kind, type, all));
    });
  };

  const rows = {
    sizes: form.sizes.map(number),
    offsets: form.offsets.map(number),
    strides: form.strides.map((list) => list.map(number)),
  };
  f.forRange(u, begin, end, 1, () => {
    setPointers(f, u, rows, addresses, pointers);
    splats.forEach((local, k) => {
      if (local) f.set(local, splatLoad(f, loads[k].type, lanes, pointers[k] as Local));
    });
    if (reductions.length === 0) {
      lastPart(0);
      return;
    }
    // Whole blocks, then the last one, which may be short.
    if (blocks === 1) {
      startBlock();
      lastPart(0);
      finishBlock(0);
      return;
    }
    const b = f.local("i32");
    const last = f.let(f.op("i32.sub", blocks, 1));
    f.forRange(b, 0, last, 1, () => {
      startBlock();
      columns(f.op("i32.mul", b, BLOCK), f.op("i32.mul", f.op("i32.add", b, 1), BLOCK));
      finishBlock(b);
    });
    startBlock();
    lastPart(f.op("i32.mul", last, BLOCK));
    finishBlock(last);
  });
}

/** All ones in the first `valid` lanes. */
function laneMask(type: ScalarType, valid: number): Expr {
  const bytes = valid * (type === "f64" ? 8 : 4);
  return v128Const(Array.from({ length: 16 }, (_, i) => (i < bytes ? 255 : 0)));
}
