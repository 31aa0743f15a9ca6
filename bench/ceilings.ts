// What this machine can do at best with the same means (WebAssembly, 128-bit SIMD, one thread), measured in the same run: additions and
// multiplications in registers, and with operands from the nearest cache, and bytes moved through working sets of four sizes. Every
// kernel is written by hand, so that no compiler of ours stands between it and the machine.

import {
  type Expr,
  type FunctionBuilder,
  f32x4Const,
  f64x2Const,
  type Local,
  ModuleBuilder,
} from "../packages/tensor/src/wasm/assembler/assembler.ts";
import type { Float, Run } from "./programs.ts";

export interface Ceiling {
  readonly name: string;
  readonly dtype: Float;
  /** What there is so many of in a second. */
  readonly unit: "operations" | "bytes";
  /** Amount of work of one run. */
  readonly amount: number;
  readonly run: Run;
}

const PAGE = 65536;
const KIB = 1024;

interface Vectors {
  readonly lanes: number;
  readonly of: (x: number) => Expr;
  readonly add: "f64x2.add" | "f32x4.add";
  readonly mul: "f64x2.mul" | "f32x4.mul";
}

const VECTORS: Readonly<Record<Float, Vectors>> = {
  float64: { lanes: 2, of: (x) => f64x2Const(x), add: "f64x2.add", mul: "f64x2.mul" },
  float32: { lanes: 4, of: (x) => f32x4Const(x), add: "f32x4.add", mul: "f32x4.mul" },
};

/** A function of one number, the rounds to make, over a memory of its own. */
function kernel(bytes: number, build: (f: FunctionBuilder, rounds: Local) => void): (rounds: number) => void {
  const pages = Math.ceil(bytes / PAGE);
  const builder = new ModuleBuilder({ memory: { initialPages: pages, maximumPages: pages, shared: false } });
  builder.func("run", ["i32"], [], build);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  // Ones, nearly: no number that is slow to compute with.
  new Float64Array(memory.buffer).fill(1);
  const module = new WebAssembly.Module(builder.emit());
  return new WebAssembly.Instance(module, { env: { memory } }).exports.run as (rounds: number) => void;
}

function variables(f: FunctionBuilder, count: number, start: Expr): Local[] {
  return Array.from({ length: count }, () => {
    const local = f.local("v128");
    f.set(local, start);
    return local;
  });
}

/** Writes the sums somewhere, or they would not be computed. */
function keep(f: FunctionBuilder, sums: readonly Local[]): void {
  sums.forEach((sum, i) => {
    f.store("v128.store", 0, sum, 16 * i);
  });
}

const ROUNDS = 20_000;
/** As many as fit the 16 registers with two constants, and enough to hide that a step waits for the one before it. */
const SUMS = 12;

/** Multiplications and additions in registers: independent sums s <- s c + a. */
function inRegisters(dtype: Float): Ceiling {
  const { lanes, of, add, mul } = VECTORS[dtype];
  const run = kernel(PAGE, (f, rounds) => {
    const sums = variables(f, SUMS, of(1));
    const [c, a] = [...variables(f, 1, of(0.999)), ...variables(f, 1, of(1e-3))];
    const i = f.local("i32");
    f.forRange(i, 0, rounds, 1, () => {
      for (const sum of sums) f.set(sum, f.op(add, f.op(mul, sum, c), a));
    });
    keep(f, sums);
  });
  return {
    name: "in registers",
    dtype,
    unit: "operations",
    amount: ROUNDS * SUMS * 2 * lanes,
    run: () => run(ROUNDS),
  };
}

const LOADED_BYTES = 8 * KIB;
/** Enough to hide that a sum waits for itself; few enough that all that is loaded for them fits the registers, too. */
const LOADED_SUMS = 4;
const LOADED_PASSES = 800;

/** Sums of products of which one operand is read from the nearest cache, or both: s <- s + x c, or s <- s + x y. */
function withLoads(dtype: Float, loads: 1 | 2): Ceiling {
  const { lanes, of, add, mul } = VECTORS[dtype];
  const step = 16 * LOADED_SUMS;
  const steps = Math.floor(LOADED_BYTES / step);
  const run = kernel(PAGE, (f, rounds) => {
    const sums = variables(f, LOADED_SUMS, of(0));
    const [c] = variables(f, 1, of(1e-3));
    const i = f.local("i32");
    const at = f.local("i32");
    f.forRange(i, 0, rounds, 1, () => {
      f.forRange(at, 0, steps * step, step, () => {
        sums.forEach((sum, k) => {
          const factor = loads === 1 ? c : f.load("v128.load", at, LOADED_BYTES + 16 * k);
          f.set(sum, f.op(add, sum, f.op(mul, f.load("v128.load", at, 16 * k), factor)));
        });
      });
    });
    keep(f, sums);
  });
  return {
    name: loads === 1 ? "one operand loaded" : "both operands loaded",
    dtype,
    unit: "operations",
    amount: LOADED_PASSES * steps * LOADED_SUMS * 2 * lanes,
    run: () => run(LOADED_PASSES),
  };
}

/** Working sets that fit the first, second and third cache of usual machines, and none. */
const LEVELS: readonly (readonly [name: string, bytes: number])[] = [
  ["16 KiB (L1)", 16 * KIB],
  ["256 KiB (L2)", 256 * KIB],
  ["4 MiB (L3)", 4 * KIB * KIB],
  ["256 MiB (memory)", 256 * KIB * KIB],
];
/** Vectors that a step moves, and bytes that a run moves at least. */
const MOVED = 8;
const RUN_BYTES = 32 * KIB * KIB;

/** Bytes read and written by y <- x + a over a working set, half of which is x and half is y. */
function moved(dtype: Float, [name, bytes]: (typeof LEVELS)[number]): Ceiling {
  const { of, add } = VECTORS[dtype];
  const half = bytes / 2;
  const passes = Math.max(1, RUN_BYTES / bytes);
  const run = kernel(bytes, (f, rounds) => {
    const [a] = variables(f, 1, of(1));
    const i = f.local("i32");
    const at = f.local("i32");
    f.forRange(i, 0, rounds, 1, () => {
      f.forRange(at, 0, half, 16 * MOVED, () => {
        for (let k = 0; k < MOVED; k++) {
          f.store("v128.store", at, f.op(add, f.load("v128.load", at, 16 * k), a), half + 16 * k);
        }
      });
    });
  });
  return { name, dtype, unit: "bytes", amount: passes * bytes, run: () => run(passes) };
}

/** All ceilings of a dtype; the first is that of arithmetic. */
export const ceilings = (dtype: Float): readonly [arithmetic: Ceiling, ...others: Ceiling[]] => [
  inRegisters(dtype),
  withLoads(dtype, 1),
  withLoads(dtype, 2),
  ...LEVELS.map((level) => moved(dtype, level)),
];
