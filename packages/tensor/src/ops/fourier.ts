// Two-dimensional Fourier transforms over the last two axes; axes before them are a batch. Nothing is normalised.
//
// Order of operations, followed by the kernels of wasm/fft.ts too. `line` is the transform of math/fft.ts.
//   fft2     every column by `line`, then every row by `line` (both directions).
//   rfft2h   columns c and c + h are packed as re and im of one line, h = ceil(W / 2) (where there is no column c + h,
//            the imaginary part is 0); `line`; `separate` into the two half columns; then every row of the half plane
//            by `line`.
//   irfft2h  every row of the half plane by inverse `line`; the half columns c and c + h are joined into one line
//            (0 where there is no column c + h); inverse `line`; re is column c, im is column c + h.
// Real transforms keep rows 0 ... H / 2 (the half plane) and all columns.

import {
  type Arithmetic,
  butterfly,
  halfSize,
  hasPlan,
  join,
  MAX_SIDE,
  type Pair,
  type Plan,
  planOf,
  separate,
  sideOf,
} from "../math/fft.ts";
import { rootsOfUnity } from "../math/roots.ts";
import {
  type ArrayValue,
  allocate,
  complexOf,
  type DType,
  type KernelDefinition,
  type Node,
  type Operand,
  type Ops,
  realOf,
  type Shape,
} from "./definition.ts";
import { oneOf, ShapeError, show } from "./rules.ts";

type Floats = Float32Array | Float64Array;
type Lines = Pair<Floats>;

const FLOAT: readonly DType[] = ["float32", "float64"];
const COMPLEX: readonly DType[] = ["complex64", "complex128"];

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

function planes(value: ArrayValue): Lines {
  return { re: value.re as Floats, im: value.im as Floats };
}

/** Transforms lines of one size, one after the other, in a buffer. */
class LineTransform {
  readonly arithmetic: Arithmetic<number>;
  /** Filled by the caller before `run`; holds the result after it. */
  line: Lines;
  private spare: Lines;
  private readonly plan: Plan;
  private readonly inverse: boolean;

  constructor(size: number, dtype: DType, inverse: boolean) {
    this.arithmetic = realOf(dtype) === "float32" ? float32 : float64;
    this.plan = planOf(size);
    this.inverse = inverse;
    const complex = complexOf(dtype);
    this.line = planes(allocate(complex, [size]));
    this.spare = planes(allocate(complex, [size]));
  }

  run(): void {
    const { arithmetic, plan, inverse } = this;
    for (const stage of plan.stages) {
      const { radix, stride, rest, twiddles } = stage;
      const { line, spare } = this;
      const roots = rootsOfUnity(radix * rest, arithmetic.type);
      for (let p = 0; p < rest; p++) {
        const factor = (k: number): Pair<number> => ({ re: roots.cos[p * k], im: roots.sin[p * k] });
        for (let q = 0; q < stride; q++) {
          const x: Pair<number>[] = [];
          for (let j = 0; j < radix; j++) {
            const from = q + stride * (p + rest * j);
            x.push({ re: line.re[from], im: line.im[from] });
          }
          const y = butterfly(arithmetic, stage, x, inverse, twiddles === "table" ? factor : p);
          for (let k = 0; k < radix; k++) {
            const to = q + stride * (radix * p + k);
            spare.re[to] = y[k].re;
            spare.im[to] = y[k].im;
          }
        }
      }
      this.line = spare;
      this.spare = line;
    }
  }
}

/** Reads `line.length` elements, `step` apart. */
function gather(from: Floats, start: number, step: number, line: Floats): void {
  for (let i = 0; i < line.length; i++) line[i] = from[start + i * step];
}

/** Writes all elements of `line`, `step` apart. */
function scatter(line: Floats, to: Floats, start: number, step: number): void {
  for (let i = 0; i < line.length; i++) to[start + i * step] = line[i];
}

