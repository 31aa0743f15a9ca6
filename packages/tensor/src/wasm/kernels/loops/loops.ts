// Loop kernels: fused elementwise expressions over one iteration shape, stored and (or) reduced along rows.
//
// Three forms, all with the same values:
// - flat: every array is read and written in memory order, padding included; units are chunks of elements;
// - rows: units are rows of the iteration shape; arrays are reached by strides;
// - rows with reductions: like rows; each reduction leaves one partial result per block of 512 columns, in the lanes of
//   math/summation.ts, which combine.ts adds up.

import type { Scalar, ScalarType } from "../../../math/scalar.ts";
import { addTreeLevels, BLOCK } from "../../../math/summation.ts";
import { type ReduceKind, type Shape, sizeOf } from "../../../ops/definition.ts";
import {
  type Expr,
  type FunctionBuilder,
  type Local,
  type ModuleBuilder,
  v128Const,
} from "../../assembler/assembler.ts";
import { Words } from "../../words.ts";
import { type Kernel, kernelSignature } from "../kernel.ts";
import {
  type Access,
  bytesOf,
  innerStride,
  isStill,
  loadAlong,
  type MemoryType,
  plus,
  type RowAxes,
  setPointers,
  shiftOf,
  writeAccess,
} from "./access.ts";
import { accumulate, joinLanes, neutral, splat } from "./join.ts";
import { type Lanes, lanesFor, loadVector, splatLoad, storeVector, VectorEmitter } from "./scalars.ts";
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

/** Slot i of the scalar expressions is `loads[i]`. Address parameters: loads, then stores, then partials. */
export interface LoopSpec {
  readonly shape: Shape;
  /** Into how many parts the iteration is to be cut, where it can be; a divisor of the number of its rows. 1 if left out. */
  readonly parts?: number;
  readonly loads: readonly Access[];
  readonly stores: readonly Store[];
  readonly reductions: readonly RowReduction[];
}

export interface LoopPlan {
  readonly kernel: Kernel;
  readonly units: number;
  readonly unitCost: number;
  /** Into how many parts the units can be cut, such that each does an equal part of the iteration. */
  readonly parts: number;
}

/** Partial results per row of a row reduction. */
export function blocksOf(columns: number): number {
  return Math.ceil(columns / BLOCK);
}

/** Elements of a unit, where rows do not matter. Measured: bench/RESULTS.md, "Tuned numbers". */
const FLAT_UNIT = 2048;

/** Running minima or maxima of a row at a time. */
const CHAINS = 4;

/** A little less, such that units do not go across parts; null where there is no such number. */
function unitOfParts(total: number, parts: number): number | null {
  const size = total / parts;
  for (let units = Math.ceil(size / FLAT_UNIT); 4 * units <= size && size / units > FLAT_UNIT / 2; units++) {
    if (size % (4 * units) === 0) return size / units;
  }
  return null;
}

/** Merges leading axes that every access walks as one, to save index arithmetic. */
function mergeRows(shape: Shape, accesses: readonly Access[]): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const strides: number[][] = accesses.map(() => []);
  for (let axis = 0; axis < shape.length - 1; axis++) {
    const n = shape[axis];
    if (n === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && accesses.every((a, i) => strides[i][last] === a.strides[axis] * n)) {
      sizes[last] *= n;
      accesses.forEach((a, i) => {
        strides[i][last] = a.strides[axis];
      });
    } else {
      sizes.push(n);
      accesses.forEach((a, i) => {
        strides[i].push(a.strides[axis]);
      });
    }
  }
  return { sizes, strides };
}

/** Strides of axes of size one do not matter: make them 0. */
function normalized(access: Access, shape: Shape): Access {
  return { ...access, strides: shape.map((n, i) => (n === 1 ? 0 : access.strides[i])) };
}

/** The common pitch if all accesses that move run through memory in order, else null. */
function flatPitch(
  loads: readonly Access[],
  stores: readonly Access[],
  rows: Rows,
  strides: readonly number[][],
): number | null {
  if (rows.sizes.length > 1) return null;
  const moving = [...loads, ...stores].map((a, i) => ({
    a,
    outer: rows.sizes.length === 0 ? rows.columns : strides[i][0],
  }));
  let pitch: number | null = null;
  for (const [i, { a, outer }] of moving.entries()) {
    if (i < loads.length && isStill(a)) continue;
    if (a.offset !== 0 || (rows.columns !== 1 && innerStride(a) !== 1)) return null;
    if (pitch !== null && pitch !== outer) return null;
    pitch = outer;
  }
  return pitch;
}

