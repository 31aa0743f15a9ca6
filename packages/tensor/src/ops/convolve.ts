// Correlation with a set of taps: along one axis (correlate1d), and over images with channels (conv2d).
// Both are "valid" cross-correlations, as torch.nn.functional.conv2d without padding: the taps are not flipped, and
// padding is an op of its own. The taps are real; the planes of a complex array are treated apart.
//
// Every result element is ((x0 t0 + x1 t1) + x2 t2) + ...: the first product starts the sum, every product and
// every sum is rounded to the dtype, and the taps come in row-major order (input channel, row, column).

import { padTable } from "../math/indexTables.ts";
import { shown } from "../words/shown.ts";
import { type TransposedAxis, transposedConvolution } from "./convolve/transposed.ts";
import {
  type ArrayValue,
  allocate,
  type DType,
  isComplex,
  type KernelDefinition,
  type Node,
  type Operand,
  type Ops,
  type Plane,
  realOf,
  sizeOf,
  stretchOf,
} from "./definition.ts";
import { checkAxis, DTypeError, oneOf, ShapeError, shapeText } from "./rules.ts";

const FLOATING: readonly DType[] = ["float32", "float64", "complex64", "complex128"];

function tapsDType(op: string, x: Operand, taps: Operand): DType {
  oneOf(op, x.dtype, FLOATING);
  if (taps.dtype !== realOf(x.dtype)) {
    throw new DTypeError(
      `${op}: the input is ${x.dtype} and the taps are ${taps.dtype}; the taps must be ${realOf(x.dtype)}, cast them`,
    );
  }
  return x.dtype;
}

/** One line of results and where its operands lie, all in elements. */
interface Line {
  readonly to: number;
  readonly from: number;
  readonly count: number;
  readonly step: number;
}

/** to[i] = product (start) or to[i] + product, for a line of elements and one tap. */
function addTap(to: Plane, from: Plane, line: Line, tap: number, start: boolean): void {
  const single = to instanceof Float32Array;
  for (let i = 0, at = line.from; i < line.count; i++, at += line.step) {
    const product = single ? Math.fround(from[at] * tap) : from[at] * tap;
    to[line.to + i] = start ? product : to[line.to + i] + product;
  }
}

/** Runs `plane` for the real, and where there is one the imaginary plane. */
function onPlanes(x: ArrayValue, node: Node, plane: (from: Plane, to: Plane) => void): ArrayValue {
  const out = allocate(node.dtype, node.shape);
  plane(x.re, out.re);
  if (x.im && out.im) plane(x.im, out.im);
  return out;
}

/** The parts of a real or complex node as real nodes. */
function partsOf(ops: Ops, x: Node): Node[] {
  return isComplex(x.dtype) ? [ops.real(x), ops.imag(x)] : [x];
}

function addTangents(ops: Ops, a: Node | null, b: Node | null): Node | null {
  return a !== null && b !== null ? ops.add(a, b) : (a ?? b);
}

/** Attribute `axis`. Operands: an array and a vector of K taps; n elements become n - K + 1. */
export const correlate1d: KernelDefinition = {
  kind: "kernel",
  name: "correlate1d",
  arity: 2,
  attributes: { axis: "integer" },
  cost: ({ inputs: [, taps], shape }) => sizeOf(shape) * sizeOf(taps.shape),
  cut: ({ attributes }) => (attributes.axis === 0 ? null : { operands: [true, false], attributes }),
  infer([x, taps], attributes) {
    const axis = attributes.axis as number;
    const dtype = tapsDType("correlate1d", x, taps);
    checkAxis("correlate1d", axis, x.shape.length);
    if (taps.shape.length !== 1 || taps.shape[0] < 1) {
      throw new ShapeError(
        `correlate1d: the taps have shape ${shapeText(taps.shape)}; they must be a vector, not empty`,
      );
    }
    const [count] = taps.shape;
    const size = x.shape[axis] - count + 1;
    if (size < 1) {
      throw new ShapeError(
        `correlate1d: axis ${axis} of ${shapeText(x.shape)} has ${x.shape[axis]} elements, fewer than the ${count} taps; ` +
          "pad the axis first",
      );
    }
    return { shape: x.shape.map((n, i) => (i === axis ? size : n)), dtype };
  },
  evaluate([x, taps], node) {
    const axis = node.attributes.axis as number;
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    const count = node.shape[axis] * inner;
    return onPlanes(x, node, (from, to) => {
      for (let o = 0; o < outer; o++) {
        taps.re.forEach((tap, k) => {
          const at = (o * x.shape[axis] + k) * inner;
          addTap(to, from, { to: o * count, from: at, count, step: 1 }, tap, k === 0);
        });
      }
    });
  },
  vjp(ops, node, cotangent) {
    const [x, taps] = node.inputs;
    const axis = node.attributes.axis as number;
    const reach = taps.shape[0] - 1;
    const { starts, indices } = padTable(node.shape[axis], reach, reach, "constant");
    const padded = reach === 0 ? cotangent : ops.gatherSum(cotangent, axis, starts, indices);
    return [ops.correlate1d(padded, ops.flip(taps, [0]), axis), tapsCotangent(ops, node, x, cotangent)];
  },
  jvp(ops, node, [dx, dtaps]) {
    const [x, taps] = node.inputs;
    const axis = node.attributes.axis as number;
    return addTangents(
      ops,
      dx === null ? null : ops.correlate1d(dx, taps, axis),
      dtaps === null ? null : ops.correlate1d(x, dtaps, axis),
    );
  },
};

