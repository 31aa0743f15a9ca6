// Tensor: what a person holds. An immutable, lazy, n-dimensional array with a shape and a dtype.
//
// Methods build graph nodes; nothing is computed until data is asked for. Mistakes in shapes, dtypes and options are
// reported by the call that makes them.

import { cut, evaluate, evaluateSync, knownValue, refuseUnknown } from "./evaluate.ts";
import { type MatmulOptions, ops } from "./graph/build.ts";
import {
  type ArrayValue,
  type DType,
  isComplex,
  type Node,
  type Plane,
  realOf,
  type Shape,
  sizeOf,
} from "./ops/definition.ts";
import {
  checkDtype,
  checkShape,
  DTypeError,
  describe,
  normalizeAxes,
  normalizeAxis,
  ShapeError,
  shapeText,
} from "./ops/rules.ts";
import { checkArray, checkBoolean, checkNumber, checkWhole } from "./words/arguments.ts";
import { checkOptions } from "./words/options.ts";
import { shown } from "./words/shown.ts";

/** The real dtype of the same precision. */
export type RealOf<D extends DType> = D extends "complex64" ? "float32" : D extends "complex128" ? "float64" : D;

/**
 * What a tensor must be besides `Tensor<E>` to be combined with a `Tensor<D>`: nothing when the precisions can be equal, something
 * that is not when they cannot, so that mixing them does not compile.
 */
export type Fits<D extends DType, E extends DType> = [RealOf<D> & RealOf<E>] extends [never] ? never : unknown;

/** As `Fits`, where nothing but the same dtype will do. */
export type Same<D extends DType, E extends DType> = [D & E] extends [never] ? never : unknown;

/** What a tensor of a list must be besides `T`, the type of all of them: something that is not when they are of several dtypes. */
export type Alike<T extends Tensor> = [Common<T>] extends [never] ? never : unknown;

/** The dtype that all members of a union of tensors may have. */
type Common<T extends Tensor> = (T extends Tensor ? (dtype: T["dtype"]) => void : never) extends (
  dtype: infer D,
) => void
  ? D
  : never;

/**
 * The typed array that holds a dtype's data; complex numbers are interleaved, bool is 0 and 1. Its memory is its own and not
 * shared, so that `Blob`, `Response` and `crypto.subtle` take it.
 */
export type DataOf<D extends DType> = D extends "float32" | "complex64"
  ? Float32Array<ArrayBuffer>
  : D extends "float64" | "complex128"
    ? Float64Array<ArrayBuffer>
    : D extends "int32"
      ? Int32Array<ArrayBuffer>
      : Uint8Array<ArrayBuffer>;

/** An axis or several; negative ones count from the end. Left out: all of them. */
export type Axes = number | readonly number[];

export interface ReduceOptions {
  /** Keep reduced axes with size 1 (default false). */
  readonly keepdims?: boolean;
}

const REDUCE: readonly string[] = ["keepdims"];

/** Refuses what is no tensor; `name` says which argument it is. */
export function checkTensor(caller: string, name: string, value: unknown): asserts value is Tensor {
  nodeOf(caller, value, name);
}

function checkReduce(name: string, options: ReduceOptions, known: readonly string[]): void {
  checkOptions(`${name}()`, options, known);
  if (options.keepdims !== undefined) checkBoolean(name, "keepdims", options.keepdims);
}

/** Data of an array as one typed array, complex numbers interleaved. A copy. */
function interleave(value: ArrayValue): Plane {
  if (!value.im) return value.re.slice();
  const out =
    value.re instanceof Float32Array ? new Float32Array(value.re.length * 2) : new Float64Array(value.re.length * 2);
  for (let i = 0; i < value.re.length; i++) {
    out[2 * i] = value.re[i];
    out[2 * i + 1] = value.im[i];
  }
  return out;
}

