// The error function, 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x.
//
// |x| < 1: x + x P(x^2). Beyond: 1 - e^(-Q(|x|)), where Q = -log(erfc) is smooth, so that one polynomial serves up to
// where erf rounds to 1 (the idea of N. Juffa's float implementation, published on Stack Overflow). Both are minimax fits:
// relative error of erf below 2^-55 for f64, 2^-29 for f32.

import { normalExp } from "./exp.ts";
import { floatType, literals, type Pair, polynomial, withSign } from "./formula.ts";
import { abs, add, lt, mul, neg, type Scalar, select, sub } from "./scalar.ts";

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

/** -log(1 - erf(x)) in powers of x, from 1 to LAST. */
const LARGE: Pair<readonly number[]> = {
  f64: [
    5.02839260794243e-7, 1.1283740895647856, 0.6366436277478692, 0.10270344030080464, -0.01899018004009124,
    -0.0004106267089304854, 0.0019159426302454673, -0.0007706431436807956, 0.00013505068289842986,
    2.0266321368400745e-5, -2.2822300122201735e-5, 8.667081958633716e-6, -2.1356533644761824e-6, 3.7329773500118434e-7,
    -4.6422106817898956e-8, 3.934181285277248e-9, -2.0449162459557802e-10, 4.92850047213073e-12,
  ],
  f32: [
    -0.00018846517195925117, 1.1295802593231201, 0.6332165598869324, 0.10842187702655792, -0.025210179388523102,
    0.00420521991327405, -0.00044145886204205453, 2.1696390831493773e-5,
  ],
};

/** From here on erf rounds to 1. */
const LAST: Pair<number> = { f64: 6, f32: 4 };

/** The error function. */
export function erf(x: Scalar): Scalar {
  const type = floatType(x, "erf");
  const c = literals(type);
  const a = abs(x);
  const small = add(a, mul(a, polynomial(mul(a, a), SMALL[type])));
  const capped = select(lt(c(LAST[type]), a), c(LAST[type]), a);
  const large = sub(c(1), normalExp(neg(polynomial(capped, LARGE[type]))));
  return withSign(select(lt(a, c(1)), small, large), x);
}
