// The op set: builders that make nodes out of nodes.
//
// Builders broadcast (NumPy's rule), and apply the few rewrites that are made when a node is built. Those look only
// at the operands' ops, shapes, dtypes and literal attributes, never at consumers or array values (docs/numerics.md).

import { checkPadding, checkPaddingMode, type PaddingMode, padTable } from "../math/indexTables.ts";
import {
  type ArrayValue,
  type DType,
  isComplex,
  type Node,
  type OpDefinition,
  realOf,
  type Shape,
  sizeOf,
} from "../ops/definition.ts";
import { literalValue } from "../ops/leaf.ts";
import { broadcastShapes, normalizeAxes, normalizeAxis, ShapeError, sameShape, shapeText } from "../ops/rules.ts";
import { checkArray } from "../words/arguments.ts";
import { definitions as def } from "./definitions.ts";
import { makeLeaf, makeNode } from "./node.ts";

/** Sizes before and after an axis. */
export type Padding = readonly [before: number, after: number];

export interface ConvolutionOptions {
  readonly stride?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
}

function broadcastTo(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x;
  const from = x.op === def.broadcastTo ? x.inputs[0] : x;
  return makeNode(def.broadcastTo, [from], { shape: [...shape] });
}

/** Brings operands to one shape by NumPy's rule. */
function together(op: OpDefinition, operands: readonly Node[]): Node[] {
  let shape: Shape = operands[0].shape;
  for (const other of operands.slice(1)) shape = broadcastShapes(op.name, shape, other.shape);
  return operands.map((x) => broadcastTo(x, shape));
}

const unary =
  (op: OpDefinition) =>
  (x: Node): Node =>
    makeNode(op, [x]);

const binary =
  (op: OpDefinition) =>
  (a: Node, b: Node): Node =>
    makeNode(op, together(op, [a, b]));

const isOne = (x: Node): boolean => literalValue(x) === 1 && !isComplex(x.dtype);

function mul(a: Node, b: Node): Node {
  const [x, y] = together(def.mul, [a, b]);
  // 1 * x is x, bit for bit (a NaN stays a NaN). Only where the result keeps the other operand's dtype.
  if (isOne(x) && realOf(x.dtype) === realOf(y.dtype)) return y;
  if (isOne(y) && realOf(x.dtype) === realOf(y.dtype)) return x;
  return makeNode(def.mul, [x, y]);
}

function neg(x: Node): Node {
  return x.op === def.neg ? x.inputs[0] : makeNode(def.neg, [x]);
}

function reshape(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x;
  const from = x.op === def.reshape ? x.inputs[0] : x;
  return sameShape(from.shape, shape) ? from : makeNode(def.reshape, [from], { shape: [...shape] });
}

function permute(x: Node, axes: readonly number[]): Node {
  const normal = axes.map((axis) => normalizeAxis("permute", axis, x.shape.length));
  if (normal.length === x.shape.length && normal.every((axis, i) => axis === i)) return x;
  return makeNode(def.permute, [x], { axes: normal });
}

function slice(x: Node, starts: readonly number[], counts: readonly number[], steps: readonly number[]): Node {
  const whole = x.shape.every((n, i) => starts[i] === 0 && counts[i] === n && steps[i] === 1);
  return whole ? x : makeNode(def.slice, [x], { starts: [...starts], counts: [...counts], steps: [...steps] });
}

function flip(x: Node, axes: readonly number[]): Node {
  const flipped = normalizeAxes("flip", axes, x.shape.length);
  return slice(
    x,
    x.shape.map((n, i) => (flipped.includes(i) && n > 0 ? n - 1 : 0)),
    x.shape,
    x.shape.map((_, i) => (flipped.includes(i) ? -1 : 1)),
  );
}

function cast(x: Node, dtype: DType): Node {
  return x.dtype === dtype ? x : makeNode(def.cast, [x], { dtype });
}

function reduction(op: OpDefinition) {
  return (x: Node, axes?: number | readonly number[]): Node => {
    const normal = normalizeAxes(op.name, axes, x.shape.length);
    return normal.length === 0 ? x : makeNode(op, [x], { axes: normal });
  };
}

const sum = reduction(def.sum);

function literal(value: number, dtype: DType): Node {
  return makeLeaf(def.literal, [], dtype, { attributes: { value } });
}

function full(shape: Shape, value: number, dtype: DType): Node {
  return broadcastTo(literal(value, dtype), shape);
}

/** A literal of the dtype and shape of another node. */
function like(value: number, x: Node): Node {
  return full(x.shape, value, x.dtype);
}

