// Padding that keeps an image's size through a convolution (docs/science/process.md, "Padding").

import { type DType, type Padding, type PaddingMode, pad, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";

/** One value for each of the last two axes. */
export type Pair = readonly [vertical: number, horizontal: number];

export interface SamePaddingOptions {
  /** Default [1, 1]. */
  readonly stride?: Pair;
  /** Default [1, 1]. */
  readonly dilation?: Pair;
  /** Default "circular". */
  readonly padMode?: PaddingMode;
}

const MODES: readonly PaddingMode[] = ["constant", "reflect", "replicate", "circular"];

/** Checks the name of a padding mode. */
export function padModeOf(caller: string, padMode: PaddingMode): PaddingMode {
  if (!MODES.includes(padMode)) {
    throw new RangeError(`${caller}: padMode is ${shown(padMode)}; it must be one of ${MODES.join(", ")}`);
  }
  return padMode;
}

function pairOf(name: string, value: Pair): Pair {
  if (!Array.isArray(value) || value.length !== 2 || !value.every((n) => Number.isInteger(n) && n > 0)) {
    throw new TypeError(
      `samePadding: ${name} is ${shown(value)}; it must be two positive integers, [vertical, horizontal]`,
    );
  }
  return value;
}

/**
 * Pads the last two axes so that a convolution with this kernel gives ceil(size / stride) samples. What cannot be
 * halved goes to the end.
 */
export function samePadding<D extends DType>(
  image: Tensor<D>,
  kernelSize: Pair,
  options: SamePaddingOptions = {},
): Tensor<D> {
  checkTensor("samePadding", "image", image);
  checkOptions("samePadding()", options, ["stride", "dilation", "padMode"]);
  const kernel = pairOf("kernelSize", kernelSize);
  const stride = pairOf("stride", options.stride ?? [1, 1]);
  const dilation = pairOf("dilation", options.dilation ?? [1, 1]);
  const padMode = padModeOf("samePadding", options.padMode ?? "circular");
  if (image.ndim < 2) {
    throw new ShapeError(
      `samePadding: the image is ${shapeText(image.shape)}; it must have two axes at least, height and width last`,
    );
  }
  const padding = [0, 1].map((axis): Padding => {
    const n = image.shape[image.ndim - 2 + axis];
    const needed = (Math.ceil(n / stride[axis]) - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 - n;
    const total = Math.max(0, needed);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  return pad(image, padding, padMode);
}
