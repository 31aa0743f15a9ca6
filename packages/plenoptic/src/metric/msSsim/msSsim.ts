// Multiscale structural similarity (docs/science/metrics.md, "MS-SSIM"): Z. Wang, E. P. Simoncelli and A. C. Bovik,
// "Multiscale structural similarity for image quality assessment", 2003.

import { avgPool2d, type DType, pad, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shown } from "@plenoptic-js/tensor/engine";
import { checkImagePair } from "../../process/imagePair.ts";
import { similarityMap, structuralSimilarity, warnOfSmallWindow } from "../../process/structuralSimilarity.ts";

export interface MsSsimOptions {
  /** Exponents of the scales, fine to coarse; their number is the number of scales. Default: the paper's five. */
  readonly powerFactors?: readonly number[] | null;
}

/** Exponents fitted to human judgements in the paper. */
const POWER_FACTORS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/** Means over blocks of 2 x 2 pixels; the last row or column of an odd size is repeated. */
function halve<D extends DType>(image: Tensor<D>): Tensor<D> {
  const [height, width] = image.shape.slice(2);
  const even =
    (height % 2) + (width % 2) === 0
      ? image
      : pad(
          image,
          [
            [0, height % 2],
            [0, width % 2],
          ],
          "replicate",
        );
  return avgPool2d(even, 2);
}

/**
 * Multiscale structural similarity of two images. Higher is more similar: 1 for identical images, between 0 and 1.
 *
 * The product over scales of the mean similarity of contrast and structure to the power of the scale's exponent; at
 * the last scale of the mean SSIM. From scale to scale both images are averaged over blocks of 2 x 2 pixels. Window,
 * constants and data range are those of `ssim`, without padding. Negative means count as 0: the result is then exactly 0,
 * and so is its gradient. docs/metrics.md compares with other programs.
 *
 * Every batch entry and channel is compared on its own. Warns about values outside [0, 1], several channels, and
 * images that are smaller than the window at some scale (below 161 pixels with the default exponents).
 *
 * @param img1 images, [batch, channel, height, width], values in [0, 1]
 * @param img2 images of the same height and width; batch and channel sizes equal, or 1
 * @returns [batch, channel]
 */
export function msSsim<D extends DType>(img1: Tensor<D>, img2: Tensor<D>, options: MsSsimOptions = {}): Tensor<D> {
  checkTensor("msSsim", "img1", img1);
  checkTensor("msSsim", "img2", img2);
  checkOptions("msSsim()", options, ["powerFactors"]);
  const powers = options.powerFactors ?? POWER_FACTORS;
  if (!Array.isArray(powers) || powers.length === 0 || !powers.every((p) => p >= 0 && p < Infinity)) {
    throw new RangeError(
      `msSsim: powerFactors is ${shown(powers)}; it must be a list of finite numbers from 0 on, one for each scale`,
    );
  }
  checkImagePair("msSsim", "MS-SSIM", img1, img2);
  let x = img1;
  let y = img2;
  const factors = powers.map((power, scale): Tensor<D> => {
    if (scale > 0) [x, y] = [halve(x), halve(y)];
    const similarity = structuralSimilarity(x, y);
    const last = scale === powers.length - 1;
    const map = last ? similarityMap(similarity) : similarity.contrastStructure;
    return map.mean([-2, -1]).relu().pow(power);
  });
  warnOfSmallWindow("msSsim", "at some scales the images are", x);
  return factors.reduce((product, factor) => product.mul(factor));
}
