// a * b + c with one rounding, in float32 and float64, built from ordinary IEEE operations.
//
// The reference draws on machines with a fused multiply-add, so reproducing its streams needs one
// (docs/science/random-numbers.md). Method: S. Boldo and G. Melquiond, "Emulation of a FMA and correctly rounded sums"
// (2008): the exact sum is first rounded to odd, which makes the last rounding safe.

import { powerOfTwo, productError, sumError } from "../math/doubleDouble.ts";

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** sum + error rounded to odd, where sum is the double nearest to it. */
function roundedToOdd(sum: number, error: number): number {
  // Written so that a NaN error (an infinite sum) leaves the sum alone.
  if (!(error > 0 || error < 0)) return sum;
  double[0] = sum;
  if (words[0] & 1) return sum;
  if (error > 0 === sum > 0) {
    words[0] |= 1;
  } else {
    if (words[0] === 0) words[1] -= 1;
    words[0] -= 1;
  }
  return double[0];
}

/** a * b + c for float32 operands, rounded once to float32. */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  return Math.fround(roundedToOdd(sum, sumError(product, c, sum)));
}

const TINY = 1e-270;
const HUGE = 1e290;

/** a * b + c for doubles, rounded once. */
export function fma64(a: number, b: number, c: number): number {
  const product = a * b;
  // Zero products are exact; infinities and NaN need no care.
  if (a === 0 || b === 0 || !(Math.abs(a) < Infinity && Math.abs(b) < Infinity && Math.abs(c) < Infinity)) {
    return product + c;
  }
  const size = Math.abs(product);
  if (size < TINY || size > HUGE || Math.abs(a) > HUGE || Math.abs(b) > HUGE || Math.abs(c) > HUGE) {
    return exactFma(a, b, c);
  }
  const low = productError(a, b, product);
  const high = c + low;
  const sum = product + high;
  const rest1 = sumError(c, low, high);
  const rest2 = sumError(product, high, sum);
  const rest = rest1 + rest2;
  return sum + roundedToOdd(rest, sumError(rest1, rest2, rest));
}

/** The general case, in integers: for operands so large or small that error terms would overflow or underflow. */
function exactFma(a: number, b: number, c: number): number {
  const [am, ae] = integerParts(a);
  const [bm, be] = integerParts(b);
  const [cm, ce] = integerParts(c);
  const exponent = Math.min(ae + be, ce);
  const exact = ((am * bm) << BigInt(ae + be - exponent)) + (cm << BigInt(ce - exponent));
  const magnitude = exact < 0n ? -exact : exact;
  const drop = Math.max(magnitude.toString(2).length - 53, -1074 - exponent, 0);
  let kept = magnitude >> BigInt(drop);
  if (drop > 0) {
    const rest = magnitude - (kept << BigInt(drop));
    const half = 1n << BigInt(drop - 1);
    if (rest > half || (rest === half && kept & 1n)) kept += 1n;
  }
  // Two factors, since the power alone can be out of range; each step is exact or overflows as it should.
  const power = exponent + drop;
  const first = Math.trunc(power / 2);
  const result = Number(kept) * powerOfTwo(first) * powerOfTwo(power - first);
  return exact < 0n ? -result : result;
}

/** A finite x as [m, e] with x = m * 2^e. */
function integerParts(x: number): [bigint, number] {
  double[0] = x;
  const field = (words[1] >>> 20) & 0x7ff;
  const fraction = (BigInt(words[1] & 0xfffff) << 32n) | BigInt(words[0]);
  const mantissa = field === 0 ? fraction : fraction | 0x10000000000000n;
  return [x < 0 ? -mantissa : mantissa, Math.max(field, 1) - 1075];
}
