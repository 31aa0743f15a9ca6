// Pooling over windows of images. Names and conventions are PyTorch's (torch.nn.functional.avg_pool2d, max_pool2d), with padding for
// each edge beside, as ONNX has it. All is made of ops, so that it differentiates again.

import { ops } from "./graph/build.ts";
import { type DType, type Node, realOf } from "./ops/definition.ts";
import { ShapeError, shapeText } from "./ops/rules.ts";
import { type Pair, pairOf, type SidePadding, sidesOf } from "./pair.ts";
import { nodeOf, Tensor } from "./tensor.ts";
import { checkBoolean } from "./words/arguments.ts";
import { checkOptions } from "./words/options.ts";
import { shown } from "./words/shown.ts";

export interface PoolOptions {
  /** Distance from window to window (default: the window's size). */
  readonly stride?: Pair;
  /** Rows and columns around the image, of which windows may take part (default 0). Less than a window. */
  readonly padding?: SidePadding;
  /** Distance between the elements of a window (default 1). */
  readonly dilation?: Pair;
  /** Whether a last window may go on beyond the end (default false). One that would begin there is left out. */
  readonly ceilMode?: boolean;
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether padding counts among the elements that a sum is divided by (default true). What is beyond it never does. */
  readonly countIncludePad?: boolean;
}

/** Windows along one axis. */
interface Axis {
  readonly size: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  /** How many windows there are. */
  readonly count: number;
  /** Elements that the last window needs beyond the end. */
  readonly beyond: number;
}

function axesOf(name: string, x: Tensor, kernelSize: Pair, options: PoolOptions): readonly Axis[] {
  nodeOf(name, x, "the tensor");
  const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options;
  const kernel = pairOf(`${name}: the window`, kernelSize, 1);
  const steps = pairOf(`${name}: stride`, stride, 1);
  const sides = sidesOf(`${name}: padding`, padding);
  const gaps = pairOf(`${name}: dilation`, dilation, 1);
  checkBoolean(name, "ceilMode", ceilMode);
  if (x.ndim < 2) throw misfit(name, kernel, x);
  return x.shape.slice(-2).map((size, i) => {
    const [before, after] = sides[i];
    const span = (kernel[i] - 1) * gaps[i] + 1;
    if (before >= span || after >= span) {
      throw new RangeError(
        `${name}: padding is ${shown(padding)}, but a window spans ${span} elements; padding must be less, so that no window is all padding`,
      );
    }
    const room = size + before + after - span;
    const whole = Math.floor(room / steps[i]) + 1;
    const more = ceilMode && room % steps[i] !== 0 && whole * steps[i] < size + before ? 1 : 0;
    const count = whole + more;
    if (count < 1 || size < 1) throw misfit(name, kernel, x);
    const beyond = Math.max(0, (count - 1) * steps[i] + span - before - size);
    return { size, taps: kernel[i], stride: steps[i], dilation: gaps[i], before, after, count, beyond };
  });
}

function misfit(name: string, kernel: readonly number[], x: Tensor): ShapeError {
  return new ShapeError(
    `${name}: a window of ${shapeText(kernel)} does not fit into ${shapeText(x.shape)}; pad the last two axes first`,
  );
}

/** Element (r, c) of every window over the last two axes, for all r and c in row-major order. Around the image there is `value`. */
function windows(x: Node, axes: readonly Axis[], value: number): Node[] {
  const padded = ops.pad(
    x,
    axes.map(({ before, beyond }) => [before, beyond] as const),
    "constant",
    value,
  );
  const leading = x.shape.slice(0, -2);
  const [down, across] = axes;
  return Array.from({ length: down.taps * across.taps }, (_, k) => {
    const first = [Math.floor(k / across.taps) * down.dilation, (k % across.taps) * across.dilation];
    return ops.slice(
      padded,
      [...leading.map(() => 0), ...first],
      [...leading, ...axes.map(({ count }) => count)],
      [...leading.map(() => 1), ...axes.map(({ stride }) => stride)],
    );
  });
}

/** For every window along an axis: of how many of its elements a mean is taken. */
function counted({ size, taps, stride, dilation, before, after, count }: Axis, withPadding: boolean): number[] {
  const [first, end] = withPadding ? [-before, size + after] : [0, size];
  return Array.from({ length: count }, (_, i) => {
    let n = 0;
    for (let k = 0; k < taps; k++) {
      const at = i * stride - before + k * dilation;
      if (at >= first && at < end) n++;
    }
    return n;
  });
}

/** Numbers as a vector of literals: part of the computation's structure, and no array. */
function row(numbers: readonly number[], x: Node): Node {
  const runs: { value: number; length: number }[] = [];
  for (const value of numbers) {
    const last = runs[runs.length - 1];
    if (last?.value === value) last.length++;
    else runs.push({ value, length: 1 });
  }
  const parts = runs.map(({ value, length }) => ops.full([length], value, realOf(x.dtype)));
  return ops.concat(parts, 0);
}

/**
 * Mean of every window over the last two axes: the window's elements are added row by row, then divided by their number.
 * n elements with padding give floor((n - size) / stride) + 1 windows, and one more with `ceilMode` where something is left.
 */
export function avgPool2d<D extends DType>(
  x: Tensor<D>,
  kernelSize: Pair,
  options: AveragePoolOptions = {},
): Tensor<D> {
  const name = "avgPool2d";
  checkOptions(`${name}()`, options, ["stride", "padding", "dilation", "ceilMode", "countIncludePad"]);
  const { countIncludePad = true } = options;
  checkBoolean(name, "countIncludePad", countIncludePad);
  const axes = axesOf(name, x, kernelSize, options);
  const sum = windows(x.node, axes, 0).reduce((a, b) => ops.add(a, b));
  const [down, across] = axes.map((axis) => counted(axis, countIncludePad));
  const isEven = [down, across].every((counts) => counts.every((n) => n === counts[0]));
  const divisor = isEven
    ? ops.literal(down[0] * across[0], realOf(x.dtype))
    : ops.mul(ops.reshape(row(down, x.node), [down.length, 1]), row(across, x.node));
  return new Tensor<D>(ops.div(sum, divisor));
}

/** What never is the largest. */
const LEAST_INTEGER = -2147483648;

/**
 * Largest element of every window over the last two axes; ties share the derivative equally, as in max(). Sizes as in
 * avgPool2d. Padding is never the largest.
 */
export function maxPool2d<D extends DType>(x: Tensor<D>, kernelSize: Pair, options: PoolOptions = {}): Tensor<D> {
  const name = "maxPool2d";
  checkOptions(`${name}()`, options, ["stride", "padding", "dilation", "ceilMode"]);
  const axes = axesOf(name, x, kernelSize, options);
  const least = x.dtype === "int32" ? LEAST_INTEGER : Number.NEGATIVE_INFINITY;
  const layers = windows(x.node, axes, least).map((part) => ops.reshape(part, [1, ...part.shape]));
  return new Tensor<D>(ops.max(ops.concat(layers, 0), 0));
}
