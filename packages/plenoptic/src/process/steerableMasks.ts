// The frequency masks of the steerable pyramid (docs/science/process.md, "Steerable pyramid"; E. P. Simoncelli and W.
// T. Freeman, "The steerable pyramid", ICIP 1995): raised-cosine rings in log frequency, times powers of a cosine in
// angle.
//
// Profiles are tables, interpolated linearly, as in the reference: this is why reconstruction is accurate to 1e-5 only.
// Everything is computed in double precision and rounded to float32 at the end. Masks lie in the order of fftshift: the
// frequency 0 of n samples is at floor(n / 2).

import { tensor } from "@plenoptic-js/tensor";
import { cos64, log64, pow64 } from "@plenoptic-js/tensor/engine";

/** Height and width. */
export type ImageSize = readonly [height: number, width: number];

/** Masks of one scale. `size` is that of its bands. */
export interface ScaleMasks {
  readonly size: ImageSize;
  readonly himask: Float32Array;
  /** One for every orientation. */
  readonly anglemasks: readonly Float32Array[];
  readonly anglemasksRecon: readonly Float32Array[];
  /** Of the size of the next scale. */
  readonly lomask: Float32Array;
}

export interface SteerableMasks {
  readonly lo0mask: Float32Array;
  readonly hi0mask: Float32Array;
  readonly scales: readonly ScaleMasks[];
  /** Size of the lowpass residual. */
  readonly lowpassSize: ImageSize;
}

export interface MaskOptions {
  readonly height: number;
  readonly order: number;
  /** Width of the transition between rings, in octaves. */
  readonly twidth: number;
  readonly isComplex: boolean;
  readonly downsample: boolean;
}

/** A function given at evenly spaced places, linear between them and constant outside. */
interface Profile {
  readonly places: Float64Array;
  readonly values: Float64Array;
}

function interpolated(xs: Float64Array, { places, values }: Profile): Float32Array {
  const last = places.length - 1;
  const [first, end] = [places[0], places[last]];
  const slopes = values.map((value, i) => (i < last ? (values[i + 1] - value) / (places[i + 1] - places[i]) : 0));
  const perUnit = last / (end - first);
  const out = new Float32Array(xs.length);
  for (let k = 0; k < xs.length; k++) {
    const x = xs[k];
    if (x <= first || x >= end) {
      out[k] = values[x <= first ? 0 : last];
      continue;
    }
    let i = Math.min(last - 1, Math.floor((x - first) * perUnit));
    while (x < places[i]) i--;
    while (x >= places[i + 1]) i++;
    out[k] = values[i] + (x - places[i]) * slopes[i];
  }
  return out;
}

/** The high-pass and low-pass sides of a ring's edge, over log2 of the frequency; the edge ends at `end`. */
function radialProfiles(twidth: number, end: number): { high: Profile; low: Profile } {
  const count = 259;
  const places = new Float64Array(count);
  const squares = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const t = (Math.PI * (i - 257)) / 512;
    const cosine = cos64(t);
    squares[i] = cosine * cosine;
    places[i] = -twidth / 2 + ((2 * twidth) / Math.PI) * (t + Math.PI / 4) + end;
  }
  squares[0] = squares[1];
  squares[count - 1] = squares[count - 2];
  const high = squares.map(Math.sqrt);
  return { high: { places, values: high }, low: { places, values: high.map((h) => Math.sqrt(1 - h * h)) } };
}

/** cos^order over angle, scaled so that the squares of all orientations add up to 1; and its half in front. */
function angularProfiles(order: number): { places: Float64Array; whole: Float64Array; front: Float64Array } {
  let scale = 1 / (order + 1);
  for (let n = 1; n <= order; n++) scale *= (4 * n * n) / (2 * n * (2 * n - 1));
  const count = 3075;
  const places = new Float64Array(count);
  const whole = new Float64Array(count);
  const front = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    places[i] = (Math.PI * (i - 2049)) / 1024;
    whole[i] = Math.sqrt(scale) * pow64(cos64(places[i]), order);
    const shifted = places[i] + Math.PI;
    const wrapped = shifted - 2 * Math.PI * Math.floor(shifted / (2 * Math.PI)) - Math.PI;
    front[i] = Math.abs(wrapped) < Math.PI / 2 ? 2 * whole[i] : 0;
  }
  return { places, whole, front };
}

/** Where the middle of n samples lies, counted from 1. */
const middle = (n: number): number => Math.ceil((n + 0.5) / 2);

