// The butterflies of Fourier transforms: small transforms of size r, and the multiplications around them.
//
// They are written once, over an `Arithmetic`: the ops' meanings run them on numbers, the kernel emitters on
// expressions, so both do the same IEEE operations in the same order. math/fft.ts says which butterflies make up a
// transform.

import type { Stage } from "./fft.ts";
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

function plus<V>(a: Arithmetic<V>, x: Pair<V>, y: Pair<V>): Pair<V> {
  return { re: a.add(x.re, y.re), im: a.add(x.im, y.im) };
}

function minus<V>(a: Arithmetic<V>, x: Pair<V>, y: Pair<V>): Pair<V> {
  return { re: a.sub(x.re, y.re), im: a.sub(x.im, y.im) };
}

/** x + i y */
export function plusI<V>(a: Arithmetic<V>, x: Pair<V>, y: Pair<V>): Pair<V> {
  return { re: a.sub(x.re, y.im), im: a.add(x.im, y.re) };
}

/** x - i y */
function minusI<V>(a: Arithmetic<V>, x: Pair<V>, y: Pair<V>): Pair<V> {
  return { re: a.add(x.re, y.im), im: a.sub(x.im, y.re) };
}

function scaled<V>(a: Arithmetic<V>, factor: number, x: Pair<V>): Pair<V> {
  const c = a.constant(factor);
  return { re: a.mul(x.re, c), im: a.mul(x.im, c) };
}

/**
 * Transform of odd prime size r. With t[j] = x[j] + x[r - j] and d[j] = x[j] - x[r - j], 1 <= j <= (r - 1) / 2:
 *
 *   y[0] = x[0] + t[1] + t[2] + ...
 *   y[k], y[r - k] = (x[0] + cos(2 pi k / r) t[1] + cos(4 pi k / r) t[2] + ...) -+ i (sin(2 pi k / r) d[1] + ...)
 *
 * Sums from left to right.
 */
function oddDft<V>(a: Arithmetic<V>, x: readonly Pair<V>[], inverse: boolean): Pair<V>[] {
  const r = x.length;
  const { cos, sin } = rootsOfUnity(r, a.type);
  const t: Pair<V>[] = [];
  const d: Pair<V>[] = [];
  for (let j = 1; 2 * j < r; j++) {
    t.push(plus(a, x[j], x[r - j]));
    d.push(minus(a, x[j], x[r - j]));
  }
  const y = new Array<Pair<V>>(r);
  y[0] = t.reduce((sum, term) => plus(a, sum, term), x[0]);
  for (let k = 1; 2 * k < r; k++) {
    const even = t.reduce((sum, term, i) => plus(a, sum, scaled(a, cos[(k * (i + 1)) % r], term)), x[0]);
    const odd = d.map((term, i) => scaled(a, sin[(k * (i + 1)) % r], term)).reduce((sum, term) => plus(a, sum, term));
    y[k] = (inverse ? plusI : minusI)(a, even, odd);
    y[r - k] = (inverse ? minusI : plusI)(a, even, odd);
  }
  return y;
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
      return oddDft(a, x, inverse);
  }
}

/** z times w (inverse) or its conjugate (forward), w = cos + i sin. */
export function twist<V>(a: Arithmetic<V>, z: Pair<V>, w: Pair<V>, inverse: boolean): Pair<V> {
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
 * One butterfly of a stage of a transform that is `inverse` or not: the r outputs of the r inputs `x`, in order of k. `p`
 * tells which twiddle set: the number itself for stages with constants; for stages with a table a function that gives
 * factor k as (cos, sin) of 2 pi p k / (r m), asked for once per k = 1 ... r - 1.
 */
export function butterfly<V>(
  a: Arithmetic<V>,
  stage: Stage,
  x: readonly Pair<V>[],
  inverse: boolean,
  p: number | ((k: number) => Pair<V>),
): Pair<V>[] {
  const direction = inverse !== stage.back;
  const y = dft(a, x, direction);
  if (stage.twiddles === "none") return y;
  return y.map((z, k) => {
    if (k === 0) return z;
    if (typeof p === "number") return rotate(a, z, p * k, stage.radix * stage.rest, direction);
    return twist(a, z, p(k), direction);
  });
}
