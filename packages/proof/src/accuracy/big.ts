// Binary floating point with 256-bit mantissas on BigInt: the arithmetic of the accuracy reference.
// A value is m * 2^e. Sums, products and quotients are cut to 256 bits, so each is good to 2^-255 relative.

export interface Big {
  readonly m: bigint;
  readonly e: number;
}

const BITS = 256;

export const ZERO: Big = { m: 0n, e: 0 };

const magnitude = (m: bigint): bigint => (m < 0n ? -m : m);

/** The number of bits of |m|. */
function bitLength(m: bigint): number {
  return m === 0n ? 0 : magnitude(m).toString(2).length;
}

function cut(m: bigint, e: number): Big {
  const excess = bitLength(m) - BITS;
  return excess > 0 ? { m: m >> BigInt(excess), e: e + excess } : { m, e };
}

const raw = new DataView(new ArrayBuffer(8));

/** A finite double, exactly. */
export function fromNumber(x: number): Big {
  raw.setFloat64(0, x);
  const bits = raw.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const m = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return { m: bits >> 63n ? -m : m, e: Math.max(exponent, 1) - 1075 };
}

export function add(a: Big, b: Big): Big {
  if (a.m === 0n) return b;
  if (b.m === 0n) return a;
  // Far apart, the smaller one cannot matter, and shifting by thousands of bits would be slow.
  const gap = bitLength(a.m) + a.e - (bitLength(b.m) + b.e);
  if (gap > 2 * BITS) return a;
  if (gap < -2 * BITS) return b;
  const e = Math.min(a.e, b.e);
  return cut((a.m << BigInt(a.e - e)) + (b.m << BigInt(b.e - e)), e);
}

export const negate = (a: Big): Big => ({ m: -a.m, e: a.e });
export const subtract = (a: Big, b: Big): Big => add(a, negate(b));
export const multiply = (a: Big, b: Big): Big => cut(a.m * b.m, a.e + b.e);
export const absolute = (a: Big): Big => ({ m: magnitude(a.m), e: a.e });

export function divide(a: Big, b: Big): Big {
  const shift = Math.max(0, BITS + 2 + bitLength(b.m) - bitLength(a.m));
  return cut((a.m << BigInt(shift)) / b.m, a.e - shift - b.e);
}

/** a * 2^n. */
export const scale = (a: Big, n: number): Big => ({ m: a.m, e: a.e + n });

/** -1, 0 or 1 as a is below, equal to or above b. */
export function compare(a: Big, b: Big): number {
  const difference = subtract(a, b).m;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The position of the leading bit: 2^n <= |a| < 2^(n + 1). */
export const exponentOf = (a: Big): number => bitLength(a.m) + a.e - 1;

/** a as an integer multiple of 2^-fraction, cut towards minus infinity. */
export function toFixed(a: Big, fraction: number): bigint {
  const shift = a.e + fraction;
  return shift >= 0 ? a.m << BigInt(shift) : a.m >> BigInt(-shift);
}

/** The integer nearest to a. */
export const nearest = (a: Big): bigint => (toFixed(a, 1) + 1n) >> 1n;

/** A double near a, for messages and first guesses; not rounded with care. */
export function toNumber(a: Big): number {
  if (a.m === 0n) return 0;
  const excess = Math.max(0, bitLength(a.m) - 64);
  const n = a.e + excess;
  const m = Number(a.m >> BigInt(excess));
  const first = Math.max(-1000, Math.min(900, n));
  return m * 2 ** first * 2 ** (n - first);
}
