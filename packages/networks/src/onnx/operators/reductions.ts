// Reductions over axes, which are an attribute in older sets of operators and an input since.

import type { Tensor } from "@plenoptic-js/tensor";
import type { Operator } from "./operator.ts";

type Reduce = (x: Tensor, axes: readonly number[], keepdims: boolean) => Tensor;

/** @param slices whether every slice of an axis is a node of the graph */
function reduction(reduce: Reduce, slices = false): Operator {
  return {
    attributes: { axes: "ints", keepdims: "int", noop_with_empty_axes: "int" },
    inputs: [1, 2],
    run(call) {
      const rank = call.shape(0).length;
      const given = call.axesGiven(1, rank) ?? [];
      const keepdims = call.flag("keepdims", true);
      const x = call.tensor(0);
      if (slices) call.checkTaps(Math.max(0, ...call.shape(0)));
      if (given.length > 0) return call.like(reduce(x, given, keepdims));
      if (call.flag("noop_with_empty_axes")) return call.like(x);
      return call.like(reduce(x, [...x.shape.keys()], keepdims));
    },
  };
}

/** Products, one slice after the other. */
function product(x: Tensor, axes: readonly number[], keepdims: boolean): Tensor {
  let y = x;
  for (const axis of axes) {
    const slices = Array.from({ length: y.shape[axis] }, (_, i) => y.slice(axis, i, i + 1));
    y = slices.length === 0 ? y.sum(axis, { keepdims: true }).add(1) : slices.reduce((a, b) => a.mul(b));
  }
  return keepdims ? y : y.squeeze(axes);
}

export const reductions: Readonly<Record<string, Operator>> = {
  ReduceMean: reduction((x, axes, keepdims) => x.mean(axes, { keepdims })),
  ReduceSum: reduction((x, axes, keepdims) => x.sum(axes, { keepdims })),
  ReduceMax: reduction((x, axes, keepdims) => x.max(axes, { keepdims })),
  ReduceMin: reduction((x, axes, keepdims) => x.min(axes, { keepdims })),
  ReduceL1: reduction((x, axes, keepdims) => x.abs().sum(axes, { keepdims })),
  ReduceL2: reduction((x, axes, keepdims) => x.norm(axes, { keepdims })),
  ReduceSumSquare: reduction((x, axes, keepdims) => x.square().sum(axes, { keepdims })),
  ReduceProd: reduction(product, true),
};
