// Discrete Fourier transforms of tensors, under the names and conventions of numpy.fft and torch.fft.
//
// Forward: y[k] = sum over j of x[j] exp(-2 pi i j k / n); the inverse has +2 pi i, and divides by n. Every size from 1 to
// 65536; sizes without prime factors above 13 are fastest, powers of two fastest of all. Real tensors are promoted to the
// complex dtype of their precision. Everything is differentiable, any number of times. The fastest transform of real images
// is rfft2h (halfPlane.ts); rfft2 and irfft2 are that one between two transpositions.

import { fourierOps } from "./compile/fourierKernels.ts";
import { getDefaultDtype, tensor } from "./create.ts";
import { ops } from "./graph/build.ts";
import type { FloatDType } from "./math/dtype.ts";
import { halfSize } from "./math/realLines.ts";
import { type DType, isComplex, isDifferentiable, type Node, realOf } from "./ops/definition.ts";
import { DTypeError, normalizeAxes, normalizeAxis, ShapeError, shapeText } from "./ops/rules.ts";
import { roll } from "./structure.ts";
import { type Axes, nodeOf, type RealOf, Tensor } from "./tensor.ts";
import { checkArray } from "./words/arguments.ts";
import { checkOptions } from "./words/options.ts";
import { shown } from "./words/shown.ts";

/** The complex dtype of the same precision. */
export type ComplexOf<D extends DType> = D extends "float32" | "complex64"
  ? "complex64"
  : D extends "float64" | "complex128"
    ? "complex128"
    : "complex64" | "complex128";

/**
 * Which direction is divided by the number n of elements transformed: "backward" (default) the inverse, "forward" the
 * forward transform, "ortho" both by its square root.
 */
export type FourierNorm = "backward" | "ortho" | "forward";

export interface Fourier1dOptions {
  /** Elements to transform: the axis is cut, or padded with zeros at its end. Of irfft: elements of the result. */
  readonly n?: number;
  /** Default -1. */
  readonly axis?: number;
  readonly norm?: FourierNorm;
}

export interface Fourier2dOptions {
  /** Elements to transform along each of the two axes: cut, or padded with zeros. Of irfft2: sizes of the result. */
  readonly s?: readonly [number, number];
  /** Default [-2, -1]. The second one is halved by rfft2. */
  readonly axes?: readonly [number, number];
  readonly norm?: FourierNorm;
}

export interface ShiftOptions {
  /** Default: all axes. */
  readonly axes?: Axes;
}

export interface FrequencyOptions<D extends FloatDType> {
  /** Distance between samples (default 1). */
  readonly d?: number;
  readonly dtype?: D;
}

const NORMS: readonly FourierNorm[] = ["backward", "ortho", "forward"];

/** Multiplies the result of a transform of n elements by what the norm asks for. */
function normalized(op: string, x: Node, norm: FourierNorm = "backward", inverse: boolean, n: number): Node {
  if (!NORMS.includes(norm)) {
    throw new RangeError(`${op}: norm is ${shown(norm)}; it must be one of ${NORMS.join(", ")}`);
  }
  const divides = (norm === "backward") === inverse;
  const factor = norm === "ortho" ? 1 / Math.sqrt(n) : divides ? 1 / n : 1;
  return ops.mul(x, ops.literal(factor, realOf(x.dtype)));
}

/** The node of a float or complex tensor, as a complex one. */
function complexNode(op: string, x: Tensor): Node {
  nodeOf(op, x, "the tensor");
  if (!isDifferentiable(x.dtype)) {
    throw new DTypeError(`${op}: the tensor is ${x.dtype}; cast it to a float first, for example x.cast("float64")`);
  }
  return isComplex(x.dtype) ? x.node : ops.complex(x.node, ops.like(0, x.node));
}

/** The node of a float tensor. */
function realNode(op: string, x: Tensor): Node {
  nodeOf(op, x, "the tensor");
  if (!isComplex(x.dtype) && isDifferentiable(x.dtype)) return x.node;
  const help = isComplex(x.dtype)
    ? "transform it with fft or fft2, or take x.real()"
    : 'x.cast("float64") makes it one';
  throw new DTypeError(`${op}: the tensor is ${x.dtype}; it must be a float tensor: ${help}`);
}

function checkSize(op: string, size: number): void {
  if (Number.isInteger(size) && size >= 1) return;
  throw new ShapeError(`${op}: ${shown(size)} elements cannot be transformed; give a whole number from 1 on`);
}

/** Cuts an axis, or pads it with zeros at its end, to `size` elements. */
function resized(op: string, x: Node, axis: number, size: number): Node {
  checkSize(op, size);
  const n = x.shape[axis];
  if (size > n) return ops.pad(x, [[0, size - n], ...x.shape.slice(axis + 1).map((): [0, 0] => [0, 0])], "constant");
  const counts = x.shape.map((m, i) => (i === axis ? size : m));
  return ops.slice(x, new Array(counts.length).fill(0), counts, new Array(counts.length).fill(1));
}