/** In which keys are written, one after the other. */
const keys = new Words();

/** The plan of a loop kernel, or null when its iteration is empty. */
export function planLoop(spec: LoopSpec): LoopPlan | null {
  if (sizeOf(spec.shape) === 0) return null;
  const loads = spec.loads.map((a) => normalized(a, spec.shape));
  const stores = spec.stores.map((s) => normalized(s.to, spec.shape));
  const accesses = [...loads, ...stores];
  const scalars = [...spec.stores.map((s) => s.value), ...spec.reductions.map((r) => r.value)];
  const lanes = lanesFor(scalars);
  for (const { value } of spec.reductions) {
    if (bytesOf(value.type as MemoryType) * lanes !== 16) {
      throw new Error(`row reduction of ${value.type} in a kernel of ${lanes} lanes: materialise its operand first`);
    }
  }
  const { sizes, strides } = mergeRows(spec.shape, accesses);
  const columns = spec.shape.length === 0 ? 1 : spec.shape[spec.shape.length - 1];
  const rows: Rows = { sizes, strides, columns };
  const count = sizes.reduce((a, b) => a * b, 1);
  const pitch = spec.reductions.length > 0 ? null : flatPitch(loads, stores, rows, strides);
  const addresses = accesses.length + spec.reductions.length;
  const { parts = 1 } = spec;
  const body: Body = { loads, stores, scalars, lanes, reductions: spec.reductions, addresses };
  const work = 1 + accesses.length + scalars.length;
  const words = keys;
  words.truncate(0);
  words.push(pitch ?? -1);
  words.list(sizes);
  for (const list of strides) words.list(list);
  words.push(columns);
  words.push(loads.length);
  words.push(stores.length);
  for (const access of accesses) writeAccess(words, access);
  for (const { kind } of spec.reductions) words.text(kind);
  writeScalars(words, scalars);
  const key = `loop ${words.key()}`;
  if (pitch !== null) {
    const total = count * pitch;
    const own = parts > 1 ? unitOfParts(total, parts) : null;
    const unit = own ?? FLAT_UNIT;
    return {
      kernel: { key: `${key} ${unit}`, addresses, emit: (m) => emitFlat(m, body, total, unit) },
      units: Math.ceil(total / unit),
      unitCost: (unit / lanes) * work * 0.5,
      parts: own === null ? 1 : parts,
    };
  }
  return {
    kernel: { key, addresses, emit: (m) => emitRows(m, body, rows) },
    units: count,
    parts,
    unitCost: (columns / lanes) * work * 0.5 + 20,
  };
}

interface Body {
  readonly loads: readonly Access[];
  readonly stores: readonly Access[];
  /** Values of the stores, then of the reductions. */
  readonly scalars: readonly Scalar[];
  readonly reductions: readonly RowReduction[];
  readonly lanes: Lanes;
  readonly addresses: number;
}

interface Rows extends RowAxes {
  readonly columns: number;
}

/** Loads what does not move, once. */
function loadStill(f: FunctionBuilder, body: Body, params: readonly Local[]): Map<number, Local> {
  const still = new Map<number, Local>();
  body.loads.forEach((a, k) => {
    if (!isStill(a)) return;
    const local = f.local("v128");
    f.set(local, splatLoad(f, a.type, body.lanes, plus(f, params[k], a.offset * bytesOf(a.type))));
    still.set(k, local);
  });
  return still;
}

function emitFlat(module: ModuleBuilder, body: Body, total: number, unit: number): number {
  const { addresses, lanes, loads, stores } = body;
  return module.func(null, kernelSignature(addresses), [], (f, ...params) => {
    const begin = params[addresses + 1];
    const end = params[addresses + 2];
    const still = loadStill(f, body, params);
    const i = f.local("i32");
    const stop = f.local("i32");
    f.set(stop, f.op("i32.mul", end, unit));
    f.set(stop, f.select(stop, total, f.op("i32.lt_s", stop, total)));
    f.forRange(i, f.op("i32.mul", begin, unit), stop, lanes, () => {
      const at = (k: number, type: MemoryType): Expr => f.op("i32.add", params[k], f.op("i32.shl", i, shiftOf(type)));
      const emitter = new VectorEmitter(f, lanes);
      const leaf = (s: Scalar): Expr => {
        const k = s.value as number;
        return still.get(k) ?? loadVector(f, loads[k].type, lanes, at(k, loads[k].type));
      };
      const values = body.scalars.map((value) => emitter.value(value, leaf));
      stores.forEach(({ type }, n) => {
        storeVector(f, type, lanes, at(loads.length + n, type), values[n]);
      });
    });
  });
}

