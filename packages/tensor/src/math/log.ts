// Natural logarithms: log x and log(1 + x).
//
// Method: x = 2^k m with m between sqrt(1/2) and sqrt(2), f = m - 1, s = f / (2 + f), and
// log m = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R(s^2)), a form in which only f^2/2 and smaller terms are rounded
// before the last sum; R is a minimax polynomial (relative error below 2^-59 for f64, 2^-35 for f32). See
// W. J. Cody and W. Waite, "Software Manual for the Elementary Functions" (1980), and P.-T. P. Tang, "Table-driven
// implementation of the logarithm function" (1990), for such forms. C99 special values.

import { LN2_HIGH, LN2_LOW } from "./exp.ts";
import {
  BIAS,
  exactSum,
  floatType,
  integer,
  literals,
  MANTISSA,
  MIN_NORMAL,
  type Pair,
  polynomial,
  signBit,
} from "./formula.ts";
import { rarely } from "./order.ts";
import {
  add,
  and,
  bits,
  div,
  eq,
  type FloatType,
  le,
  lt,
  mul,
  not,
  or,
  type Scalar,
  select,
  shrU,
  sub,
} from "./scalar.ts";

/** (2 atanh(s) / s - 2) as a polynomial in z = s^2 times z, on |s| <= 3 - 2 sqrt(2). */
const LOG: Pair<readonly number[]> = {
  f64: [
    0.6666666666666735, 0.3999999999940899, 0.2857142874382196, 0.22222198410573918, 0.18183573508530154,
    0.15313798258367362, 0.1479863719856557,
  ],
  f32: [0.6666666269302368, 0.40000972151756287, 0.28498801589012146, 0.24278511106967926],
};

// The bits of sqrt(1/2), those of 1 less those of sqrt(1/2), and the mask of the stored mantissa.
const SQRT_HALF: Pair<bigint> = { f64: 0x3fe6a09e667f3bcdn, f32: 0x3f3504f3n };
const ONE_LESS: Pair<bigint> = { f64: 0x95f619980c433n, f32: 0x4afb0dn };
const MANTISSA_MASK: Pair<bigint> = { f64: 0xfffffffffffffn, f32: 0x7fffffn };

/** 2^52 or 2^23: or-ing a small integer into its bits adds that integer. */
const UNIT: Pair<number> = { f64: 4503599627370496, f32: 8388608 };

/** x = 2^k m exactly, with m between sqrt(1/2) and sqrt(2), for 0 < x < infinity. */
export function splitExponent(x: Scalar): { k: Scalar; m: Scalar } {
  const type = floatType(x, "log");
  const c = literals(type);
  const small = lt(x, c(MIN_NORMAL[type]));
  const unit = UNIT[type];
  const normal = select(small, mul(x, c(unit)), x);
  const shifted = add(bits(normal), integer(type, ONE_LESS[type]));
  const exponent = bits(or(shrU(shifted, MANTISSA[type]), bits(c(unit))));
  const bias = unit + BIAS[type];
  const k = sub(exponent, select(small, c(bias + MANTISSA[type]), c(bias)));
  const m = bits(add(and(shifted, integer(type, MANTISSA_MASK[type])), integer(type, SQRT_HALF[type])));
  return { k, m };
}

/** k ln 2 + log(1 + f) + correction, the correction being tiny. */
function combine(k: Scalar, f: Scalar, correction: Scalar | null, type: FloatType): Scalar {
  const c = literals(type);
  const s = div(f, add(c(2), f));
  const z = mul(s, s);
  const r = mul(z, polynomial(z, LOG[type]));
  const half = mul(mul(c(0.5), f), f);
  const low = mul(k, c(LN2_LOW[type]));
  const tail = add(mul(s, add(half, r)), correction === null ? low : add(low, correction));
  return sub(mul(k, c(LN2_HIGH[type])), sub(sub(half, tail), f));
}

/** The logarithm's value `main` where lowest < x < infinity; -infinity at lowest, NaN below, infinity at infinity. */
function withSpecials(x: Scalar, lowest: number, main: Scalar): Scalar {
  const c = literals(floatType(x, "log"));
  const ordinary = and(lt(c(lowest), x), lt(x, c(Number.POSITIVE_INFINITY)));
  const below = select(eq(x, c(lowest)), c(Number.NEGATIVE_INFINITY), c(Number.NaN));
  return rarely(not(ordinary), select(lt(c(lowest), x), x, below), main);
}

/** The natural logarithm. */
export function log(x: Scalar): Scalar {
  const type = floatType(x, "log");
  const { k, m } = splitExponent(x);
  return withSpecials(x, 0, combine(k, sub(m, literals(type)(1)), null, type));
}

/** log(1 + x). */
export function log1p(x: Scalar): Scalar {
  const type = floatType(x, "log1p");
  // The result has x's sign; this gives -0 its own.
  return withSpecials(x, -1, bits(or(bits(ordinaryLog1p(x)), and(bits(x), signBit(type)))));
}

/** log(1 + x) for -1 < x < infinity. */
function ordinaryLog1p(x: Scalar): Scalar {
  const type = floatType(x, "log1p");
  const c = literals(type);
  // Near 1 the rounding of 1 + x would cost digits: there f = x itself.
  const near = and(le(c(-0.2928932188134524), x), le(x, c(0.41421356237309503)));
  const u = exactSum(c(1), x);
  const { k, m } = splitExponent(u.high);
  const missing = select(near, c(0), u.low);
  return combine(select(near, c(0), k), select(near, x, sub(m, c(1))), div(missing, u.high), type);
}

/** As LOG, on 0 <= s <= 1/3: relative error of the logarithm below 2^-59 for f64, 2^-27 for f32. */
const LOG_OF_UNIT: Pair<readonly number[]> = {
  f64: [
    0.6666666666666631, 0.40000000000155117, 0.28571428548117883, 0.22222223953643552, 0.1818174447933028,
    0.15386548386541635, 0.13301121449807707, 0.1210494450243586, 0.083449723996726, 0.17009756655126512,
  ],
  f32: [0.666664183139801, 0.40021517872810364, 0.2800188660621643, 0.2801176607608795],
};

/** log(1 + x) for 0 <= x <= 1: f = x, and no exponent to split. */
export function log1pOfUnit(x: Scalar): Scalar {
  const type = floatType(x, "log1p");
  const c = literals(type);
  const s = div(x, add(c(2), x));
  const z = mul(s, s);
  const half = mul(mul(c(0.5), x), x);
  return sub(x, sub(half, mul(s, add(half, mul(z, polynomial(z, LOG_OF_UNIT[type]))))));
}
