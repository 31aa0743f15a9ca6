// Means, maxima and norms of windows.

import { avgPool2d, conv2d, full, maxPool2d, type PoolOptions, pad, type Tensor, where } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import type { AttributeKind } from "../file/model.ts";
import { type Call, floating, type Operator } from "./operator.ts";
import {
  flattened,
  type Plane,
  planeOf,
  restored,
  spanOf,
  type WindowAxis,
  windowAttributes,
  windowAxes,
} from "./windows.ts";

/** What both pools take: their windows, checked. */
function pool(
  more: Readonly<Record<string, AttributeKind>>,
  make: (call: Call, x: Tensor, kernel: Plane["kernel"], options: PoolOptions) => Tensor,
): Operator {
  return {
    attributes: { ...windowAttributes, ceil_mode: "int", ...more },
    inputs: [1, 1],
    run(call) {
      const axes = windowAxes(call);
      for (const axis of axes) {
        if (axis.before < spanOf(axis) && axis.after < spanOf(axis)) continue;
        const found = `its pads are ${axis.before} and ${axis.after}`;
        throw call.wrong(
          `${found}, but a window spans ${spanOf(axis)}; pads must be less, so that none is all padding`,
        );
      }
      call.checkTaps(axes.reduce((product, axis) => product * axis.kernel, 1));
      call.checkAlong(axes.map(({ size, before, after }) => size + before + after));
      const plane = planeOf(call, axes);
      const { kernel, stride, dilation, padding } = plane;
      const options = { stride, dilation, padding, ceilMode: call.flag("ceil_mode") };
      return call.like(restored(make(call, flattened(call.tensor(0), plane), kernel, options), axes));
    },
  };
}

const max = pool({ storage_order: "int" }, (call, x, kernel, options) => {
  if (call.int("storage_order", 0) !== 0) throw call.unsupported("its storage_order is not 0, which is not computed");
  return maxPool2d(x, kernel, options);
});

const average = pool({ count_include_pad: "int" }, (call, x, kernel, options) =>
  avgPool2d(x, kernel, { ...options, countIncludePad: call.flag("count_include_pad") }),
);

/** How many elements the last window has beyond what is there and its padding. */
function beyondOf(axis: WindowAxis, ceil: boolean): number {
  const { size, stride, before, after } = axis;
  const room = size + before + after - spanOf(axis);
  const isMore = ceil && room % stride !== 0 && (Math.floor(room / stride) + 1) * stride < size + before;
  return isMore ? stride - (room % stride) : 0;
}

/** (sum of |x|^p)^(1/p), for p from 1 on; the derivative is 0 where all are 0. */
function byNorm(call: Call, sumOf: (x: Tensor) => Tensor): Tensor {
  const p = call.int("p", 2);
  if (p < 1) throw call.wrong(`its p is ${p}; it must be from 1 on`);
  const x = call.tensor(0);
  if (p === 1) return sumOf(x.abs());
  const sum = sumOf(p === 2 ? x.square() : x.abs().pow(p));
  const isZero = sum.eq(0);
  const safe = where(isZero, 1, sum);
  return where(isZero, sum, p === 2 ? safe.sqrt() : safe.pow(1 / p));
}

/** Sums of windows are those of a convolution with ones. */
const norms: Operator = {
  attributes: { ...windowAttributes, ceil_mode: "int", p: "int" },
  inputs: [1, 1],
  run(call) {
    const axes = windowAxes(call);
    call.checkAlong(axes.map(({ size, before, after, stride }) => size + before + after + stride));
    const wide = axes.map((axis) => ({ ...axis, after: axis.after + beyondOf(axis, call.flag("ceil_mode")) }));
    if (wide.some((axis) => spanOf(axis) > axis.size + axis.before + axis.after)) {
      throw call.wrong(
        `its windows span ${shapeText(axes.map(spanOf))}, more than there is of ${shapeText(call.shape(0))}`,
      );
    }
    const plane = planeOf(call, wide);
    const { kernel, stride, dilation, padding } = plane;
    const channels = call.shape(0)[1];
    const ones = full([channels, 1, ...kernel], 1, { dtype: call.dtype });
    const sumOf = (x: Tensor): Tensor =>
      conv2d(pad(flattened(x, plane), padding), ones, { stride, dilation, groups: channels });
    return call.like(restored(byNorm(call, sumOf), wide));
  },
};

/** The axes behind batch and channel. */
function spatialAxes(call: Call): number[] {
  const rank = call.shape(0).length;
  if (rank < 3) throw call.wrong(`its input is ${shapeText(call.shape(0))}; it must have three axes or more`);
  return Array.from({ length: rank - 2 }, (_, i) => i + 2);
}

/** Over all that is behind batch and channel. */
const global = (reduce: (x: Tensor, axes: readonly number[]) => Tensor): Operator =>
  floating(1, (call) => reduce(call.tensor(0), spatialAxes(call)));

const globalNorm: Operator = {
  attributes: { p: "int" },
  inputs: [1, 1],
  run: (call) => call.like(byNorm(call, (x) => x.sum(spatialAxes(call), { keepdims: true }))),
};

export const pools: Readonly<Record<string, Operator>> = {
  MaxPool: max,
  AveragePool: average,
  LpPool: norms,
  GlobalLpPool: globalNorm,
  GlobalAveragePool: global((x, axes) => x.mean(axes, { keepdims: true })),
  GlobalMaxPool: global((x, axes) => x.max(axes, { keepdims: true })),
};
