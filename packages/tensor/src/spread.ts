// Elements put back to places of an axis: the adjoint of take.

import { ops } from "./graph/build.ts";
import { transposeTable } from "./math/indexTables.ts";
import type { DType } from "./ops/definition.ts";
import { normalizeAxis } from "./ops/rules.ts";
import { Tensor } from "./tensor.ts";

/**
 * An axis of `length` elements that are zero, but for element `positions[i]`, which is element i of x. Elements with the
 * same position are added.
 */
export function spread<D extends DType>(
  x: Tensor<D>,
  positions: readonly number[],
  length: number,
  axis = 0,
): Tensor<D> {
  const n = x.shape[normalizeAxis("spread", axis, x.ndim)];
  if (positions.length !== n) {
    throw new RangeError(`spread: ${positions.length} positions were given for the ${n} elements of axis ${axis}`);
  }
  const outside = positions.find((p) => !Number.isInteger(p) || p < 0 || p >= length);
  if (outside !== undefined) {
    throw new RangeError(`spread: position ${outside} is outside an axis of ${length} elements`);
  }
  const taken = Int32Array.from({ length: n + 1 }, (_, i) => i);
  const { starts, indices } = transposeTable(taken, Int32Array.from(positions), length);
  return new Tensor<D>(ops.gatherSum(x.node, axis, starts, indices));
}