/** The node of what must be a tensor; `name` says which argument it is. */
export function nodeOf(op: string, value: unknown, name = "the operand", wanted = "a Tensor"): Node {
  if (value instanceof Tensor) return value.node;
  const other = (value as { constructor?: unknown } | null | undefined)?.constructor;
  const copy = typeof other === "function" && other.name === "Tensor";
  throw new TypeError(
    copy
      ? `${op}: ${name} is a Tensor of another copy of @plenoptic-js/tensor; install one, so that all packages share it`
      : `${op}: ${name} is ${shown(value)}; it must be ${wanted}`,
  );
}

/** A number as a literal of a tensor's (real) dtype. */
function literalLike(value: number, dtype: DType, op: string): Node {
  const real = realOf(dtype);
  if (real === "bool") throw new DTypeError(`${op}: a number and a bool tensor do not mix; cast the tensor first`);
  if (real === "int32" && (value | 0) !== value) {
    throw new DTypeError(
      `${op}: ${value} is not a 32-bit integer, but the tensor is int32; cast the tensor to a float first`,
    );
  }
  return ops.literal(value, real);
}

export class Tensor<D extends DType = DType> {
  /** The graph node. For code that builds graphs; most users never need it. */
  readonly node: Node;
  readonly shape: Shape;
  readonly dtype: D;

  constructor(node: Node) {
    if (typeof node?.op !== "object" || !Array.isArray(node.shape)) {
      throw new TypeError(
        `new Tensor: its node is ${shown(node)}; make tensors with tensor(), zeros(), full() or rand()`,
      );
    }
    this.node = node;
    this.shape = node.shape;
    this.dtype = node.dtype as D;
    Object.freeze(this);
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  // ---- values ----

  /**
   * The elements in C order, computed now if needed. A copy: changing it changes nothing else. Throws TraceError at once, and not by
   * the promise, for a tensor that has no data yet.
   */
  data(): Promise<DataOf<D>> {
    // At once, where it is asked for: a function that is traced waits for no promise.
    refuseUnknown([this.node]);
    return this.#data();
  }

  async #data(): Promise<DataOf<D>> {
    const [value] = await evaluate([this.node]);
    return interleave(value) as DataOf<D>;
  }

  /** Like data(), but blocks until it is there. For small tensors. */
  dataSync(): DataOf<D> {
    return interleave(evaluateSync([this.node])[0]) as DataOf<D>;
  }

