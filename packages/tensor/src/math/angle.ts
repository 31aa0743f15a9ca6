// Argument reduction of the trigonometric functions: x = n pi/2 + r with |r| <= pi/4 (a hair more at most).
//
// Up to a limit: pi/2 in four parts, the first three short enough that n times them is exact (W. J. Cody and
// W. Waite, "Software Manual for the Elementary Functions", 1980), every sum with its error. Beyond: the fraction of
// x times 2/pi, from just those bits of 2/pi that matter (M. H. Payne and R. N. Hanek, "Radian reduction for
// trigonometric functions", 1983). Both give r to more than twice the working precision relative to 1, enough for
// the floats that lie nearest to a multiple of pi/2.

import {
  BIAS,
  exactSum,
  fastSum,
  floatType,
  integer,
  literals,
  MANTISSA,
  type Pair,
  powerOfTwo,
  ROUNDER,
  type Sum,
  upperHalf,
} from "./formula.ts";
import {
  abs,
  add,
  bits,
  type FloatType,
  floor,
  le,
  lt,
  mul,
  neg,
  or,
  type Scalar,
  select,
  shrU,
  sub,
} from "./scalar.ts";

/** r = high + low, and n in the low bits of an integer (n mod 4 is what counts). */
export interface Angle extends Sum {
  readonly quadrant: Scalar;
}

/** Below this, `smallAngle` serves. */
export const SMALL_LIMIT: Pair<number> = { f64: 1e6, f32: 3000 };

const TWO_OVER_PI: Pair<number> = { f64: 0.6366197723675814, f32: 0.6366197466850281 };

/** pi/2 in parts of 33 bits (f64) or 13 bits (f32), the last one full. */
const HALF_PI: Pair<readonly [number, number, number, number]> = {
  f64: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
  f32: [1.570556640625, 0.0002396702766418457, 1.5890691429376602e-8, 2.5633440682570896e-12],
};

/** The angle of |x| < SMALL_LIMIT. */
export function smallAngle(x: Scalar): Angle {
  const type = floatType(x, "angle");
  const c = literals(type);
  const rounder = c(ROUNDER[type]);
  const shifted = add(mul(x, c(TWO_OVER_PI[type])), rounder);
  const n = sub(shifted, rounder);
  const [p1, p2, p3, p4] = HALF_PI[type];
  const first = exactSum(sub(x, mul(n, c(p1))), neg(mul(n, c(p2))));
  const second = exactSum(first.high, neg(mul(n, c(p3))));
  const rest = sub(add(first.low, second.low), mul(n, c(p4)));
  return { ...fastSum(second.high, rest), quadrant: bits(shifted) };
}

/** Bits of 2/pi in words of `bits` bits, after the binary point. Two zero words stand before it. */
const WORDS: Pair<{ readonly bits: number; readonly words: readonly number[] }> = {
  f64: {
    bits: 24,
    words: [
      0, 0, 0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041, 0xfe5163, 0xabdebb,
      0xc561b7, 0x246e3a, 0x424dd2, 0xe00649, 0x2eea09, 0xd1921c, 0xfe1deb, 0x1cb129, 0xa73ee8, 0x8235f5, 0x2ebb44,
      0x84e99c, 0x7026b4, 0x5f7e41, 0x3991d6, 0x398353, 0x39f49c, 0x845f8b, 0xbdf928, 0x3b1ff8, 0x97ffde, 0x05980f,
      0xef2f11, 0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09, 0xb74f46, 0x3f669e, 0x5fea2d, 0x7527ba, 0xc7ebe5, 0xf17b3d,
      0x0739f7, 0x8a5292, 0xea6bfb, 0x5fb11f, 0x8d5d08, 0x560330,
    ],
  },
  f32: {
    bits: 12,
    words: [
      0, 0, 0xa2f, 0x983, 0x6e4, 0xe44, 0x152, 0x9fc, 0x275, 0x7d1, 0xf53, 0x4dd, 0xc0d, 0xb62, 0x959, 0x93c, 0x439,
      0x041, 0xfe5,
    ],
  },
};

/** How many words of 2/pi take part: enough for the product's fraction to more than twice the precision. */
const USED = 9;

/** pi/2 in two parts, and the first split into exact halves. */
const HALF_PI_SUM: Pair<{ high: number; low: number; upper: number; lower: number }> = {
  f64: {
    high: 1.5707963267948966,
    low: 6.123233995736766e-17,
    upper: 1.5707963109016418,
    lower: 1.5893254712295857e-8,
  },
  f32: { high: 1.5707963705062866, low: -4.371138828673793e-8, upper: 1.5703125, lower: 0.0004838705062866211 },
};