function gatherSum(x: Node, axis: number, starts: Int32Array, indices: Int32Array): Node {
  return makeNode(def.gatherSum, [x], { axis: normalizeAxis("gatherSum", axis, x.shape.length), starts, indices });
}

function concat(xs: readonly Node[], axis: number): Node {
  if (xs.length === 0) throw new ShapeError("concat: no tensors were given; give at least one");
  return xs.length === 1
    ? xs[0]
    : makeNode(def.concat, xs, { axis: normalizeAxis("concat", axis, xs[0].shape.length) });
}

/**
 * Pads every axis by [before, after]; the last axes are meant when fewer pairs than axes are given. In mode "constant" what is
 * added is `value`.
 */
function pad(x: Node, padding: readonly Padding[], mode: PaddingMode, value = 0): Node {
  const rank = x.shape.length;
  if (padding.length > rank) {
    throw new ShapeError(`pad: ${padding.length} pairs were given for the ${rank} axes of ${shapeText(x.shape)}`);
  }
  checkPaddingMode(mode);
  let y = x;
  for (let i = padding.length - 1; i >= 0; i--) {
    const axis = rank - padding.length + i;
    const [before, after] = padding[i];
    if (before === 0 && after === 0) continue;
    if (mode === "constant" && !Object.is(value, 0)) {
      y = extended(y, axis, padding[i], value);
      continue;
    }
    const { starts, indices } = padTable(x.shape[axis], before, after, mode, axis);
    y = gatherSum(y, axis, starts, indices);
  }
  return y;
}

/** With a value before and after an axis; negative amounts crop. */
function extended(x: Node, axis: number, [before, after]: Padding, value: number): Node {
  checkPadding(x.shape[axis], before, after, "constant", axis);
  const pairs = x.shape.map((_, i): Padding => (i === axis ? [Math.min(before, 0), Math.min(after, 0)] : [0, 0]));
  const side = (count: number): Node[] => {
    const shape = x.shape.map((n, i) => (i === axis ? count : n));
    return count > 0 ? [full(shape, value, x.dtype)] : [];
  };
  return concat([...side(before), pad(x, pairs, "constant"), ...side(after)], axis);
}

function correlate1d(x: Node, taps: Node, axis: number): Node {
  return makeNode(def.correlate1d, [x, taps], { axis: normalizeAxis("correlate1d", axis, x.shape.length) });
}

function conv2d(x: Node, weight: Node, options: ConvolutionOptions = {}): Node {
  const { stride = [1, 1], dilation = [1, 1], groups = 1 } = options;
  checkArray("conv2d", "stride", stride, "two integers from 1 on");
  checkArray("conv2d", "dilation", dilation, "two integers from 1 on");
  return makeNode(def.conv2d, [x, weight], { stride: [...stride], dilation: [...dilation], groups });
}

/** The cotangent of a weight with `size` rows and columns, given the convolved input and the cotangent of the result. */
function conv2dWeight(x: Node, g: Node, size: readonly number[], options: Required<ConvolutionOptions>): Node {
  const { stride, dilation, groups } = options;
  const attributes = { stride: [...stride], dilation: [...dilation], groups, size: [...size] };
  return makeNode(def.conv2dWeight, [x, g], attributes);
}

export interface MatmulOptions {
  /** The second operand is given as [..., N, K]. */
  readonly transposeB?: boolean;
}

/**
 * Matrix product over the last two axes, [..., M, K] by [..., K, N] (or [..., N, K]), the others broadcast. As in
 * NumPy a vector is a row on the left and a column on the right, and its axis is not in the result.
 */
function matmul(a: Node, b: Node, { transposeB = false }: MatmulOptions = {}): Node {
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  const terms = a.shape[rankA - 1];
  const own = b.shape[rankB === 1 ? 0 : transposeB ? rankB - 1 : rankB - 2];
  if (rankA === 0 || rankB === 0 || terms !== own) {
    throw new ShapeError(
      `matmul: ${shapeText(a.shape)} and ${shapeText(b.shape)} do not fit together; they must be [..., M, K] and ` +
        `${transposeB ? "[..., N, K]" : "[..., K, N]"}, or vectors [K]`,
    );
  }
  if (rankA === 1) {
    const y = matmul(reshape(a, [1, terms]), b, { transposeB });
    return reshape(y, rankB === 1 ? [] : [...y.shape.slice(0, -2), ...y.shape.slice(-1)]);
  }
  if (rankB === 1) {
    const y = matmul(a, reshape(b, [1, terms]), { transposeB: true });
    return reshape(y, y.shape.slice(0, -1));
  }
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  const matrixB = b.shape.slice(-2);
  if (a.shape.length > 2 && sizeOf(b.shape.slice(0, -2)) === 1) {
    // One second operand for the whole batch: the rows of all matrices are the rows of one.
    const rows = [...batch, a.shape[rankA - 2]];
    const all = reshape(a, [sizeOf(rows), terms]);
    const y = makeNode(def.matmul, [all, reshape(b, matrixB)], { transposeB });
    return reshape(y, [...rows, y.shape[1]]);
  }
  const operands = [broadcastTo(a, [...batch, ...a.shape.slice(-2)]), broadcastTo(b, [...batch, ...matrixB])];
  return makeNode(def.matmul, operands, { transposeB });
}

