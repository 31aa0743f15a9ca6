// The transform of math/fft.ts on numbers: the meaning of the Fourier ops. Also the tables of transforms by convolution,
// which are made with it.

import { type Arithmetic, butterfly, type Pair, twist } from "./butterfly.ts";
import { type Plan, planOf } from "./fft.ts";
import { rootsOfUnity } from "./roots.ts";
import type { FloatType } from "./scalar.ts";

type Floats = Float32Array | Float64Array;
export type Line = Pair<Floats>;
/** Complex factors, each a number that is exact in the float type they are for. Do not write to them. */
export type Factors = Pair<Float64Array>;

const float64: Arithmetic<number> = {
  type: "f64",
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  neg: (a) => -a,
  constant: (value) => value,
};

const float32: Arithmetic<number> = {
  type: "f32",
  add: (a, b) => Math.fround(a + b),
  sub: (a, b) => Math.fround(a - b),
  mul: (a, b) => Math.fround(a * b),
  neg: (a) => -a,
  constant: (value) => value,
};

function makeLine(type: FloatType, length: number): Line {
  const plane = (): Floats => (type === "f64" ? new Float64Array(length) : new Float32Array(length));
  return { re: plane(), im: plane() };
}

/** Transforms lines of one size, one after the other, in a buffer. */
export class LineTransform {
  readonly arithmetic: Arithmetic<number>;
  /** The first `size` elements are filled by the caller before `run`, and hold the result after it. */
  line: Line;
  #spare: Line;
  readonly #plan: Plan;
  readonly #inverse: boolean;

  constructor(size: number, type: FloatType, inverse: boolean) {
    this.arithmetic = type === "f64" ? float64 : float32;
    this.#plan = planOf(size);
    this.#inverse = inverse;
    this.line = makeLine(type, this.#plan.length);
    this.#spare = makeLine(type, this.#plan.length);
  }

  run(): void {
    const { arithmetic: a } = this;
    const plan = this.#plan;
    const inverse = this.#inverse;
    const { size, stages } = plan;
    const tables = size === plan.length ? null : { chirp: chirpOf(size, a.type), spectrum: spectrumOf(size, a.type) };
    for (const stage of stages) {
      const { radix, stride, rest, twiddles, chirped, outputs } = stage;
      const { line } = this;
      const spare = this.#spare;
      const roots = rootsOfUnity(radix * rest, a.type);
      const multiplied = (z: Pair<number>, by: Factors, i: number): Pair<number> =>
        twist(a, z, { re: by.re[i], im: by.im[i] }, inverse);
      const input = (i: number): Pair<number> => {
        if (chirped && i >= size) return { re: 0, im: 0 };
        const z = { re: line.re[i], im: line.im[i] };
        return chirped && tables ? multiplied(z, tables.chirp, i) : z;
      };
      for (let p = 0; p < rest; p++) {
        const factor = (k: number): Pair<number> => ({ re: roots.cos[p * k], im: roots.sin[p * k] });
        for (let q = 0; q < stride; q++) {
          const x: Pair<number>[] = [];
          for (let j = 0; j < radix; j++) x.push(input(q + stride * (p + rest * j)));
          const y = butterfly(a, stage, x, inverse, twiddles === "table" ? factor : p);
          for (let k = 0; k < radix; k++) {
            const to = q + stride * (radix * p + k);
            let z = y[k];
            if (tables && outputs === "times spectrum") z = multiplied(z, tables.spectrum, to);
            if (tables && outputs === "times chirp" && to < size) z = multiplied(z, tables.chirp, to);
            spare.re[to] = z.re;
            spare.im[to] = z.im;
          }
        }
      }
      this.line = spare;
      this.#spare = line;
    }
  }
}

const chirps = new Map<string, Factors>();

/** The conjugate chirp: exp(pi i j^2 / size) for 0 <= j < size, rounded to the nearest float. */
export function chirpOf(size: number, type: FloatType): Factors {
  const key = `${type}:${size}`;
  let chirp = chirps.get(key);
  if (chirp === undefined) {
    const { cos, sin } = rootsOfUnity(2 * size, type);
    const along = (values: Float64Array): Float64Array =>
      Float64Array.from({ length: size }, (_, j) => values[(j * j) % (2 * size)]);
    chirp = { re: along(cos), im: along(sin) };
    chirps.set(key, chirp);
  }
  return chirp;
}

const spectra = new Map<string, Factors>();

/**
 * The conjugate spectrum: the forward transform of the conjugate chirp laid around 0 in a cyclic line, divided by the
 * line's length, conjugated. Computed in float64, then rounded.
 */
export function spectrumOf(size: number, type: FloatType): Factors {
  const key = `${type}:${size}`;
  let spectrum = spectra.get(key);
  if (spectrum === undefined) {
    const { length } = planOf(size);
    const chirp = chirpOf(size, "f64");
    const transform = new LineTransform(length, "f64", false);
    for (let j = 0; j < size; j++) {
      for (const i of [j, (length - j) % length]) {
        transform.line.re[i] = chirp.re[j];
        transform.line.im[i] = chirp.im[j];
      }
    }
    transform.run();
    const { re, im } = transform.line;
    const round = (value: number): number => (type === "f64" ? value : Math.fround(value));
    spectrum = {
      re: Float64Array.from(re, (x) => round(x / length)),
      im: Float64Array.from(im, (x) => round(0 - x / length)),
    };
    spectra.set(key, spectrum);
  }
  return spectrum;
}
