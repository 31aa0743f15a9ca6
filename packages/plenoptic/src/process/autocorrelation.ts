// The autocorrelation of images (docs/science/process.md, "Autocorrelation").

import { complex, concat, DTypeError, roll, ShapeError, type Tensor, zeros } from "@plenoptic-js/tensor";
import { checkTensor, irfft2h, rfft2h, shapeText } from "@plenoptic-js/tensor/engine";

/**
 * The circular autocorrelation over the last two axes, lag 0 in the middle (at floor(n / 2)), where it is the mean of squares.
 * The mean is not taken off.
 *
 * Odd widths follow Python, where the result is one column narrower: it is the transform of the power spectrum read as that
 * of an image of even width.
 */
export function autocorrelation(x: Tensor): Tensor {
  checkTensor("autocorrelation", "x", x);
  const { dtype, shape } = x;
  if (dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError(`autocorrelation: x is ${dtype}; it must be float32 or float64`);
  }
  const [height, width] = shape.slice(-2);
  if (shape.length < 2 || width < 2 || height < 1) {
    throw new ShapeError(
      `autocorrelation: x is ${shapeText(shape)}; it must be [..., height, width], two columns wide at least`,
    );
  }
  const spectrum: Tensor = rfft2h(x);
  let power = spectrum.real().square().add(spectrum.imag().square()) as Tensor;
  if (width % 2 === 1) {
    // The highest frequency of the even width is the real part of one column: the mean of both signs.
    const m = (width - 1) / 2;
    const highest = power
      .slice(-1, m, m + 1)
      .add(power.slice(-1, m + 1, m + 2))
      .div(2);
    power = concat([power.slice(-1, 0, m), highest, power.slice(-1, m + 2)], -1);
  }
  const columns = power.shape[power.ndim - 1];
  const sums: Tensor = irfft2h(complex(power, zeros(power.shape, { dtype }) as Tensor), height);
  return roll(sums, [Math.floor(height / 2), columns / 2], [-2, -1]).div(height * columns * height * width);
}
