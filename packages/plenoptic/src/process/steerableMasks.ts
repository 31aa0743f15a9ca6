// The frequency masks of the steerable pyramid (docs/science/process.md, "Steerable pyramid"; E. P. Simoncelli and W.
// T. Freeman, "The steerable pyramid", ICIP 1995): raised-cosine rings in log frequency, times powers of a cosine in
// angle.
//
// Profiles are tables, interpolated linearly, as in the reference: this is why reconstruction is accurate to 1e-5 only.
// Everything is computed in double precision and rounded to float32 at the end. Masks lie in the order of fftshift: the
// frequency 0 of n samples is at floor(n / 2).

import { tensor } from "@plenoptic-js/tensor";
import { cos64, heldValues, log64, pow64 } from "@plenoptic-js/tensor/engine";

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

/** How many numbers are looked up at once: where they lie stays in a cache, and takes no memory of its own. */
const AT_ONCE = 2048;

/** Of numbers looked up at once, behind which place each lies, and how far. */
const at = new Int32Array(AT_ONCE);
const beyond = new Float64Array(AT_ONCE);

/** Functions given by their values at evenly spaced places, linear between them and constant outside, at each of the numbers. */
function interpolated(xs: Float64Array, places: Float64Array, ...functions: readonly Float64Array[]): Float32Array[] {
  const slopes = functions.map((values) => slopesOf(values, places));
  const results = functions.map(() => new Float32Array(xs.length));
  for (let begin = 0; begin < xs.length; begin += AT_ONCE) {
    const end = Math.min(begin + AT_ONCE, xs.length);
    locate(xs, begin, end, places);
    for (let n = 0; n < functions.length; n++) evaluate(results[n], begin, end, functions[n], slopes[n]);
  }
  return results;
}

function slopesOf(values: Float64Array, places: Float64Array): Float64Array {
  const slopes = new Float64Array(values.length);
  for (let i = 0; i + 1 < slopes.length; i++) slopes[i] = (values[i + 1] - values[i]) / (places[i + 1] - places[i]);
  return slopes;
}

/** Looks up a range of the numbers. Those outside of the places count as the first or the last of these. */
function locate(xs: Float64Array, begin: number, end: number, places: Float64Array): void {
  const last = places.length - 1;
  const lowest = places[0];
  const highest = places[last];
  const perUnit = last / (highest - lowest);
  for (let k = begin; k < end; k++) {
    const x = xs[k];
    if (x <= lowest || x >= highest) {
      at[k - begin] = x <= lowest ? 0 : last;
      beyond[k - begin] = 0;
      continue;
    }
    let i = Math.min(last - 1, Math.floor((x - lowest) * perUnit));
    while (x < places[i]) i--;
    while (x >= places[i + 1]) i++;
    at[k - begin] = i;
    beyond[k - begin] = x - places[i];
  }
}

/** The function at the numbers that were looked up. */
function evaluate(out: Float32Array, begin: number, end: number, values: Float64Array, slopes: Float64Array): void {
  for (let k = begin; k < end; k++) {
    const i = at[k - begin];
    out[k] = values[i] + beyond[k - begin] * slopes[i];
  }
}

/** The high-pass and low-pass sides of a ring's edge, over log2 of the frequency; the edge ends at `end`. */
function radialProfiles(twidth: number, end: number): { places: Float64Array; high: Float64Array; low: Float64Array } {
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
  return { places, high, low: high.map((h) => Math.sqrt(1 - h * h)) };
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
    // It is even: behind the middle stands what stands before it.
    whole[i] = i > 2049 ? whole[2 * 2049 - i] : Math.sqrt(scale) * pow64(cos64(places[i]), order);
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
  for (let i = 0; i < height; i++) fillRadii(radius.subarray(i * width, (i + 1) * width), xs, ys[i] * ys[i]);
  // The middle has no logarithm (of even sizes); it takes the radius of its neighbour.
  const centre = (middle(height) - 1) * width + middle(width) - 1;
  radius[centre] = radius[centre - 1];
  const logRadius = tensor(radius, { shape: angle.shape }).log().div(log64(2));
  const [angles, radii] = heldValues([angle, logRadius]);
  return { angle: angles.re as Float64Array, logRadius: radii.re as Float64Array };
}

/** A row of radii. By itself: engines optimize small functions sooner, and until then every number is garbage. */
function fillRadii(row: Float64Array, xs: Float64Array, ySquare: number): void {
  for (let j = 0; j < row.length; j++) row[j] = Math.sqrt(xs[j] * xs[j] + ySquare);
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

/** Adds a multiple of values to the middle of an array of another size, where `halved` would take them from. */
export function addToMiddle(sum: Float64Array, size: ImageSize, values: Float64Array, own: ImageSize, factor: number) {
  const [top, left] = [middle(size[0]) - middle(own[0]), middle(size[1]) - middle(own[1])];
  for (let i = 0; i < own[0]; i++) {
    const into = (top + i) * size[1] + left;
    for (let j = 0; j < own[1]; j++) sum[into + j] += values[i * own[1] + j] * factor;
  }
}

/** The masks of a pyramid. All options are taken to be valid. */
export function steerableMasks(imageShape: ImageSize, options: MaskOptions): SteerableMasks {
  const { height, order, twidth, isComplex, downsample } = options;
  const { places, whole, front } = angularProfiles(order);
  const grid = fullGrid(imageShape);
  const around = Array.from({ length: height > 0 ? order + 1 : 0 }, (_, b) => {
    const turned = places.map((place) => place + (Math.PI * b) / (order + 1));
    return interpolated(grid.angle, turned, ...(isComplex ? [whole, front] : [whole]));
  });

  const outer = radialProfiles(twidth, 0);
  const [hi0mask, lo0mask] = interpolated(grid.logRadius, outer.places, outer.high, outer.low);
  const sizes = scaleSizes(imageShape, height, downsample);
  let { logRadius } = grid;
  let anglemasksRecon = around.map(([wholes]) => wholes);
  let anglemasks = isComplex ? around.map(([, fronts]) => fronts) : anglemasksRecon;
  const scales: ScaleMasks[] = [];
  for (let i = 0; i < height; i++) {
    const size = sizes[i];
    const ring = radialProfiles(twidth, -(i + 1));
    const smaller = <T extends Float32Array | Float64Array>(x: T): T => (downsample ? halved(x, size) : x);
    const next = smaller(logRadius);
    const [himask] = interpolated(logRadius, ring.places, ring.high);
    const [lomask] = interpolated(next, ring.places, ring.low);
    scales.push({ size, himask, anglemasks, anglemasksRecon, lomask });
    anglemasksRecon = anglemasksRecon.map(smaller);
    anglemasks = isComplex ? anglemasks.map(smaller) : anglemasksRecon;
    logRadius = next;
  }
  return { lo0mask, hi0mask, scales, lowpassSize: sizes[height] };
}
