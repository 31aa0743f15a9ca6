// Noise of a given size (docs/science/process.md, "Range, middle, noise").

import { type DType, randn, ShapeError, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkArray, shown } from "@plenoptic-js/tensor/engine";
import { checkImage } from "./floatImage.ts";

/**
 * Standard normal numbers [n, channel, height, width] without their mean, every channel scaled to the mean square that is
 * asked for: one for all n, or one for each.
 */
function scaledNoise(draws: Tensor, noiseMse: readonly number[]): Tensor {
  const centred = draws.sub(draws.mean());
  const wanted = tensor(Float64Array.from(noiseMse), { shape: [noiseMse.length, 1, 1, 1], dtype: draws.dtype });
  return centred.mul(wanted.div(centred.square().mean([-2, -1], { keepdims: true })).sqrt());
}

/**
 * Adds normal noise to every image and channel, scaled so that the mean squared error is what is asked for, not only on
 * average. The numbers are drawn now, from the global generator: one for every value of the result, in float32 whatever the
 * image's dtype.
 *
 * @param img [batch, channel, height, width], float32 or float64
 * @param noiseMse mean squared error, or several: as many as images, unless one of the two numbers is 1
 * @returns [max(batch, number of errors), channel, height, width]
 */
export function addNoise<D extends DType>(img: Tensor<D>, noiseMse: number | readonly number[]): Tensor<D> {
  checkImage("addNoise", img);
  if (typeof noiseMse !== "number") checkArray("addNoise", "noiseMse", noiseMse, "numbers from 0 on, or one");
  const wanted = typeof noiseMse === "number" ? [noiseMse] : [...noiseMse];
  const wrong = wanted.find((mse) => !(mse >= 0 && mse < Infinity));
  if (wrong !== undefined || wanted.length === 0) {
    throw new RangeError(
      `addNoise: noiseMse is ${shown(noiseMse)}; it must be a finite number from 0 on, or a list of such numbers`,
    );
  }
  const [batch, ...sizes] = img.shape;
  if (wanted.length !== batch && wanted.length !== 1 && batch !== 1) {
    throw new ShapeError(
      `addNoise: there are ${batch} images and ${wanted.length} values of noiseMse; give one value, or ${batch}`,
    );
  }
  const shape = [Math.max(batch, wanted.length), ...sizes];
  if (shape.every((n) => n === 1)) {
    throw new ShapeError(
      "addNoise: the image has one pixel; noise without its mean is zero there. Use a larger image.",
    );
  }
  const draws = randn(shape, { dtype: "float32" }).cast(img.dtype);
  return img.add(scaledNoise(draws, wanted) as Tensor<D>);
}
