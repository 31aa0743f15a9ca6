// Functions of several tensors, and derivatives.

import { type ConvolutionOptions, ops, type Padding } from "./graph/build.ts";
import { gradient as gradientGraph } from "./graph/gradient.ts";
import { pushforward as pushforwardGraph } from "./graph/pushforward.ts";
import type { PaddingMode } from "./math/indexTables.ts";
import type { DType, Node } from "./ops/definition.ts";
import { DTypeError, normalizeAxis, ShapeError, shapeText } from "./ops/rules.ts";
import { type Alike, type Fits, nodeOf, type RealOf, type Same, Tensor } from "./tensor.ts";
import { checkArray, checkNumber } from "./words/arguments.ts";
import { checkOptions } from "./words/options.ts";
import { shown } from "./words/shown.ts";

/** condition ? a : b, element by element. At least one of a and b must be a tensor; two must have the same dtype. */
export function where<D extends DType>(
  condition: Tensor<"bool">,
  a: Tensor<D>,
  b: Tensor<NoInfer<D>> | number,
): Tensor<D>;
export function where<D extends DType>(
  condition: Tensor<"bool">,
  a: Tensor<NoInfer<D>> | number,
  b: Tensor<D>,
): Tensor<D>;
export function where<D extends DType, E extends DType>(
  condition: Tensor<"bool">,
  a: Tensor<D>,
  b: Tensor<E> & Same<D, E>,
): Tensor;
export function where<D extends DType>(
  condition: Tensor<"bool">,
  a: Tensor<D> | number,
  b: Tensor<D> | number,
): Tensor<D> {
  const like = typeof a === "number" ? b : a;
  if (typeof like === "number") throw new TypeError("where: both values are numbers; at least one must be a tensor");
  const { dtype } = nodeOf("where", like, "a value", "a Tensor or a number");
  const node = (x: Tensor<D> | number): Node =>
    typeof x === "number" ? ops.literal(x, dtype) : nodeOf("where", x, "a value", "a Tensor or a number");
  return new Tensor<D>(ops.where(nodeOf("where", condition, "the condition"), node(a), node(b)));
}

/** The nodes of a list of tensors. */
function nodesOf(op: string, tensors: readonly Tensor[]): Node[] {
  checkArray(op, "the list of tensors", tensors, "tensors");
  if (tensors.length === 0) throw new ShapeError(`${op}: no tensors were given; give at least one`);
  return tensors.map((t, i) => nodeOf(op, t, `tensor ${i}`));
}

/**
 * Joins tensors of one dtype along an existing axis. For a list in code that is generic in the dtype, which its type cannot tell:
 * `concat<Tensor>(list) as Tensor<D>`.
 */
export function concat<D extends DType>(
  tensors: readonly [Tensor<D>, ...Tensor<NoInfer<D>>[]],
  axis?: number,
): Tensor<D>;
export function concat<T extends Tensor>(tensors: readonly (T & Alike<T>)[], axis?: number): Tensor<T["dtype"]>;
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  return new Tensor(ops.concat(nodesOf("concat", tensors), axis));
}

/** Joins tensors of one shape and dtype along a new axis. Lists in generic code: as for `concat`. */
export function stack<D extends DType>(
  tensors: readonly [Tensor<D>, ...Tensor<NoInfer<D>>[]],
  axis?: number,
): Tensor<D>;
export function stack<T extends Tensor>(tensors: readonly (T & Alike<T>)[], axis?: number): Tensor<T["dtype"]>;
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  nodesOf("stack", tensors);
  const at = normalizeAxis("stack", axis, tensors[0].ndim + 1);
  return concat(
    tensors.map((t) => t.unsqueeze(at)),
    at,
  );
}

/** re + i im. */
export function complex(re: Tensor<"float32">, im: Tensor<"float32">): Tensor<"complex64">;
export function complex(re: Tensor<"float64">, im: Tensor<"float64">): Tensor<"complex128">;
export function complex(re: Tensor, im: Tensor): Tensor;
export function complex(re: Tensor, im: Tensor): Tensor {
  return new Tensor(ops.complex(nodeOf("complex", re, "the real part"), nodeOf("complex", im, "the imaginary part")));
}

/**
 * Pads the last axes by [before, after] pairs. Modes as in PyTorch: "constant" (`value`, 0 if left out; negative sizes crop),
 * "reflect" (mirror without repeating the edge), "replicate" (edge repeated), "circular" (wrap).
 */
export function pad<D extends DType>(
  x: Tensor<D>,
  padding: readonly Padding[],
  mode: PaddingMode = "constant",
  value = 0,
): Tensor<D> {
  const node = nodeOf("pad", x, "the tensor");
  checkNumber("pad", "the value", value);
  if (!Object.is(value, 0)) checkPadValue(value, mode, node);
  checkArray("pad", "the padding", padding, "[before, after] pairs");
  padding.forEach((pair, i) => {
    if (Array.isArray(pair) && pair.length === 2) return;
    throw new TypeError(`pad: padding ${i} is ${shown(pair)}; it must be two whole numbers, [before, after]`);
  });
  return new Tensor<D>(ops.pad(node, padding, mode, value));
}

function checkPadValue(value: number, mode: PaddingMode, { dtype }: Node): void {
  if (mode !== "constant") {
    throw new RangeError(`pad: the value is ${shown(value)}, but mode ${mode} repeats what is there; leave it out`);
  }
  const isFloating = dtype === "float32" || dtype === "float64";
  if (!isFloating && !(dtype === "int32" && (value | 0) === value)) {
    throw new DTypeError(`pad: the value is ${shown(value)}, but the tensor is ${dtype}; only 0 can be put around it`);
  }
}

