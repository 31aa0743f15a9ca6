// Arithmetic, comparison and choice on single elements. Every definition is one scalar expression.

import type { Scalar } from "../math/scalar.ts";
import * as s from "../math/scalar.ts";
import {
  type Attributes,
  type Derivative,
  type DType,
  type ElementwiseDefinition,
  isComplex,
  scalarTypeOf,
} from "./definition.ts";
import { arithmeticDType, DTypeError, equalDType, equalShape, oneOf } from "./rules.ts";

const REAL: readonly DType[] = ["float32", "float64", "int32"];
const FLOAT: readonly DType[] = ["float32", "float64"];
const NUMERIC: readonly DType[] = ["float32", "float64", "int32", "complex64", "complex128"];

type Components = readonly Scalar[];

function arithmetic(
  name: string,
  expression: (a: Components, b: Components) => Scalar[],
  derivative: Derivative,
  allowed: readonly DType[] = NUMERIC,
): ElementwiseDefinition {
  return {
    kind: "elementwise",
    name,
    arity: 2,
    infer(operands) {
      const dtype = arithmeticDType(name, operands[0].dtype, operands[1].dtype);
      return { shape: equalShape(name, operands), dtype: oneOf(name, dtype, allowed) };
    },
    expression: ([a, b]) => expression(a, b),
    derivative,
  };
}

export const add = arithmetic(
  "add",
  (a, b) => {
    if (a.length === b.length) return a.map((x, i) => s.add(x, b[i]));
    return a.length === 2 ? [s.add(a[0], b[0]), a[1]] : [s.add(a[0], b[0]), b[1]];
  },
  (_ops, _node, _input, v) => v,
);

export const sub = arithmetic(
  "sub",
  (a, b) => {
    if (a.length === b.length) return a.map((x, i) => s.sub(x, b[i]));
    return a.length === 2 ? [s.sub(a[0], b[0]), a[1]] : [s.sub(a[0], b[0]), s.neg(b[1])];
  },
  (ops, _node, input, v) => (input === 0 ? v : ops.neg(v)),
);

function product(a: Components, b: Components): Scalar[] {
  if (a.length === 1) return b.map((y) => s.mul(a[0], y));
  if (b.length === 1) return a.map((x) => s.mul(x, b[0]));
  return [s.sub(s.mul(a[0], b[0]), s.mul(a[1], b[1])), s.add(s.mul(a[0], b[1]), s.mul(a[1], b[0]))];
}

export const mul = arithmetic("mul", product, (ops, node, input, v, conj) =>
  ops.mul(v, conj(node.inputs[input === 0 ? 1 : 0])),
);

export const div = arithmetic(
  "div",
  (a, b) => {
    if (b.length === 1) return a.map((x) => s.div(x, b[0]));
    // a conj(b) / |b|^2
    const scale = s.add(s.mul(b[0], b[0]), s.mul(b[1], b[1]));
    return product(a, [b[0], s.neg(b[1])]).map((x) => s.div(x, scale));
  },
  (ops, node, input, v, conj) => {
    const b = conj(node.inputs[1]);
    return input === 0 ? ops.div(v, b) : ops.neg(ops.mul(v, ops.div(conj(node), b)));
  },
  ["float32", "float64", "complex64", "complex128"],
);

function unary(
  name: string,
  allowed: readonly DType[],
  expression: (a: Components, attributes: Attributes) => Scalar[],
  derivative: Derivative | "zero",
): ElementwiseDefinition {
  return {
    kind: "elementwise",
    name,
    infer: ([a]) => ({ shape: a.shape, dtype: oneOf(name, a.dtype, allowed) }),
    expression: ([a], attributes) => expression(a, attributes),
    derivative,
  };
}

export const neg = unary(
  "neg",
  NUMERIC,
  (a) => a.map(s.neg),
  (ops, _node, _input, v) => ops.neg(v),
);

export const square = unary(
  "square",
  NUMERIC,
  (a) => product(a, a),
  (ops, node, _input, v, conj) => ops.mul(v, ops.mul(ops.like(2, node.inputs[0]), conj(node.inputs[0]))),
);

export const sqrt = unary(
  "sqrt",
  FLOAT,
  (a) => [s.sqrt(a[0])],
  (ops, node, _input, v) => ops.div(v, ops.mul(ops.like(2, node), node)),
);

