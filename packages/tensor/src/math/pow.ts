// x^y.
//
// log|x| is computed as a sum of two to about 2^-68 relative: |x| = 2^k m, c is the nearest of 3/4, 1 and 5/4 to m,
// s = (m - c)/(m + c) is held as an upper half and a rest, and log(m/c) = 2/3 s (3 + s^2 + s^4 L(s^2)), where only the
// last term is rounded to working precision (L minimax, error of the bracket below 2^-67 for f64, 2^-46 for f32).
// Products of upper halves are exact (T. J. Dekker, "A floating-point technique for extending the available
// precision", 1971). Then e^(y log|x|) takes the second part along. Special values follow C99's pow.

import { expOfSum, LN2_HIGH, LN2_LOW } from "./exp.ts";
import { fastSum, floatType, literals, type Pair, polynomial, type Sum, upperHalf, withSign } from "./formula.ts";
import { splitExponent } from "./log.ts";
import { rarely } from "./order.ts";
import {
  abs,
  add,
  and,
  div,
  eq,
  type FloatType,
  isNan,
  lt,
  mul,
  ne,
  neg,
  not,
  or,
  type Scalar,
  select,
  sub,
  trunc,
  xor,
} from "./scalar.ts";

/** (3 atanh(s) / s - 3 - z) / z^2 with z = s^2, on |s| <= 0.0722. */
const POW: Pair<readonly number[]> = {
  f64: [0.6000000000000496, 0.42857142847479046, 0.33333340142499657, 0.2727050254703041, 0.23419343594461464],
  f32: [0.6000000238418579, 0.42855405807495117, 0.3372325599193573],
};

/** The centres c, the upper bound of each but the last, and log c in two parts: k ln 2 plus the first is exact. */
const CENTRES = [0.75, 1, 1.25] as const;
const BOUNDS = [0.8660254037844386, 1.118033988749895] as const;
const LOG_HIGH: Pair<readonly [number, number, number]> = {
  f64: [-0.28768207245184385, 0, 0.22314355131425145],
  f32: [-0.287689208984375, 0, 0.22314453125],
};
const LOG_LOW: Pair<readonly [number, number, number]> = {
  f64: [6.292357389008195e-14, 0, -4.169796584527195e-14],
  f32: [7.136532531148987e-6, 0, -9.799357485462679e-7],
};

/** 2/3: an upper half, the rest, and the rounded whole. */
const TWO_THIRDS: Pair<readonly [number, number, number]> = {
  f64: [0.6666666567325592, 9.934107462565104e-9, 0.6666666666666666],
  f32: [0.66650390625, 0.00016276042151730508, 0.6666666865348816],
};

/** log x for 0 < x < infinity; the high part is an upper half. */
function preciseLog(x: Scalar, type: FloatType): Sum {
  const c = literals(type);
  const { k, m } = splitExponent(x);
  const below = lt(m, c(BOUNDS[0]));
  const above = lt(c(BOUNDS[1]), m);
  const pick = ([first, second, third]: readonly [number, number, number]): Scalar =>
    select(below, c(first), select(above, c(third), c(second)));
  const centre = pick(CENTRES);
  // s = f / d = sh + sl
  const f = sub(m, centre);
  const d = fastSum(centre, m);
  const inverse = div(c(1), d.high);
  const s = mul(f, inverse);
  const sh = upperHalf(s);
  const dh = upperHalf(d.high);
  const dl = add(sub(d.high, dh), d.low);
  const sl = mul(sub(sub(f, mul(sh, dh)), mul(sh, dl)), inverse);
  // 3 + s^2 + s^4 L = th + tl
  const z = mul(s, s);
  const square = mul(sh, sh);
  const rest = add(mul(mul(z, z), polynomial(z, POW[type])), mul(sl, add(sh, s)));
  const th = upperHalf(add(c(3), add(square, rest)));
  const tl = sub(rest, sub(sub(th, c(3)), square));
  // Their product, and that times 2/3.
  const u = mul(sh, th);
  const v = add(mul(sl, th), mul(tl, s));
  const ph = upperHalf(add(u, v));
  const pl = sub(v, sub(ph, u));
  const [high, low, whole] = TWO_THIRDS[type];
  const tail = add(mul(c(low), ph), mul(pl, c(whole)));
  // Plus log c and k ln 2.
  const sum = fastSum(add(mul(k, c(LN2_HIGH[type])), pick(LOG_HIGH[type])), mul(c(high), ph));
  const total = add(sum.low, add(tail, add(mul(k, c(LN2_LOW[type])), pick(LOG_LOW[type]))));
  const result = upperHalf(add(sum.high, total));
  return { high: result, low: sub(total, sub(result, sum.high)) };
}

/** Larger exponents than this give the same results: every x but 1 then overflows or vanishes. */
const LARGEST: Pair<number> = { f64: 1.1805916207174113e21, f32: 1099511627776 };

/** What `size`, the power of |x|, becomes where x is not an ordinary positive number or y is NaN. */
function withSpecials(x: Scalar, y: Scalar, size: Scalar, type: FloatType): Scalar {
  const c = literals(type);
  const infinity = c(Number.POSITIVE_INFINITY);
  const zero = eq(x, c(0));
  const infinite = eq(abs(x), infinity);
  const vanishes = xor(zero, lt(y, c(0)));
  const extreme = select(vanishes, c(0), infinity);
  const known = select(or(zero, infinite), extreme, size);
  const whole = eq(trunc(y), y);
  const half = mul(c(0.5), y);
  const odd = and(whole, ne(trunc(half), half));
  const signed = select(and(odd, lt(withSign(c(1), x), c(0))), neg(known), known);
  const complex = and(and(lt(x, c(0)), not(infinite)), not(whole));
  const undefinedHere = or(complex, or(isNan(x), isNan(y)));
  const result = select(undefinedHere, c(Number.NaN), signed);
  return select(or(eq(y, c(0)), eq(x, c(1))), c(1), result);
}

/** x to the power y. */
export function pow(x: Scalar, y: Scalar): Scalar {
  const type = floatType(x, "pow");
  if (y.type !== type) throw new TypeError(`pow: x has type ${type} and y has type ${y.type}; convert one of them`);
  const c = literals(type);
  const a = abs(x);
  const log = preciseLog(a, type);
  const exponent = select(lt(abs(y), c(LARGEST[type])), y, withSign(c(LARGEST[type]), y));
  const upper = upperHalf(exponent);
  const lower = sub(exponent, upper);
  const product = fastSum(mul(upper, log.high), add(mul(lower, log.high), mul(exponent, log.low)));
  const { high, low, scaled } = expOfSum(product.high, product.low);
  const size = scaled(add(high, low));
  const ordinary = and(and(lt(c(0), x), lt(x, c(Number.POSITIVE_INFINITY))), eq(y, y));
  return rarely(not(ordinary), withSpecials(x, y, size, type), size);
}
