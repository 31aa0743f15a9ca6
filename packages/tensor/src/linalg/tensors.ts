// Decompositions of tensors. Everything is computed in float64 on the host, and rounded once to the tensor's dtype.

import { fromValue } from "../create.ts";
import { refuseUnknown } from "../evaluate.ts";
import { allocate, type DType } from "../ops/definition.ts";
import { DTypeError, ShapeError, shapeText } from "../ops/rules.ts";
import { nodeOf, type Tensor } from "../tensor.ts";
import { eighOf } from "./eigh.ts";
import { checkRange, type Matrix } from "./matrix.ts";
import { qrOf } from "./qr.ts";
import { svdOf } from "./svd.ts";

/** Throws TraceError at once, and not by the promise: a function that is traced waits for no promise. */
function read(caller: string, a: Tensor): Promise<Matrix> {
  refuseUnknown([nodeOf(caller, a, "the matrix")]);
  return readKnown(caller, a);
}

async function readKnown(caller: string, a: Tensor): Promise<Matrix> {
  if (a.dtype !== "float32" && a.dtype !== "float64") {
    throw new DTypeError(`${caller}: the tensor is ${a.dtype}; it must be float32 or float64`);
  }
  if (a.ndim !== 2)
    throw new ShapeError(`${caller}: the tensor has shape ${shapeText(a.shape)}; it must have two axes`);
  const data = await a.data();
  return { rows: a.shape[0], columns: a.shape[1], data: data instanceof Float64Array ? data : new Float64Array(data) };
}

function write<D extends DType>(caller: string, data: Float64Array, shape: readonly number[], dtype: D): Tensor<D> {
  const value = allocate(dtype, shape);
  value.re.set(data);
  if (value.re instanceof Float32Array) checkRange(caller, value.re);
  return fromValue<D>(value);
}

const writeMatrix = <D extends DType>(caller: string, { rows, columns, data }: Matrix, dtype: D): Tensor<D> =>
  write(caller, data, [rows, columns], dtype);

/**
 * The reduced QR decomposition a = q r of a tensor [m, n]: q [m, k] with orthonormal columns and r [k, n], zero below its
 * diagonal, for k = min(m, n). Signs are those of LAPACK, and so of `torch.linalg.qr`: the diagonal of r may be negative.
 *
 * @throws DTypeError unless the tensor is float32 or float64, ShapeError unless it has two axes, RangeError for entries that
 * are not finite
 */
export function qr<D extends DType>(a: Tensor<D>): Promise<{ readonly q: Tensor<D>; readonly r: Tensor<D> }> {
  return read("qr", a).then((matrix) => {
    const { q, r } = qrOf(matrix);
    return { q: writeMatrix("qr", q, a.dtype), r: writeMatrix("qr", r, a.dtype) };
  });
}

/**
 * Eigenvalues [n], ascending, and eigenvectors [n, n], one in each column, of a symmetric tensor [n, n]. The lower triangle is
 * used. The entry of largest size of a vector is positive. Blocks while it works: about a second for n = 600, growing as n^3.
 *
 * @throws DTypeError unless the tensor is float32 or float64, ShapeError unless it is square, RangeError unless it is
 * symmetric, and for entries that are not finite
 */
export function eigh<D extends DType>(
  a: Tensor<D>,
): Promise<{ readonly values: Tensor<D>; readonly vectors: Tensor<D> }> {
  return read("eigh", a).then((matrix) => {
    const { values, vectors } = eighOf(matrix);
    return { values: write("eigh", values, [values.length], a.dtype), vectors: writeMatrix("eigh", vectors, a.dtype) };
  });
}

/**
 * The thin singular value decomposition a = u diag(s) v^T of a tensor [m, n]: u [m, k], s [k], descending, and v [n, k], for
 * k = min(m, n). The entry of largest size of a column of v is positive. Blocks while it works: a few seconds for 600 x 600.
 *
 * @throws DTypeError unless the tensor is float32 or float64, ShapeError unless it has two axes, RangeError for entries that
 * are not finite
 */
export function svd<D extends DType>(
  a: Tensor<D>,
): Promise<{ readonly u: Tensor<D>; readonly s: Tensor<D>; readonly v: Tensor<D> }> {
  return read("svd", a).then((matrix) => {
    const { u, s, v } = svdOf(matrix);
    return {
      u: writeMatrix("svd", u, a.dtype),
      s: write("svd", s, [s.length], a.dtype),
      v: writeMatrix("svd", v, a.dtype),
    };
  });
}
