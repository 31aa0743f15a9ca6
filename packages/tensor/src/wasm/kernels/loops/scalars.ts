// The SIMD emitter of scalar expressions: one vector instruction (or a few) for each node, so that a kernel has the
// bits of the interpreter (reference/scalars.ts). See docs/numerics.md.
//
// A kernel is 2 or 4 lanes wide. With 4 lanes every value fills a v128 of 32-bit lanes. With 2 lanes f64 and i64
// fill the v128, f32 and i32 sit in the two low 32-bit lanes (the others hold garbage), and a bool is a mask as wide
// as the kernel's lanes: 64 bits with 2 lanes, 32 bits with 4. Instructions follow the WebAssembly core
// specification 2.0 (vector instructions).

import { inOrder, schedule } from "../../../math/order.ts";
import type { Scalar, ScalarType } from "../../../math/scalar.ts";
import {
  type Expr,
  type FunctionBuilder,
  f32x4Const,
  f64x2Const,
  i32x4Const,
  i64x2Const,
  type Operand,
  type OpName,
} from "../../assembler/assembler.ts";

export type Lanes = 2 | 4;

const is64 = (type: ScalarType): boolean => type === "f64" || type === "i64";

/** How many elements a kernel computes at once: 2 if any value in it is 64 bits wide, else 4. */
export const lanesFor = (outputs: readonly Scalar[]): Lanes => lanesOf(inOrder(outputs));

/** The same of all nodes under the outputs. */
export function lanesOf(nodes: readonly Scalar[]): Lanes {
  for (let i = 0; i < nodes.length; i++) if (is64(nodes[i].type)) return 2;
  return 4;
}

// Instructions for nodes whose operands have the node's type, and for comparisons, by operand type.
const DIRECT: Readonly<Record<string, Readonly<Record<string, OpName>>>> = {
  f32: {
    add: "f32x4.add",
    sub: "f32x4.sub",
    mul: "f32x4.mul",
    div: "f32x4.div",
    min: "f32x4.min",
    max: "f32x4.max",
    sqrt: "f32x4.sqrt",
    floor: "f32x4.floor",
    ceil: "f32x4.ceil",
    trunc: "f32x4.trunc",
    eq: "f32x4.eq",
    ne: "f32x4.ne",
    lt: "f32x4.lt",
    le: "f32x4.le",
  },
  f64: {
    add: "f64x2.add",
    sub: "f64x2.sub",
    mul: "f64x2.mul",
    div: "f64x2.div",
    min: "f64x2.min",
    max: "f64x2.max",
    sqrt: "f64x2.sqrt",
    floor: "f64x2.floor",
    ceil: "f64x2.ceil",
    trunc: "f64x2.trunc",
    eq: "f64x2.eq",
    ne: "f64x2.ne",
    lt: "f64x2.lt",
    le: "f64x2.le",
  },
  i32: {
    add: "i32x4.add",
    sub: "i32x4.sub",
    mul: "i32x4.mul",
    min: "i32x4.min_s",
    max: "i32x4.max_s",
    neg: "i32x4.neg",
    abs: "i32x4.abs",
    shl: "i32x4.shl",
    shrS: "i32x4.shr_s",
    shrU: "i32x4.shr_u",
    eq: "i32x4.eq",
    ne: "i32x4.ne",
    lt: "i32x4.lt_s",
    le: "i32x4.le_s",
  },
  i64: {
    add: "i64x2.add",
    sub: "i64x2.sub",
    shl: "i64x2.shl",
    shrS: "i64x2.shr_s",
    shrU: "i64x2.shr_u",
  },
};

// Instructions that do not look at lanes.
const BITWISE: Readonly<Record<string, OpName>> = {
  and: "v128.and",
  or: "v128.or",
  xor: "v128.xor",
  not: "v128.not",
};

const CONVERSIONS: Readonly<Record<string, OpName>> = {
  "f32 f64": "f64x2.promote_low_f32x4",
  "i32 f64": "f64x2.convert_low_i32x4_s",
  "f64 f32": "f32x4.demote_f64x2_zero",
  "i32 f32": "f32x4.convert_i32x4_s",
  "f64 i32": "i32x4.trunc_sat_f64x2_s_zero",
  "f32 i32": "i32x4.trunc_sat_f32x4_s",
};

/** 64-bit mask lanes to the two low 32-bit lanes. */
const NARROW = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];

function constantVector({ type, value }: Scalar, lanes: Lanes): Expr {
  if (type === "i64") return i64x2Const(value as bigint);
  const number = value as number;
  if (type === "f64") return f64x2Const(number);
  if (type === "f32") return f32x4Const(number);
  if (type === "i32") return i32x4Const(number);
  return lanes === 2 ? i64x2Const(number === 0 ? 0n : -1n) : i32x4Const(number === 0 ? 0 : -1);
}

