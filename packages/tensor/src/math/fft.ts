// The one Fourier transform of every size: which butterflies, in which order, with which twiddle factors.
//
// y[k] = sum over j of x[j] w^(jk), w = exp(-2 pi i / n) forward and exp(+2 pi i / n) inverse, unnormalised, by the
// self-sorting algorithm of Stockham (Cochran et al., "What is the fast Fourier transform?", Proc. IEEE 55, 1967) in
// its mixed-radix form. Stage by stage, with r the radix, s the product of the radices before, m = n / (s r):
//
//   for 0 <= p < m, 0 <= q < s:   y = DFT of size r of x[j] = in[q + s (p + m j)],   0 <= j < r
//                                 out[q + s (r p + k)] = y[k] exp(-+ 2 pi i p k / (r m)),   0 <= k < r
//
// Only the size decides. The butterflies are written once, over an `Arithmetic`: the ops' meanings run them on
// numbers, the kernel emitters on expressions, so both do the same IEEE operations in the same order.

import { rootsOfUnity } from "./roots.ts";
import type { FloatType } from "./scalar.ts";

/** The operations butterflies are made of, on values of some kind `V`. */
export interface Arithmetic<V> {
  readonly type: FloatType;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  /** Flips the sign bit. */
  neg(a: V): V;
  /** A number that is exact in `type`. */
  constant(value: number): V;
}

/** A complex value. */
export interface Pair<V> {
  readonly re: V;
  readonly im: V;
}

export interface Stage {
  readonly radix: number;
  /** Product of the radices before: s above. */
  readonly stride: number;
  /** Number of different twiddle sets: m above. */
  readonly rest: number;
  /**
   * Where the twiddle factors exp(-+ 2 pi i p k / (r m)) come from. `none`: m = 1, they are all 1. `table`: every
   * output k >= 1 is multiplied by a rounded root of unity, p = 0 included. `constants`: the same, but multiples of
   * an eighth of a turn take their exact short form (`rotate` below).
   */
  readonly twiddles: "none" | "table" | "constants";
}

export interface Plan {
  readonly size: number;
  readonly stages: readonly Stage[];
}

/** The longest side that can be transformed. */
export const MAX_SIDE = 4096;

// Later stages with at most this many twiddle sets have them written into the code.
const MAX_UNROLLED = 4;

/** Whether a line of this many elements can be transformed: powers of two up to MAX_SIDE. */
export function hasPlan(size: number): boolean {
  return Number.isInteger(size) && size >= 1 && size <= MAX_SIDE && (size & (size - 1)) === 0;
}

function radicesOf(size: number): number[] {
  if (size === 1) return [1];
  const radices: number[] = [];
  let left = size;
  for (const radix of [4, 2]) {
    for (; left % radix === 0; left /= radix) radices.push(radix);
  }
  return radices;
}

const plans = new Map<number, Plan>();

/** The plan of a size for which `hasPlan` holds. */
export function planOf(size: number): Plan {
  if (!hasPlan(size)) {
    throw new RangeError(`Fourier transform: the size is ${size}; it must be a power of two from 1 to ${MAX_SIDE}`);
  }
  let plan = plans.get(size);
  if (plan === undefined) {
    let stride = 1;
    const stages = radicesOf(size).map((radix, i): Stage => {
      const rest = size / (stride * radix);
      const twiddles = rest === 1 ? "none" : i > 0 && rest <= MAX_UNROLLED ? "constants" : "table";
      const stage = { radix, stride, rest, twiddles } as const;
      stride *= radix;
      return stage;
    });
    plan = { size, stages };
    plans.set(size, plan);
  }
  return plan;
}

function plus<V>(a: Arithmetic<V>, x: Pair<V>, y: Pair<V>): Pair<V> {
  return { re: a.add(x.re, y.re), im: a.add(x.im, y.im) };
}

function minus<V>(a: Arithmetic<V>, x: Pair<V>, y: Pair<V>): Pair<V> {
  return { re: a.sub(x.re, y.re), im: a.sub(x.im, y.im) };
}

/** x + i y */
function plusI<V>(a: Arithmetic<V>, x: Pair<V>, y: Pair<V>): Pair<V> {
  return { re: a.sub(x.re, y.im), im: a.add(x.im, y.re) };
}

/** x - i y */
function minusI<V>(a: Arithmetic<V>, x: Pair<V>, y: Pair<V>): Pair<V> {
  return { re: a.add(x.re, y.im), im: a.sub(x.im, y.re) };
}

function dft<V>(a: Arithmetic<V>, x: readonly Pair<V>[], inverse: boolean): Pair<V>[] {
  switch (x.length) {
    case 1:
      return [x[0]];
    case 2:
      return [plus(a, x[0], x[1]), minus(a, x[0], x[1])];
    case 4: {
      const evenSum = plus(a, x[0], x[2]);
      const evenDifference = minus(a, x[0], x[2]);
      const oddSum = plus(a, x[1], x[3]);
      const oddDifference = minus(a, x[1], x[3]);
      const [first, third] = inverse ? [plusI, minusI] : [minusI, plusI];
      return [
        plus(a, evenSum, oddSum),
        first(a, evenDifference, oddDifference),
        minus(a, evenSum, oddSum),
        third(a, evenDifference, oddDifference),
      ];
    }
    default:
      throw new Error(`no butterfly of radix ${x.length}`);
  }
}

