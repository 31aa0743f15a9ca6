// Scalar expressions: the one definition of every elementwise operation.
//
// An expression is a small immutable graph of IEEE operations on one element. The interpreter
// (reference/scalars.ts) and the SIMD emitter (wasm/kernels/loops/scalars.ts) both run exactly this graph, operation by
// operation, which is why their results have the same bits. See docs/numerics.md.

/** The type of one scalar value. `bool` is a truth value; i64 exists only to work on the bits of f64. */
export type ScalarType = "f32" | "f64" | "i32" | "i64" | "bool";

export type FloatType = "f32" | "f64";

export type ScalarOp =
  // leaves
  | "arg"
  | "const"
  // same type in and out (float: IEEE; integer: wrapping two's complement)
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "trunc"
  // bits (i32, i64) and logic (bool)
  | "and"
  | "or"
  | "xor"
  | "not"
  | "shl"
  | "shrS"
  | "shrU"
  // comparisons: bool out. On floats every comparison with NaN is false, except ne.
  | "eq"
  | "ne"
  | "lt"
  | "le"
  // choice
  | "select"
  // conversions
  | "convert"
  | "bits";

/**
 * One node of a scalar expression. Sharing an object means sharing its value: emitters compute every node
 * object once.
 */
export interface Scalar {
  readonly op: ScalarOp;
  readonly type: ScalarType;
  readonly args: readonly Scalar[];
  /** `arg`: the slot. `const`: the value (i64: the bits). Shifts: the constant amount. */
  readonly value: number | bigint;
}

const NONE: readonly Scalar[] = [];

function make(op: ScalarOp, type: ScalarType, args: readonly Scalar[], value: number | bigint = 0): Scalar {
  return { op, type, args, value };
}

function same(op: string, a: Scalar, b: Scalar): ScalarType {
  if (a.type !== b.type) {
    throw new TypeError(`scalar ${op}: the operands have types ${a.type} and ${b.type}; convert one of them first`);
  }
  return a.type;
}

function expect(op: string, a: Scalar, allowed: readonly ScalarType[]): ScalarType {
  if (!allowed.includes(a.type)) {
    throw new TypeError(`scalar ${op}: an operand has type ${a.type}; it must be one of ${allowed.join(", ")}`);
  }
  return a.type;
}

const FLOATS: readonly ScalarType[] = ["f32", "f64"];
const NUMBERS: readonly ScalarType[] = ["f32", "f64", "i32", "i64"];
const ORDERED: readonly ScalarType[] = ["f32", "f64", "i32"];
const BITS: readonly ScalarType[] = ["i32", "i64"];
const LOGIC: readonly ScalarType[] = ["i32", "i64", "bool"];

/** The value of input slot `slot`. */
export function arg(slot: number, type: ScalarType): Scalar {
  return make("arg", type, NONE, slot);
}

/** A literal. f32 values are rounded to float32, i32 values must be integers; bool takes 0 or 1. */
export function constant(type: Exclude<ScalarType, "i64">, value: number): Scalar {
  if (type === "f32") return make("const", type, NONE, Math.fround(value));
  if (type === "i32") {
    if ((value | 0) !== value) throw new TypeError(`scalar constant: ${value} is not a 32-bit integer`);
    return make("const", type, NONE, value);
  }
  return make("const", type, NONE, value);
}

/** A 64-bit pattern. */
export function constantBits(value: bigint): Scalar {
  return make("const", "i64", NONE, BigInt.asIntN(64, value));
}

function binary(op: "add" | "sub" | "mul" | "div" | "min" | "max", allowed: readonly ScalarType[]) {
  return (a: Scalar, b: Scalar): Scalar => {
    expect(op, a, allowed);
    return make(op, same(op, a, b), [a, b]);
  };
}