/**
 * Scales x down by 2^(bits q), q as large as leaves a multiple of 4, and takes the words of 2/pi that then give the
 * fraction of x 2/pi: words before them contribute multiples of 4.
 */
function window(x: Scalar, type: FloatType): { scaled: Scalar; words: readonly Scalar[] } {
  const c = literals(type);
  const { bits: width, words } = WORDS[type];
  // The exponent, as a float: or-ed into the low bits of 2^52 or 2^23.
  const unit = c(type === "f64" ? 4503599627370496 : 8388608);
  const exponent = sub(bits(or(shrU(bits(x), MANTISSA[type]), bits(unit))), unit);
  // x >= 2^(mantissa + 2) is a multiple of 4. The two zero words serve exponents below.
  const lowest = BIAS[type] + MANTISSA[type] + 2 - 2 * width;
  let q = floor(mul(sub(exponent, c(lowest)), c(1 / width)));
  const power = bits(sub(c(ROUNDER[type]), mul(sub(q, c(2)), c(width))));
  // The words from index q on, found one binary digit of q at a time.
  let candidates = words.map((w) => c(w));
  let step = 1;
  while (2 * step + USED <= words.length) step *= 2;
  for (; step >= 1; step /= 2) {
    const high = le(c(step), q);
    q = select(high, sub(q, c(step)), q);
    const next: Scalar[] = [];
    for (let i = 0; i < step - 1 + USED; i++) {
      next.push(i + step < candidates.length ? select(high, candidates[i + step], candidates[i]) : candidates[i]);
    }
    candidates = next;
  }
  return { scaled: mul(x, powerOfTwo(power, type)), words: candidates };
}

/** The angle of |x| >= SMALL_LIMIT; NaN for infinities. */
export function largeAngle(signed: Scalar): Angle {
  const type = floatType(signed, "angle");
  const c = literals(type);
  const { scaled, words } = window(abs(signed), type);
  const { bits: width } = WORDS[type];
  const upper = upperHalf(scaled);
  const lower = sub(scaled, upper);
  // Exact products, the smallest first, each brought below 4 where it may be larger. The product of the upper half
  // and the first word is a multiple of 4.
  const products: Scalar[] = [];
  for (let i = USED - 1; i >= 0; i--) {
    const word = mul(words[i], c(powerOf(-width * (i + 1))));
    for (const part of i === 0 ? [lower] : [lower, upper]) {
      const product = mul(part, word);
      products.push(i < 4 ? sub(product, mul(c(4), floor(mul(product, c(0.25))))) : product);
    }
  }
  // Their sum: once with all errors kept, then the errors with theirs.
  let sum = products[0];
  let errors = c(0);
  let rest = c(0);
  for (const product of products.slice(1)) {
    const step = exactSum(sum, product);
    sum = step.high;
    const inner = exactSum(errors, step.low);
    errors = inner.high;
    rest = add(rest, inner.low);
  }
  const rounder = c(ROUNDER[type]);
  const shifted = add(sum, rounder);
  const fraction = exactSum(sub(sum, sub(shifted, rounder)), errors);
  const r = timesHalfPi({ high: fraction.high, low: add(fraction.low, rest) }, type);
  const negative = lt(signed, c(0));
  const n = bits(shifted);
  return {
    high: select(negative, neg(r.high), r.high),
    low: select(negative, neg(r.low), r.low),
    quadrant: select(negative, sub(integer(type, 0), n), n),
  };
}

/** 2^n as a number, for the few exponents used here. */
function powerOf(n: number): number {
  let p = 1;
  for (let i = 0; i > n; i--) p /= 2;
  return p;
}

function timesHalfPi({ high, low }: Sum, type: FloatType): Sum {
  const c = literals(type);
  const pi = HALF_PI_SUM[type];
  const upper = upperHalf(high);
  const lower = sub(high, upper);
  const product = mul(high, c(pi.high));
  const a = sub(mul(upper, c(pi.upper)), product);
  const b = add(a, mul(upper, c(pi.lower)));
  const error = add(add(b, mul(lower, c(pi.upper))), mul(lower, c(pi.lower)));
  return fastSum(product, add(error, add(mul(high, c(pi.low)), mul(low, c(pi.high)))));
}
