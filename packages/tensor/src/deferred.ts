// Tables of numbers that are made when they are first needed: a graph with them has shapes, and can be planned, before any is there.
// So what does not fit is refused at once, and not after minutes of preparing what it would have computed with.

import { deferredLeaf } from "./graph/node.ts";
import { allocate, type Plane, type Shape, sizeOf } from "./ops/definition.ts";
import { array } from "./ops/leaf.ts";
import { ShapeError, shapeText } from "./ops/rules.ts";
import { Tensor } from "./tensor.ts";

/**
 * A tensor of real numbers whose elements are made when its values are first asked for.
 *
 * @param make gives the elements in C order, numbers that are rounded to the dtype. Called once at most.
 */
export function deferred<D extends "float32" | "float64">(
  make: () => Float32Array | Float64Array,
  { shape, dtype }: { readonly shape: Shape; readonly dtype: D },
): Tensor<D> {
  const plane = (): Plane => {
    const made = make();
    if (made.length !== sizeOf(shape)) {
      throw new ShapeError(`deferred: ${made.length} numbers were made for a tensor of ${shapeText(shape)}`);
    }
    if (made instanceof Float32Array === (dtype === "float32")) return made;
    const rounded = allocate(dtype, shape).re;
    rounded.set(made);
    return rounded;
  };
  return new Tensor<D>(deferredLeaf(array, shape, dtype, () => ({ dtype, shape, re: plane() })));
}
