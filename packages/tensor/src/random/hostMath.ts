// log1p of the C library behind the reference's double-precision normals, bit for bit.
//
// Not correctly rounded on purpose: it repeats the operations of glibc 2.36 on a machine with fused
// multiply-add (the fdlibm algorithm with a regrouped polynomial, docs/science/random-numbers.md). The other functions
// of the double paths come from math/precise.ts.

import { fma64 } from "./fma.ts";

const LP1 = 0.6666666666666735;
const LP2 = 0.3999999999940942;
const LP3 = 0.2857142874366239;
const LP4 = 0.22222198432149784;
const LP5 = 0.1818357216161805;
const LP6 = 0.15313837699209373;
const LP7 = 0.14798198605116586;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const TWO_MINUS_29 = 1.862645149230957e-9;
const TWO_MINUS_54 = 5.551115123125783e-17;

const double = new Float64Array(1);
// The high word is at index 1, as byteOrder.ts makes sure.
const words = new Uint32Array(double.buffer);

/** log(1 + x) for -1 < x <= 0, as glibc computes it. */
export function hostLog1p(x: number): number {
  const size = Math.abs(x);
  if (size < TWO_MINUS_54) return x;
  if (size < TWO_MINUS_29) return x - x * x * 0.5;

  let k = 0;
  let f = x;
  let c = 0;
  // The fraction bits of the scaled 1 + x; zero marks a value so near 1 that a short series does.
  let fraction = 1;
  double[0] = size;
  if (words[1] > 0x3fd2bec3) {
    const u = 1 + x;
    double[0] = u;
    k = (words[1] >>> 20) - 1023;
    c = (x - (u - 1)) / u;
    fraction = words[1] & 0xfffff;
    if (fraction < 0x6a09e) {
      words[1] = fraction | 0x3ff00000;
    } else {
      words[1] = fraction | 0x3fe00000;
      k += 1;
      fraction = (0x100000 - fraction) >>> 2;
    }
    f = double[0] - 1;
  }

  const hf = 0.5 * f * f;
  if (fraction === 0) {
    if (f === 0) return k === 0 ? 0 : fma64(k, LN2_HIGH, fma64(k, LN2_LOW, c));
    const r = hf * fma64(-0.6666666666666666, f, 1);
    return k === 0 ? f - r : fma64(k, LN2_HIGH, -(r - fma64(k, LN2_LOW, c) - f));
  }
  const s = f / (2 + f);
  const z = s * s;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const r2 = fma64(z, LP3, LP2);
  const r3 = fma64(z, LP5, LP4);
  const r4 = fma64(z, LP7, LP6);
  const r = fma64(z6, r4, fma64(z4, r3, fma64(z, LP1, z2 * r2)));
  const p = s * (hf + r);
  if (k === 0) return f - (hf - p);
  return fma64(k, LN2_HIGH, -(hf - (p + fma64(k, LN2_LOW, c)) - f));
}
