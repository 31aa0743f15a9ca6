// Fourier transforms over the last axis, the one before it, or both; other axes are a batch. Nothing is normalised.
//
// Order of operations, followed by the kernels of wasm/kernels/fft too. `line` is the transform of math/fft.ts.
//   fft      every line along the axis by `line`.
//   fft2     every column by `line`, then every row by `line` (both directions).
//   rfft2h   columns c and c + h are packed as re and im of one line, h = ceil(W / 2) (where there is no column c + h,
//            the imaginary part is 0); `line`; `separate` into the two half columns; then every row of the half plane
//            by `line`.
//   irfft2h  every row of the half plane by inverse `line`; the half columns c and c + h are joined into one line
//            (0 where there is no column c + h); inverse `line`; re is column c, im is column c + h.
// Real transforms keep rows 0 ... floor(H / 2) (the half plane) and all columns.

import { hasPlan, MAX_SIDE } from "../math/fft.ts";
import { type Line, LineTransform } from "../math/lineTransform.ts";
import { halfSize, join, separate, sideOf } from "../math/realLines.ts";
import {
  type ArrayValue,
  allocate,
  type Cut,
  complexOf,
  type DType,
  type KernelDefinition,
  type Node,
  type Operand,
  type Ops,
  realOf,
  type Shape,
  scalarTypeOf,
  sizeOf,
} from "./definition.ts";
import { oneOf, ShapeError, shapeText } from "./rules.ts";

type Floats = Float32Array | Float64Array;

const FLOAT: readonly DType[] = ["float32", "float64"];
const COMPLEX: readonly DType[] = ["complex64", "complex128"];

/**
 * Scalar operations for every element of a result: decides from which size on a transform by itself is compiled. Measured:
 * bench/RESULTS.md, "Tuned numbers".
 */
const COST = 64;

const cost = ({ shape }: Node): number => sizeOf(shape) * COST;

function planes(value: ArrayValue): Line {
  return { re: value.re as Floats, im: value.im as Floats };
}

function lineTransform(size: number, dtype: DType, inverse: boolean): LineTransform {
  return new LineTransform(size, scalarTypeOf(dtype) as "f32" | "f64", inverse);
}

/** Reads `count` elements, `step` apart, into the start of `line`. */
function gather(from: Floats, start: number, step: number, line: Floats, count: number): void {
  for (let i = 0; i < count; i++) line[i] = from[start + i * step];
}

/** Writes the first `count` elements of `line`, `step` apart. */
function scatter(line: Floats, to: Floats, start: number, step: number, count: number): void {
  for (let i = 0; i < count; i++) to[start + i * step] = line[i];
}

/** Rows are all elements of a tensor with one axis. */
function sides(shape: Shape): { batch: number; rows: number; columns: number } {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape.slice(-2);
  return { batch: sizeOf(shape.slice(0, -2)), rows, columns };
}

/** Transforms all rows (axis -1) or all columns (axis -2) of arrays of one shape, from one to another or in place. */
function transformLines(from: Line, to: Line, shape: Shape, axis: -1 | -2, dtype: DType, inverse: boolean): void {
  const { batch, rows, columns } = sides(shape);
  const [size, lines, step] = axis === -1 ? [columns, rows, 1] : [rows, columns, columns];
  const transform = lineTransform(size, dtype, inverse);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < lines; i++) {
      const start = b * rows * columns + i * (axis === -1 ? columns : 1);
      gather(from.re, start, step, transform.line.re, size);
      gather(from.im, start, step, transform.line.im, size);
      transform.run();
      scatter(transform.line.re, to.re, start, step, size);
      scatter(transform.line.im, to.im, start, step, size);
    }
  }
}

function checkSide(op: string, size: number, what: string): void {
  if (hasPlan(size)) return;
  throw new ShapeError(
    `${op}: there are ${size} ${what} to transform; there must be 1 to ${MAX_SIDE}. ` +
      "Crop, pad or cut to such a size.",
  );
}

function checkAxes(op: string, { shape }: Operand, least: 1 | 2): void {
  if (shape.length >= least) return;
  const wanted = least === 1 ? "an axis" : "two axes, [..., rows, columns]";
  throw new ShapeError(`${op}: the operand has shape ${shapeText(shape)}; it needs at least ${wanted}`);
}

/** Checks what all transforms of images ask of their operand, and of the rows of the image in question. */
function checkImage(op: string, operand: Operand, allowed: readonly DType[], imageRows?: number): void {
  oneOf(op, operand.dtype, allowed);
  checkAxes(op, operand, 2);
  const { rows, columns } = sides(operand.shape);
  checkSide(op, imageRows ?? rows, "rows");
  checkSide(op, columns, "columns");
}

const cutImages = ({ attributes, shape }: Node): Cut | null =>
  shape.length > 2 ? { operands: [true], attributes } : null;

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