/** Transforms every row of `rows` rows of `columns` elements, from one array to another or in place. */
function transformRows(from: Lines, to: Lines, rows: number, columns: number, dtype: DType, inverse: boolean): void {
  const transform = new LineTransform(columns, dtype, inverse);
  for (let start = 0; start < rows * columns; start += columns) {
    gather(from.re, start, 1, transform.line.re);
    gather(from.im, start, 1, transform.line.im);
    transform.run();
    scatter(transform.line.re, to.re, start, 1);
    scatter(transform.line.im, to.im, start, 1);
  }
}

function sides(shape: Shape): { batch: number; rows: number; columns: number } {
  const [rows, columns] = shape.slice(-2);
  return { batch: shape.slice(0, -2).reduce((product, n) => product * n, 1), rows, columns };
}

/** Checks what all Fourier operations ask of their operand, and of the rows of the image in question. */
function checkSides(op: string, operand: Operand, allowed: readonly DType[], imageRows?: number): void {
  oneOf(op, operand.dtype, allowed);
  const { shape } = operand;
  if (shape.length < 2) {
    throw new ShapeError(
      `${op}: the operand has shape ${show(shape)}; it needs at least two axes, [..., rows, columns]`,
    );
  }
  const { rows, columns } = sides(shape);
  for (const [name, size] of [
    ["rows", imageRows ?? rows],
    ["columns", columns],
  ] as const) {
    if (!hasPlan(size)) {
      throw new ShapeError(
        `${op}: the image has ${size} ${name}; sides must be powers of two from 1 to ${MAX_SIDE}. ` +
          "Crop or pad it to such a size.",
      );
    }
  }
}

/** One weight for the rows that are their own mirror image (0 and H / 2), which is 1, and one for all others. */
function weighRows(ops: Ops, x: Node, imageRows: number, others: number): Node {
  const dtype = realOf(x.dtype);
  const own = ops.full([1, 1], 1, dtype);
  const mirrored = halfSize(imageRows) - (imageRows % 2 === 0 ? 2 : 1);
  const parts = [own];
  if (mirrored > 0) parts.push(ops.full([mirrored, 1], others, dtype));
  if (imageRows % 2 === 0) parts.push(own);
  return ops.mul(x, ops.concat(parts, 0));
}

/** Complex to complex. Attribute `inverse`: the sign of the exponent is +. */
export const fft2: KernelDefinition = {
  kind: "kernel",
  name: "fft2",
  infer([x]) {
    checkSides("fft2", x, COMPLEX);
    return { shape: x.shape, dtype: x.dtype };
  },
  evaluate([x], { attributes, dtype, shape }) {
    const inverse = attributes.inverse as boolean;
    const { batch, rows, columns } = sides(shape);
    const result = allocate(dtype, shape);
    const from = planes(x);
    const to = planes(result);
    const transform = new LineTransform(rows, dtype, inverse);
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < columns; c++) {
        const start = b * rows * columns + c;
        gather(from.re, start, columns, transform.line.re);
        gather(from.im, start, columns, transform.line.im);
        transform.run();
        scatter(transform.line.re, to.re, start, columns);
        scatter(transform.line.im, to.im, start, columns);
      }
    }
    transformRows(to, to, batch * rows, columns, dtype, inverse);
    return result;
  },
  vjp: (ops, { attributes }, cotangent) => [ops.fft2(cotangent, !attributes.inverse)],
  jvp: (ops, { attributes }, [tangent]) => tangent && ops.fft2(tangent, attributes.inverse as boolean),
};