function emitRows(module: ModuleBuilder, body: Body, rows: Rows): number {
  const { addresses, lanes, loads, stores, reductions } = body;
  const accesses = [...loads, ...stores];
  return module.func(null, kernelSignature(addresses), [], (f, ...params) => {
    const begin = params[addresses + 1];
    const end = params[addresses + 2];
    const still = loadStill(f, body, params);
    const pointers = accesses.map((_, k) => (still.has(k) ? null : f.local("i32")));
    // The order of a minimum or maximum is free: several at once, so that none waits for the one before.
    const chains = reductions.length > 0 && reductions.every(({ kind }) => kind !== "sum") ? CHAINS : 1;
    const accumulators = reductions.map(() => Array.from({ length: chains }, () => f.local("v128")));
    const splats = loads.map((a, k) => (!still.has(k) && innerStride(a) === 0 ? f.local("v128") : null));
    const u = f.local("i32");
    const j = f.local("i32");

    /** One vector of columns; with fewer than `lanes` valid ones the rest is kept out of the reductions. */
    const vector = (valid: number, chain = 0): void => {
      const emitter = new VectorEmitter(f, lanes);
      const leaf = (s: Scalar): Expr => {
        const k = s.value as number;
        return still.get(k) ?? splats[k] ?? loadAlong(f, loads[k], lanes, pointers[k] as Local, j, valid);
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
    /** Columns to just before `to`; their number is known. */
    const columns = (from: Expr | number, to: Expr | number, count: number): void => {
      const rest = chains === 1 ? 0 : count % (chains * lanes);
      const middle = typeof to === "number" ? to - rest : f.op("i32.sub", to, rest);
      f.forRange(j, from, middle, lanes, () => {
        for (let chain = 0; chain < chains; chain++) {
          if (chain > 0) f.set(j, f.op("i32.add", j, lanes));
          vector(lanes, chain);
        }
      });
      if (rest > 0) f.forRange(j, middle, to, lanes, () => vector(lanes));
    };
    const tail = rows.columns % lanes;
    const whole = rows.columns - tail;
    const lastPart = (from: number): void => {
      columns(from, whole, whole - from);
      if (tail > 0) {
        f.set(j, whole);
        vector(tail);
      }
    };

    const blocks = blocksOf(rows.columns);
    const startBlock = (): void => {
      reductions.forEach(({ kind, value }, n) => {
        for (const chain of accumulators[n]) f.set(chain, splat(value.type, neutral(kind, value.type)));
      });
    };
    const finishBlock = (block: Expr | number): void => {
      reductions.forEach(({ kind, value }, n) => {
        const type = value.type as "f32" | "f64" | "i32";
        const index = f.op("i32.add", f.op("i32.mul", u, blocks), block);
        const at = f.op("i32.add", params[accesses.length + n], f.op("i32.shl", index, shiftOf(type)));
        const all = addTreeLevels<Expr>(accumulators[n], (a, b) => accumulate(f, kind, type, a, b));
        f.store(`${type}.store`, at, joinLanes(f, kind, type, all));
      });
    };

    f.forRange(u, begin, end, 1, () => {
      setPointers(f, u, rows, accesses, params, pointers);
      splats.forEach((local, k) => {
        if (local) f.set(local, splatLoad(f, loads[k].type, lanes, pointers[k] as Local));
      });
      if (reductions.length === 0) {
        lastPart(0);
        return;
      }
      // Whole blocks, then the last one, which may be short.
      if (blocks > 1) {
        const b = f.local("i32");
        f.forRange(b, 0, blocks - 1, 1, () => {
          startBlock();
          columns(f.op("i32.mul", b, BLOCK), f.op("i32.mul", f.op("i32.add", b, 1), BLOCK), BLOCK);
          finishBlock(b);
        });
      }
      startBlock();
      lastPart((blocks - 1) * BLOCK);
      finishBlock(blocks - 1);
    });
  });
}

/** All ones in the first `valid` lanes. */
function laneMask(type: ScalarType, valid: number): Expr {
  const bytes = valid * (type === "f64" ? 8 : 4);
  return v128Const(Array.from({ length: 16 }, (_, i) => (i < bytes ? 255 : 0)));
}
