// e^x and e^x - 1.
//
// Method (Cody and Waite, "Software Manual for the Elementary Functions", 1980): x = k ln 2 + r with |r| <= ln 2 / 2,
// where ln 2 is subtracted in two parts; e^r = 1 + r + r^2 P(r) with P a minimax polynomial (relative error of e^r below
// 2^-62 for f64, 2^-31 for f32); and 2^k is multiplied in two halves, so that results in the subnormal range are rounded
// once. Where e^x is a power x^y, the rounding error of r is kept, and the sum 1 + r is taken exactly. C99 special values.

import {
  exactSum,
  fastSum,
  floatType,
  integer,
  literals,
  MANTISSA,
  type Pair,
  polynomial,
  powerOfTwo,
  ROUNDER,
  type Sum,
  signBit,
} from "./formula.ts";
import { add, and, bits, eq, type FloatType, lt, mul, or, type Scalar, select, shl, shrU, sub } from "./scalar.ts";

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

/** x = k ln 2 + r, with the error of r, and k = k1 + k2, both in the low bits of integers. */
interface Reduced {
  readonly r: Scalar;
  readonly error: Scalar;
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
  // The half, rounded down: only the low bits count.
  const k2 = shrU(bits(shifted), 1);
  return { r, error, k1: sub(bits(shifted), k2), k2 };
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

/** e^x, where `high + low` is within 1/2 ulp: no rounding errors are carried along. */
export function expParts(x: Scalar): ScaledSum {
  const type = floatType(x, "exp");
  const c = literals(type);
  const reduced = reduce(clamp(x, c(LOWEST[type]), c(HIGHEST[type])), null, type);
  return { high: c(1), low: add(reduced.r, rest(reduced.r, type)), scaled: timesPowers(reduced, type) };
}

/** e^(x + tail), nearly exact; the tail is less than a unit in x's last place. */
export function expOfSum(x: Scalar, tail: Scalar): ScaledSum {
  const type = floatType(x, "exp");
  const c = literals(type);
  const clamped = clamp(x, c(LOWEST[type]), c(HIGHEST[type]));
  // The unit of an x far outside is no small number.
  const reduced = reduce(clamped, select(eq(x, clamped), tail, c(0)), type);
  const { high, low } = fastSum(c(1), reduced.r);
  return {
    high,
    low: add(low, add(rest(reduced.r, type), mul(reduced.error, high))),
    scaled: timesPowers(reduced, type),
  };
}

/** 2^f on |f| <= 1/2, relative error below 2^-23 and 2^-55: for sums in which it is the smaller part. */
const EXP2: Pair<readonly number[]> = {
  f64: [
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: a coefficient like the others
    1, 0.6931471805599453, 0.2402265069591013, 0.055504108664820084, 0.009618129107594122, 0.0013333558146774594,
    0.00015403530457110245, 1.5252733493120977e-5, 1.3215435283092288e-6, 1.0178199582055275e-7, 7.073783135919765e-9,
    4.4347690206804676e-10,
  ],
  f32: [1, 0.6931470036506653, 0.24022242426872253, 0.05550733953714371, 0.00967151578515768, 0.001326478086411953],
};

/** 2^x where it is a normal number, to within 2 or 3 units in the last place. */
export function roughExp2(x: Scalar): Scalar {
  const type = floatType(x, "exp2");
  const rounder = literals(type)(ROUNDER[type]);
  const shifted = add(x, rounder);
  const power = polynomial(sub(x, sub(shifted, rounder)), EXP2[type]);
  return bits(add(bits(power), shl(bits(shifted), MANTISSA[type])));
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
  const { high, low, scaled } = expParts(x);
  return scaled(add(high, low));
}

/** e^x - 1. */
export function expm1(x: Scalar): Scalar {
  const { high, low, scaled } = expm1Parts(x);
  // The result has x's sign; this gives -0 its own.
  return bits(or(bits(scaled(add(high, low))), and(bits(x), signBit(floatType(x, "expm1")))));
}