  #single(): void {
    if (this.size !== 1 || isComplex(this.dtype)) {
      throw new ShapeError(`item: the tensor is ${describe(this)}; item() needs one real element`);
    }
  }

  /** The value of a tensor with one real element. */
  item(): Promise<number> {
    refuseUnknown([this.node]);
    return this.#item();
  }

  async #item(): Promise<number> {
    this.#single();
    return (await this.#data())[0];
  }

  /** Like item(), but blocks until it is there. */
  itemSync(): number {
    this.#single();
    return this.dataSync()[0];
  }

  /** The same values without their history: no gradient flows through the result. */
  detach(): Tensor<D> {
    return new Tensor<D>(cut(this.node) ?? ops.stopGradient(this.node));
  }

  // ---- arithmetic ----

  #with(other: Tensor | number, op: string): Node {
    if (typeof other === "number") return literalLike(other, this.dtype, op);
    return nodeOf(op, other, "the operand", "a Tensor or a number");
  }

  add(other: Tensor<D> | Tensor<RealOf<D>> | number): Tensor<D>;
  add<E extends DType>(other: (Tensor<E> & Fits<D, E>) | number): Tensor;
  add(other: Tensor | number): Tensor {
    return new Tensor(ops.add(this.node, this.#with(other, "add")));
  }

  sub(other: Tensor<D> | Tensor<RealOf<D>> | number): Tensor<D>;
  sub<E extends DType>(other: (Tensor<E> & Fits<D, E>) | number): Tensor;
  sub(other: Tensor | number): Tensor {
    return new Tensor(ops.sub(this.node, this.#with(other, "sub")));
  }

  mul(other: Tensor<D> | Tensor<RealOf<D>> | number): Tensor<D>;
  mul<E extends DType>(other: (Tensor<E> & Fits<D, E>) | number): Tensor;
  mul(other: Tensor | number): Tensor {
    return new Tensor(ops.mul(this.node, this.#with(other, "mul")));
  }

  div(other: Tensor<D> | Tensor<RealOf<D>> | number): Tensor<D>;
  div<E extends DType>(other: (Tensor<E> & Fits<D, E>) | number): Tensor;
  div(other: Tensor | number): Tensor {
    return new Tensor(ops.div(this.node, this.#with(other, "div")));
  }

  neg(): Tensor<D> {
    return new Tensor<D>(ops.neg(this.node));
  }

  square(): Tensor<D> {
    return new Tensor<D>(ops.square(this.node));
  }

  sqrt(): Tensor<D> {
    return new Tensor<D>(ops.sqrt(this.node));
  }

  /** 1 / sqrt(x). */
  rsqrt(): Tensor<D> {
    return new Tensor<D>(ops.rsqrt(this.node));
  }

  /** Absolute value; of complex tensors the modulus. The derivative is 0 at 0. */
  abs(): Tensor<RealOf<D>> {
    return new Tensor<RealOf<D>>(ops.abs(this.node));
  }

  /** -1, 0 or 1. */
  sign(): Tensor<D> {
    return new Tensor<D>(ops.sign(this.node));
  }

  floor(): Tensor<D> {
    return new Tensor<D>(ops.floor(this.node));
  }

  ceil(): Tensor<D> {
    return new Tensor<D>(ops.ceil(this.node));
  }

  trunc(): Tensor<D> {
    return new Tensor<D>(ops.trunc(this.node));
  }

  /** max(x, 0); the derivative is 0 at 0. */
  relu(): Tensor<D> {
    return new Tensor<D>(ops.relu(this.node));
  }

  /** min(max(x, low), high); the derivative is 1 at the bounds. NaN stays NaN. */
  clip(low: number, high: number): Tensor<D> {
    checkNumber("clip", "low", low);
    checkNumber("clip", "high", high);
    if (!(low <= high))
      throw new RangeError(`clip: low is ${shown(low)} and high is ${shown(high)}; low must not be above high`);
    literalLike(low, this.dtype, "clip");
    literalLike(high, this.dtype, "clip");
    return new Tensor<D>(ops.clip(this.node, low, high));
  }

  /** Elementwise smaller value; NaN wins, -0 is below +0. */
  minimum(other: Tensor<D> | number): Tensor<D> {
    return new Tensor<D>(ops.minimum(this.node, this.#with(other, "minimum")));
  }

  /** Elementwise larger value; NaN wins. */
  maximum(other: Tensor<D> | number): Tensor<D> {
    return new Tensor<D>(ops.maximum(this.node, this.#with(other, "maximum")));
  }

  // ---- elementary functions of real tensors: at most 1 or 2 ulp (docs/numerics.md), the same bits everywhere ----

  /** e to the power x. */
  exp(): Tensor<D> {
    return new Tensor<D>(ops.exp(this.node));
  }

  /** exp(x) - 1, accurate near 0. */
  expm1(): Tensor<D> {
    return new Tensor<D>(ops.expm1(this.node));
  }

  /** Natural logarithm. */
  log(): Tensor<D> {
    return new Tensor<D>(ops.log(this.node));
  }

  /** log(1 + x), accurate near 0. */
  log1p(): Tensor<D> {
    return new Tensor<D>(ops.log1p(this.node));
  }

  /** Sine; x in radians. */
  sin(): Tensor<D> {
    return new Tensor<D>(ops.sin(this.node));
  }

  /** Cosine; x in radians. */
  cos(): Tensor<D> {
    return new Tensor<D>(ops.cos(this.node));
  }

  /** Tangent; x in radians. */
  tan(): Tensor<D> {
    return new Tensor<D>(ops.tan(this.node));
  }

  /** Arc tangent, in radians. */
  atan(): Tensor<D> {
    return new Tensor<D>(ops.atan(this.node));
  }

  /** Hyperbolic tangent. */
  tanh(): Tensor<D> {
    return new Tensor<D>(ops.tanh(this.node));
  }

  /** 1 / (1 + exp(-x)). */
  sigmoid(): Tensor<D> {
    return new Tensor<D>(ops.sigmoid(this.node));
  }

  /** log(1 + exp(x)), and x itself above 20, as in PyTorch. */
  softplus(): Tensor<D> {
    return new Tensor<D>(ops.softplus(this.node));
  }

  /** The error function. */
  erf(): Tensor<D> {
    return new Tensor<D>(ops.erf(this.node));
  }

  /** This to the power `exponent`, element by element, with C's special values. */
  pow(exponent: Tensor<D> | number): Tensor<D> {
    return new Tensor<D>(ops.pow(this.node, this.#with(exponent, "pow")));
  }

  /** The angle of the points (x, this), in radians; the derivative at the origin is 0. */
  atan2(x: Tensor<D> | number): Tensor<D> {
    return new Tensor<D>(ops.atan2(this.node, this.#with(x, "atan2")));
  }

  // ---- comparison and logic ----

  eq(other: Tensor<D> | number): Tensor<"bool"> {
    return new Tensor<"bool">(ops.eq(this.node, this.#with(other, "eq")));
  }

  ne(other: Tensor<D> | number): Tensor<"bool"> {
    return new Tensor<"bool">(ops.ne(this.node, this.#with(other, "ne")));
  }

  lt(other: Tensor<D> | number): Tensor<"bool"> {
    return new Tensor<"bool">(ops.lt(this.node, this.#with(other, "lt")));
  }

  le(other: Tensor<D> | number): Tensor<"bool"> {
    return new Tensor<"bool">(ops.le(this.node, this.#with(other, "le")));
  }

  gt(other: Tensor<D> | number): Tensor<"bool"> {
    return new Tensor<"bool">(ops.lt(this.#with(other, "gt"), this.node));
  }

  ge(other: Tensor<D> | number): Tensor<"bool"> {
    return new Tensor<"bool">(ops.le(this.#with(other, "ge"), this.node));
  }

  and(other: Tensor<"bool">): Tensor<"bool"> {
    return new Tensor<"bool">(ops.and(this.node, nodeOf("and", other)));
  }

  or(other: Tensor<"bool">): Tensor<"bool"> {
    return new Tensor<"bool">(ops.or(this.node, nodeOf("or", other)));
  }

  not(): Tensor<"bool"> {
    return new Tensor<"bool">(ops.not(this.node));
  }

  // ---- dtype and complex parts ----

  /** Changes the dtype: float64 to float32 rounds, floats to int32 truncate, anything to bool is `!= 0`. */
  cast<E extends DType>(dtype: E): Tensor<E> {
    checkDtype("cast", dtype);
    return new Tensor<E>(ops.cast(this.node, dtype));
  }

  real(): Tensor<RealOf<D>> {
    return new Tensor<RealOf<D>>(isComplex(this.dtype) ? ops.real(this.node) : this.node);
  }

  imag(): Tensor<RealOf<D>> {
    return new Tensor<RealOf<D>>(ops.imag(this.node));
  }

  conj(): Tensor<D> {
    return new Tensor<D>(isComplex(this.dtype) ? ops.conj(this.node) : this.node);
  }

  // ---- shape ----

  /** The same elements in C order under another shape; one size may be -1. */
  reshape(shape: Shape): Tensor<D> {
    checkArray("reshape", "the shape", shape, "sizes");
    const free = shape.indexOf(-1);
    if (free < 0) return new Tensor<D>(ops.reshape(this.node, shape));
    const rest = shape.reduce((n, s, i) => (i === free ? n : n * s), 1);
    const size = this.size / rest;
    if (!Number.isInteger(size) || shape.indexOf(-1, free + 1) >= 0) {
      throw new ShapeError(
        `reshape: ${shapeText(this.shape)} does not fit ${shapeText(shape)}; -1 may stand once, for a whole number`,
      );
    }
    return new Tensor<D>(
      ops.reshape(
        this.node,
        shape.map((s, i) => (i === free ? size : s)),
      ),
    );
  }

  /** Axis k of the result is axis `axes[k]` of this tensor. */
  permute(axes: readonly number[]): Tensor<D> {
    checkArray("permute", "the list of axes", axes, "axes");
    return new Tensor<D>(ops.permute(this.node, axes));
  }

  broadcastTo(shape: Shape): Tensor<D> {
    return new Tensor<D>(ops.broadcastTo(this.node, checkShape("broadcastTo", shape)));
  }

  /** Without its axes of size 1, or without the named ones (which must have size 1). */
  squeeze(axes?: Axes): Tensor<D> {
    const drop =
      axes === undefined
        ? this.shape.flatMap((n, i) => (n === 1 ? [i] : []))
        : normalizeAxes("squeeze", axes, this.ndim);
    for (const axis of drop) {
      if (this.shape[axis] !== 1) {
        throw new ShapeError(
          `squeeze: axis ${axis} of ${shapeText(this.shape)} has size ${this.shape[axis]}; it must be 1`,
        );
      }
    }
    return this.reshape(this.shape.filter((_, i) => !drop.includes(i)));
  }

  /** With a new axis of size 1 at `axis` of the result. */
  unsqueeze(axis: number): Tensor<D> {
    const at = normalizeAxis("unsqueeze", axis, this.ndim + 1);
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)]);
  }

  /** Reverses the order along the axes. */
  flip(axes: Axes): Tensor<D> {
    return new Tensor<D>(ops.flip(this.node, normalizeAxes("flip", axes, this.ndim)));
  }

  /**
   * A part along one axis: indices start, start + step, ... below stop (above it when step is negative). Negative
   * start and stop count from the end; both are clamped to the axis, as in NumPy.
   */
  slice(axis: number, start: number, stop?: number, step = 1): Tensor<D> {
    const at = normalizeAxis("slice", axis, this.ndim);
    if (!Number.isInteger(step) || step === 0) {
      throw new RangeError(`slice: the step is ${shown(step)}; it must be an integer other than 0`);
    }
    checkWhole("slice", "start", start);
    if (stop !== undefined) checkWhole("slice", "stop", stop);
    const n = this.shape[at];
    const low = step > 0 ? 0 : -1;
    const high = step > 0 ? n : n - 1;
    const bound = (i: number): number => Math.max(low, Math.min(high, i < 0 ? i + n : i));
    const begin = bound(start);
    const end = stop === undefined ? (step > 0 ? n : -1) : bound(stop);
    const count = Math.max(0, Math.ceil((end - begin) / step));
    return new Tensor<D>(
      ops.slice(
        this.node,
        this.shape.map((_, i) => (i === at && count > 0 ? begin : 0)),
        this.shape.map((s, i) => (i === at ? count : s)),
        this.shape.map((_, i) => (i === at ? step : 1)),
      ),
    );
  }

  // ---- reductions ----

  #reduced(
    reduce: (x: Node, axes: number[]) => Node,
    name: string,
    axes: Axes | undefined,
    options: ReduceOptions,
  ): Node {
    checkReduce(name, options, REDUCE);
    const normal = normalizeAxes(name, axes, this.ndim);
    const y = reduce(this.node, normal);
    if (!options.keepdims) return y;
    return ops.reshape(
      y,
      this.shape.map((n, i) => (normal.includes(i) ? 1 : n)),
    );
  }

  sum(axes?: Axes, options: ReduceOptions = {}): Tensor<D> {
    return new Tensor<D>(this.#reduced(ops.sum, "sum", axes, options));
  }

  /** Sum divided by the number of elements. */
  mean(axes?: Axes, options: ReduceOptions = {}): Tensor<D> {
    return new Tensor<D>(this.#reduced(ops.mean, "mean", axes, options));
  }

  /** Smallest element; ties share the derivative equally. */
  min(axes?: Axes, options: ReduceOptions = {}): Tensor<D> {
    return new Tensor<D>(this.#reduced(ops.min, "min", axes, options));
  }

  /** Largest element; ties share the derivative equally. */
  max(axes?: Axes, options: ReduceOptions = {}): Tensor<D> {
    return new Tensor<D>(this.#reduced(ops.max, "max", axes, options));
  }

  /** Mean squared distance from the mean, in two passes. `correction` is subtracted from the element count (default 0). */
  variance(axes?: Axes, options: ReduceOptions & { readonly correction?: number } = {}): Tensor<RealOf<D>> {
    checkReduce("variance", options, [...REDUCE, "correction"]);
    const { correction = 0, ...reduce } = options;
    checkNumber("variance", "correction", correction);
    const normal = normalizeAxes("variance", axes, this.ndim);
    const centred = this.sub(this.mean(normal, { keepdims: true }));
    const squares = isComplex(this.dtype)
      ? centred.real().square().add(centred.imag().square())
      : (centred.square() as Tensor<RealOf<D>>);
    const n = normal.reduce((product, axis) => product * this.shape[axis], 1);
    return squares.sum(normal, reduce).div(n - correction);
  }

  /** Square root of the sum of squared moduli. The derivative is 0 where the norm is 0. */
  norm(axes?: Axes, options: ReduceOptions = {}): Tensor<RealOf<D>> {
    checkReduce("norm", options, REDUCE);
    const along = normalizeAxes("norm", axes, this.ndim);
    const squares: Tensor = isComplex(this.dtype) ? this.real().square().add(this.imag().square()) : this.square();
    return new Tensor<RealOf<D>>(ops.normRoot(squares.sum(along, options).node));
  }

  #checkTruth(name: string): void {
    if (this.dtype !== "bool") {
      throw new DTypeError(`${name}: the tensor is ${this.dtype}; it must be bool, for example x.ne(0)`);
    }
  }

  /** Whether any element is true (of none: false). For bool tensors. */
  any(axes?: Axes, options: ReduceOptions = {}): Tensor<"bool"> {
    this.#checkTruth("any");
    checkReduce("any", options, REDUCE);
    return this.cast("int32")
      .sum(normalizeAxes("any", axes, this.ndim), options)
      .ne(0);
  }

  /** Whether all elements are true (of none: true). For bool tensors. */
  all(axes?: Axes, options: ReduceOptions = {}): Tensor<"bool"> {
    this.#checkTruth("all");
    checkReduce("all", options, REDUCE);
    return this.not()
      .any(normalizeAxes("all", axes, this.ndim), options)
      .not();
  }

  // ---- matrices ----

  /**
   * Matrix product over the last two axes, [..., M, K] by [..., K, N], or by [..., N, K] with `transposeB`; all other
   * axes broadcast. As in NumPy a vector is a row on the left and a column on the right, and its axis is not in the result.
   */
  matmul(other: Tensor<D> | Tensor<RealOf<D>>, options?: MatmulOptions): Tensor<D>;
  matmul<E extends DType>(other: Tensor<E> & Fits<D, E>, options?: MatmulOptions): Tensor;
  matmul(other: Tensor, options: MatmulOptions = {}): Tensor {
    checkOptions("matmul()", options, ["transposeB"]);
    if (options.transposeB !== undefined) checkBoolean("matmul", "transposeB", options.transposeB);
    return new Tensor(ops.matmul(this.node, nodeOf("matmul", other), options));
  }

  // ---- looking at it ----

  toString(): string {
    const value = knownValue(this.node);
    const head = `Tensor ${describe(this)}`;
    if (value === undefined) return `${head} (not computed yet)`;
    const flat = interleave(value).subarray(0, 8);
    const more = this.size > 8 ? ", ..." : "";
    return `${head} { ${Array.from(flat, (x) => Number(x.toPrecision(6))).join(", ")}${more} }`;
  }

  /**
   * What JavaScript's operators ask for. Text is given, as by toString(); numbers are refused, because `x * 2`, `x > 0` and
   * `+x` would go on with NaN or false.
   *
   * @throws TypeError for every operator on a tensor that JavaScript lets us see
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError(
      `JavaScript's operators do not work on tensors (this is a Tensor ${describe(this)}). ` +
        (hint === "number"
          ? "Instead of x * 2, x - y, -x and x ** 2 write x.mul(2), x.sub(y), x.neg() and x.square(); instead of " +
            "x > 0 ? a : b write where(x.gt(0), a, b); Number(x) is item()."
          : "Instead of x + 1 and x == y write x.add(1) and x.eq(y); for text write String(x)."),
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