/** z times w (inverse) or its conjugate (forward), w = cos + i sin. */
function twist<V>(a: Arithmetic<V>, z: Pair<V>, w: Pair<V>, inverse: boolean): Pair<V> {
  const rr = a.mul(z.re, w.re);
  const ii = a.mul(z.im, w.im);
  const ir = a.mul(z.im, w.re);
  const ri = a.mul(z.re, w.im);
  return inverse ? { re: a.sub(rr, ii), im: a.add(ir, ri) } : { re: a.add(rr, ii), im: a.sub(ir, ri) };
}

/** z exp(-+ 2 pi i e / n): multiples of a quarter turn are exact, odd eighths cost one rounding more than a sum. */
function rotate<V>(a: Arithmetic<V>, z: Pair<V>, e: number, n: number, inverse: boolean): Pair<V> {
  const turns = (inverse ? e : n - (e % n)) % n;
  const eighths = (8 * turns) / n;
  // With h = sqrt(1/2):  z (1 + i) h = ((re - im) h, (re + im) h),   z (1 - i) h = ((re + im) h, (im - re) h)
  const h = (): V => a.constant(rootsOfUnity(8, a.type).cos[1]);
  const minusH = (): V => a.constant(rootsOfUnity(8, a.type).cos[3]);
  switch (eighths) {
    case 0:
      return z;
    case 1:
      return { re: a.mul(a.sub(z.re, z.im), h()), im: a.mul(a.add(z.re, z.im), h()) };
    case 2:
      return { re: a.neg(z.im), im: z.re };
    case 3:
      return { re: a.mul(a.add(z.re, z.im), minusH()), im: a.mul(a.sub(z.re, z.im), h()) };
    case 4:
      return { re: a.neg(z.re), im: a.neg(z.im) };
    case 5:
      return { re: a.mul(a.sub(z.im, z.re), h()), im: a.mul(a.add(z.re, z.im), minusH()) };
    case 6:
      return { re: z.im, im: a.neg(z.re) };
    case 7:
      return { re: a.mul(a.add(z.re, z.im), h()), im: a.mul(a.sub(z.im, z.re), h()) };
    default: {
      const { cos, sin } = rootsOfUnity(n, a.type);
      return twist(a, z, { re: a.constant(cos[e % n]), im: a.constant(sin[e % n]) }, inverse);
    }
  }
}

/**
 * One butterfly of a stage: the r outputs of the r inputs `x`, in order of k. `p` tells which twiddle set: the number
 * itself for stages with constants; for stages with a table a function that gives factor k as (cos, sin) of
 * 2 pi p k / (r m), asked for once per k = 1 ... r - 1.
 */
export function butterfly<V>(
  a: Arithmetic<V>,
  stage: Stage,
  x: readonly Pair<V>[],
  inverse: boolean,
  p: number | ((k: number) => Pair<V>),
): Pair<V>[] {
  const y = dft(a, x, inverse);
  if (stage.twiddles === "none") return y;
  return y.map((z, k) => {
    if (k === 0) return z;
    if (typeof p === "number") return rotate(a, z, p * k, stage.radix * stage.rest, inverse);
    return twist(a, z, p(k), inverse);
  });
}

// Real lines, two at a time: real lines a and b make one complex line a + i b. With A, B, Z the transforms of a, b and
// a + i b, all of size n:
//
//   A[k] = (Z[k] + conj Z[n - k]) / 2,   B[k] = (Z[k] - conj Z[n - k]) / 2i,   Z[k] = A[k] + i B[k]
//
// A[n - k] = conj A[k], so only 0 <= k <= n / 2 is kept. At k = 0 and k = n / 2 the mirror image of k is k itself, and
// A and B are real: A = Re Z, B = Im Z.

/** How many elements of the transform of a real line of size n are kept. */
export function halfSize(n: number): number {
  return Math.floor(n / 2) + 1;
}

/** Where k lies: its mirror image n - k is above it, below it, or (at 0 and n / 2) k itself. */
export type Side = "lower" | "upper" | "own";

export function sideOf(k: number, n: number): Side {
  if (k === 0 || 2 * k === n) return "own";
  return 2 * k < n ? "lower" : "upper";
}

/** A[k] and B[k] from Z[k] and Z[n - k], for 0 <= k <= n / 2. `own`: k is its own mirror image. */
export function separate<V>(
  a: Arithmetic<V>,
  own: boolean,
  z: Pair<V>,
  mirrored: Pair<V>,
): [first: Pair<V>, second: Pair<V>] {
  if (own) {
    const zero = a.constant(0);
    return [
      { re: z.re, im: zero },
      { re: z.im, im: zero },
    ];
  }
  const half = a.constant(0.5);
  return [
    { re: a.mul(a.add(z.re, mirrored.re), half), im: a.mul(a.sub(z.im, mirrored.im), half) },
    { re: a.mul(a.add(z.im, mirrored.im), half), im: a.mul(a.sub(mirrored.re, z.re), half) },
  ];
}

/**
 * Z[k]. `first` and `second` are A and B at k, or at n - k if k is on the upper side. Where k is its own mirror image
 * their imaginary parts are ignored.
 */
export function join<V>(a: Arithmetic<V>, side: Side, first: Pair<V>, second: Pair<V>): Pair<V> {
  switch (side) {
    case "own":
      return { re: first.re, im: second.re };
    case "lower":
      return plusI(a, first, second);
    case "upper":
      // conj A + i conj B
      return { re: a.add(first.re, second.im), im: a.sub(second.re, first.im) };
  }
}