/** Real [..., H, W] to the half plane, complex [..., H / 2 + 1, W]. */
export const rfft2h: KernelDefinition = {
  kind: "kernel",
  name: "rfft2h",
  infer([x]) {
    checkSides("rfft2h", x, FLOAT);
    const { rows, columns } = sides(x.shape);
    return { shape: [...x.shape.slice(0, -2), halfSize(rows), columns], dtype: complexOf(x.dtype) };
  },
  evaluate([x], { dtype, shape }) {
    const { batch, rows, columns } = sides(x.shape);
    const kept = halfSize(rows);
    const half = Math.ceil(columns / 2);
    const result = allocate(dtype, shape);
    const from = x.re as Floats;
    const to = planes(result);
    const transform = new LineTransform(rows, dtype, false);
    const { arithmetic } = transform;
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < half; c++) {
        const paired = c + half < columns;
        const start = b * rows * columns + c;
        gather(from, start, columns, transform.line.re);
        if (paired) gather(from, start + half, columns, transform.line.im);
        else transform.line.im.fill(0);
        transform.run();
        const { re, im } = transform.line;
        for (let k = 0; k < kept; k++) {
          const mirror = (rows - k) % rows;
          const z = { re: re[k], im: im[k] };
          const [first, second] = separate(arithmetic, k === mirror, z, { re: re[mirror], im: im[mirror] });
          const at = (b * kept + k) * columns + c;
          to.re[at] = first.re;
          to.im[at] = first.im;
          if (!paired) continue;
          to.re[at + half] = second.re;
          to.im[at + half] = second.im;
        }
      }
    }
    transformRows(to, to, batch * kept, columns, dtype, false);
    return result;
  },
  vjp(ops, node, cotangent) {
    const { rows } = sides(node.inputs[0].shape);
    return [ops.irfft2h(weighRows(ops, cotangent, rows, 0.5), rows)];
  },
  jvp: (ops, _node, [tangent]) => tangent && ops.rfft2h(tangent),
};

/**
 * Half plane, complex [..., H / 2 + 1, W], to real [..., H, W]. Attribute `rows`: H. The other half is taken to be the
 * mirrored conjugate. After the transform over columns, rows 0 and H / 2 must be real for that; their imaginary parts
 * at that point are ignored.
 */
export const irfft2h: KernelDefinition = {
  kind: "kernel",
  name: "irfft2h",
  infer([x], { rows }) {
    const imageRows = rows as number;
    checkSides("irfft2h", x, COMPLEX, imageRows);
    const { rows: kept, columns } = sides(x.shape);
    if (kept !== halfSize(imageRows)) {
      throw new ShapeError(
        `irfft2h: the operand ${show(x.shape)} has ${kept} rows; the half plane of an image with ${imageRows} rows ` +
          `has ${halfSize(imageRows)}`,
      );
    }
    return { shape: [...x.shape.slice(0, -2), imageRows, columns], dtype: realOf(x.dtype) };
  },
  evaluate([x], { dtype, shape }) {
    const { batch, rows, columns } = sides(shape);
    const kept = halfSize(rows);
    const half = Math.ceil(columns / 2);
    const turned = planes(allocate(x.dtype, x.shape));
    transformRows(planes(x), turned, batch * kept, columns, x.dtype, true);
    const result = allocate(dtype, shape);
    const to = result.re as Floats;
    const transform = new LineTransform(rows, dtype, true);
    const { arithmetic } = transform;
    const zero = { re: 0, im: 0 };
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < half; c++) {
        const paired = c + half < columns;
        for (let k = 0; k < rows; k++) {
          const side = sideOf(k, rows);
          const at = (b * kept + (side === "upper" ? rows - k : k)) * columns + c;
          const first = { re: turned.re[at], im: turned.im[at] };
          const second = paired ? { re: turned.re[at + half], im: turned.im[at + half] } : zero;
          const z = join(arithmetic, side, first, second);
          transform.line.re[k] = z.re;
          transform.line.im[k] = z.im;
        }
        transform.run();
        const start = b * rows * columns + c;
        scatter(transform.line.re, to, start, columns);
        if (paired) scatter(transform.line.im, to, start + half, columns);
      }
    }
    return result;
  },
  vjp: (ops, node, cotangent) => [weighRows(ops, ops.rfft2h(cotangent), node.attributes.rows as number, 2)],
  jvp: (ops, node, [tangent]) => tangent && ops.irfft2h(tangent, node.attributes.rows as number),
};