/** Complex to complex along one axis: attribute `axis`, -1 or -2. Attribute `inverse`: the sign of the exponent is +. */
export const fft: KernelDefinition = {
  kind: "kernel",
  name: "fft",
  attributes: { axis: "integer", inverse: "boolean" },
  cost,
  cut: ({ attributes, shape }) =>
    shape.length + (attributes.axis as number) > 0 ? { operands: [true], attributes } : null,
  infer([x], { axis }) {
    oneOf("fft", x.dtype, COMPLEX);
    if (axis !== -1 && axis !== -2) throw new RangeError(`fft: axis ${axis} is not -1 or -2`);
    checkAxes("fft", x, axis === -1 ? 1 : 2);
    checkSide("fft", x.shape.at(axis) as number, "elements along the axis");
    return { shape: x.shape, dtype: x.dtype };
  },
  evaluate([x], { attributes, dtype, shape }) {
    const result = allocate(dtype, shape);
    const { axis, inverse } = attributes;
    transformLines(planes(x), planes(result), shape, axis as -1 | -2, dtype, inverse as boolean);
    return result;
  },
  vjp: (ops, { attributes }, cotangent) => [ops.fft(cotangent, attributes.axis as number, !attributes.inverse)],
  jvp: (ops, { attributes }, [tangent]) =>
    tangent && ops.fft(tangent, attributes.axis as number, attributes.inverse as boolean),
};

/** Complex to complex. Attribute `inverse`: the sign of the exponent is +. */
export const fft2: KernelDefinition = {
  kind: "kernel",
  name: "fft2",
  attributes: { inverse: "boolean" },
  cost,
  cut: cutImages,
  infer([x]) {
    checkImage("fft2", x, COMPLEX);
    return { shape: x.shape, dtype: x.dtype };
  },
  evaluate([x], { attributes, dtype, shape }) {
    const inverse = attributes.inverse as boolean;
    const result = allocate(dtype, shape);
    const to = planes(result);
    transformLines(planes(x), to, shape, -2, dtype, inverse);
    transformLines(to, to, shape, -1, dtype, inverse);
    return result;
  },
  vjp: (ops, { attributes }, cotangent) => [ops.fft2(cotangent, !attributes.inverse)],
  jvp: (ops, { attributes }, [tangent]) => tangent && ops.fft2(tangent, attributes.inverse as boolean),
};

/** Real [..., H, W] to the half plane, complex [..., floor(H / 2) + 1, W]. */
export const rfft2h: KernelDefinition = {
  kind: "kernel",
  name: "rfft2h",
  cost,
  cut: cutImages,
  infer([x]) {
    checkImage("rfft2h", x, FLOAT);
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
    const transform = lineTransform(rows, dtype, false);
    const { arithmetic } = transform;
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < half; c++) {
        const paired = c + half < columns;
        const start = b * rows * columns + c;
        gather(from, start, columns, transform.line.re, rows);
        if (paired) gather(from, start + half, columns, transform.line.im, rows);
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
    transformLines(to, to, shape, -1, dtype, false);
    return result;
  },
  vjp(ops, node, cotangent) {
    const { rows } = sides(node.inputs[0].shape);
    return [ops.irfft2h(weighRows(ops, cotangent, rows, 0.5), rows)];
  },
  jvp: (ops, _node, [tangent]) => tangent && ops.rfft2h(tangent),
};

/**
 * Half plane, complex [..., floor(H / 2) + 1, W], to real [..., H, W]. Attribute `rows`: H. The other half is taken to be the
 * mirrored conjugate. After the transform over columns, rows 0 and H / 2 must be real for that; their imaginary parts
 * at that point are ignored.
 */
export const irfft2h: KernelDefinition = {
  kind: "kernel",
  name: "irfft2h",
  attributes: { rows: "integer" },
  cost,
  cut: cutImages,
  infer([x], { rows }) {
    const imageRows = rows as number;
    checkImage("irfft2h", x, COMPLEX, imageRows);
    const { rows: kept, columns } = sides(x.shape);
    if (kept !== halfSize(imageRows)) {
      throw new ShapeError(
        `irfft2h: the operand ${shapeText(x.shape)} has ${kept} rows; the half plane of an image with ${imageRows} rows ` +
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
    transformLines(planes(x), turned, x.shape, -1, x.dtype, true);
    const result = allocate(dtype, shape);
    const to = result.re as Floats;
    const transform = lineTransform(rows, dtype, true);
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
        scatter(transform.line.re, to, start, columns, rows);
        if (paired) scatter(transform.line.im, to, start + half, columns, rows);
      }
    }
    return result;
  },
  vjp: (ops, node, cotangent) => [weighRows(ops, ops.rfft2h(cotangent), node.attributes.rows as number, 2)],
  jvp: (ops, node, [tangent]) => tangent && ops.irfft2h(tangent, node.attributes.rows as number),
};