/** 1 / sqrt(x), each rounded. Its derivative, -1/2 of its cube, takes no division. */
export const rsqrt = unary(
  "rsqrt",
  FLOAT,
  ([x]) => [s.div(s.constant(x.type as "f32" | "f64", 1), s.sqrt(x))],
  // The cube itself may be too large where what it is multiplied by is small.
  (ops, node, _input, v) => ops.mul(ops.mul(ops.mul(v, node), node), ops.mul(node, ops.like(-0.5, node))),
);

/** The square root at the end of a norm: like sqrt, but its derivative is 0 at 0. */
export const normRoot = unary(
  "normRoot",
  FLOAT,
  (a) => [s.sqrt(a[0])],
  (ops, node, _input, v) =>
    ops.where(ops.eq(node, ops.like(0, node)), ops.like(0, v), ops.div(v, ops.mul(ops.like(2, node), node))),
);

/** |x| of real numbers; the derivative is 0 at 0. */
export const abs = unary(
  "abs",
  REAL,
  (a) => [s.abs(a[0])],
  (ops, node, _input, v) => {
    const x = node.inputs[0];
    const zero = ops.like(0, x);
    return ops.where(ops.lt(zero, x), v, ops.where(ops.lt(x, zero), ops.neg(v), ops.like(0, v)));
  },
);

/** -1, 0 or 1 with the sign of x (0 and -0 give themselves, NaN gives NaN). */
export const sign = unary(
  "sign",
  REAL,
  ([x]) => {
    const type = x.type as "f32" | "f64" | "i32";
    const zero = s.constant(type, 0);
    return [s.select(s.lt(zero, x), s.constant(type, 1), s.select(s.lt(x, zero), s.constant(type, -1), x))];
  },
  "zero",
);

export const floor = unary("floor", FLOAT, (a) => [s.floor(a[0])], "zero");
export const ceil = unary("ceil", FLOAT, (a) => [s.ceil(a[0])], "zero");
export const trunc = unary("trunc", FLOAT, (a) => [s.trunc(a[0])], "zero");

/** max(x, 0); the derivative is 0 at 0. */
export const relu = unary(
  "relu",
  REAL,
  ([x]) => [s.max(x, s.constant(x.type as "f32" | "f64" | "i32", 0))],
  (ops, node, _input, v) => ops.where(ops.lt(ops.like(0, node.inputs[0]), node.inputs[0]), v, ops.like(0, v)),
);

/** min(max(x, low), high); the derivative is 1 at the bounds. */
export const clip: ElementwiseDefinition = {
  ...unary(
    "clip",
    REAL,
    ([x], { low, high }) => {
      const type = x.type as "f32" | "f64" | "i32";
      return [s.min(s.max(x, s.constant(type, low as number)), s.constant(type, high as number))];
    },
    (ops, node, _input, v) => {
      const x = node.inputs[0];
      const { low, high } = node.attributes as { low: number; high: number };
      const inside = ops.and(ops.le(ops.like(low, x), x), ops.le(x, ops.like(high, x)));
      return ops.where(inside, v, ops.like(0, v));
    },
  ),
  attributes: { low: "number", high: "number" },
  infer([x], { low, high }) {
    const dtype = oneOf("clip", x.dtype, REAL);
    if (dtype === "int32" && [low, high].some((bound) => bound !== ((bound as number) | 0))) {
      throw new RangeError(`clip: the bounds of an int32 tensor are ${low} and ${high}; they must be int32 too`);
    }
    return { shape: x.shape, dtype };
  },
};

function extremum(name: "minimum" | "maximum"): ElementwiseDefinition {
  return {
    kind: "elementwise",
    name,
    arity: 2,
    infer: (operands) => ({
      shape: equalShape(name, operands),
      dtype: equalDType(name, operands[0].dtype, operands[1].dtype, REAL),
    }),
    expression: ([a, b]) => [name === "minimum" ? s.min(a[0], b[0]) : s.max(a[0], b[0])],
    // Ties share the derivative: half each.
    derivative(ops, node, input, v) {
      const [mine, other] = input === 0 ? node.inputs : [node.inputs[1], node.inputs[0]];
      const wins = name === "minimum" ? ops.lt(mine, other) : ops.lt(other, mine);
      const half = ops.mul(v, ops.like(0.5, v));
      return ops.where(wins, v, ops.where(ops.eq(mine, other), half, ops.like(0, v)));
    },
  };
}

