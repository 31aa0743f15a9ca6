// Roots of unity of power-of-two order in integer fixed point, by the half-angle formulas: an independent reference.

/** Fraction bits of the fixed-point numbers below. */
export const FRACTION = 256n;
const ONE = 1n << FRACTION;

export interface FixedRoots {
  readonly cos: bigint[];
  readonly sin: bigint[];
}

/** Square root of a non-negative integer, rounded down. */
function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** Square root of a fixed-point number. */
export function fixedSqrt(x: bigint): bigint {
  return integerSqrt(x << FRACTION);
}

/** cos and sin of 2 pi k / n for 0 <= k < n, n a power of two, to about 2^-230. */
export function fixedRoots(n: number): FixedRoots {
  if (n === 1) return { cos: [ONE], sin: [0n] };
  const half = fixedRoots(n / 2);
  // The first root: half the angle of the first root of n / 2.
  const c = n === 2 ? -ONE : fixedSqrt((ONE + half.cos[1 % (n / 2)]) / 2n);
  const s = n === 2 ? 0n : fixedSqrt((ONE - half.cos[1 % (n / 2)]) / 2n);
  const cos: bigint[] = [];
  const sin: bigint[] = [];
  for (let k = 0; k < n / 2; k++) {
    cos.push(half.cos[k], (half.cos[k] * c - half.sin[k] * s) >> FRACTION);
    sin.push(half.sin[k], (half.cos[k] * s + half.sin[k] * c) >> FRACTION);
  }
  return { cos, sin };
}

/** A double as a fixed-point number; exact for doubles that are multiples of 2^-256. */
export function toFixed(x: number): bigint {
  // 2^200 x is an integer for every double of at least 2^-147 in magnitude.
  let scaled = x;
  for (let i = 0; i < 4; i++) scaled *= 1125899906842624;
  return BigInt(scaled) << (FRACTION - 200n);
}

/** The double next to a fixed-point number (to 2^-53 relative or better than 2^-200 absolute). */
export function toNumber(x: bigint): number {
  let value = Number(x);
  for (let i = 0; i < 8; i++) value /= 4294967296;
  return value;
}
