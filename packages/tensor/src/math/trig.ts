// sin, cos, tan of angles in radians, over the whole range of floats.
//
// The argument is reduced to |r| <= pi/4 (angle.ts). There sin r = r + r z S(z) and cos r = 1 - z/2 + z^2 C(z), z = r^2,
// with minimax polynomials (relative errors below 2^-57 for f64, 2^-32 for f32), and the quadrant says which of
// the two it is and its sign. Rounding errors of the leading terms, and r's own, are kept. C99 special values.

import { type Angle, largeAngle, SMALL_LIMIT, smallAngle } from "./angle.ts";
import { fastSum, floatType, integer, literals, type Pair, polynomial, quotient, type Sum } from "./formula.ts";
import { rarely } from "./order.ts";
import {
  abs,
  add,
  and,
  bits,
  eq,
  type FloatType,
  lt,
  mul,
  neg,
  not,
  or,
  type Scalar,
  select,
  shl,
  sub,
  xor,
} from "./scalar.ts";

/** (sin r / r - 1) / z. */
const SIN: Pair<readonly number[]> = {
  f64: [
    -0.16666666666666632, 0.008333333333322483, -0.00019841269829848847, 2.755731370304387e-6, -2.5050759518128065e-8,
    1.5896862392066878e-10,
  ],
  f32: [-0.1666666716337204, 0.008333380334079266, -0.0001985350827453658, 2.8374586236168398e-6],
};

/** (cos r - 1 + z/2) / z^2. */
const COS: Pair<readonly number[]> = {
  f64: [
    0.0416666666666666, -0.0013888888888874467, 2.4801587289664564e-5, -2.755731439835119e-7, 2.0875728840430393e-9,
    -1.1359907912966421e-11,
  ],
  f32: [0.04166664555668831, -0.00138873013202101, 2.443067387503106e-5],
};

/** sin r and cos r as sums, each the larger part first. */
function kernels({ high: r, low }: Angle, type: FloatType): { sine: Sum; cosine: Sum } {
  const c = literals(type);
  const z = mul(r, r);
  const half = mul(c(0.5), z);
  const w = sub(c(1), half);
  const sine = { high: r, low: add(mul(mul(r, z), polynomial(z, SIN[type])), mul(low, w)) };
  const missing = sub(sub(c(1), w), half);
  const cosine = { high: w, low: add(missing, sub(mul(mul(z, z), polynomial(z, COS[type])), mul(r, low))) };
  return { sine, cosine };
}

const value = ({ high, low }: Sum): Scalar => add(high, low);

/** Whether an integer is odd: its lowest bit becomes the sign of 1. */
function isOdd(n: Scalar, type: FloatType): Scalar {
  const c = literals(type);
  return lt(bits(or(shl(n, type === "f64" ? 63 : 31), bits(c(1)))), c(0));
}

/** Flips the sign of x where bit 1 of the integer is set. */
function flipBySecondBit(x: Scalar, n: Scalar, type: FloatType): Scalar {
  return bits(xor(bits(x), shl(and(n, integer(type, 2)), type === "f64" ? 62 : 30)));
}

/** Computes with the reduced angle; the reduction of large angles is skipped where there are none. */
function ofAngle(x: Scalar, type: FloatType, compute: (angle: Angle) => Scalar): Scalar {
  const small = lt(abs(x), literals(type)(SMALL_LIMIT[type]));
  return rarely(not(small), compute(largeAngle(x)), compute(smallAngle(x)));
}

/** The sine. Infinities give NaN. */
export function sin(x: Scalar): Scalar {
  const type = floatType(x, "sin");
  const result = ofAngle(x, type, (angle) => {
    const { sine, cosine } = kernels(angle, type);
    const chosen = select(isOdd(angle.quadrant, type), value(cosine), value(sine));
    return flipBySecondBit(chosen, angle.quadrant, type);
  });
  return select(eq(x, literals(type)(0)), x, result);
}

/** The cosine. Infinities give NaN. */
export function cos(x: Scalar): Scalar {
  const type = floatType(x, "cos");
  return ofAngle(x, type, (angle) => {
    const { sine, cosine } = kernels(angle, type);
    const chosen = select(isOdd(angle.quadrant, type), value(sine), value(cosine));
    return flipBySecondBit(chosen, add(angle.quadrant, integer(type, 1)), type);
  });
}

/** The tangent. Infinities give NaN. */
export function tan(x: Scalar): Scalar {
  const type = floatType(x, "tan");
  const result = ofAngle(x, type, (angle) => {
    const { sine, cosine } = kernels(angle, type);
    const s = fastSum(sine.high, sine.low);
    const c = fastSum(cosine.high, cosine.low);
    const odd = isOdd(angle.quadrant, type);
    return quotient(
      { high: select(odd, neg(c.high), s.high), low: select(odd, neg(c.low), s.low) },
      { high: select(odd, s.high, c.high), low: select(odd, s.low, c.low) },
    );
  });
  return select(eq(x, literals(type)(0)), x, result);
}
