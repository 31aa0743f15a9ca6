// What the Fourier kernels share: vectors of lanes, their arithmetic, partial loads and stores, twiddle tables.

import type { Arithmetic, Pair, Plan } from "../math/fft.ts";
import { rootsOfUnity } from "../math/roots.ts";
import type { FloatType } from "../math/scalar.ts";
import { type Expr, type FunctionBuilder, f32x4Const, f64x2Const, type Local } from "./assembler.ts";

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

/** The first `valid` lanes from memory: all, half of them, one, or none; the others are 0. */
export function loadLanes(f: FunctionBuilder, lanes: Lanes, valid: number, address: Expr, offset: number): Expr {
  if (valid === 0) return vectorArithmetic(f, lanes).constant(0);
  const bytes = valid * lanes.bytes;
  return f.load(bytes === 16 ? "v128.load" : bytes === 8 ? "v128.load64_zero" : "v128.load32_zero", address, offset);
}

/** Writes the first `valid` lanes: all, half of them, one, or none. */
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
  if (bytes === 16) f.store("v128.store", address, value, offset);
  else f.storeLane(bytes === 8 ? "v128.store64_lane" : "v128.store32_lane", address, value, 0, offset);
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

/** Where the twiddle factors of each stage begin in the table (bytes). */
export function twiddleOffsets({ stages }: Plan, { bytes }: Lanes): number[] {
  let next = 0;
  return stages.map(({ radix, rest, twiddles }) => {
    const offset = next;
    if (twiddles === "table") next += rest * (radix - 1) * 2 * bytes;
    return offset;
  });
}

/**
 * The factors of all stages with tables: for every p, for every k >= 1, the cosine and the sine of 2 pi p k / (r m).
 * In the first stage `group` consecutive p stand together: their cosines, then their sines.
 */
export function twiddleTable({ stages }: Plan, { type, bytes }: Lanes, group: number): Uint8Array {
  const values: number[] = [];
  stages.forEach(({ radix, rest, twiddles }, index) => {
    if (twiddles !== "table") return;
    const { cos, sin } = rootsOfUnity(radix * rest, type);
    const together = index === 0 ? group : 1;
    for (let p = 0; p < rest; p += together) {
      for (let k = 1; k < radix; k++) {
        for (let i = 0; i < together; i++) values.push(cos[(p + i) * k]);
        for (let i = 0; i < together; i++) values.push(sin[(p + i) * k]);
      }
    }
  });
  const view = new DataView(new ArrayBuffer(values.length * bytes));
  values.forEach((value, i) => {
    if (type === "f64") view.setFloat64(i * bytes, value, true);
    else view.setFloat32(i * bytes, value, true);
  });
  return new Uint8Array(view.buffer);
}

/** Reads factor k of the twiddle set at `address`, the same in every lane. */
export function splatTwiddle(f: FunctionBuilder, lanes: Lanes, address: Expr, k: number): Pair<Expr> {
  const offset = (k - 1) * 2 * lanes.bytes;
  return { re: loadSplat(f, lanes, address, offset), im: loadSplat(f, lanes, address, offset + lanes.bytes) };
}
