// Elements of an axis by their indices, and the way back. Each is the other's adjoint.

import { ops } from "./graph/build.ts";
import { transposeTable } from "./math/indexTables.ts";
import type { DType } from "./ops/definition.ts";
import { normalizeAxis } from "./ops/rules.ts";
import { Tensor } from "./tensor.ts";

/** Where each of `length` list entries begins, if each holds one index. */
const single = (length: number): Int32Array => Int32Array.from({ length: length + 1 }, (_, i) => i);

/** The elements `indices` of an axis, in that order; an index may come more than once. As NumPy's take. */
export function take<D extends DType>(x: Tensor<D>, indices: readonly number[], axis: number): Tensor<D> {
  return new Tensor<D>(ops.gatherSum(x.node, axis, single(indices.length), Int32Array.from(indices)));
}

/**
 * An axis of `length` elements that are zero, but for element `positions[i]`, which is element i of x. Elements with the
 * same position are added.
 */
export function spread<D extends DType>(
  x: Tensor<D>,
  positions: readonly number[],
  length: number,
  axis: number,
): Tensor<D> {
  const n = x.shape[normalizeAxis("spread", axis, x.ndim)];
  if (positions.length !== n) {
    throw new RangeError(`spread: ${positions.length} positions were given for the ${n} elements of axis ${axis}`);
  }
  const outside = positions.find((p) => !Number.isInteger(p) || p < 0 || p >= length);
  if (outside !== undefined) {
    throw new RangeError(`spread: position ${outside} is outside an axis of ${length} elements`);
  }
  const { starts, indices } = transposeTable(single(n), Int32Array.from(positions), length);
  return new Tensor<D>(ops.gatherSum(x.node, axis, starts, indices));
}