/**
 * Cross-correlation of images with kernels: x [B, Cin, H, W], weight [Cout, Cin / groups, kh, kw] ->
 * [B, Cout, H', W'], "valid" unless `padMode` is given.
 *
 * With `padMode` the image is padded first so that, at stride 1, the result has its size: floor((k - 1) / 2) before and
 * the rest after (an even kernel's extra sample comes after).
 */
export function conv2d<D extends DType>(
  x: Tensor<D>,
  weight: Tensor<NoInfer<D>> | Tensor<RealOf<NoInfer<D>>>,
  options?: ConvolutionOptions & { readonly padMode?: PaddingMode },
): Tensor<D>;
export function conv2d<D extends DType, E extends DType>(
  x: Tensor<D>,
  weight: Tensor<E> & Fits<D, E>,
  options?: ConvolutionOptions & { readonly padMode?: PaddingMode },
): Tensor<D>;
export function conv2d<D extends DType>(
  x: Tensor<D>,
  weight: Tensor,
  options: ConvolutionOptions & { readonly padMode?: PaddingMode } = {},
): Tensor<D> {
  checkOptions("conv2d()", options, ["stride", "dilation", "groups", "padMode"]);
  const { padMode, ...convolution } = options;
  nodeOf("conv2d", x, "the input");
  nodeOf("conv2d", weight, "the weight");
  if (padMode === undefined) return new Tensor<D>(ops.conv2d(x.node, weight.node, convolution));
  if (weight.ndim !== 4) throw new ShapeError(`conv2d: the weight is ${shapeText(weight.shape)}; it must have 4 axes`);
  const [dy, dx] = convolution.dilation ?? [1, 1];
  const same = (k: number, d: number): Padding => {
    const total = (k - 1) * d;
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  };
  const padded = ops.pad(x.node, [same(weight.shape[2], dy), same(weight.shape[3], dx)], padMode);
  return new Tensor<D>(ops.conv2d(padded, weight.node, convolution));
}

/**
 * Cross-correlation with a separable kernel, rows[a] * columns[b] at row a and column b, over the last two axes. Every leading axis is a
 * batch. Columns (within a row) first. Padding as in conv2d.
 */
export function correlateSeparable<D extends DType>(
  x: Tensor<D>,
  rows: Tensor<NoInfer<D>> | Tensor<RealOf<NoInfer<D>>>,
  columns: Tensor<NoInfer<D>> | Tensor<RealOf<NoInfer<D>>>,
  options?: { readonly padMode?: PaddingMode },
): Tensor<D>;
export function correlateSeparable<D extends DType, E extends DType>(
  x: Tensor<D>,
  rows: Tensor<E> & Fits<D, E>,
  columns: Tensor<E> & Fits<D, E>,
  options?: { readonly padMode?: PaddingMode },
): Tensor<D>;
export function correlateSeparable<D extends DType>(
  x: Tensor<D>,
  rows: Tensor,
  columns: Tensor,
  options: { readonly padMode?: PaddingMode } = {},
): Tensor<D> {
  checkOptions("correlateSeparable()", options, ["padMode"]);
  nodeOf("correlateSeparable", x, "the tensor");
  nodeOf("correlateSeparable", rows, "the row kernel");
  nodeOf("correlateSeparable", columns, "the column kernel");
  const one = (y: Node, taps: Node, axis: -1 | -2): Node => {
    if (options.padMode === undefined) return ops.correlate1d(y, taps, axis);
    const total = taps.shape[0] - 1;
    const pair: Padding = [Math.floor(total / 2), Math.ceil(total / 2)];
    return ops.correlate1d(ops.pad(y, axis === -1 ? [pair] : [pair, [0, 0]], options.padMode), taps, axis);
  };
  if (x.ndim < 2)
    throw new ShapeError(`correlateSeparable: the tensor is ${shapeText(x.shape)}; it needs two axes or more`);
  return new Tensor<D>(one(one(x.node, columns.node, -1), rows.node, -2));
}

export interface GradientOptions {
  /** Weight of every element of the output. May be left out for a real output of one element. */
  readonly cotangent?: Tensor;
}

/**
 * Gradient of an output with respect to a tensor it was computed from, or to several. Gradients of complex tensors are
 * d/d(re) + i d/d(im), as in PyTorch. Zeros where the output does not depend on the tensor.
 */
export function gradient<D extends DType>(output: Tensor, input: Tensor<D>, options?: GradientOptions): Tensor<D>;
export function gradient(output: Tensor, inputs: readonly Tensor[], options?: GradientOptions): Tensor[];
export function gradient(
  output: Tensor,
  inputs: Tensor | readonly Tensor[],
  options: GradientOptions = {},
): Tensor | Tensor[] {
  checkOptions("gradient()", options, ["cotangent"]);
  const { cotangent } = options;
  const nodes = gradientGraph(
    ops,
    nodeOf("gradient", output, "the output"),
    Array.isArray(inputs) ? nodesOf("gradient", inputs) : [nodeOf("gradient", inputs, "the input")],
    cotangent === undefined ? undefined : nodeOf("gradient", cotangent, "the cotangent"),
  );
  const tensors = nodes.map((node) => new Tensor(node));
  return inputs instanceof Tensor ? tensors[0] : tensors;
}

/** Derivative of an output in a direction: J v, for the Jacobian J of output by input. `tangent` is like the input. */
export function pushforward<D extends DType>(output: Tensor<D>, input: Tensor, tangent: Tensor): Tensor<D> {
  return new Tensor<D>(
    pushforwardGraph(
      ops,
      [nodeOf("pushforward", output, "the output")],
      [nodeOf("pushforward", input, "the input")],
      [nodeOf("pushforward", tangent, "the tangent")],
    )[0],
  );
}
