// Convolutions. Padding is zeros; the weight is not turned around.

import { conv2d, convTranspose2d, pad, type Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import type { Value } from "../values/value.ts";
import type { Call, Operator } from "./operator.ts";
import { flattened, planeOf, restored, spanOf, type WindowAxis, windowAttributes, windowAxes } from "./windows.ts";

/** A weight for images or rows, and the windows it makes. */
function weightOf(call: Call): { shape: readonly number[]; axes: WindowAxis[] } {
  const [image, shape] = [call.shape(0), call.shape(1)];
  if (image.length !== shape.length || shape.length < 3 || shape.some((n) => n < 1)) {
    throw call.wrong(`its input is ${shapeText(image)} and its weight ${shapeText(shape)}, which do not fit together`);
  }
  if (shape.length > 4) {
    throw call.unsupported(
      `its weight is ${shapeText(shape)}; convolutions of images and rows are computed, not of volumes`,
    );
  }
  return { shape, axes: windowAxes(call, shape.slice(2)) };
}

/** Groups that divide what they are to divide. */
function groupsOf(call: Call, channels: number): number {
  const groups = call.int("group", 1);
  if (groups < 1 || channels % groups !== 0) {
    throw call.wrong(`its group is ${groups}; it must be from 1 on, and divide ${channels} channels`);
  }
  return groups;
}

function withBias(call: Call, y: Tensor, axes: readonly WindowAxis[]): Value {
  if (!call.has(2)) return call.like(restored(y, axes));
  const channels = y.shape[1];
  if (call.shape(2).length !== 1 || call.shape(2)[0] !== channels) {
    throw call.wrong(
      `its bias is ${shapeText(call.shape(2))}; it must have one number for each of ${channels} channels`,
    );
  }
  return call.like(restored(y.add(call.tensor(2).reshape([1, channels, 1, 1])), axes));
}

const convolution: Operator = {
  attributes: { ...windowAttributes, group: "int" },
  inputs: [2, 3],
  run(call) {
    const { shape, axes } = weightOf(call);
    const [batch, channels] = call.shape(0);
    const groups = groupsOf(call, shape[0]);
    if (shape[1] * groups !== channels) {
      throw call.wrong(
        `its weight ${shapeText(shape)} with group ${groups} takes ${shape[1] * groups} channels, but the input is ${shapeText(call.shape(0))}`,
      );
    }
    const padded = axes.map(({ size, before, after }) => size + before + after);
    call.checkSize([batch, channels, ...padded]);
    call.checkAlong(padded);
    if (axes.some((axis, i) => spanOf(axis) > padded[i])) {
      throw call.wrong(
        `its windows span ${shapeText(axes.map(spanOf))}, but the padded image has only ${shapeText(padded)}`,
      );
    }
    const plane = planeOf(call, axes);
    const { stride, dilation, padding } = plane;
    const x = flattened(call.tensor(0), plane);
    const around = padding.flat().some((n) => n > 0) ? pad(x, padding) : x;
    return withBias(
      call,
      conv2d(around, flattened(call.tensor(1), kernelPlane(plane)), { stride, dilation, groups }),
      axes,
    );
  },
};

/** The weight's own plane. */
const kernelPlane = (plane: ReturnType<typeof planeOf>): ReturnType<typeof planeOf> => ({
  ...plane,
  sizes: plane.kernel,
});

const transposed: Operator = {
  attributes: { ...windowAttributes, group: "int", output_padding: "ints", output_shape: "ints" },
  inputs: [2, 3],
  run(call) {
    if (call.hasAttribute("output_shape") || call.text("auto_pad", "NOTSET") !== "NOTSET") {
      throw call.unsupported(
        "it says its size by output_shape or auto_pad, which is not computed; export it with pads",
      );
    }
    const { shape, axes } = weightOf(call);
    const [batch, channels] = call.shape(0);
    if (shape[0] !== channels) {
      throw call.wrong(`its weight ${shapeText(shape)} takes ${shape[0]} channels, but the input has ${channels}`);
    }
    if (shape.length !== 4) throw call.unsupported(`its weight is ${shapeText(shape)}; images are computed, not rows`);
    const groups = groupsOf(call, channels);
    const more = call.ints("output_padding") ?? [0, 0];
    if (more.length !== 2 || more.some((n) => !Number.isSafeInteger(n) || n < 0)) {
      throw call.wrong(`its output_padding is [${more.join(", ")}]; it must be two whole numbers from 0 on`);
    }
    const sizes = axes.map(
      (axis, i) => (axis.size - 1) * axis.stride + more[i] + spanOf(axis) - axis.before - axis.after,
    );
    call.checkSize([batch, shape[1] * groups, ...sizes]);
    call.checkAlong(sizes);
    const { stride, dilation, padding } = planeOf(call, axes);
    const options = { stride, dilation, groups, padding, outputPadding: [more[0], more[1]] as const };
    return withBias(call, convTranspose2d(call.tensor(0), call.tensor(1), options), axes);
  },
};

export const convolutions: Readonly<Record<string, Operator>> = { Conv: convolution, ConvTranspose: transposed };
