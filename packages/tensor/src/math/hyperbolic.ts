// Smooth steps made of exponentials: tanh, the logistic sigmoid and softplus.
//
// Each is a quotient or a logarithm of an exponential with a non-positive exponent, so nothing overflows. Quotients
// carry the exponential's rounding error along (formula.ts: Sum), which keeps the result within 2 ulp.

import { expm1Parts, expParts, type ScaledSum } from "./exp.ts";
import { fastSum, floatType, literals, quotient, type Sum, signBit } from "./formula.ts";
import { log1pOfUnit } from "./log.ts";
import { abs, add, and, bits, lt, mul, neg, or, type Scalar, select } from "./scalar.ts";

/** The value itself, as a sum. */
function asSum({ high, low, scaled }: ScaledSum): Sum {
  const sum = fastSum(high, low);
  return { high: scaled(sum.high), low: scaled(sum.low) };
}

/** -|x|, in one operation. */
const minusSize = (x: Scalar): Scalar => bits(or(bits(x), signBit(floatType(x, "minusSize"))));

/** The hyperbolic tangent: -t / (2 + t) with t = e^(-2|x|) - 1, and x's sign. */
export function tanh(x: Scalar): Scalar {
  const type = floatType(x, "tanh");
  const c = literals(type);
  const t = asSum(expm1Parts(mul(c(2), minusSize(x))));
  const two = fastSum(c(2), t.high);
  const size = quotient({ high: neg(t.high), low: neg(t.low) }, { high: two.high, low: add(two.low, t.low) });
  // `abs`, because the size of 0 comes out as -0.
  return bits(or(bits(abs(size)), and(bits(x), signBit(type))));
}

/** The logistic function 1 / (1 + e^-x). */
export function sigmoid(x: Scalar): Scalar {
  const c = literals(floatType(x, "sigmoid"));
  const z = asSum(expParts(minusSize(x)));
  const negative = lt(x, c(0));
  const one = fastSum(c(1), z.high);
  const numerator = { high: select(negative, z.high, c(1)), low: select(negative, z.low, c(0)) };
  return quotient(numerator, { high: one.high, low: add(one.low, z.low) });
}

/** log(1 + e^x), but x itself above 20 (as PyTorch's softplus has it). */
export function softplus(x: Scalar): Scalar {
  const c = literals(floatType(x, "softplus"));
  const { high, low, scaled } = expParts(minusSize(x));
  const positive = select(lt(c(0), x), x, c(0));
  return select(lt(c(20), x), x, add(positive, log1pOfUnit(scaled(add(high, low)))));
}
