// Functions that move elements, or combine neighbours: roll, take, linear interpolation, transposed convolution.
// Names and conventions are PyTorch's; all are made of ops, so that they differentiate again.

import { arrayLeaf, ops } from "./graph/build.ts";
import { transposedConvolution } from "./ops/convolve/transposed.ts";
import { allocate, type DType, type Node, realOf } from "./ops/definition.ts";
import { normalizeAxis, ShapeError, shapeText } from "./ops/rules.ts";
import { type Pair, pairOf, type SidePadding, sidesOf } from "./pair.ts";
import { type Axes, nodeOf, Tensor } from "./tensor.ts";
import { checkArray } from "./words/arguments.ts";
import { checkOptions } from "./words/options.ts";
import { shown } from "./words/shown.ts";

const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Elements of an axis by their (checked) indices. */
function picked(x: Node, axis: number, indices: readonly number[] | Int32Array): Node {
  const starts = new Int32Array(indices.length + 1);
  for (let i = 1; i < starts.length; i++) starts[i] = i;
  return ops.gatherSum(x, axis, starts, Int32Array.from(indices));
}

/** Moves elements along axes by whole numbers of places; what leaves at one end comes in at the other. */
export function roll<D extends DType>(x: Tensor<D>, shifts: Axes, axes: Axes): Tensor<D> {
  let node = nodeOf("roll", x, "the tensor");
  const [by, along] = [shifts, axes].map((list) => (typeof list === "number" ? [list] : list));
  checkArray("roll", "the list of shifts", by, "whole numbers, or one");
  checkArray("roll", "the list of axes", along, "axes, or one axis");
  if (by.length !== along.length) {
    throw new RangeError(
      `roll: ${by.length} shifts and ${along.length} axes were given; give one shift for every axis`,
    );
  }
  by.forEach((shift, i) => {
    if (!Number.isInteger(shift)) throw new RangeError(`roll: the shift is ${shown(shift)}; it must be a whole number`);
    const axis = normalizeAxis("roll", along[i], x.ndim);
    const n = x.shape[axis];
    const places = n === 0 ? 0 : ((shift % n) + n) % n;
    if (places === 0) return;
    node = picked(
      node,
      axis,
      counting(n).map((k) => (k - places + n) % n),
    );
  });
  return new Tensor<D>(node);
}

/**
 * Elements of one axis by their indices, in that order; an index may come again. Negative indices count from the end.
 * The indices are part of the computation, not data.
 */
export function take<D extends DType>(x: Tensor<D>, indices: readonly number[] | Int32Array, axis = 0): Tensor<D> {
  nodeOf("take", x, "the tensor");
  const at = normalizeAxis("take", axis, x.ndim);
  if (!(indices instanceof Int32Array)) checkArray("take", "the list of indices", indices, "whole numbers");
  const n = x.shape[at];
  // Tables may be long.
  const positive = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (!Number.isInteger(index) || index < -n || index >= n) {
      throw new RangeError(
        `take: index ${shown(index)} is outside axis ${at} of ${shapeText(x.shape)}; indices run from ${-n} to ${n - 1}`,
      );
    }
    positive[i] = index < 0 ? index + n : index;
  }
  return new Tensor<D>(picked(x.node, at, positive));
}

/**
 * Linear interpolation of the last axes to the sizes `size` (one axis: linear, two: bilinear, ...), as PyTorch's
 * `interpolate` with align_corners false: element centres lie at i + 1/2, and edges are continued by their own value. Last
 * axis first.
 */
export function interpolate<D extends DType>(x: Tensor<D>, size: readonly number[]): Tensor<D> {
  let node = nodeOf("interpolate", x, "the tensor");
  checkArray("interpolate", "the list of sizes", size, "whole numbers");
  const lead = x.ndim - size.length;
  if (lead < 0) {
    throw new ShapeError(
      `interpolate: ${size.length} sizes were given for the ${x.ndim} axes of ${shapeText(x.shape)}`,
    );
  }
  for (let axis = x.ndim - 1; axis >= lead; axis--) {
    const [from, to] = [x.shape[axis], size[axis - lead]];
    if (!Number.isInteger(to) || to < 1 || from < 1) {
      throw new ShapeError(
        `interpolate: axis ${axis} cannot go from ${from} to ${shown(to)} elements; both must be whole numbers from 1 on`,
      );
    }
    if (from !== to) node = interpolated(node, axis, to);
  }
  return new Tensor<D>(node);
}

