// What the assembler knows of each WebAssembly instruction: code, operand types, result type, immediates.
// Follows the WebAssembly core specification 2.0 (binary format, section 5.4) and the threads proposal (atomics).
// No relaxed SIMD and no fused multiply-add: their results differ between machines. What no kernel needs is left out too: a page
// would load it.

import { SCALAR } from "./opcodesScalar.ts";
import { SIMD } from "./opcodesSimd.ts";

export type ValType = "i32" | "i64" | "f32" | "f64" | "v128";

/** Byte of a value type in the binary format. */
export const TYPE_CODE: Readonly<Record<ValType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

type Names<T> = { [S in keyof T]: keyof T[S] & string }[keyof T];

/** Instructions without immediates that take values and give one value. */
export type OpName = Names<typeof SCALAR> | Names<typeof SIMD>;

/** Codes above 0xff hold a prefix byte in bits 16 to 23. */
export interface Op {
  readonly name: string;
  readonly code: number;
  readonly params: readonly ValType[];
  readonly result: ValType;
}

/** An access to memory; `bytes` is its natural alignment. Stores have no result. */
export interface MemoryOp {
  readonly name: string;
  readonly code: number;
  readonly bytes: number;
  readonly params: readonly ValType[];
  readonly result: ValType | null;
}

/** An instruction with a lane immediate below `lanes`. */
export interface LaneOp extends Op {
  readonly lanes: number;
}

const LETTER: Readonly<Record<string, ValType>> = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" };

function types(letters: string): ValType[] {
  return Array.from(letters, (letter) => LETTER[letter]);
}

const ops = new Map<string, Op>();
for (const table of [SCALAR, SIMD]) {
  for (const [signature, codes] of Object.entries<Readonly<Record<string, number>>>(table)) {
    const [operands, result] = signature.split(":");
    const params = types(operands);
    for (const [name, code] of Object.entries(codes)) ops.set(name, { name, code, params, result: LETTER[result] });
  }
}
export const OPS: ReadonlyMap<string, Op> = ops;

// Per entry: code, bytes accessed, signature. Every access takes its address first.
const LOAD = {
  "i32.load": [0x28, 4, "i:i"],
  "i64.load": [0x29, 8, "i:l"],
  "f32.load": [0x2a, 4, "i:f"],
  "f64.load": [0x2b, 8, "i:d"],
  "i32.load8_s": [0x2c, 1, "i:i"],
  "i32.load8_u": [0x2d, 1, "i:i"],
  "i32.load16_s": [0x2e, 2, "i:i"],
  "i32.load16_u": [0x2f, 2, "i:i"],
  "i64.load32_u": [0x35, 4, "i:l"],
  "v128.load": [0xfd_0000, 16, "i:v"],
  "v128.load32_splat": [0xfd_0009, 4, "i:v"],
  "v128.load64_splat": [0xfd_000a, 8, "i:v"],
  "v128.load32_zero": [0xfd_005c, 4, "i:v"],
  "v128.load64_zero": [0xfd_005d, 8, "i:v"],
} as const;

const LOAD_LANE = {
  "v128.load32_lane": [0xfd_0056, 4, "iv:v"],
  "v128.load64_lane": [0xfd_0057, 8, "iv:v"],
} as const;

const STORE = {
  "i32.store": [0x36, 4, "ii:"],
  "i64.store": [0x37, 8, "il:"],
  "f32.store": [0x38, 4, "if:"],
  "f64.store": [0x39, 8, "id:"],
  "i32.store8": [0x3a, 1, "ii:"],
  "i32.store16": [0x3b, 2, "ii:"],
  "i64.store32": [0x3e, 4, "il:"],
  "v128.store": [0xfd_000b, 16, "iv:"],
} as const;

const STORE_LANE = {
  "v128.store32_lane": [0xfd_005a, 4, "iv:"],
  "v128.store64_lane": [0xfd_005b, 8, "iv:"],
} as const;

const ATOMIC = {
  "memory.atomic.notify": [0xfe_0000, 4, "ii:i"],
  "memory.atomic.wait32": [0xfe_0001, 4, "iil:i"],
  "i32.atomic.load": [0xfe_0010, 4, "i:i"],
  "i32.atomic.store": [0xfe_0017, 4, "ii:"],
  "i32.atomic.rmw.add": [0xfe_001e, 4, "ii:i"],
  "i32.atomic.rmw.xchg": [0xfe_0041, 4, "ii:i"],
  "i32.atomic.rmw.cmpxchg": [0xfe_0048, 4, "iii:i"],
} as const;

export type LoadName = keyof typeof LOAD;
export type LoadLaneName = keyof typeof LOAD_LANE;
export type StoreName = keyof typeof STORE;
export type StoreLaneName = keyof typeof STORE_LANE;
export type AtomicName = keyof typeof ATOMIC;

type MemoryEntry = readonly [code: number, bytes: number, signature: string];

function memoryOps(table: Readonly<Record<string, MemoryEntry>>): ReadonlyMap<string, MemoryOp> {
  return new Map(
    Object.entries(table).map(([name, [code, bytes, signature]]) => {
      const [operands, result] = signature.split(":");
      return [name, { name, code, bytes, params: types(operands), result: LETTER[result] ?? null }];
    }),
  );
}

export const LOADS = memoryOps(LOAD);
export const LOAD_LANES = memoryOps(LOAD_LANE);
export const STORES = memoryOps(STORE);
export const STORE_LANES = memoryOps(STORE_LANE);
export const ATOMICS = memoryOps(ATOMIC);

// Per entry: code, lanes, signature.
const LANE = {
  "i32x4.extract_lane": [0xfd_001b, 4, "v:i"],
  "i32x4.replace_lane": [0xfd_001c, 4, "vi:v"],
  "i64x2.extract_lane": [0xfd_001d, 2, "v:l"],
  "i64x2.replace_lane": [0xfd_001e, 2, "vl:v"],
  "f32x4.extract_lane": [0xfd_001f, 4, "v:f"],
  "f32x4.replace_lane": [0xfd_0020, 4, "vf:v"],
  "f64x2.extract_lane": [0xfd_0021, 2, "v:d"],
  "f64x2.replace_lane": [0xfd_0022, 2, "vd:v"],
} as const;

export type LaneName = keyof typeof LANE;

export const LANES: ReadonlyMap<string, LaneOp> = new Map(
  Object.entries(LANE).map(([name, [code, lanes, signature]]) => {
    const [operands, result] = signature.split(":");
    return [name, { name, code, lanes, params: types(operands), result: LETTER[result] }];
  }),
);

/** Codes of the instructions that the builders write themselves. */
export const CODE = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  memoryCopy: 0xfc_000a,
  memoryFill: 0xfc_000b,
  v128Const: 0xfd_000c,
  shuffle: 0xfd_000d,
  atomicFence: 0xfe_0003,
} as const;
