// What the Fourier kernels share: vectors of lanes, their arithmetic, partial loads and stores, twiddle tables.

import type { Arithmetic, Pair } from "../../../math/butterfly.ts";
import type { Plan } from "../../../math/fft.ts";
import { chirpOf, type Factors, spectrumOf } from "../../../math/lineTransform.ts";
import { rootsOfUnity } from "../../../math/roots.ts";
import type { FloatType } from "../../../math/scalar.ts";
import { type Expr, type FunctionBuilder, f32x4Const, f64x2Const, type Local } from "../../assembler/assembler.ts";

/** Bytes of one SIMD vector. */
export const VECTOR = 16;

export interface Lanes {
  readonly type: FloatType;
  /** Bytes of one element. */
  readonly bytes: 4 | 8;
  /** Elements of one vector. */
  readonly count: 2 | 4;
}

export const LANES: Readonly<Record<FloatType, Lanes>> = {
  f32: { type: "f32", bytes: 4, count: 4 },
  f64: { type: "f64", bytes: 8, count: 2 },
};

/** Butterfly arithmetic that emits SIMD instructions. */
export function vectorArithmetic(f: FunctionBuilder, { type }: Lanes): Arithmetic<Expr> {
  const prefix = type === "f64" ? "f64x2" : "f32x4";
  return {
    type,
    add: (a, b) => f.op(`${prefix}.add`, a, b),
    sub: (a, b) => f.op(`${prefix}.sub`, a, b),
    mul: (a, b) => f.op(`${prefix}.mul`, a, b),
    neg: (a) => f.op(`${prefix}.neg`, a),
    constant: (value) => (type === "f64" ? f64x2Const(value) : f32x4Const(value)),
  };
}

/** One element in every lane. */
function loadSplat(f: FunctionBuilder, lanes: Lanes, address: Expr, offset: number): Expr {
  return f.load(lanes.type === "f64" ? "v128.load64_splat" : "v128.load32_splat", address, offset);
}

/** The first `valid` lanes from memory; the others are 0. */
export function loadLanes(f: FunctionBuilder, lanes: Lanes, valid: number, address: Expr, offset: number): Expr {
  if (valid === 0) return vectorArithmetic(f, lanes).constant(0);
  const bytes = valid * lanes.bytes;
  if (bytes === 16) return f.load("v128.load", address, offset);
  const half = f.load(bytes >= 8 ? "v128.load64_zero" : "v128.load32_zero", address, offset);
  return bytes === 12 ? f.loadLane("v128.load32_lane", address, half, 2, offset + 8) : half;
}

/** Writes the first `valid` lanes. */
export function storeLanes(
  f: FunctionBuilder,
  lanes: Lanes,
  valid: number,
  address: Expr,
  value: Expr,
  offset: number,
): void {
  if (valid === 0) return;
  const bytes = valid * lanes.bytes;
  if (bytes === 16) {
    f.store("v128.store", address, value, offset);
    return;
  }
  f.storeLane(bytes >= 8 ? "v128.store64_lane" : "v128.store32_lane", address, value, 0, offset);
  if (bytes === 12) f.storeLane("v128.store32_lane", address, value, 2, offset + 8);
}

/** A vector whose lanes lie at addresses of their own. */
export function loadSpread(f: FunctionBuilder, { type }: Lanes, addresses: readonly Expr[], offset: number): Expr {
  const [zero, lane] = type === "f64" ? (["64_zero", "64_lane"] as const) : (["32_zero", "32_lane"] as const);
  return addresses.reduce(
    (vector, address, i) => (i === 0 ? vector : f.loadLane(`v128.load${lane}`, address, vector, i, offset)),
    f.load(`v128.load${zero}`, addresses[0], offset),
  );
}

/** Writes every lane to an address of its own. */
export function storeSpread(
  f: FunctionBuilder,
  { type }: Lanes,
  addresses: readonly Expr[],
  value: Expr,
  offset: number,
): void {
  addresses.forEach((address, i) => {
    f.storeLane(type === "f64" ? "v128.store64_lane" : "v128.store32_lane", address, value, i, offset);
  });
}

