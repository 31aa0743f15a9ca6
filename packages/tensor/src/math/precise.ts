// Host-side scalar functions, evaluated in double-double and rounded once: log, log1p, exp, pow, sin, cos.
//
// For the few numbers a host computes outside graphs: random normals (docs/science/random-numbers.md), bias
// corrections such as beta^t, filter taps. Tensors never use these; their functions are scalar expressions.
// Method: argument reduction, then a Taylor or atanh series, with a relative error below 2^-95 before the one
// rounding. So in practice the result is the double nearest to the true value. Special values follow IEEE 754.

import { requireLittleEndian } from "./byteOrder.ts";
import { add, divide, multiply, polynomial, powerOfTwo, productError, reduceBy, sumError } from "./doubleDouble.ts";

const HALF_PI = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33] as const;
const TWO_OVER_PI = 0.6366197723675814;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: the language leaves the exact value of Math.LN2 open
const LN2 = [0.6931471805599453, 2.3190468138462996e-17, 5.707708438416212e-34] as const;
const INVERSE_LN2 = 1 / LN2[0];
const SQRT_HALF = Math.sqrt(0.5);

/** The largest |x| that sin64 and cos64 take: 2^30. */
const MAX_ANGLE = 1073741824;
const MIN_NORMAL = 2.2250738585072014e-308;
/** The largest power that is made by multiplying, and 2^-60: from it on, no such power comes near the ends of float64's range. */
const MOST_FACTORS = 16;
const TINY = 8.673617379884035e-19;
const TWO_54 = 18014398509481984;
const TWO_MINUS_27 = 7.450580596923828e-9;
const TWO_MINUS_53 = 1.1102230246251565e-16;
const TWO_MINUS_54 = 5.551115123125783e-17;
const TWO_MINUS_88 = 3.2311742677852644e-27;

// Bits of a double. The high word is at index 1, as byteOrder.ts makes sure.
requireLittleEndian();
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

// Scratch pairs [hi, lo]; no function below keeps one across a call that could write it.
const A = new Float64Array(2);
const B = new Float64Array(2);

/** 1/n! for n = first, first - 2 or - 1 (step), ... down to `last`, with alternating signs where asked. */
function inverseFactorials(first: number, last: number, step: 1 | 2, alternate: boolean): Float64Array {
  const table = new Float64Array(2 * ((first - last) / step + 1));
  const c = new Float64Array([1, 0]);
  for (let n = 1; n <= first; n++) {
    divide(c, c[0], c[1], n, 0);
    if (n < last || (n - last) % step !== 0) continue;
    const index = (n - last) / step;
    const sign = alternate && index % 2 === 1 ? -1 : 1;
    const at = table.length - 2 - 2 * index;
    table[at] = sign * c[0];
    table[at + 1] = sign * c[1];
  }
  // 1/0! is not reached by the loop.
  if (last === 0) table[table.length - 2] = 1;
  return table;
}

/** 1/(2k + 1) for k = count - 1 down to 0: the series of atanh(s)/s in s^2. */
function inverseOddNumbers(count: number): Float64Array {
  const table = new Float64Array(2 * count);
  const c = new Float64Array(2);
  for (let k = 0; k < count; k++) {
    divide(c, 1, 0, 2 * (count - 1 - k) + 1, 0);
    table.set(c, 2 * k);
  }
  return table;
}

const SIN_SERIES = inverseFactorials(29, 1, 2, true);
const COS_SERIES = inverseFactorials(28, 0, 2, true);
const EXP_SERIES = inverseFactorials(24, 0, 1, false);
const ATANH_SERIES = inverseOddNumbers(23);

/** A = log(xh + xl) for positive, finite xh and |xl| <= ulp(xh)/2. Relative error near 2^-102. */
function logPair(xh: number, xl: number): void {
  let k = 0;
  if (xh < MIN_NORMAL) {
    xh *= TWO_54;
    k = -54;
  }
  double[0] = xh;
  k += (words[1] >>> 20) - 1023;
  words[1] = (words[1] & 0x000fffff) | 0x3ff00000;
  let m = double[0];
  if (m > 2 * SQRT_HALF) {
    m *= 0.5;
    k += 1;
  }
  // m lies in [sqrt(1/2), sqrt(2)]; xl is scaled as m was, in two factors because k can be -1074 or 1024.
  const half = Math.trunc(k / 2);
  const low = xl * powerOfTwo(-half) * powerOfTwo(half - k);
  const numerator = m - 1;
  const numeratorSum = numerator + low;
  const denominator = m + 1;
  divide(A, numeratorSum, sumError(numerator, low, numeratorSum), denominator, sumError(m, 1, denominator) + low);
  const sh = A[0];
  const sl = A[1];
  multiply(A, sh, sl, sh, sl);
  polynomial(A, ATANH_SERIES, A[0], A[1]);
  multiply(A, A[0], A[1], 2 * sh, 2 * sl);
  if (k !== 0) {
    const p = k * LN2[0];
    add(A, p, productError(k, LN2[0], p) + k * LN2[1], A[0], A[1]);
  }
}

/** The natural logarithm of x. log64(0) is -Infinity, a negative x gives NaN. */
export function log64(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x > 0 ? x : NaN;
  logPair(x, 0);
  return A[0];
}

/** log(1 + x), accurate for small x too. log1p64(-1) is -Infinity, x < -1 gives NaN. */
export function log1p64(x: number): number {
  if (!(x > -1) || x === Infinity) return x === -1 ? -Infinity : x > 0 ? x : NaN;
  // Here x - x^2/2 rounds to x, and the products below would underflow.
  if (Math.abs(x) < TWO_MINUS_54) return x;
  const u = 1 + x;
  logPair(u, sumError(1, x, u));
  return A[0];
}