/** Tap k's cotangent is the sum of x[i + k] g[i]: that of a weight with one column, for rows made of all axes but the last. */
function tapsCotangent(ops: Ops, node: Node, x: Node, cotangent: Node): Node {
  const axis = node.attributes.axis as number;
  const taps = node.inputs[1];
  if (sizeOf(x.shape) === 0) return ops.like(0, taps);
  const isLast = axis === x.shape.length - 1;
  const between = sizeOf(x.shape.slice(axis + 1, -1));
  const planes = (y: Node): Node => {
    const columns = y.shape[y.shape.length - 1];
    const rows = isLast ? 1 : y.shape[axis] * between;
    return ops.reshape(y, [sizeOf(y.shape) / (rows * columns), 1, rows, columns]);
  };
  const size = isLast ? [1, taps.shape[0]] : [taps.shape[0], 1];
  const dilation: Pair = [isLast ? 1 : between, 1];
  const options: ConvolutionAttributes = { stride: [1, 1], dilation, groups: 1 };
  const gs = partsOf(ops, cotangent);
  const parts = partsOf(ops, x).map((part, i) => ops.conv2dWeight(planes(part), planes(gs[i]), size, options));
  return ops.reshape(
    parts.reduce((a, b) => ops.add(a, b)),
    taps.shape,
  );
}

type Pair = readonly [number, number];

interface ConvolutionAttributes {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

function checkConvolution(x: Operand, w: Operand, { stride, dilation, groups }: ConvolutionAttributes): void {
  if (x.shape.length !== 4 || w.shape.length !== 4) {
    throw new ShapeError(
      `conv2d: the input is ${shapeText(x.shape)} and the weight ${shapeText(w.shape)}; they must be ` +
        "[batch, channels, height, width] and [output channels, channels / groups, rows, columns]",
    );
  }
  for (const [name, pair] of Object.entries({ stride, dilation })) {
    if (pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n >= 1)) {
      throw new RangeError(`conv2d: ${name} is ${shown(pair)}; it must be two integers from 1 on`);
    }
  }
  const [outputs, channels] = w.shape;
  if (w.shape.some((n) => n < 1)) {
    throw new ShapeError(`conv2d: the weight ${shapeText(w.shape)} is empty; every size must be at least 1`);
  }
  if (!Number.isInteger(groups) || groups < 1 || outputs % groups !== 0) {
    throw new RangeError(
      `conv2d: groups is ${shown(groups)}; it must divide the ${outputs} output channels of the weight`,
    );
  }
  if (x.shape[1] !== channels * groups) {
    throw new ShapeError(
      `conv2d: the input ${shapeText(x.shape)} has ${x.shape[1]} channels, but the weight ${shapeText(w.shape)} with ` +
        `groups ${groups} takes ${channels * groups}`,
    );
  }
}

/**
 * Operands: x [batch, channels, height, width] and a weight [outputs, channels / groups, rows, columns].
 * Attributes: `stride` and `dilation` [vertical, horizontal], and `groups`. Result
 * [batch, outputs, floor((height - (rows - 1) dilation - 1) / stride) + 1, and so for the width].
 */
