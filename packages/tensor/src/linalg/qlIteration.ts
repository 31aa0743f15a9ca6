// Eigenvalues of symmetric tridiagonal matrices: the QL iteration with implicit shifts, as LAPACK's dsteqr does it.
//
// A. Dubrulle, R. S. Martin, J. H. Wilkinson, "The implicit QL algorithm", 1968; G. H. Golub and C. F. Van Loan, "Matrix
// Computations", 4th edition, section 8.3. It makes plane rotations, and never sees the vectors: who wants those applies the
// rotations to the columns of a matrix, many at a time, which is where most of the time goes.

import { length2 } from "./vectors.ts";

/** Takes rotations in turn. `start` announces a sweep of them. */
export interface RotationSink {
  /** Rotations of columns (i, i + 1) follow for i = from ... to - 1, or, if from > to, for i = from - 1 ... to. */
  start(from: number, to: number): void;
  /** Column i + 1 becomes c times itself minus s times column i; column i becomes s times column i + 1 plus c times itself. */
  push(c: number, s: number): void;
}

/** Sweeps of the iteration for each row; about 1.7 are needed, and 30 are what LAPACK allows. */
const SWEEPS_PER_ROW = 30;

const EPSILON = 1.1102230246251565e-16; // 2^-53
const SAFE_MINIMUM = 2.2250738585072014e-308; // 2^-1022

/** Whether an entry beside the diagonal entries a and b is nothing next to them. */
const negligible = (e: number, a: number, b: number): boolean =>
  e * e <= EPSILON * EPSILON * Math.abs(a) * Math.abs(b) + SAFE_MINIMUM;

/** The eigenvalues of [[a, b], [b, c]], that of larger size first, and the unit vector (cosine, sine) of it. */
function solve2(a: number, b: number, c: number): readonly [number, number, number, number] {
  const sum = a + c;
  const difference = a - c;
  const twice = b + b;
  const root = length2(difference, twice);
  const [more, less] = Math.abs(a) > Math.abs(c) ? [a, c] : [c, a];
  let first = 0.5 * root;
  let second = -0.5 * root;
  if (sum !== 0) {
    first = 0.5 * (sum < 0 ? sum - root : sum + root);
    second = (more / first) * less - (b / first) * b;
  }
  const plus = difference >= 0;
  const x = plus ? difference + root : difference - root;
  let cosine: number;
  let sine: number;
  if (Math.abs(x) > Math.abs(twice)) {
    const t = -twice / x;
    sine = 1 / Math.sqrt(1 + t * t);
    cosine = t * sine;
  } else if (twice === 0) {
    cosine = 1;
    sine = 0;
  } else {
    const t = -x / twice;
    cosine = 1 / Math.sqrt(1 + t * t);
    sine = t * cosine;
  }
  return plus === sum >= 0 ? [first, second, -sine, cosine] : [first, second, cosine, sine];
}

/** The end at which a shift g starts its sweep: Wilkinson's shift, from the 2 x 2 corner (p, e, next). */
function shifted(last: number, p: number, e: number, next: number): number {
  const g = (next - p) / (2 * e);
  const r = length2(g, 1);
  return last - p + e / (g < 0 ? g - r : g + r);
}

/** One sweep of QL from row m up to row l. */
function sweepUp(d: Float64Array, e: Float64Array, l: number, m: number, sink: RotationSink): void {
  sink.start(m, l);
  let g = shifted(d[m], d[l], e[l], d[l + 1]);
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = length2(g, f);
    c = r === 0 ? 1 : g / r;
    s = r === 0 ? 0 : f / r;
    if (i !== m - 1) e[i + 1] = r;
    g = d[i + 1] - p;
    const t = (d[i] - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    sink.push(c, -s);
  }
  d[l] -= p;
  e[l] = g;
}

/** One sweep of QR from row m down to row l: the mirror image of sweepUp. */
function sweepDown(d: Float64Array, e: Float64Array, l: number, m: number, sink: RotationSink): void {
  sink.start(m, l);
  let g = shifted(d[m], d[l], e[l - 1], d[l - 1]);
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m; i < l; i++) {
    const f = s * e[i];
    const b = c * e[i];
    const r = length2(g, f);
    c = r === 0 ? 1 : g / r;
    s = r === 0 ? 0 : f / r;
    if (i !== m) e[i - 1] = r;
    g = d[i] - p;
    const t = (d[i + 1] - g) * s + 2 * c * b;
    p = s * t;
    d[i] = g + p;
    g = c * t - b;
    sink.push(c, s);
  }
  d[l] -= p;
  e[l - 1] = g;
}

/**
 * Takes the tridiagonal matrix with diagonal d and entries e beside it to diagonal form, in place: d becomes the eigenvalues, in
 * no order. Yields after every sweep, with the share of the rows that are done. Entries should be near 1 in size.
 *
 * @throws Error if more than `sweepsPerRow` sweeps a row are needed
 */
export function* iterate(
  d: Float64Array,
  e: Float64Array,
  sink: RotationSink,
  sweepsPerRow = SWEEPS_PER_ROW,
): Generator<number, void> {
  const n = d.length;
  let budget = n * sweepsPerRow;
  const sweep = (l: number, m: number): void => {
    if (budget-- <= 0) {
      throw new Error(
        `eigh: no convergence within ${sweepsPerRow} sweeps for each of ${n} rows; please report this matrix`,
      );
    }
    if (l < m) sweepUp(d, e, l, m, sink);
    else sweepDown(d, e, l, m, sink);
  };
  const pair = (i: number): void => {
    const [first, second, c, s] = solve2(d[i], e[i], d[i + 1]);
    sink.start(i, i + 1);
    sink.push(c, s);
    d[i] = first;
    d[i + 1] = second;
    e[i] = 0;
  };

  // Blocks between entries that are nothing next to their neighbours, one after the other.
  let top = 0;
  while (top < n) {
    let end = top;
    while (end < n - 1 && !negligible(e[end], d[end], d[end + 1])) end++;
    // The end with the smaller diagonal entry converges first: graded matrices keep their small eigenvalues.
    if (Math.abs(d[end]) < Math.abs(d[top])) {
      for (let l = end; l >= top; ) {
        let m = l;
        while (m > top && !negligible(e[m - 1], d[m], d[m - 1])) m--;
        if (m > top) e[m - 1] = 0;
        if (m === l) l--;
        else if (m === l - 1) {
          pair(m);
          l -= 2;
        } else sweep(l, m);
        yield (top + end - l) / n;
      }
    } else {
      for (let l = top; l <= end; ) {
        let m = l;
        while (m < end && !negligible(e[m], d[m], d[m + 1])) m++;
        if (m < end) e[m] = 0;
        if (m === l) l++;
        else if (m === l + 1) {
          pair(l);
          l += 2;
        } else sweep(l, m);
        yield l / n;
      }
    }
    top = end + 1;
  }
}
