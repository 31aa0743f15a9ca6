// The elementary functions to about 250 bits, by the plainest methods: argument reduction, power series in fixed
// point with 320 fractional bits, Newton's iteration. Nothing here knows the coefficients under test.

import {
  absolute,
  add,
  type Big,
  compare,
  divide,
  exponentOf,
  fromNumber,
  multiply,
  nearest,
  negate,
  scale,
  subtract,
  toFixed,
  toNumber,
  ZERO,
} from "./big.ts";

const W = 320;
const ONE = 1n << BigInt(W);
const fixedToBig = (m: bigint, fraction: number = W): Big => ({ m, e: -fraction });
const times = (a: bigint, b: bigint): bigint => (a * b) >> BigInt(W);

const one = fromNumber(1);
const two = fromNumber(2);
const half = fromNumber(0.5);
const small = (x: Big, exponent: number): boolean => x.m === 0n || exponentOf(x) < exponent;

/** atanh(1/n) or atan(1/n) with `fraction` bits. */
function inverseSeries(n: bigint, fraction: number, alternate: boolean): bigint {
  let power = (1n << BigInt(fraction)) / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += alternate && k % 4n === 3n ? -(power / k) : power / k;
    power /= n * n;
  }
  return sum;
}

const PI_BITS = 1500;
/** Machin: pi/4 = 4 atan(1/5) - atan(1/239). */
const PI_FIXED = 4n * (4n * inverseSeries(5n, PI_BITS, true) - inverseSeries(239n, PI_BITS, true));
const LN2 = fixedToBig(2n * inverseSeries(3n, W + 32, false), W + 32);
const PI = fixedToBig(PI_FIXED >> BigInt(PI_BITS - W - 8), W + 8);
const HALF_PI = scale(PI, -1);

/** The sum of x^n / n! * (first)!, n from `first` on, divided by x^first, for |x| < 1 in fixed point. */
function exponentialSeries(x: bigint, first: number): bigint {
  let term = ONE;
  let sum = 0n;
  for (let n = BigInt(first + 1); term !== 0n && term !== -1n; n++) {
    sum += term;
    term = times(term, x) / n;
  }
  return sum;
}

/** e^x. */
export function exp(x: Big): Big {
  const k = nearest(divide(x, LN2));
  const r = subtract(x, multiply({ m: k, e: 0 }, LN2));
  return scale(fixedToBig(exponentialSeries(toFixed(r, W), 0)), Number(k));
}

/** e^x - 1. */
export function expm1(x: Big): Big {
  if (small(x, -4)) return multiply(x, fixedToBig(exponentialSeries(toFixed(x, W), 1)));
  return subtract(exp(x), one);
}

/** log(1 + x), x > -1. */
export function log1p(x: Big): Big {
  if (!small(x, -4)) return log(add(one, x));
  // 2 atanh(x / (2 + x))
  const s = divide(x, add(two, x));
  const square = toFixed(multiply(s, s), W);
  let power = ONE;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = times(power, square);
  }
  return multiply(scale(s, 1), fixedToBig(sum));
}

/** log x, x > 0. */
export function log(x: Big): Big {
  const near = subtract(x, one);
  if (small(near, -4)) return log1p(near);
  const k = exponentOf(x);
  const m = scale(x, -k);
  // Newton: y + (m e^-y - 1) gains as many digits as it has; it starts with about 50 bits.
  let y = fromNumber(Math.log(toNumber(m)));
  for (let i = 0; i < 3; i++) y = add(y, subtract(multiply(m, exp(negate(y))), one));
  return add(y, multiply(fromNumber(k), LN2));
}

/** sin or cos of r, |r| < 1, as a factor of r (sin) or as itself (cos). */
function circularSeries(r: Big, first: 0 | 1): Big {
  const square = toFixed(multiply(r, r), W);
  let term = ONE;
  let sum = 0n;
  for (let n = BigInt(first + 1); term !== 0n && term !== -1n; n += 2n) {
    sum += term;
    term = -(times(term, square) / (n * (n + 1n)));
  }
  const series = fixedToBig(sum);
  return first === 1 ? multiply(r, series) : series;
}

