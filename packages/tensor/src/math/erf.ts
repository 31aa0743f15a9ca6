// The error function, 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x.
//
// |x| < 1: x + x P(x^2). Beyond: 1 - 2^Q(|x|), where Q = log2(erfc) is smooth, so that one polynomial serves up to
// where erf rounds to 1 (the idea of N. Juffa's float implementation, published on Stack Overflow). All are minimax fits:
// relative error of erf below 2^-55 for f64, 2^-25 for f32.

import { roughExp2 } from "./exp.ts";
import { floatType, literals, type Pair, polynomial, withSign } from "./formula.ts";
import { abs, add, le, lt, mul, type Scalar, select, sub } from "./scalar.ts";

/** erf(x) / x - 1 in powers of x^2. */
const SMALL: Pair<readonly number[]> = {
  f64: [
    0.12837916709551256, -0.3761263890318334, 0.11283791670936541, -0.026866170641870173, 0.005223977595851346,
    -0.0008548325436780515, 0.00012055278920289354, -1.4924433410074797e-5, 1.6443735236044917e-6,
    -1.6180714932839118e-7, 1.3602255627155546e-8, -7.580555827112485e-10,
  ],
  f32: [
    0.12837916612625122, -0.3761262893676758, 0.11283618211746216, -0.02685512602329254, 0.005190733820199966,
    -0.0008030759636312723, 7.920360076241195e-5,
  ],
};

/** log2(1 - erf(x)) in powers of x, from 1 to LAST. */
const LARGE: Pair<readonly number[]> = {
  f64: [
    -7.403960277323858e-7, -1.6278995626356147, -0.9184832187655004, -0.1481680905794879, 0.02739396615073524,
    0.0005965905195120063, -0.0027684359944947657, 0.0011152514638325423, -0.00019699727727024097,
    -2.8171239567365367e-5, 3.25103029423413e-5, -1.2377246069360262e-5, 3.0511703551895184e-6, -5.331981934636354e-7,
    6.627119405423953e-8, -5.612416455215256e-9, 2.914907132611182e-10, -7.019275462616404e-12,
  ],
  f32: [
    -0.000510339334141463, -1.6259748935699463, -0.9207653999328613, -0.1486511081457138, 0.03145821765065193,
    -0.004240904934704304, 0.0002677221200428903,
  ],
};

/** From here on erf rounds to 1. */
const LAST: Pair<number> = { f64: 6, f32: 4 };

/** The error function. */
export function erf(x: Scalar): Scalar {
  const type = floatType(x, "erf");
  const c = literals(type);
  const size = abs(x);
  const capped = select(lt(c(LAST[type]), size), c(LAST[type]), size);
  const square = mul(capped, capped);
  const small = add(capped, mul(capped, polynomial(square, SMALL[type])));
  const large = sub(c(1), roughExp2(polynomial(capped, LARGE[type], square)));
  // NaN takes the first way, on which no bits are looked at.
  return withSign(select(le(c(1), capped), large, small), x);
}
