// The middle of images (docs/science/process.md, "Range, middle, noise").

import { type DType, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";

/**
 * The middle `outputSize` rows and columns. An odd number of them is centred on pixel floor(size / 2), and so is an even
 * number of an even size.
 *
 * @param x [..., height, width], any dtype
 */
export function centerCrop<D extends DType>(x: Tensor<D>, outputSize: number): Tensor<D> {
  checkTensor("centerCrop", "x", x);
  if (typeof outputSize !== "number") {
    throw new TypeError(`centerCrop: outputSize must be a single number, not ${shown(outputSize)}`);
  }
  if (!Number.isInteger(outputSize)) {
    throw new TypeError(`centerCrop: outputSize must be an integer, not ${shown(outputSize)}`);
  }
  if (x.ndim < 2) {
    throw new ShapeError(`centerCrop: x is ${shapeText(x.shape)}; it must be [..., height, width]`);
  }
  const [height, width] = x.shape.slice(-2);
  if (outputSize > Math.min(height, width)) {
    throw new RangeError(
      `centerCrop: outputSize is bigger than the image's height or width: ${outputSize}, and the image is ${height} x ${width}`,
    );
  }
  if (outputSize < 1) throw new RangeError(`centerCrop: outputSize must be positive, not ${outputSize}`);
  const cropped = (y: Tensor<D>, axis: -1 | -2): Tensor<D> => {
    const start = Math.floor(x.shape[x.ndim + axis] / 2) - Math.floor(outputSize / 2);
    return y.slice(axis, start, start + outputSize);
  };
  return cropped(cropped(x, -2), -1);
}
