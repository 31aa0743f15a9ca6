// Plane rotations, collected and then applied to the columns of a matrix, four rows at a time. A row meets the rotations in the
// order in which they came, so that collecting them changes no bit; it only lets a row stay in the cache for many of them.

import type { RotationSink } from "./qlIteration.ts";

/** Rotations that are collected before they are applied. */
const CAPACITY = 8192;

export class RotationLog implements RotationSink {
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  /** First and last column of each sweep. */
  readonly #sweeps: number[] = [];
  #count = 0;

  /** @param longest rotations of the longest sweep */
  constructor(longest: number) {
    this.#cosines = new Float64Array(CAPACITY + longest);
    this.#sines = new Float64Array(CAPACITY + longest);
  }

  get full(): boolean {
    return this.#count >= CAPACITY;
  }

  start(from: number, to: number): void {
    this.#sweeps.push(from, to);
  }

  push(c: number, s: number): void {
    this.#cosines[this.#count] = c;
    this.#sines[this.#count++] = s;
  }

  clear(): void {
    this.#sweeps.length = 0;
    this.#count = 0;
  }

  /** Applies all rotations to four rows of `z`, which begin at the places given. A row that is named twice is still rotated once. */
  apply(z: Float64Array, a: number, b: number, c: number, d: number): void {
    let at = 0;
    for (let k = 0; k < this.#sweeps.length; k += 2) {
      const from = this.#sweeps[k];
      const to = this.#sweeps[k + 1];
      const rotate = from < to ? rotateUp : rotateDown;
      rotate(z, a, b, c, d, from, to, this.#cosines, this.#sines, at);
      at += Math.abs(from - to);
    }
  }
}

/** Columns (i, i + 1) for i = from, ..., to - 1. */
function rotateUp(
  z: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
  from: number,
  to: number,
  cosines: Float64Array,
  sines: Float64Array,
  at: number,
): void {
  let za = z[a + from];
  let zb = z[b + from];
  let zc = z[c + from];
  let zd = z[d + from];
  for (let i = from; i < to; i++, at++) {
    const cos = cosines[at];
    const sin = sines[at];
    const ya = z[a + i + 1];
    const yb = z[b + i + 1];
    const yc = z[c + i + 1];
    const yd = z[d + i + 1];
    z[a + i] = sin * ya + cos * za;
    z[b + i] = sin * yb + cos * zb;
    z[c + i] = sin * yc + cos * zc;
    z[d + i] = sin * yd + cos * zd;
    za = cos * ya - sin * za;
    zb = cos * yb - sin * zb;
    zc = cos * yc - sin * zc;
    zd = cos * yd - sin * zd;
  }
  z[a + to] = za;
  z[b + to] = zb;
  z[c + to] = zc;
  z[d + to] = zd;
}

/** Columns (i, i + 1) for i = from - 1, ..., to. */
function rotateDown(
  z: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
  from: number,
  to: number,
  cosines: Float64Array,
  sines: Float64Array,
  at: number,
): void {
  let za = z[a + from];
  let zb = z[b + from];
  let zc = z[c + from];
  let zd = z[d + from];
  for (let i = from - 1; i >= to; i--, at++) {
    const cos = cosines[at];
    const sin = sines[at];
    const ya = z[a + i];
    const yb = z[b + i];
    const yc = z[c + i];
    const yd = z[d + i];
    z[a + i + 1] = cos * za - sin * ya;
    z[b + i + 1] = cos * zb - sin * yb;
    z[c + i + 1] = cos * zc - sin * yc;
    z[d + i + 1] = cos * zd - sin * yd;
    za = sin * za + cos * ya;
    zb = sin * zb + cos * yb;
    zc = sin * zc + cos * yc;
    zd = sin * zd + cos * yd;
  }
  z[a + to] = za;
  z[b + to] = zb;
  z[c + to] = zc;
  z[d + to] = zd;
}
