// Double-double arithmetic: a value is the unevaluated sum hi + lo of two doubles, about 106 bits.
//
// After T. J. Dekker, "A floating-point technique for extending the available precision" (1971): every error
// term is found with ordinary IEEE operations, so the bits are the same on every machine.
// Results go into a Float64Array [hi, lo] owned by the caller, so nothing is allocated per call.
// Valid away from overflow and underflow: callers keep magnitudes below 2^995 and products above 2^-960.

/** Veltkamp's constant 2^27 + 1: splits a double into two halves of at most 26 bits. */
const SPLIT = 134217729;

/** The exact rounding error of `sum = a + b`: a + b equals sum + error. */
export function sumError(a: number, b: number, sum: number): number {
  const t = sum - a;
  return a - (sum - t) + (b - t);
}

/** The exact rounding error of `product = a * b`: a * b equals product + error. */
export function productError(a: number, b: number, product: number): number {
  const p = SPLIT * a;
  const ah = p - (p - a);
  const al = a - ah;
  const q = SPLIT * b;
  const bh = q - (q - b);
  const bl = b - bh;
  return ah * bh - product + ah * bl + al * bh + al * bl;
}

const power = new Float64Array(1);
// The high word is at index 1, as byteOrder.ts makes sure.
const powerWords = new Uint32Array(power.buffer);

/** 2^n, for an integer n in -1022..1023. */
export function powerOfTwo(n: number): number {
  powerWords[1] = (n + 1023) << 20;
  return power[0];
}

/** out = (ah + al) * (bh + bl). */
export function multiply(out: Float64Array, ah: number, al: number, bh: number, bl: number): void {
  const p = ah * bh;
  const e = productError(ah, bh, p) + (ah * bl + al * bh);
  const hi = p + e;
  out[0] = hi;
  out[1] = e - (hi - p);
}

/** out = (ah + al) / (bh + bl). */
export function divide(out: Float64Array, ah: number, al: number, bh: number, bl: number): void {
  const q = ah / bh;
  const p = q * bh;
  const r = (ah - p - productError(q, bh, p) + (al - q * bl)) / bh;
  const hi = q + r;
  out[0] = hi;
  out[1] = r - (hi - q);
}

/** out = (ah + al) + (bh + bl), for sums that do not cancel. */
export function add(out: Float64Array, ah: number, al: number, bh: number, bl: number): void {
  const s = ah + bh;
  const e = sumError(ah, bh, s) + (al + bl);
  const hi = s + e;
  out[0] = hi;
  out[1] = e - (hi - s);
}

/**
 * out = the polynomial with the given coefficients at xh + xl, by Horner's rule. `coefficients` holds pairs
 * hi, lo, highest power first. Meant for series whose terms shrink, so that no step cancels.
 */
export function polynomial(out: Float64Array, coefficients: Float64Array, xh: number, xl: number): void {
  let ah = coefficients[0];
  let al = coefficients[1];
  for (let k = 2; k < coefficients.length; k += 2) {
    const ch = coefficients[k];
    const p = ah * xh;
    const s = ch + p;
    const e = productError(ah, xh, p) + (ah * xl + al * xh) + sumError(ch, p, s) + coefficients[k + 1];
    ah = s + e;
    al = e - (ah - s);
  }
  out[0] = ah;
  out[1] = al;
}

/**
 * out = (xh + xl) - k * c, for an integer k and a constant c given as three doubles of falling size. Meant for
 * argument reduction, where k * c is the multiple of c nearest to xh.
 */
export function reduceBy(
  out: Float64Array,
  xh: number,
  xl: number,
  k: number,
  c: readonly [number, number, number],
): void {
  const p = k * c[0];
  const pError = productError(k, c[0], p);
  const q = k * c[1];
  const d = xh - p; // exact: k is 0, or xh and p are close
  const s1 = d - pError;
  const s2 = s1 - q;
  const e = sumError(d, -pError, s1) + sumError(s1, -q, s2);
  const t = s2 + e;
  const low = sumError(s2, e, t) + (xl - productError(k, c[1], q) - k * c[2]);
  const hi = t + low;
  out[0] = hi;
  out[1] = low - (hi - t);
}