/** Angle and log2 of the radius of every frequency; 0 is the radius of one oscillation in two samples. */
function fullGrid([height, width]: ImageSize): { angle: Float64Array; logRadius: Float64Array } {
  const ramp = (n: number): Float64Array => Float64Array.from({ length: n }, (_, k) => -1 + (2 * k) / n);
  const [ys, xs] = [ramp(height), ramp(width)];
  const angle = tensor(ys, { shape: [height, 1] }).atan2(tensor(xs, { shape: [1, width] }));
  const radius = new Float64Array(height * width);
  for (let i = 0; i < height; i++) {
    const y = ys[i] * ys[i];
    for (let j = 0; j < width; j++) radius[i * width + j] = Math.sqrt(xs[j] * xs[j] + y);
  }
  // The middle has no logarithm (of even sizes); it takes the radius of its neighbour.
  const centre = (middle(height) - 1) * width + middle(width) - 1;
  radius[centre] = radius[centre - 1];
  const logRadius = tensor(radius).log().div(log64(2));
  return { angle: angle.dataSync() as Float64Array, logRadius: logRadius.dataSync() as Float64Array };
}

const half = (n: number): number => Math.ceil((n - 0.5) / 2);

/** The sizes of all scales of a pyramid, from fine to coarse, and last that of the lowpass residual. */
export function scaleSizes(imageShape: ImageSize, height: number, downsample: boolean): ImageSize[] {
  const sizes = [imageShape];
  for (let i = 0; i < height; i++) {
    const [rows, columns] = sizes[i];
    sizes.push(downsample ? [half(rows), half(columns)] : sizes[i]);
  }
  return sizes;
}

/** The middle of an array in fftshift's order, half as high and wide (rounded up). */
export function halved<T extends Float32Array | Float64Array>(values: T, [height, width]: ImageSize): T {
  const [rows, columns] = [half(height), half(width)];
  const [top, left] = [middle(height) - middle(rows), middle(width) - middle(columns)];
  const out = new (values.constructor as new (length: number) => T)(rows * columns);
  for (let i = 0; i < rows; i++) {
    const start = (top + i) * width + left;
    out.set(values.subarray(start, start + columns), i * columns);
  }
  return out;
}

/** The inverse of `halved`, zero around the middle. */
export function surrounded(values: Float64Array, from: ImageSize, to: ImageSize): Float64Array {
  const [top, left] = [middle(to[0]) - middle(from[0]), middle(to[1]) - middle(from[1])];
  const out = new Float64Array(to[0] * to[1]);
  for (let i = 0; i < from[0]; i++) {
    out.set(values.subarray(i * from[1], (i + 1) * from[1]), (top + i) * to[1] + left);
  }
  return out;
}

/** The masks of a pyramid. All options are taken to be valid. */
export function steerableMasks(imageShape: ImageSize, options: MaskOptions): SteerableMasks {
  const { height, order, twidth, isComplex, downsample } = options;
  const { places, whole, front } = angularProfiles(order);
  const grid = fullGrid(imageShape);
  const around = (values: Float64Array): Float32Array[] =>
    Array.from({ length: order + 1 }, (_, b) => {
      const turned = places.map((place) => place + (Math.PI * b) / (order + 1));
      return interpolated(grid.angle, { places: turned, values });
    });

  const outer = radialProfiles(twidth, 0);
  const hi0mask = interpolated(grid.logRadius, outer.high);
  const lo0mask = interpolated(grid.logRadius, outer.low);
  const sizes = scaleSizes(imageShape, height, downsample);
  let { logRadius } = grid;
  let anglemasksRecon = height > 0 ? around(whole) : [];
  let anglemasks = height > 0 && isComplex ? around(front) : anglemasksRecon;
  const scales: ScaleMasks[] = [];
  for (let i = 0; i < height; i++) {
    const size = sizes[i];
    const { high, low } = radialProfiles(twidth, -(i + 1));
    const smaller = <T extends Float32Array | Float64Array>(x: T): T => (downsample ? halved(x, size) : x);
    const next = smaller(logRadius);
    const himask = interpolated(logRadius, high);
    scales.push({ size, himask, anglemasks, anglemasksRecon, lomask: interpolated(next, low) });
    anglemasksRecon = anglemasksRecon.map(smaller);
    anglemasks = isComplex ? anglemasks.map(smaller) : anglemasksRecon;
    logRadius = next;
  }
  return { lo0mask, hi0mask, scales, lowpassSize: sizes[height] };
}
