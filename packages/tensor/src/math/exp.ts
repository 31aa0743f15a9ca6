// e^x and e^x - 1.
//
// Method (Cody and Waite, "Software Manual for the Elementary Functions", 1980): x = k ln 2 + r with |r| <= ln 2 / 2,
// where ln 2 is subtracted in two parts and the rounding error of r is kept; e^r = 1 + r + r^2 P(r) with P a minimax
// polynomial (relative error of e^r below 2^-62 for f64, 2^-31 for f32); the sum 1 + r is taken exactly; and 2^k is
// multiplied in two halves, so that results in the subnormal range are rounded once. C99 special values.

import {
  exactSum,
  fastSum,
  floatType,
  integer,
  literals,
  type Pair,
  polynomial,
  powerOfTwo,
  ROUNDER,
  type Sum,
  signBit,
} from "./formula.ts";
import { add, and, bits, eq, type FloatType, lt, mul, or, type Scalar, select, sub } from "./scalar.ts";

/** ln 2 in two parts: k times the first is exact for every exponent k. */
export const LN2_HIGH: Pair<number> = { f64: 0.6931471803691238, f32: 0.693145751953125 };
export const LN2_LOW: Pair<number> = { f64: 1.9082149292705877e-10, f32: 1.428606765330187e-6 };

// biome-ignore lint/suspicious/noApproximativeNumericConstant: the language leaves the exact value of Math.LOG2E open
const LOG2_E: Pair<number> = { f64: 1.4426950408889634, f32: 1.4426950216293335 };

/** (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2. */
const EXP: Pair<readonly number[]> = {
  f64: [
    0.5, 0.16666666666666688, 0.041666666666666824, 0.008333333333313897, 0.0013888888888778372, 0.0001984126990338285,
    2.4801587557903205e-5, 2.7557228375052804e-6, 2.755705948809313e-7, 2.511418555754949e-8, 2.09854644702253e-9,
  ],
  f32: [
    0.5, 0.16666647791862488, 0.041666481643915176, 0.00833787489682436, 0.0013933283044025302, 0.00017328951798845083,
  ],
};

/** Where the result has become infinite, and where it has become 0, or -1 for e^x - 1. */
const HIGHEST: Pair<number> = { f64: 710, f32: 89 };
const LOWEST: Pair<number> = { f64: -746, f32: -104 };
const LOWEST_LESS_ONE: Pair<number> = { f64: -40, f32: -20 };

/** x = k ln 2 + r, with the error of r, and k = k1 + k2, all three in the low bits of integers. */
interface Reduced {
  readonly r: Scalar;
  readonly error: Scalar;
  readonly k: Scalar;
  readonly k1: Scalar;
  readonly k2: Scalar;
}

/** Reduces x + tail, where x lies between LOWEST and HIGHEST (or is NaN) and the tail, if any, is tiny beside it. */
function reduce(x: Scalar, tail: Scalar | null, type: FloatType): Reduced {
  const c = literals(type);
  const rounder = c(ROUNDER[type]);
  const shifted = add(mul(x, c(LOG2_E[type])), rounder);
  const k = sub(shifted, rounder);
  const high = sub(x, mul(k, c(LN2_HIGH[type])));
  const product = mul(k, c(LN2_LOW[type]));
  const low = tail === null ? product : sub(product, tail);
  const r = sub(high, low);
  const error = sub(sub(high, r), low);
  const k2 = bits(add(mul(k, c(0.5)), rounder));
  return { r, error, k: bits(shifted), k1: sub(bits(shifted), k2), k2 };
}

function clamp(x: Scalar, low: Scalar, high: Scalar): Scalar {
  const raised = select(lt(x, low), low, x);
  return select(lt(high, raised), high, raised);
}

/** r^2 P(r) of the exponential series. */
function rest(r: Scalar, type: FloatType): Scalar {
  return mul(mul(r, r), polynomial(r, EXP[type]));
}

/** A number as (high + low) 2^k; `scaled` multiplies by 2^k. */
export interface ScaledSum extends Sum {
  readonly scaled: (x: Scalar) => Scalar;
}

function timesPowers({ k1, k2 }: Reduced, type: FloatType): (x: Scalar) => Scalar {
  const first = powerOfTwo(k1, type);
  const second = powerOfTwo(k2, type);
  return (x) => mul(mul(x, first), second);
}

/** e^(x + tail); the tail, if any, is less than a unit in x's last place. */
export function expParts(x: Scalar, tail: Scalar | null): ScaledSum {
  const type = floatType(x, "exp");
  const c = literals(type);
  const clamped = clamp(x, c(LOWEST[type]), c(HIGHEST[type]));
  // The unit of an x far outside is no small number.
  const kept = tail === null ? null : select(eq(x, clamped), tail, c(0));
  const reduced = reduce(clamped, kept, type);
  return { ...seriesOf(reduced, type), scaled: timesPowers(reduced, type) };
}

/** e^x where it is a normal number, not near the largest (or x is NaN). */
export function normalExp(x: Scalar): Scalar {
  const type = floatType(x, "exp");
  const reduced = reduce(x, null, type);
  const { high, low } = seriesOf(reduced, type);
  return mul(add(high, low), powerOfTwo(reduced.k, type));
}

/** e^r. */
function seriesOf({ r, error }: Reduced, type: FloatType): Sum {
  const { high, low } = fastSum(literals(type)(1), r);
  return { high, low: add(low, add(rest(r, type), mul(error, high))) };
}

/** e^x - 1 = (high + low) 2^k. For very negative x it is -1. */
export function expm1Parts(x: Scalar): ScaledSum {
  const type = floatType(x, "expm1");
  const c = literals(type);
  const reduced = reduce(clamp(x, c(LOWEST_LESS_ONE[type]), c(HIGHEST[type])), null, type);
  const { r, error, k1, k2 } = reduced;
  // 2^k (e^r - 1 + 1 - 2^-k)
  const q = fastSum(r, add(rest(r, type), add(error, mul(error, r))));
  const zero = integer(type, 0);
  const inverse = mul(powerOfTwo(sub(zero, k1), type), powerOfTwo(sub(zero, k2), type));
  const { high, low } = exactSum(sub(c(1), inverse), q.high);
  return { high, low: add(low, q.low), scaled: timesPowers(reduced, type) };
}

/** e^x. */
export function exp(x: Scalar): Scalar {
  const { high, low, scaled } = expParts(x, null);
  return scaled(add(high, low));
}

/** e^x - 1. */
export function expm1(x: Scalar): Scalar {
  const { high, low, scaled } = expm1Parts(x);
  // The result has x's sign; this gives -0 its own.
  return bits(or(bits(scaled(add(high, low))), and(bits(x), signBit(floatType(x, "expm1")))));
}