/** A = exp(xh + xl) / 2^n, within [sqrt(1/2), sqrt(2)]; returns n. For |xh| < 800. */
function expPair(xh: number, xl: number): number {
  const n = Math.floor(xh * INVERSE_LN2 + 0.5);
  reduceBy(A, xh, xl, n, LN2);
  polynomial(A, EXP_SERIES, A[0], A[1]);
  return n;
}

/** (h + l) * 2^n rounded once, ties to even, for h in [0.7, 1.5] rounded from h + l. */
function scaled(h: number, l: number, n: number): number {
  if (n >= -1021) return n > 1023 ? h * powerOfTwo(1023) * powerOfTwo(n - 1023) : h * powerOfTwo(n);
  if (n < -1080) return 0;
  if (n === -1022 && h >= 1) return h * MIN_NORMAL;
  // Subnormal: h must be a multiple of q = 2^(-1074 - n). Adding 2^52 q rounds it so; l decides exact ties.
  const q = powerOfTwo(-1074 - n);
  const shift = q * 4503599627370496;
  let rounded = shift + h - shift;
  const rest = h - rounded;
  if (rest === q / 2 && l > 0) rounded += q;
  if (rest === -q / 2 && l < 0) rounded -= q;
  return rounded * powerOfTwo(-1000) * powerOfTwo(n + 1000);
}

/** e to the x. Overflows to Infinity above 709.78; subnormal results are rounded once. */
export function exp64(x: number): number {
  if (!(Math.abs(x) < 800)) return x > 0 ? Infinity : x < 0 ? 0 : NaN;
  const n = expPair(x, 0);
  return scaled(A[0], A[1], n);
}

function isOddInteger(y: number): boolean {
  return Math.abs(y % 2) === 1;
}

/**
 * x to the y, for x > 0 with any y, and for any x with an integer y. Special values as in IEEE 754: pow64(x, 0)
 * and pow64(1, y) are 1 even for NaN. A negative x with a fractional y gives NaN.
 */
export function pow64(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const magnitude = Math.abs(x);
  const infiniteY = Math.abs(y) === Infinity;
  if (infiniteY && magnitude === 1) return 1;
  const negative = (x < 0 || 1 / x < 0) && isOddInteger(y);
  if (magnitude === 0 || magnitude === Infinity || infiniteY) {
    const result = magnitude > 1 === y > 0 ? Infinity : 0;
    return negative ? -result : result;
  }
  if (x < 0 && Math.floor(y) !== y) return NaN;
  const isProduct = y > 0 && y <= MOST_FACTORS && Math.floor(y) === y && magnitude > TINY && magnitude < 1 / TINY;
  const result = isProduct ? product(magnitude, y) : positivePower(magnitude, y);
  return negative ? -result : result;
}

/** x to a small whole power, where no product below can overflow or underflow. */
function product(x: number, factors: number): number {
  A[0] = x;
  A[1] = 0;
  for (let i = 1; i < factors; i++) multiply(A, A[0], A[1], x, 0);
  return A[0];
}

function positivePower(x: number, y: number): number {
  logPair(x, 0);
  const log = A[0];
  const p = y * log;
  if (Math.abs(p) > 800) return p > 0 ? Infinity : 0;
  const n = expPair(p, productError(y, log, p) + y * A[1]);
  let h = A[0];
  let l = A[1];
  // A power can be an exact double, or lie exactly between two. The series then misses it by up to 2^-95, on
  // either side: snap to it, so that ties go to even.
  const halfUlp = h < 1 ? TWO_MINUS_54 : TWO_MINUS_53;
  const target = Math.abs(l) < halfUlp / 2 ? 0 : l > 0 ? halfUlp : -halfUlp;
  if (Math.abs(l - target) < TWO_MINUS_88) {
    const sum = h + target;
    l = target - (sum - h);
    h = sum;
  }
  return scaled(h, l, n);
}

/** A = x - k * pi/2, nearest to zero; returns k. Throws for |x| above 2^30. */
function quadrant(x: number, name: string): number {
  if (Math.abs(x) > MAX_ANGLE) {
    throw new RangeError(
      `${name}: the angle ${x} is outside -2^30..2^30 radians; reduce it by multiples of 2 pi first.`,
    );
  }
  const k = Math.floor(x * TWO_OVER_PI + 0.5);
  reduceBy(A, x, 0, k, HALF_PI);
  return k;
}

/** The sine (odd quadrants: the cosine) of the pair in A, with the sign of quadrant k. */
function sineOfQuadrant(k: number): number {
  const rh = A[0];
  const rl = A[1];
  multiply(A, rh, rl, rh, rl);
  if (k & 1) {
    polynomial(A, COS_SERIES, A[0], A[1]);
  } else {
    polynomial(B, SIN_SERIES, A[0], A[1]);
    multiply(A, B[0], B[1], rh, rl);
  }
  return k & 2 ? -A[0] : A[0];
}

/** The sine of x radians. Full accuracy to |x| = 2^20 pi; a RangeError beyond 2^30. NaN and Infinity give NaN. */
export function sin64(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN;
  // Here x - x^3/6 rounds to x; keeps -0 and avoids underflow.
  if (Math.abs(x) < TWO_MINUS_27) return x;
  return sineOfQuadrant(quadrant(x, "sin64"));
}

/** The cosine of x radians. Full accuracy to |x| = 2^20 pi; a RangeError beyond 2^30. NaN and Infinity give NaN. */
export function cos64(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN;
  return sineOfQuadrant(quadrant(x, "cos64") + 1);
}
