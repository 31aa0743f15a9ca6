// What the elementary functions are written with: literals, polynomials, bit tricks and exact error terms, for f64
// and f32 alike. Everything is built from scalar.ts, so no operation here depends on the machine.

import {
  add,
  and,
  bits,
  constant,
  constantBits,
  div,
  type FloatType,
  mul,
  or,
  type Scalar,
  shl,
  sub,
} from "./scalar.ts";

/** One number for each precision. */
export type Pair<T> = Readonly<Record<FloatType, T>>;

export function floatType(x: Scalar, name: string): FloatType {
  if (x.type === "f32" || x.type === "f64") return x.type;
  throw new TypeError(`${name}: the operand has type ${x.type}; it must be f32 or f64`);
}

/** Literals of one type. */
export function literals(type: FloatType): (value: number) => Scalar {
  return (value) => constant(type, value);
}

/** An integer as wide as the float type: i64 for f64, i32 for f32. */
export function integer(type: FloatType, value: number | bigint): Scalar {
  return type === "f64" ? constantBits(BigInt(value)) : constant("i32", Number(value));
}

/** Bits of the mantissa that are stored. */
export const MANTISSA: Pair<number> = { f64: 52, f32: 23 };
export const BIAS: Pair<number> = { f64: 1023, f32: 127 };
export const MIN_NORMAL: Pair<number> = { f64: 2.2250738585072014e-308, f32: 1.1754943508222875e-38 };

/**
 * 1.5 times 2^52 or 2^23. Adding it rounds a small number to an integer, ties to even, and leaves that integer in
 * the low bits of the sum; subtracting it again gives the integer as a float.
 */
export const ROUNDER: Pair<number> = { f64: 6755399441055744, f32: 12582912 };

/** The sign bit alone: the bits of -0. */
export const signBit = (type: FloatType): Scalar => bits(constant(type, -0));

/** `magnitude` (not negative) with the sign bit of `sign`. */
export function withSign(magnitude: Scalar, sign: Scalar): Scalar {
  const type = floatType(sign, "withSign");
  return bits(or(bits(magnitude), and(bits(sign), signBit(type))));
}

/** 2^k, where k is an integer in the low bits of `k`, within the normal exponents. */
export function powerOfTwo(k: Scalar, type: FloatType): Scalar {
  return bits(shl(add(k, integer(type, BIAS[type])), MANTISSA[type]));
}

/**
 * c[0] + c[1] x + c[2] x^2 + ... in one fixed tree (Estrin): neighbours first, (c0 + c1 x), (c2 + c3 x), ...; then
 * neighbours of those with x^2, then x^4, ... Short dependency chains keep a machine's units busy. Who has x^2 already gives it.
 */
export function polynomial(x: Scalar, coefficients: readonly number[], square: Scalar = mul(x, x)): Scalar {
  const type = floatType(x, "polynomial");
  let terms: Scalar[] = coefficients.map((c) => constant(type, c));
  let power = x;
  while (terms.length > 1) {
    const next: Scalar[] = [];
    for (let i = 0; i < terms.length; i += 2) {
      next.push(i + 1 < terms.length ? add(terms[i], mul(terms[i + 1], power)) : terms[i]);
    }
    terms = next;
    if (terms.length > 1) power = power === x ? square : mul(power, power);
  }
  return terms[0];
}

/** The upper half of the significant bits: 26 of f64, 12 of f32. Products of two such halves are exact. */
export function upperHalf(x: Scalar): Scalar {
  const type = floatType(x, "upperHalf");
  const mask = type === "f64" ? constantBits(-0x8000000n) : constant("i32", -0x1000);
  return bits(and(bits(x), mask));
}

/** An unevaluated sum. */
export interface Sum {
  readonly high: Scalar;
  readonly low: Scalar;
}

/** a + b and its exact rounding error, for |a| >= |b| or a = 0 (Dekker's fast two-sum). */
export function fastSum(a: Scalar, b: Scalar): Sum {
  const high = add(a, b);
  return { high, low: sub(b, sub(high, a)) };
}

/** a + b and its exact rounding error, for any a and b (Knuth's two-sum). */
export function exactSum(a: Scalar, b: Scalar): Sum {
  const high = add(a, b);
  const t = sub(high, a);
  return { high, low: add(sub(a, sub(high, t)), sub(b, t)) };
}

/** A quotient of sums. Its error is that of two roundings, of q and of the final sum, and little more. */
export function quotient(numerator: Sum, denominator: Sum): Scalar {
  const q = div(numerator.high, denominator.high);
  return add(q, div(sub(numerator.low, mul(q, denominator.low)), denominator.high));
}