/** Runs `body` a fixed number of times, at least once. */
export function repeat(f: FunctionBuilder, times: number, body: () => void): void {
  if (times === 1) {
    body();
    return;
  }
  const i = f.local("i32");
  f.set(i, 0);
  f.loop((again) => {
    body();
    f.set(i, f.op("i32.add", i, 1));
    f.brIf(again, f.op("i32.lt_u", i, times));
  });
}

export function advance(f: FunctionBuilder, pointer: Local, bytes: number): void {
  f.set(pointer, f.op("i32.add", pointer, bytes));
}

/** Where in the table of a plan (bytes) its parts begin. Stages of the way back share the factors of the way there. */
export interface TableOffsets {
  readonly stages: readonly number[];
  readonly chirp: number;
  readonly spectrum: number;
  readonly end: number;
}

export function tableOffsets({ size, length, stages }: Plan, { bytes }: Lanes): TableOffsets {
  let next = 0;
  const take = (factors: number): number => {
    const offset = next;
    next += factors * 2 * bytes;
    return offset;
  };
  const there = stages
    .filter((stage) => !stage.back)
    .map(({ radix, rest, twiddles }) => take(twiddles === "table" ? rest * (radix - 1) : 0));
  const convolved = length > size;
  const chirp = take(convolved ? size : 0);
  const spectrum = take(convolved ? length : 0);
  return { stages: convolved ? [...there, ...there] : there, chirp, spectrum, end: next };
}

const tables = new WeakMap<Plan, Map<string, Uint8Array>>();

/** A table of a plan, made once: all transforms of a size read the same. */
export function tableOf(plan: Plan, name: string, make: () => Uint8Array): Uint8Array {
  const known = tables.get(plan) ?? new Map<string, Uint8Array>();
  const table = known.get(name) ?? make();
  tables.set(plan, known.set(name, table));
  return table;
}

/**
 * The factors of a plan, (re, im) one after the other. All stages with tables: for every p, for every k >= 1, the cosine and
 * the sine of 2 pi p k / (r m). In the first stage `group` consecutive p stand together: their cosines, then their sines.
 * Then the conjugate chirp and spectrum, if there are any.
 */
export const factorTable = (plan: Plan, lanes: Lanes, group: number): Uint8Array =>
  tableOf(plan, `factors ${lanes.type} ${group}`, () => makeFactors(plan, lanes, group));

function makeFactors(plan: Plan, lanes: Lanes, group: number): Uint8Array {
  const { size, length, stages } = plan;
  const { type, bytes } = lanes;
  const count = tableOffsets(plan, lanes).end / bytes;
  const values = type === "f64" ? new Float64Array(count) : new Float32Array(count);
  let next = 0;
  stages.forEach(({ radix, rest, twiddles, back }, index) => {
    if (twiddles !== "table" || back) return;
    const { cos, sin } = rootsOfUnity(radix * rest, type);
    const together = index === 0 ? group : 1;
    for (let p = 0; p < rest; p += together) {
      for (let k = 1; k < radix; k++) {
        for (let i = 0; i < together; i++) values[next++] = cos[(p + i) * k];
        for (let i = 0; i < together; i++) values[next++] = sin[(p + i) * k];
      }
    }
  });
  const add = ({ re, im }: Factors): void => {
    for (let i = 0; i < re.length; i++) {
      values[next++] = re[i];
      values[next++] = im[i];
    }
  };
  if (length > size) {
    add(chirpOf(size, type));
    add(spectrumOf(size, type));
  }
  return new Uint8Array(values.buffer);
}

/** Reads factor number `i` of a table at `address`, the same in every lane. */
export function splatFactor(f: FunctionBuilder, lanes: Lanes, address: Expr, i: number): Pair<Expr> {
  const offset = i * 2 * lanes.bytes;
  return { re: loadSplat(f, lanes, address, offset), im: loadSplat(f, lanes, address, offset + lanes.bytes) };
}