export const add = binary("add", NUMBERS);
export const sub = binary("sub", NUMBERS);
export const mul = binary("mul", ORDERED);
export const div = binary("div", FLOATS);
/** Smaller of two; NaN if either is NaN; -0 is below +0. */
export const min = binary("min", ORDERED);
/** Larger of two; NaN if either is NaN; +0 is above -0. */
export const max = binary("max", ORDERED);

function unary(op: "neg" | "abs" | "sqrt" | "floor" | "ceil" | "trunc", allowed: readonly ScalarType[]) {
  return (a: Scalar): Scalar => make(op, expect(op, a, allowed), [a]);
}

/** Flips the sign bit (floats); 0 - a (i32). */
export const neg = unary("neg", ORDERED);
export const abs = unary("abs", ORDERED);
export const sqrt = unary("sqrt", FLOATS);
export const floor = unary("floor", FLOATS);
export const ceil = unary("ceil", FLOATS);
export const trunc = unary("trunc", FLOATS);

function logic(op: "and" | "or" | "xor") {
  return (a: Scalar, b: Scalar): Scalar => {
    expect(op, a, LOGIC);
    return make(op, same(op, a, b), [a, b]);
  };
}

export const and = logic("and");
export const or = logic("or");
export const xor = logic("xor");
export function not(a: Scalar): Scalar {
  return make("not", expect("not", a, LOGIC), [a]);
}

function shift(op: "shl" | "shrS" | "shrU") {
  return (a: Scalar, amount: number): Scalar => {
    const type = expect(op, a, BITS);
    const width = type === "i64" ? 64 : 32;
    if (!(Number.isInteger(amount) && amount >= 0 && amount < width)) {
      throw new RangeError(`scalar ${op}: the amount is ${amount}; it must be an integer from 0 to ${width - 1}`);
    }
    return make(op, type, [a], amount);
  };
}

export const shl = shift("shl");
/** Arithmetic (sign-keeping) right shift. */
export const shrS = shift("shrS");
/** Logical right shift. */
export const shrU = shift("shrU");

function compare(op: "eq" | "ne" | "lt" | "le", allowed: readonly ScalarType[]) {
  return (a: Scalar, b: Scalar): Scalar => {
    expect(op, a, allowed);
    same(op, a, b);
    return make(op, "bool", [a, b]);
  };
}

export const eq = compare("eq", ORDERED);
export const ne = compare("ne", ORDERED);
export const lt = compare("lt", ORDERED);
export const le = compare("le", ORDERED);
export const gt = (a: Scalar, b: Scalar): Scalar => lt(b, a);
export const ge = (a: Scalar, b: Scalar): Scalar => le(b, a);

/** `condition ? a : b`; both are evaluated. */
export function select(condition: Scalar, a: Scalar, b: Scalar): Scalar {
  expect("select", condition, ["bool"]);
  return make("select", same("select", a, b), [condition, a, b]);
}

/**
 * Value conversion. float to i32 truncates and saturates, NaN becomes 0; i32 to f32 and f64 to f32 round to
 * nearest even; bool becomes 0 or 1; anything to bool is `!= 0` (so NaN is true).
 */
export function convert(a: Scalar, type: ScalarType): Scalar {
  if (a.type === type) return a;
  if (a.type === "i64" || type === "i64") {
    throw new TypeError(`scalar convert: ${a.type} to ${type} is not a value conversion; use bits()`);
  }
  if (type === "bool") return ne(a, constant(a.type, 0));
  if (a.type === "bool") return select(a, constant(type, 1), constant(type, 0));
  return make("convert", type, [a]);
}

/** Reinterprets the bits: f64 <-> i64, f32 <-> i32. Canonicalise NaN first where its payload would show. */
export function bits(a: Scalar): Scalar {
  const to: Record<string, ScalarType> = { f64: "i64", i64: "f64", f32: "i32", i32: "f32" };
  const type = to[expect("bits", a, ["f64", "i64", "f32", "i32"])];
  return make("bits", type, [a]);
}

/** `a != a`. */
export const isNan = (a: Scalar): Scalar => ne(a, a);