/** (1 - w) x[k] + w x[k + 1] at every place k + w along an axis. */
function interpolated(x: Node, axis: number, to: number): Node {
  const from = x.shape[axis];
  const places = counting(to).map((i) => Math.max(0, ((i + 0.5) * from) / to - 0.5));
  const before = places.map((place) => Math.min(Math.floor(place), from - 1));
  const after = before.map((k) => Math.min(k + 1, from - 1));
  const weights = (weight: (i: number) => number): Node => {
    const value = allocate(
      realOf(x.dtype),
      x.shape.map((_, i) => (i === axis ? to : 1)),
    );
    for (let i = 0; i < to; i++) value.re[i] = weight(i);
    return arrayLeaf(value);
  };
  const right = (i: number): number => places[i] - before[i];
  return ops.add(
    ops.mul(
      picked(x, axis, before),
      weights((i) => 1 - right(i)),
    ),
    ops.mul(picked(x, axis, after), weights(right)),
  );
}

export interface TransposedConvolutionOptions {
  readonly stride?: Pair;
  /** Rows and columns dropped at every edge of the full result, or at each of the four (default 0). */
  readonly padding?: SidePadding;
  /** Rows and columns more at the far edges (default 0); less than the stride or the dilation. */
  readonly outputPadding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

/**
 * The adjoint of conv2d with zero padding: x [B, Cin, H, W], weight [Cin, Cout / groups, kh, kw] -> [B, Cout, H', W'] with
 * H' = (H - 1) stride - 2 padding + (kh - 1) dilation + outputPadding + 1. As PyTorch's `conv_transpose2d`.
 */
export function convTranspose2d<D extends DType>(
  x: Tensor<D>,
  weight: Tensor,
  options: TransposedConvolutionOptions = {},
): Tensor<D> {
  const name = "convTranspose2d";
  checkOptions(`${name}()`, options, ["stride", "padding", "outputPadding", "dilation", "groups"]);
  nodeOf(name, x, "the input");
  nodeOf(name, weight, "the weight");
  const { groups = 1 } = options;
  const stride = pairOf(`${name}: stride`, options.stride ?? 1, 1);
  const padding = sidesOf(`${name}: padding`, options.padding ?? 0);
  const more = pairOf(`${name}: outputPadding`, options.outputPadding ?? 0, 0);
  const dilation = pairOf(`${name}: dilation`, options.dilation ?? 1, 1);
  const [inputs, , rows, columns] = weight.shape;
  if (x.ndim !== 4 || weight.ndim !== 4 || x.shape[1] !== inputs) {
    throw new ShapeError(
      `${name}: the input is ${shapeText(x.shape)} and the weight ${shapeText(weight.shape)}; they must be ` +
        "[batch, channels, height, width] and [channels, output channels / groups, rows, columns]",
    );
  }
  if (weight.shape.some((n) => n < 1)) {
    throw new ShapeError(`${name}: the weight ${shapeText(weight.shape)} is empty; every size must be at least 1`);
  }
  if (!Number.isInteger(groups) || groups < 1 || inputs % groups !== 0) {
    throw new RangeError(`${name}: groups is ${shown(groups)}; it must divide the ${inputs} channels of the input`);
  }
  const axes = [rows, columns].map((taps, i) => {
    const axis = 2 + i;
    if (more[i] >= Math.max(stride[i], dilation[i])) {
      throw new RangeError(
        `${name}: outputPadding ${more[i]} is too much; it must be below the stride ${stride[i]} or the dilation ${dilation[i]}`,
      );
    }
    const room = (taps - 1) * dilation[i];
    const length = (x.shape[axis] - 1) * stride[i] - padding[i][0] - padding[i][1] + room + more[i] + 1;
    if (length < 1) {
      throw new ShapeError(
        `${name}: axis ${axis} of ${shapeText(x.shape)} would get ${length} elements; use less padding or a larger input`,
      );
    }
    return { stride: stride[i], dilation: dilation[i], offset: padding[i][0], length };
  });
  return new Tensor<D>(transposedConvolution(ops, x.node, weight.node, [axes[0], axes[1]], groups));
}