/** Emits scalar expressions into one function. Nodes it has met keep their value, so shared nodes cost nothing. */
export class VectorEmitter {
  readonly #f: FunctionBuilder;
  readonly #lanes: Lanes;
  readonly #known = new Map<Scalar, Expr>();

  /** `lanes` is `lanesFor` of everything this emitter will be asked for. */
  constructor(f: FunctionBuilder, lanes: Lanes) {
    this.#f = f;
    this.#lanes = lanes;
  }

  /**
   * The vector of a scalar expression. `leaf` gives the vector of an `arg` node, in this kernel's lane arrangement;
   * it is asked once for each `arg` object. Expressions live as long as the body they were made in: use a new
   * emitter for every body.
   */
  value(s: Scalar, leaf: (s: Scalar) => Expr): Expr {
    for (const { node, rare } of schedule([s], this.#known)) {
      if (node.op === "arg") this.#known.set(node, leaf(node));
      else if (rare.length > 0) this.#known.set(node, this.#emitRare(node, rare));
      else this.#known.set(node, this.#emit(node));
    }
    return this.#known.get(s) as Expr;
  }

  /** A select whose first choice is computed only where some lane takes it. */
  #emitRare(node: Scalar, rare: readonly Scalar[]): Expr {
    const f = this.#f;
    const known = this.#known;
    const result = f.local("v128");
    f.set(result, known.get(node.args[2]) as Expr);
    f.if(f.op("v128.any_true", known.get(node.args[0])), () => {
      // What is made in this body dies with it.
      const inner = rare.filter((s) => !known.has(s));
      for (const s of inner) known.set(s, this.#emit(s));
      f.set(result, this.#emit(node));
      for (const s of inner) known.delete(s);
    });
    return f.let(result);
  }

  #emit(node: Scalar): Expr {
    const f = this.#f;
    const lanes = this.#lanes;
    const { op, type } = node;
    if (op === "const") return constantVector(node, lanes);
    const args = node.args.map((a) => this.#known.get(a) as Expr);
    const from = node.args[node.args.length - 1].type;
    if (lanes === 4 && (is64(type) || is64(from))) {
      throw new TypeError(`a 4-lane kernel holds 32-bit values only, and this ${op} has type ${from} to ${type}`);
    }
    switch (op) {
      case "and":
      case "or":
      case "xor":
      case "not":
        return f.op(BITWISE[op], args[0], args[1]);
      case "eq":
      case "ne":
      case "lt":
      case "le": {
        const mask = f.op(DIRECT[from][op], args[0], args[1]);
        return lanes === 2 && !is64(from) ? f.op("i64x2.extend_low_i32x4_s", mask) : mask;
      }
      case "select": {
        const lesser = lesserOf(node);
        if (lesser !== null) return f.op(lesser, args[2], args[1]);
        const wide = lanes === 4 || is64(type) || type === "bool";
        return f.op("v128.bitselect", args[1], args[2], wide ? args[0] : f.shuffle(NARROW, args[0], args[0]));
      }
      case "convert":
        return f.op(CONVERSIONS[`${from} ${type}`], args[0]);
      case "bits":
        return args[0];
      case "shl":
      case "shrS":
      case "shrU":
        return f.op(DIRECT[type][op], args[0], node.value);
      case "neg":
      case "abs":
        // In one instruction with a mask, which engines keep in a register; up to three without.
        if (type === "f64") {
          return op === "abs"
            ? f.op("v128.and", args[0], i64x2Const(0x7fffffffffffffffn))
            : f.op("v128.xor", args[0], f64x2Const(-0));
        }
        if (type === "f32") {
          return op === "abs"
            ? f.op("v128.and", args[0], i32x4Const(0x7fffffff))
            : f.op("v128.xor", args[0], f32x4Const(-0));
        }
        return f.op(DIRECT[type][op], args[0]);
      case "min":
      case "max":
        return this.#bounded(node, args) ?? f.op(DIRECT[type][op], args[0], args[1]);
      default:
        return f.op(DIRECT[type][op], args[0], args[1]);
    }
  }

  /**
   * The smaller or larger of a float and a constant by the pseudo-minimum and -maximum, one instruction where the true ones are
   * eight on x64: `c < x ? c : x` and `x < c ? c : x` keep NaN. Equal zeros are the other one's.
   */
  #bounded({ op, type, args: nodes }: Scalar, args: readonly Expr[]): Expr | null {
    if (type !== "f32" && type !== "f64") return null;
    const at = nodes.findIndex((node) => node.op === "const");
    if (at < 0 || Number.isNaN(nodes[at].value) || (op === "min" && Object.is(nodes[at].value, -0))) return null;
    const vectors = type === "f32" ? "f32x4" : "f64x2";
    const bound = args[at];
    const chosen = this.#f.op(`${vectors}.p${op as "min" | "max"}`, args[1 - at], bound);
    // max(-0, 0) is 0, and so is -0 + 0.
    return op === "max" && Object.is(nodes[at].value, 0) ? this.#f.op(`${vectors}.add`, chosen, bound) : chosen;
  }
}

const isSame = (a: Scalar, b: Scalar): boolean =>
  a === b || (a.op === "const" && b.op === "const" && a.type === b.type && Object.is(a.value, b.value));

/**
 * The instruction for `a < b ? a : b` or `b < a ? a : b` of floats, given as (b, a): WebAssembly's pseudo-minimum and -maximum
 * are defined by these very choices, NaN and zeros included.
 */
function lesserOf({ type, args: [condition, a, b] }: Scalar): OpName | null {
  if ((type !== "f32" && type !== "f64") || condition.op !== "lt") return null;
  const vectors = type === "f32" ? "f32x4" : "f64x2";
  const [left, right] = condition.args;
  if (isSame(left, a) && isSame(right, b)) return `${vectors}.pmin`;
  return isSame(left, b) && isSame(right, a) ? `${vectors}.pmax` : null;
}

/** Memory's 0 and 1 in 32-bit lanes (the two low ones of a 2-lane kernel) to a mask. */
function toMask(f: FunctionBuilder, lanes: Lanes, flags: Expr): Expr {
  const mask = f.op("i32x4.neg", flags);
  return lanes === 2 ? f.op("i64x2.extend_low_i32x4_s", mask) : mask;
}

function refuseI64(type: ScalarType): void {
  if (type === "i64") throw new TypeError("an i64 never lies in memory: convert it with bits() first");
}

/**
 * Loads `lanes` neighbouring elements: f64 from 8 bytes each, f32, i32 and bool (0 or 1) from 4. The address is a
 * multiple of the element's size.
 */
export function loadVector(f: FunctionBuilder, type: ScalarType, lanes: Lanes, address: Operand, offset = 0): Expr {
  refuseI64(type);
  const all = type === "f64" || lanes === 4;
  const v = f.load(all ? "v128.load" : "v128.load64_zero", address, offset, type === "f64" ? 8 : 4);
  return type === "bool" ? toMask(f, lanes, v) : v;
}

/** Stores `lanes` neighbouring elements, laid out as `loadVector` reads them. */
export function storeVector(
  f: FunctionBuilder,
  type: ScalarType,
  lanes: Lanes,
  address: Operand,
  value: Expr,
  offset = 0,
): void {
  refuseI64(type);
  if (type === "f64") {
    f.store("v128.store", address, value, offset, 8);
    return;
  }
  let v = value;
  if (type === "bool") {
    const mask = lanes === 2 ? f.shuffle(NARROW, value, value) : value;
    v = f.op("v128.and", mask, i32x4Const(1));
  }
  if (lanes === 4) f.store("v128.store", address, v, offset, 4);
  else f.storeLane("v128.store64_lane", address, v, 0, offset, 4);
}

/** Loads one element into every lane. */
export function splatLoad(f: FunctionBuilder, type: ScalarType, lanes: Lanes, address: Operand, offset = 0): Expr {
  refuseI64(type);
  const v = f.load(type === "f64" ? "v128.load64_splat" : "v128.load32_splat", address, offset);
  return type === "bool" ? toMask(f, lanes, v) : v;
}

/** Loads lane k from `addresses[k] + offset`: elements that are not neighbours. */
export function laneLoad(
  f: FunctionBuilder,
  type: ScalarType,
  lanes: Lanes,
  addresses: readonly Operand[],
  offset = 0,
): Expr {
  refuseI64(type);
  if (addresses.length !== lanes) {
    throw new RangeError(`laneLoad: ${addresses.length} addresses for ${lanes} lanes; give one a lane`);
  }
  const wide = type === "f64";
  let v = f.load(wide ? "v128.load64_zero" : "v128.load32_zero", addresses[0], offset);
  for (let k = 1; k < lanes; k++) {
    v = f.loadLane(wide ? "v128.load64_lane" : "v128.load32_lane", addresses[k], v, k, offset);
  }
  return type === "bool" ? toMask(f, lanes, v) : v;
}
