// Elementary functions of real tensors. Values: the expressions of math/. Derivatives: the textbook's, in ops.

import { atan2 as atan2Expression, atan as atanExpression } from "../math/atan.ts";
import { erf as erfExpression } from "../math/erf.ts";
import { exp as expExpression, expm1 as expm1Expression } from "../math/exp.ts";
import {
  sigmoid as sigmoidExpression,
  softplus as softplusExpression,
  tanh as tanhExpression,
} from "../math/hyperbolic.ts";
import { log1p as log1pExpression, log as logExpression } from "../math/log.ts";
import { pow as powExpression } from "../math/pow.ts";
import type { Scalar } from "../math/scalar.ts";
import { cos as cosExpression, sin as sinExpression, tan as tanExpression } from "../math/trig.ts";
import type { Derivative, DType, ElementwiseDefinition, Node, Ops } from "./definition.ts";
import { equalDType, equalShape, oneOf } from "./rules.ts";

const FLOAT: readonly DType[] = ["float32", "float64"];

/** `slope` is the derivative at the operand x, given also the function's value y. */
function unary(
  name: string,
  expression: (x: Scalar) => Scalar,
  derivative: (ops: Ops, v: Node, x: Node, y: Node) => Node,
): ElementwiseDefinition {
  return {
    kind: "elementwise",
    name,
    infer: ([x]) => ({ shape: x.shape, dtype: oneOf(name, x.dtype, FLOAT) }),
    expression: ([x]) => [expression(x[0])],
    derivative: (ops, node, _input, v) => derivative(ops, v, node.inputs[0], node),
  };
}

const onePlus = (ops: Ops, x: Node): Node => ops.add(ops.like(1, x), x);
const oneMinus = (ops: Ops, x: Node): Node => ops.sub(ops.like(1, x), x);

export const exp = unary("exp", expExpression, (ops, v, _x, y) => ops.mul(v, y));
export const expm1 = unary("expm1", expm1Expression, (ops, v, _x, y) => ops.mul(v, onePlus(ops, y)));
export const log = unary("log", logExpression, (ops, v, x) => ops.div(v, x));
export const log1p = unary("log1p", log1pExpression, (ops, v, x) => ops.div(v, onePlus(ops, x)));
export const sin = unary("sin", sinExpression, (ops, v, x) => ops.mul(v, ops.cos(x)));
export const cos = unary("cos", cosExpression, (ops, v, x) => ops.neg(ops.mul(v, ops.sin(x))));
export const tan = unary("tan", tanExpression, (ops, v, _x, y) => ops.mul(v, onePlus(ops, ops.square(y))));
export const atan = unary("atan", atanExpression, (ops, v, x) => ops.div(v, onePlus(ops, ops.square(x))));
export const tanh = unary("tanh", tanhExpression, (ops, v, _x, y) => ops.mul(v, oneMinus(ops, ops.square(y))));
export const sigmoid = unary("sigmoid", sigmoidExpression, (ops, v, _x, y) => ops.mul(v, ops.mul(y, oneMinus(ops, y))));

/** log(1 + e^x), and x itself above 20, as in PyTorch; the derivative there is 1. */
export const softplus = unary("softplus", softplusExpression, (ops, v, x) =>
  ops.where(ops.lt(ops.like(20, x), x), v, ops.mul(v, ops.sigmoid(x))),
);

/** 2 / sqrt(pi) */
const TWO_OVER_ROOT_PI = 1.1283791670955126;

export const erf = unary("erf", erfExpression, (ops, v, x) =>
  ops.mul(v, ops.mul(ops.like(TWO_OVER_ROOT_PI, x), ops.exp(ops.neg(ops.square(x))))),
);

function binary(
  name: string,
  expression: (a: Scalar, b: Scalar) => Scalar,
  derivative: Derivative,
): ElementwiseDefinition {
  return {
    kind: "elementwise",
    name,
    arity: 2,
    infer: (operands) => ({
      shape: equalShape(name, operands),
      dtype: equalDType(name, operands[0].dtype, operands[1].dtype, FLOAT),
    }),
    expression: ([a, b]) => [expression(a[0], b[0])],
    derivative,
  };
}

/** The angle of (x, y), in (-pi, pi]. The derivative at the origin is 0. */
export const atan2 = binary("atan2", atan2Expression, (ops, node, input, v) => {
  const [y, x] = node.inputs;
  const squared = ops.add(ops.square(x), ops.square(y));
  const zero = ops.like(0, v);
  const part = ops.div(ops.mul(v, input === 0 ? x : ops.neg(y)), squared);
  return ops.where(ops.eq(squared, zero), zero, part);
});

/** x to the power y, as in C. Derivatives as in PyTorch: 0 by x where y is 0; 0 by y where x is 0 and y is not negative. */
export const pow = binary("pow", powExpression, (ops, node, input, v) => {
  const [x, y] = node.inputs;
  const zero = ops.like(0, v);
  if (input === 0) {
    const slope = ops.mul(y, ops.pow(x, ops.sub(y, ops.like(1, y))));
    return ops.where(ops.eq(y, zero), zero, ops.mul(v, slope));
  }
  const flat = ops.and(ops.eq(x, zero), ops.le(zero, y));
  return ops.where(flat, zero, ops.mul(v, ops.mul(node, ops.log(x))));
});
