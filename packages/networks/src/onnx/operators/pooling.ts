// Means and maxima of windows.

import { avgPool2d, maxPool2d, type PoolOptions, type Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import type { AttributeKind } from "../file/model.ts";
import { type Call, floating, type Operator } from "./operator.ts";
import { flattened, type Plane, planeOf, restored, spanOf, windowAttributes, windowAxes } from "./windows.ts";

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

/** Over all that is behind batch and channel. */
const global = (reduce: (x: Tensor, axes: readonly number[]) => Tensor): Operator =>
  floating(1, (call) => {
    const rank = call.shape(0).length;
    if (rank < 3) throw call.wrong(`its input is ${shapeText(call.shape(0))}; it must have three axes or more`);
    return reduce(
      call.tensor(0),
      Array.from({ length: rank - 2 }, (_, i) => i + 2),
    );
  });

export const pools: Readonly<Record<string, Operator>> = {
  MaxPool: max,
  AveragePool: average,
  GlobalAveragePool: global((x, axes) => x.mean(axes, { keepdims: true })),
  GlobalMaxPool: global((x, axes) => x.max(axes, { keepdims: true })),
};