export const minimum = extremum("minimum");
export const maximum = extremum("maximum");

function comparison(
  name: string,
  allowed: readonly DType[],
  expression: (a: Components, b: Components) => Scalar,
): ElementwiseDefinition {
  return {
    kind: "elementwise",
    name,
    arity: 2,
    infer(operands) {
      equalDType(name, operands[0].dtype, operands[1].dtype, allowed);
      return { shape: equalShape(name, operands), dtype: "bool" };
    },
    expression: ([a, b]) => [expression(a, b)],
    derivative: "zero",
  };
}

const EVERY: readonly DType[] = [...NUMERIC, "bool"];

function equal(a: Components, b: Components): Scalar {
  const parts = a.map((x, i) => (x.type === "bool" ? s.not(s.xor(x, b[i])) : s.eq(x, b[i])));
  return parts.length === 2 ? s.and(parts[0], parts[1]) : parts[0];
}

export const eq = comparison("eq", EVERY, equal);
export const ne = comparison("ne", EVERY, (a, b) => s.not(equal(a, b)));
export const lt = comparison("lt", REAL, (a, b) => s.lt(a[0], b[0]));
export const le = comparison("le", REAL, (a, b) => s.le(a[0], b[0]));
export const and = comparison("and", ["bool"], (a, b) => s.and(a[0], b[0]));
export const or = comparison("or", ["bool"], (a, b) => s.or(a[0], b[0]));

export const not: ElementwiseDefinition = {
  kind: "elementwise",
  name: "not",
  infer: ([a]) => ({ shape: a.shape, dtype: oneOf("not", a.dtype, ["bool"]) }),
  expression: ([a]) => [s.not(a[0])],
  derivative: "zero",
};

/** condition ? a : b */
export const where: ElementwiseDefinition = {
  kind: "elementwise",
  name: "where",
  arity: 3,
  infer(operands) {
    const [condition, a, b] = operands;
    if (condition.dtype !== "bool") {
      throw new DTypeError(
        `where: the condition is ${condition.dtype}; it must be bool, for example x.gt(0) or x.ne(0)`,
      );
    }
    return { shape: equalShape("where", operands), dtype: equalDType("where", a.dtype, b.dtype, EVERY) };
  },
  expression: ([condition, a, b]) =>
    a.map((x, i) =>
      x.type === "bool"
        ? s.or(s.and(condition[0], x), s.and(s.not(condition[0]), b[i]))
        : s.select(condition[0], x, b[i]),
    ),
  derivative(ops, node, input, v) {
    if (input === 0) return null;
    const zero = ops.like(0, v);
    return input === 1 ? ops.where(node.inputs[0], v, zero) : ops.where(node.inputs[0], zero, v);
  },
};

/** Changes the element type. Attribute `dtype`. Complex to real is refused: take real() or imag(). */
export const cast: ElementwiseDefinition = {
  kind: "elementwise",
  name: "cast",
  attributes: { dtype: "dtype" },
  infer([a], attributes) {
    const dtype = attributes.dtype as DType;
    if (isComplex(a.dtype) && !isComplex(dtype)) {
      throw new DTypeError(`cast: ${a.dtype} to ${dtype} would drop the imaginary part; use real() or abs()`);
    }
    return { shape: a.shape, dtype };
  },
  expression([a], _attributes, { dtype }) {
    const type = scalarTypeOf(dtype);
    const parts = a.map((x) => s.convert(x, type));
    if (isComplex(dtype) && parts.length === 1) parts.push(s.constant(type, 0));
    return parts;
  },
  vjp: (ops, node, cotangent) => [castBack(ops, cotangent, node.inputs[0].dtype)],
  jvp: (ops, node, [v]) =>
    v === null || !(isComplex(node.dtype) || FLOAT.includes(node.dtype)) ? null : ops.cast(v, node.dtype),
};

function castBack(ops: Parameters<Derivative>[0], cotangent: Parameters<Derivative>[3], dtype: DType) {
  if (!isComplex(dtype) && !FLOAT.includes(dtype)) return null;
  return ops.cast(isComplex(cotangent.dtype) && !isComplex(dtype) ? ops.real(cotangent) : cotangent, dtype);
}