/** x / n for every reduced element count n. */
function mean(x: Node, axes?: number | readonly number[]): Node {
  const normal = normalizeAxes("mean", axes, x.shape.length);
  const n = normal.reduce((product, axis) => product * x.shape[axis], 1);
  const total = sum(x, normal);
  return makeNode(def.div, [total, full(total.shape, n, realOf(total.dtype))]);
}

const builders = {
  literal,
  full,
  like,
  add: binary(def.add),
  sub: binary(def.sub),
  mul,
  div: binary(def.div),
  neg,
  square: unary(def.square),
  sqrt: unary(def.sqrt),
  rsqrt: unary(def.rsqrt),
  normRoot: unary(def.normRoot),
  abs: (x: Node): Node => makeNode(isComplex(x.dtype) ? def.modulus : def.abs, [x]),
  sign: unary(def.sign),
  floor: unary(def.floor),
  ceil: unary(def.ceil),
  trunc: unary(def.trunc),
  relu: unary(def.relu),
  exp: unary(def.exp),
  expm1: unary(def.expm1),
  log: unary(def.log),
  log1p: unary(def.log1p),
  sin: unary(def.sin),
  cos: unary(def.cos),
  tan: unary(def.tan),
  atan: unary(def.atan),
  atan2: binary(def.atan2),
  pow: binary(def.pow),
  tanh: unary(def.tanh),
  sigmoid: unary(def.sigmoid),
  softplus: unary(def.softplus),
  erf: unary(def.erf),
  clip: (x: Node, low: number, high: number): Node => makeNode(def.clip, [x], { low, high }),
  minimum: binary(def.minimum),
  maximum: binary(def.maximum),
  eq: binary(def.eq),
  ne: binary(def.ne),
  lt: binary(def.lt),
  le: binary(def.le),
  and: binary(def.and),
  or: binary(def.or),
  not: unary(def.not),
  where: (condition: Node, a: Node, b: Node): Node => makeNode(def.where, together(def.where, [condition, a, b])),
  cast,
  complex: binary(def.complex),
  real: unary(def.real),
  imag: unary(def.imag),
  conj: unary(def.conj),
  stopGradient: unary(def.stopGradient),
  reshape,
  broadcastTo,
  permute,
  slice,
  flip,
  sum,
  mean,
  min: reduction(def.min),
  max: reduction(def.max),
  gatherSum,
  concat,
  pad,
  correlate1d,
  conv2d,
  conv2dWeight,
  matmul,
};

/** The builders of Fourier transforms, which come with fourier.ts: no node of one is there before. */
export interface FourierBuilders {
  fft(x: Node, axis: number, inverse: boolean): Node;
  fft2(x: Node, inverse: boolean): Node;
  rfft2h(x: Node): Node;
  irfft2h(x: Node, rows: number): Node;
}

export type Ops = typeof builders & FourierBuilders;

/** The op set. Derivatives, gradients and tensors build graphs with these and nothing else. */
export const ops = builders as Ops;

/** The builders that look at what their operands are. */
const looking = new Map<OpDefinition, (operands: readonly Node[], node: Node) => Node>([
  [def.broadcastTo, ([x], { shape }) => broadcastTo(x, shape)],
  [def.reshape, ([x], { shape }) => reshape(x, shape)],
  [def.neg, ([x]) => neg(x)],
  [def.mul, ([a, b]) => mul(a, b)],
]);

/** A node with other operands of the same types, as if it had been built of them. */
export function rebuilt(node: Node, operands: readonly Node[]): Node {
  const build = looking.get(node.op);
  return build === undefined ? makeNode(node.op, operands, node.attributes) : build(operands, node);
}

/** A leaf for data given at run time. */
export function inputLeaf(shape: Shape, dtype: DType): Node {
  return makeLeaf(def.input, shape, dtype);
}

/** A leaf holding an array. The value is not copied; its owner must not change it. */
export function arrayLeaf(value: ArrayValue): Node {
  return makeLeaf(def.array, value.shape, value.dtype, { value });
}
