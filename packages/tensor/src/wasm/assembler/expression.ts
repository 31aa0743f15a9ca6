// Expressions and statements as the assembler holds them before it writes a function, and the constants.
// A constant belongs to no function and may be used in many; every other expression belongs to the function
// that made it. What an expression means (its value, when it is computed) is told in functionBuilder.ts.

import { CODE, type ValType } from "./opcodes.ts";
import { ByteWriter } from "./writer.ts";

// Kinds of node. Constants come first, then locals, then expressions that are computed, then statements.
export const I32_CONST = 0;
export const BYTES_CONST = 1;
export const LOCAL = 2;
export const COMPUTED = 3;
export const RESULT = 4;
export const DECLARE = 5;
export const SET = 6;
export const EFFECT = 7;
export const JUMP = 8;
export const BEGIN = 9;
export const ELSE = 10;
export const END = 11;

// What follows an instruction's code.
export const NOTHING = 0;
export const MEMORY = 1;
export const MEMORY_LANE = 2;
export const IMMEDIATE = 3;
export const SHUFFLE = 4;
export const TWO_MEMORIES = 5;
export const COPY_OF_OPERAND = 6;

/** The body of a function, a block, a loop or a branch of an if; locals and values die with it. */
export class Scope {
  closed = false;
  /** Number of scopes around it. */
  readonly depth: number;
  constructor(depth: number) {
    this.depth = depth;
  }
}

/** One expression or statement. Only `type` is for users of the assembler; the rest is the builder's own. */
export class Node<T extends ValType | null = ValType | null> {
  readonly type: T;
  readonly kind: number;
  code = 0;
  form = NOTHING;
  a: Expr | null = null;
  b: Expr | null = null;
  c: Expr | null = null;
  /** Lane, byte offset, i32 value, function index or branch depth. */
  immediate = 0;
  lane = 0;
  /** Logarithm of the alignment. */
  align = 0;
  bytes: Uint8Array | null = null;
  /** Operands of an instruction behind its third. */
  operands: readonly Expr[] | null = null;
  results: readonly Expr[] | null = null;
  /** Expressions that must be computed before this statement takes effect. */
  pending: Expr[] | null = null;
  /** Uses not written yet. */
  uses = 0;
  /** Where the value is kept; -1 = nowhere. */
  slot = -1;
  /** Compute where it was made, not where it is first used. */
  pinned = false;
  scope: Scope | null = null;
  /** Number of the straight-line run that made it. */
  run = 0;
  /** Height of the tree that would be written for it in one go. */
  height = 0;

  constructor(kind: number, type: T) {
    this.kind = kind;
    this.type = type;
  }
}

/** A typed value. It has the value it had when it was made, whenever it is used. */
export type Expr = Node<ValType>;

/** A variable. Used as an operand it gives the value it holds at that moment. */
export class Local extends Node<ValType> {
  /** How many times it has been set so far; 0 = it has no value yet. */
  sets = 0;
  /** Expressions that read it since it was last set. */
  readers: Expr[] | null = null;
  constructor(type: ValType, scope: Scope) {
    super(LOCAL, type);
    this.scope = scope;
  }
}

const encoder = new ByteWriter();

function encoded(type: ValType, write: (writer: ByteWriter) => void): Expr {
  encoder.clear();
  write(encoder);
  const node = new Node<ValType>(BYTES_CONST, type);
  node.bytes = encoder.view().slice();
  return node;
}

/** Small numbers, which kernels have many of. */
const smallI32: Expr[] = [];
const SMALL = 1024;

/** An i32; values in [2^31, 2^32) are taken as unsigned. */
export function i32Const(value: number): Expr {
  const isSmall = value >= 0 && value < SMALL;
  if (isSmall && smallI32[value] !== undefined) return smallI32[value];
  if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff)
    throw new RangeError(`i32 constant ${value}: expected an integer in [-2^31, 2^32)`);
  const node = new Node<ValType>(I32_CONST, "i32");
  node.immediate = value | 0;
  if (isSmall) smallI32[value] = node;
  return node;
}

/** An i64; values in [2^63, 2^64) are taken as unsigned. */
export function i64Const(value: bigint): Expr {
  return encoded("i64", (w) => {
    w.code(CODE.i64Const);
    w.i64(checkedI64(value));
  });
}

/** An f32: the value rounded to float32. */
export function f32Const(value: number): Expr {
  return encoded("f32", (w) => {
    w.code(CODE.f32Const);
    w.f32(value);
  });
}

export function f64Const(value: number): Expr {
  return encoded("f64", (w) => {
    w.code(CODE.f64Const);
    w.f64(value);
  });
}

/** A v128 of 16 bytes, lowest address first. */
export function v128Const(bytes: ArrayLike<number>): Expr {
  if (bytes.length !== 16) throw new RangeError(`v128 constant of ${bytes.length} bytes: expected 16`);
  return vector((w) => w.raw(Uint8Array.from(bytes)));
}

/** Two f64 lanes; one value fills both. */
export function f64x2Const(low: number, high: number = low): Expr {
  return vector((w) => {
    w.f64(low);
    w.f64(high);
  });
}

/** Four f32 lanes, each rounded to float32; one value fills all. */
export function f32x4Const(...lanes: [number] | [number, number, number, number]): Expr {
  return vector((w) => {
    for (let i = 0; i < 4; i++) w.f32(lanes[i] ?? lanes[0]);
  });
}

/** Four i32 lanes, signed or unsigned; one value fills all. */
export function i32x4Const(...lanes: [number] | [number, number, number, number]): Expr {
  const bytes = new DataView(new ArrayBuffer(16));
  for (let i = 0; i < 4; i++) bytes.setInt32(4 * i, i32Const(lanes[i] ?? lanes[0]).immediate, true);
  return v128Const(new Uint8Array(bytes.buffer));
}

/** Two i64 lanes, signed or unsigned; one value fills both. */
export function i64x2Const(low: bigint, high: bigint = low): Expr {
  const bytes = new DataView(new ArrayBuffer(16));
  bytes.setBigInt64(0, checkedI64(low), true);
  bytes.setBigInt64(8, checkedI64(high), true);
  return v128Const(new Uint8Array(bytes.buffer));
}

function vector(lanes: (writer: ByteWriter) => void): Expr {
  return encoded("v128", (w) => {
    w.code(CODE.v128Const);
    lanes(w);
  });
}

function checkedI64(value: bigint): bigint {
  if (value < -(1n << 63n) || value >= 1n << 64n)
    throw new RangeError(`i64 constant ${value}: expected an integer in [-2^63, 2^64)`);
  return value;
}

/** A constant of a given type from a JavaScript number or bigint; vectors have no such constants. */
export function literal(value: number | bigint, type: ValType): Expr {
  if (type === "i64") return i64Const(BigInt(value));
  if (typeof value === "bigint") throw new TypeError(`bigint ${value} given where ${type} is expected`);
  if (type === "i32") return i32Const(value);
  if (type === "f32") return f32Const(value);
  if (type === "f64") return f64Const(value);
  throw new TypeError(`number ${value} given where v128 is expected: say the lanes, as in f64x2Const(${value})`);
}
