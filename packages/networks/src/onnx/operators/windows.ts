// Where windows lie: kernels, strides, gaps and padding, as Conv and the pools share them.
//
// Windows over two axes are computed. Those over a row are windows over an image of one row; those over a volume are computed where
// two neighbouring axes are not looked along, as in PyTorch's local response normalization, and so are one.

import type { Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import type { AttributeKind } from "../file/model.ts";
import type { Call } from "./operator.ts";

type Two = readonly [number, number];

export const windowAttributes: Readonly<Record<string, AttributeKind>> = {
  auto_pad: "text",
  dilations: "ints",
  kernel_shape: "ints",
  pads: "ints",
  strides: "ints",
};

/** Windows along one axis. */
export interface WindowAxis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** Elements from the first of a window to its last. */
export const spanOf = ({ kernel, dilation }: WindowAxis): number => (kernel - 1) * dilation + 1;

/** A number for each axis, from `least` on. */
function each(call: Call, name: string, count: number, least: number): readonly number[] {
  const values = call.ints(name) ?? new Array<number>(count).fill(1);
  if (values.length !== count || values.some((n) => !Number.isSafeInteger(n) || n < least)) {
    throw call.wrong(`its ${name} are [${values.join(", ")}]; they must be ${count} whole numbers from ${least} on`);
  }
  return values;
}

/**
 * The windows over the axes of input 0 that are behind batch and channel.
 *
 * @param taps the sizes of a weight, which the attribute `kernel_shape` must repeat. Left out: it must be there.
 */
export function windowAxes(call: Call, taps?: readonly number[]): WindowAxis[] {
  const sizes = call.shape(0).slice(2);
  const count = sizes.length;
  if (count < 1)
    throw call.wrong(`its input is ${shapeText(call.shape(0))}; it must be [batch, channels, height, width]`);
  if (taps === undefined && !call.hasAttribute("kernel_shape")) throw call.wrong("it has no attribute kernel_shape");
  const kernel = call.hasAttribute("kernel_shape") ? each(call, "kernel_shape", count, 1) : (taps as readonly number[]);
  if (taps !== undefined && shapeText(taps) !== shapeText(kernel)) {
    throw call.wrong(`its kernel_shape is ${shapeText(kernel)}, but the weight has ${shapeText(taps)}`);
  }
  const [stride, dilation] = [each(call, "strides", count, 1), each(call, "dilations", count, 1)];
  const sides = paddingOf(call, count, (i) => {
    const windows = Math.ceil(sizes[i] / stride[i]);
    return Math.max((windows - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1 - sizes[i], 0);
  });
  return sizes.map((size, i) => {
    const [before, after] = sides[i];
    return { size, kernel: kernel[i], stride: stride[i], dilation: dilation[i], before, after };
  });
}

/** @param same how much padding an axis takes so that there are as many windows as strides go into it */
function paddingOf(call: Call, count: number, same: (axis: number) => number): readonly Two[] {
  const given = call.ints("pads") ?? new Array<number>(2 * count).fill(0);
  if (given.length !== 2 * count || given.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    throw call.wrong(`its pads are [${given.join(", ")}]; they must be ${2 * count} whole numbers from 0 on`);
  }
  const automatic = call.text("auto_pad", "NOTSET");
  const axes = Array.from({ length: count }, (_, i) => i);
  if (automatic === "NOTSET") return axes.map((i) => [given[i], given[i + count]]);
  if (given.some((n) => n > 0)) throw call.wrong(`it has both pads and auto_pad ${automatic}; one of them must go`);
  if (automatic === "VALID") return axes.map(() => [0, 0]);
  if (automatic !== "SAME_UPPER" && automatic !== "SAME_LOWER") {
    throw call.wrong(`its auto_pad is "${automatic}"; it must be NOTSET, VALID, SAME_UPPER or SAME_LOWER`);
  }
  return axes.map((i) => {
    const total = same(i);
    const less = Math.floor(total / 2);
    return automatic === "SAME_UPPER" ? [less, total - less] : [total - less, less];
  });
}

/** Windows over two axes. */
export interface Plane {
  readonly sizes: Two;
  readonly kernel: Two;
  readonly stride: Two;
  readonly dilation: Two;
  readonly padding: readonly [Two, Two];
}

const NOTHING: WindowAxis = { size: 1, kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

/** Whether windows do not look along an axis. */
const isStill = ({ kernel, stride, before, after }: WindowAxis): boolean =>
  kernel === 1 && stride === 1 && before === 0 && after === 0;

/** The first of two neighbouring axes that can be one; -1 where there are none. */
const joined = (axes: readonly WindowAxis[]): number =>
  axes.findIndex((axis, i) => isStill(axis) && i + 1 < axes.length && isStill(axes[i + 1]));

/** Windows as those of an image. */
export function planeOf(call: Call, axes: readonly WindowAxis[]): Plane {
  const at = joined(axes);
  const together = axes.length === 3 && at >= 0 ? axes[at].size * axes[at + 1].size : 1;
  const two =
    axes.length === 1
      ? [NOTHING, axes[0]]
      : axes.length === 3 && at >= 0
        ? [...axes.slice(0, at), { ...NOTHING, size: together }, ...axes.slice(at + 2)]
        : axes;
  if (two.length !== 2) {
    throw call.unsupported(
      `its windows are over ${axes.length} axes of ${shapeText(call.shape(0))}; those over two are computed`,
    );
  }
  const of = <T>(value: (axis: WindowAxis) => T): readonly [T, T] => [value(two[0]), value(two[1])];
  return {
    sizes: of((axis) => axis.size),
    kernel: of((axis) => axis.kernel),
    stride: of((axis) => axis.stride),
    dilation: of((axis) => axis.dilation),
    padding: of((axis): Two => [axis.before, axis.after]),
  };
}

/** A tensor as images of a plane. */
export const flattened = (x: Tensor, { sizes }: Plane): Tensor => x.reshape([x.shape[0], x.shape[1], ...sizes]);

/** Images with the axes that they had before. */
export function restored(y: Tensor, axes: readonly WindowAxis[]): Tensor {
  const [batch, channels, ...two] = y.shape;
  if (axes.length === 2) return y;
  if (axes.length === 1) return y.reshape([batch, channels, two[1]]);
  const at = joined(axes);
  const sizes = [...two.slice(0, at), axes[at].size, axes[at + 1].size, ...two.slice(at + 1)];
  return y.reshape([batch, channels, ...sizes]);
}