interface Along {
  readonly axis: number;
  readonly n: number | undefined;
}

function oneAxis(op: string, x: Tensor, options: Fourier1dOptions): Along {
  nodeOf(op, x, "the tensor");
  checkOptions(op, options, ["n", "axis", "norm"]);
  const { n, axis = -1 } = options;
  if (n !== undefined) checkSize(op, n);
  return { axis: normalizeAxis(op, axis, x.ndim), n };
}

function twoAxes(op: string, x: Tensor, options: Fourier2dOptions): [Along, Along] {
  nodeOf(op, x, "the tensor");
  checkOptions(op, options, ["s", "axes", "norm"]);
  const { s, axes = [-2, -1] } = options;
  if (x.ndim < 2) throw new ShapeError(`${op}: the tensor is ${shapeText(x.shape)}; it needs two axes or more`);
  for (const [name, pair] of [
    ["axes", axes],
    ["s", s],
  ] as const) {
    if (pair !== undefined) checkArray(op, name, pair, "two whole numbers");
    if (name === "s") for (const size of pair ?? []) checkSize(op, size);
    if (pair !== undefined && pair.length !== 2) {
      throw new ShapeError(`${op}: ${name} has ${pair.length} numbers; it must have 2, one for each axis`);
    }
  }
  normalizeAxes(op, axes, x.ndim);
  const [first, second] = axes.map((axis) => normalizeAxis(op, axis, x.ndim));
  return [
    { axis: first, n: s?.[0] },
    { axis: second, n: s?.[1] },
  ];
}

/** Runs `transform` on a tensor whose last two axes are the ones given, and puts the axes of its result back. */
function withLast(x: Node, axes: readonly [number, number], transform: (x: Node) => Node): Node {
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const back = order.map((_, axis) => order.indexOf(axis));
  return ops.permute(transform(ops.permute(x, order)), back);
}

function transform1d(op: string, x: Tensor, options: Fourier1dOptions, inverse: boolean): Node {
  const { axis, n = x.shape[axis] } = oneAxis(op, x, options);
  const y = fourierOps().fft(resized(op, complexNode(op, x), axis, n), axis, inverse);
  return normalized(op, y, options.norm, inverse, n);
}

function transform2d(op: string, x: Tensor, options: Fourier2dOptions, inverse: boolean): Node {
  const [{ axis: a, n: rows = x.shape[a] }, { axis: b, n: columns = x.shape[b] }] = twoAxes(op, x, options);
  const fitted = resized(op, resized(op, complexNode(op, x), a, rows), b, columns);
  const y = withLast(fitted, [a, b], (z) => fourierOps().fft2(z, inverse));
  return normalized(op, y, options.norm, inverse, rows * columns);
}

/** Transform along one axis. */
export function fft<D extends DType>(x: Tensor<D>, options: Fourier1dOptions = {}): Tensor<ComplexOf<D>> {
  return new Tensor<ComplexOf<D>>(transform1d("fft", x, options, false));
}

/** Inverse transform along one axis. */
export function ifft<D extends DType>(x: Tensor<D>, options: Fourier1dOptions = {}): Tensor<ComplexOf<D>> {
  return new Tensor<ComplexOf<D>>(transform1d("ifft", x, options, true));
}

/** Transform along two axes. */
export function fft2<D extends DType>(x: Tensor<D>, options: Fourier2dOptions = {}): Tensor<ComplexOf<D>> {
  return new Tensor<ComplexOf<D>>(transform2d("fft2", x, options, false));
}

/** Inverse transform along two axes. */
export function ifft2<D extends DType>(x: Tensor<D>, options: Fourier2dOptions = {}): Tensor<ComplexOf<D>> {
  return new Tensor<ComplexOf<D>>(transform2d("ifft2", x, options, true));
}

/** Transform of a real tensor along one axis, of which the first floor(n / 2) + 1 elements are kept. */
export function rfft<D extends DType>(x: Tensor<D>, options: Fourier1dOptions = {}): Tensor<ComplexOf<D>> {
  realNode("rfft", x);
  const y = transform1d("rfft", x, options, false);
  const axis = normalizeAxis("rfft", options.axis ?? -1, x.ndim);
  return new Tensor<ComplexOf<D>>(resized("rfft", y, axis, halfSize(y.shape[axis])));
}

/**
 * Inverse of rfft: to n real elements, by default twice the axis' size less 2. The left-out half is taken to be the mirrored
 * conjugate, so the imaginary parts of element 0, and of element n / 2, are ignored.
 */
