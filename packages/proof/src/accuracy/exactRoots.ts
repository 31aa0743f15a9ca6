// Roots of unity in integer fixed point, an independent reference: for odd orders from pi (by the arithmetic-geometric
// mean of Gauss and Legendre) and Taylor series, for even ones by the half-angle formulas.

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

function pi(): bigint {
  let a = ONE;
  let b = fixedSqrt(ONE / 2n);
  let t = ONE / 4n;
  // Every step doubles the number of correct bits.
  for (let p = 1n; p <= 256n; p *= 2n) {
    const mean = (a + b) / 2n;
    b = fixedSqrt((a * b) >> FRACTION);
    t -= (p * (a - mean) * (a - mean)) >> FRACTION;
    a = mean;
  }
  return (a + b) ** 2n / (4n * t);
}

/** cos (first = 0) or sin (first = 1) of a fixed-point number. */
function series(x: bigint, first: 0n | 1n): bigint {
  let term = first === 0n ? ONE : x;
  let sum = term;
  for (let k = first + 2n; term !== 0n; k += 2n) {
    term = (((-term * x) / ONE) * x) / ONE / (k * (k - 1n));
    sum += term;
  }
  return sum;
}

/** cos and sin of 2 pi k / n for 0 <= k < n, to about 2^-230. */
export function fixedRoots(n: number): FixedRoots {
  if (n === 1) return { cos: [ONE], sin: [0n] };
  const half = n % 2 === 0 ? fixedRoots(n / 2) : { cos: [ONE], sin: [0n] };
  // The first root: of even orders half the angle of the first root of n / 2.
  const angle = (2n * pi()) / BigInt(n);
  const double = half.cos[1 % half.cos.length];
  const [c, s] =
    n === 2
      ? [-ONE, 0n]
      : n % 2 === 0
        ? [fixedSqrt((ONE + double) / 2n), fixedSqrt((ONE - double) / 2n)]
        : [series(angle, 0n), series(angle, 1n)];
  const { cos, sin } = n % 2 === 0 ? { cos: [] as bigint[], sin: [] as bigint[] } : half;
  const next = (x: bigint, y: bigint): void => {
    cos.push((x * c - y * s) >> FRACTION);
    sin.push((x * s + y * c) >> FRACTION);
  };
  if (n % 2 === 1) {
    for (let k = 1; k < n; k++) next(cos[k - 1], sin[k - 1]);
  } else {
    for (let k = 0; k < n / 2; k++) {
      cos.push(half.cos[k]);
      sin.push(half.sin[k]);
      next(half.cos[k], half.sin[k]);
    }
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
