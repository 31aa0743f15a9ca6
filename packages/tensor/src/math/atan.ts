// The inverse tangent, of a number and of a point.
//
// atan(a / b) = base + atan(t): t = a/b, (a - b)/(a + b) or -b/a, whichever keeps |t| <= 1/2, with base 0, pi/4 or
// pi/2; atan t = t + t z A(z), z = t^2, A a minimax polynomial (relative error below 2^-57 for f64, 2^-31 for f32).
// The difference a - b is exact where it is used, and base + t is summed with its error. C99 special values.

import { fastSum, floatType, literals, type Pair, polynomial, signBit, withSign } from "./formula.ts";
import {
  abs,
  add,
  and,
  bits,
  div,
  eq,
  type FloatType,
  le,
  lt,
  max,
  mul,
  neg,
  or,
  type Scalar,
  select,
  sub,
  xor,
} from "./scalar.ts";

/** (atan t / t - 1) / z. */
const ATAN: Pair<readonly number[]> = {
  f64: [
    -0.33333333333332993, 0.1999999999990556, -0.14285714276576733, 0.11111110667102497, -0.09090896415108399,
    0.07692076363070396, -0.06663833742753612, 0.058584441959259353, -0.05122607737008908, 0.04188084275187387,
    -0.02745875292485713, 0.010132526752121831,
  ],
  f32: [
    -0.333333283662796, 0.19999556243419647, -0.14273150265216827, 0.10948828607797623, -0.08010777831077576,
    0.03906679153442383,
  ],
};

type TwoParts = readonly [high: number, low: number];

const QUARTER_PI: Pair<TwoParts> = {
  f64: [0.7853981633974483, 3.061616997868383e-17],
  f32: [0.7853981852531433, -2.1855694143368964e-8],
};
const HALF_PI: Pair<TwoParts> = {
  f64: [1.5707963267948966, 6.123233995736766e-17],
  f32: [1.5707963705062866, -4.371138828673793e-8],
};
const THREE_QUARTER_PI: Pair<TwoParts> = {
  f64: [2.356194490192345, 9.184850993605148e-17],
  f32: [2.356194496154785, -5.962440319251527e-9],
};
const FULL_PI: Pair<TwoParts> = {
  f64: [Math.PI, 1.2246467991473532e-16],
  f32: [3.1415927410125732, -8.742277657347586e-8],
};

/** base[0] + base[1] + atan(t) for |t| <= 1/2. */
function fromBase(base: readonly [Scalar, Scalar], t: Scalar, type: FloatType): Scalar {
  const z = mul(t, t);
  const rest = mul(mul(t, z), polynomial(z, ATAN[type]));
  const sum = fastSum(base[0], t);
  return add(sum.high, add(sum.low, add(rest, base[1])));
}

/** The inverse tangent, from -pi/2 to pi/2. */
export function atan(x: Scalar): Scalar {
  const type = floatType(x, "atan");
  const c = literals(type);
  const a = abs(x);
  const low = le(a, c(0.5));
  const high = lt(c(2), a);
  const top = select(low, a, select(high, c(-1), sub(a, c(1))));
  const bottom = select(low, c(1), select(high, a, add(a, c(1))));
  const base = [0, 1].map((i) => select(low, c(0), select(high, c(HALF_PI[type][i]), c(QUARTER_PI[type][i]))));
  return withSign(fromBase([base[0], base[1]], div(top, bottom), type), x);
}

/** Scales that keep a + b finite, and the size from which on they are needed. */
const HUGE: Pair<number> = { f64: 4.49423283715579e307, f32: 8.507059173023462e37 };

/** The angle of the point (x, y), from -pi to pi, as C's atan2: the signs of zeros count. */
export function atan2(y: Scalar, x: Scalar): Scalar {
  const type = floatType(y, "atan2");
  if (x.type !== type) throw new TypeError(`atan2: y has type ${type} and x has type ${x.type}; convert one of them`);
  const c = literals(type);
  const infinity = c(Number.POSITIVE_INFINITY);
  // Equal sizes may be 0 or infinite; as 1 and 1 they give the same angle, but for (0, 0) see below.
  const bothInfinite = and(eq(abs(y), infinity), eq(abs(x), infinity));
  const a = select(bothInfinite, c(1), abs(y));
  const b = select(bothInfinite, c(1), abs(x));
  const flat = le(mul(c(2), a), b);
  const steep = or(lt(mul(c(2), b), a), eq(a, infinity));
  const scale = select(lt(c(HUGE[type]), max(a, b)), c(0.25), c(1));
  const sa = mul(a, scale);
  const sb = mul(b, scale);
  const top = select(flat, a, select(steep, neg(b), sub(sa, sb)));
  // (0, 0) is flat: 0 / 1.
  const bottom = select(flat, select(eq(b, c(0)), c(1), b), select(steep, a, add(sa, sb)));
  const t = div(top, bottom);
  const left = lt(withSign(c(1), x), c(0));
  const base = [0, 1].map((i) => {
    const right = select(flat, c(0), select(steep, c(HALF_PI[type][i]), c(QUARTER_PI[type][i])));
    const other = select(flat, c(FULL_PI[type][i]), select(steep, c(HALF_PI[type][i]), c(THREE_QUARTER_PI[type][i])));
    return select(left, other, right);
  });
  const turned = bits(xor(bits(t), and(bits(x), signBit(type))));
  return withSign(fromBase([base[0], base[1]], turned, type), y);
}