export function irfft<D extends DType>(x: Tensor<D>, options: Fourier1dOptions = {}): Tensor<RealOf<D>> {
  const { axis, n = 2 * (x.shape[axis] - 1) } = oneAxis("irfft", x, options);
  const half = resized("irfft", complexNode("irfft", x), axis, halfSize(n));
  // The sum over both halves is the real part of the sum over one, in which what has a mirror image counts twice.
  const weighed = (part: Node, own: 0 | 1): Node => {
    const weights = Float64Array.from({ length: halfSize(n) }, (_, k) => (k === 0 || 2 * k === n ? own : 2));
    const dtype = part.dtype as FloatDType;
    const shape = part.shape.map((_, i) => (i === axis ? weights.length : 1));
    return ops.mul(part, tensor(weights, { dtype, shape }).node);
  };
  const z = ops.complex(weighed(ops.real(half), 1), weighed(ops.imag(half), 0));
  const y = fourierOps().fft(resized("irfft", z, axis, n), axis, true);
  return new Tensor<RealOf<D>>(normalized("irfft", ops.real(y), options.norm, true, n));
}

/** Transform of a real tensor along two axes, of the second of which the first floor(n / 2) + 1 elements are kept. */
export function rfft2<D extends DType>(x: Tensor<D>, options: Fourier2dOptions = {}): Tensor<ComplexOf<D>> {
  const node = realNode("rfft2", x);
  const [{ axis: a, n: rows = x.shape[a] }, { axis: b, n: columns = x.shape[b] }] = twoAxes("rfft2", x, options);
  const fitted = resized("rfft2", resized("rfft2", node, a, rows), b, columns);
  const y = withLast(fitted, [b, a], fourierOps().rfft2h);
  return new Tensor<ComplexOf<D>>(normalized("rfft2", y, options.norm, false, rows * columns));
}

/**
 * Inverse of rfft2: to real sizes `s`, by default the first axis' size and twice the second's less 2. Along the second axis
 * the left-out half is taken to be the mirrored conjugate.
 */
export function irfft2<D extends DType>(x: Tensor<D>, options: Fourier2dOptions = {}): Tensor<RealOf<D>> {
  const [{ axis: a, n: rows = x.shape[a] }, { axis: b, n: columns = 2 * (x.shape[b] - 1) }] = twoAxes(
    "irfft2",
    x,
    options,
  );
  const half = resized("irfft2", resized("irfft2", complexNode("irfft2", x), a, rows), b, halfSize(columns));
  const y = withLast(half, [b, a], (z) => fourierOps().irfft2h(z, columns));
  return new Tensor<RealOf<D>>(normalized("irfft2", y, options.norm, true, rows * columns));
}

/** Rolls every axis named by its own number of places. */
function shifted<D extends DType>(
  op: string,
  x: Tensor<D>,
  options: ShiftOptions,
  places: (n: number) => number,
): Tensor<D> {
  nodeOf(op, x, "the tensor");
  checkOptions(op, options, ["axes"]);
  const axes = normalizeAxes(op, options.axes, x.ndim);
  return roll(
    x,
    axes.map((axis) => places(x.shape[axis])),
    axes,
  );
}

/** Moves frequency 0 from the front of each axis to its middle, element floor(n / 2). */
export function fftshift<D extends DType>(x: Tensor<D>, options: ShiftOptions = {}): Tensor<D> {
  return shifted("fftshift", x, options, (n) => Math.floor(n / 2));
}

/** The inverse of fftshift. */
export function ifftshift<D extends DType>(x: Tensor<D>, options: ShiftOptions = {}): Tensor<D> {
  return shifted("ifftshift", x, options, (n) => -Math.floor(n / 2));
}

function frequencies<D extends FloatDType>(
  op: string,
  n: number,
  options: FrequencyOptions<D>,
  count: number,
  index: (k: number) => number,
): Tensor<D> {
  checkOptions(op, options, ["d", "dtype"]);
  const { d = 1, dtype = getDefaultDtype() as D } = options;
  if (dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError(`${op}: the dtype is ${shown(dtype)}; it must be "float32" or "float64"`);
  }
  if (!Number.isInteger(n) || n < 1)
    throw new RangeError(`${op}: n is ${shown(n)}; it must be a whole number from 1 on`);
  if (d === 0 || !Number.isFinite(d))
    throw new RangeError(`${op}: d is ${shown(d)}; it must be a finite number other than 0`);
  const step = 1 / (n * d);
  return tensor(
    Float64Array.from({ length: count }, (_, k) => index(k) * step),
    { dtype },
  );
}

/** Frequencies of the elements of fft of size n, in cycles per unit of `d`: 0, 1, ..., -1 divided by n d. */
export function fftfreq<D extends FloatDType = FloatDType>(n: number, options: FrequencyOptions<D> = {}): Tensor<D> {
  return frequencies("fftfreq", n, options, n, (k) => (2 * k < n ? k : k - n));
}

/** Frequencies of the elements of rfft of size n: 0, 1, ..., floor(n / 2) divided by n d. */
export function rfftfreq<D extends FloatDType = FloatDType>(n: number, options: FrequencyOptions<D> = {}): Tensor<D> {
  return frequencies("rfftfreq", n, options, halfSize(n), (k) => k);
}