/** x less its nearest multiple of pi/2, and that multiple mod 4. */
function reduceAngle(x: Big): { r: Big; quadrant: number } {
  if (small(x, -1)) return { r: x, quadrant: 0 };
  // In units of 2^-PI_BITS, which is finer than x's last bit, and leaves 400 bits where n is largest.
  const fixed = toFixed(x, PI_BITS);
  const halfPi = PI_FIXED >> 1n;
  const twice = 2n * fixed + halfPi;
  const n = twice / PI_FIXED - (twice < 0n ? 1n : 0n);
  const r = fixedToBig(fixed - ((n * PI_FIXED) >> 1n), PI_BITS);
  return { r: add(r, ZERO), quadrant: Number(((n % 4n) + 4n) % 4n) };
}

function circle(x: Big, shift: number): Big {
  const { r, quadrant } = reduceAngle(x);
  const q = (quadrant + shift) % 4;
  const value = circularSeries(r, q % 2 === 0 ? 1 : 0);
  return q >= 2 ? negate(value) : value;
}

export const sin = (x: Big): Big => circle(x, 0);
export const cos = (x: Big): Big => circle(x, 1);
export const tan = (x: Big): Big => divide(sin(x), cos(x));

/** atan t for tiny t. */
function tinyAtan(t: Big): Big {
  const square = toFixed(multiply(t, t), W);
  let power = ONE;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power = times(power, square);
  }
  return multiply(t, fixedToBig(sum));
}

/** The angle of (x, y), neither both zero nor infinite. */
export function atan2(y: Big, x: Big): Big {
  if (compare(absolute(y), absolute(x)) > 0) {
    const quarter = y.m < 0n ? negate(HALF_PI) : HALF_PI;
    return subtract(quarter, slope(divide(x, y)));
  }
  const angle = slope(divide(y, x));
  if (x.m > 0n) return angle;
  return y.m < 0n ? subtract(angle, PI) : add(angle, PI);
}

/** atan t for |t| <= 1: a guess plus the atan of what it misses. */
function slope(t: Big): Big {
  if (small(t, -8)) return tinyAtan(t);
  const guess = fromNumber(Math.atan(toNumber(t)));
  const reached = tan(guess);
  return add(guess, tinyAtan(divide(subtract(t, reached), add(one, multiply(t, reached)))));
}

export const atan = (x: Big): Big => atan2(x, one);

/** |x|^y for x other than 0. */
export const pow = (x: Big, y: Big): Big => exp(multiply(y, log(absolute(x))));

export function tanh(x: Big): Big {
  const t = expm1(scale(absolute(x), 1));
  const value = divide(t, add(t, two));
  return x.m < 0n ? negate(value) : value;
}

export function sigmoid(x: Big): Big {
  const z = exp(negate(absolute(x)));
  return divide(x.m < 0n ? z : one, add(one, z));
}

/** log(1 + e^x), but x above 20. */
export function softplus(x: Big): Big {
  if (compare(x, fromNumber(20)) > 0) return x;
  const rest = log1p(exp(negate(absolute(x))));
  return x.m > 0n ? add(x, rest) : rest;
}

function squareRoot(a: Big): Big {
  let y = fromNumber(Math.sqrt(toNumber(a)));
  for (let i = 0; i < 4; i++) y = multiply(half, add(y, divide(a, y)));
  return y;
}

const TWO_OVER_ROOT_PI = divide(two, squareRoot(PI));

/** The error function, |x| < 8, by its power series. */
export function erf(x: Big): Big {
  const square = toFixed(multiply(x, x), W);
  let term = ONE;
  let sum = 0n;
  for (let n = 0n; term !== 0n && term !== -1n; n++) {
    sum += term / (2n * n + 1n);
    term = -(times(term, square) / (n + 1n));
  }
  return multiply(multiply(x, fixedToBig(sum)), TWO_OVER_ROOT_PI);
}