export const conv2d: KernelDefinition = {
  kind: "kernel",
  name: "conv2d",
  arity: 2,
  weight: 1,
  attributes: { stride: "integers", dilation: "integers", groups: "integer" },
  cost: ({ inputs: [, weight], shape }) => sizeOf(shape) * sizeOf(weight.shape.slice(1)),
  cut: ({ attributes }) => ({ operands: [true, false], attributes }),
  infer([x, w], attributes) {
    const a = attributes as unknown as ConvolutionAttributes;
    const dtype = tapsDType("conv2d", x, w);
    checkConvolution(x, w, a);
    const sizes = [0, 1].map((i) => {
      const span = (w.shape[2 + i] - 1) * a.dilation[i] + 1;
      if (x.shape[2 + i] < span) {
        throw new ShapeError(
          `conv2d: the weight ${shapeText(w.shape)} with dilation ${shapeText(a.dilation)} spans ${span} elements of ` +
            `axis ${2 + i}, but the input ${shapeText(x.shape)} has ${x.shape[2 + i]}; pad it first`,
        );
      }
      return Math.floor((x.shape[2 + i] - span) / a.stride[i]) + 1;
    });
    return { shape: [x.shape[0], w.shape[0], ...sizes], dtype };
  },
  evaluate([x, w], node) {
    const { stride, dilation, groups } = node.attributes as unknown as ConvolutionAttributes;
    const [batch, outputs, height, width] = node.shape;
    const [, channels, rows, columns] = w.shape;
    return onPlanes(x, node, (from, to) => {
      for (let line = 0; line < batch * outputs * height; line++) {
        const y = line % height;
        const output = Math.floor(line / height) % outputs;
        const b = Math.floor(line / (height * outputs));
        const first = b * x.shape[1] + Math.floor(output / (outputs / groups)) * channels;
        for (let tap = 0; tap < channels * rows * columns; tap++) {
          const column = tap % columns;
          const row = Math.floor(tap / columns) % rows;
          const channel = first + Math.floor(tap / (columns * rows));
          const source = channel * x.shape[2] + y * stride[0] + row * dilation[0];
          const at = source * x.shape[3] + column * dilation[1];
          const weight = w.re[output * channels * rows * columns + tap];
          addTap(to, from, { to: line * width, from: at, count: width, step: stride[1] }, weight, tap === 0);
        }
      }
    });
  },
  vjp: (ops, node, cotangent) => [inputCotangent(ops, node, cotangent), weightCotangent(ops, node, cotangent)],
  jvp(ops, node, [dx, dw]) {
    const [x, w] = node.inputs;
    const options = node.attributes as unknown as ConvolutionAttributes;
    return addTangents(
      ops,
      dx === null ? null : ops.conv2d(dx, w, options),
      dw === null ? null : ops.conv2d(x, dw, options),
    );
  },
  // What lies around an image is not wanted of its cotangent: nothing of it is computed, where its operand can be had without, too.
  stretch(ops, node, axis, first, size) {
    const [x, w] = node.inputs;
    if (axis < 2) return null;
    const options = node.attributes as unknown as ConvolutionAttributes;
    const [stride, dilation] = [options.stride[axis - 2], options.dilation[axis - 2]];
    const length = (size - 1) * stride + (w.shape[axis] - 1) * dilation + 1;
    const part = stretchOf(ops, x, axis, first * stride, length);
    return part === null ? null : ops.conv2d(part, w, options);
  },
};

function inputCotangent(ops: Ops, node: Node, cotangent: Node): Node {
  const { stride, dilation, groups } = node.attributes as unknown as ConvolutionAttributes;
  const [x, w] = node.inputs;
  const axis = (i: 0 | 1): TransposedAxis => ({
    stride: stride[i],
    dilation: dilation[i],
    offset: 0,
    length: x.shape[2 + i],
  });
  return transposedConvolution(ops, cotangent, w, [axis(0), axis(1)], groups);
}

function weightCotangent(ops: Ops, node: Node, cotangent: Node): Node {
  const options = node.attributes as unknown as ConvolutionAttributes;
  const [x, w] = node.inputs;
  if (x.shape[0] === 0) return ops.like(0, w);
  const gs = partsOf(ops, cotangent);
  const parts = partsOf(ops, x).map((part, i) => ops.conv2dWeight(part, gs[i], w.shape.slice(2), options));
  return parts.reduce((a, b) => ops.add(a, b));
}
