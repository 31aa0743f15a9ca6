// The structural similarity index (docs/science/metrics.md, "SSIM"): Z. Wang, A. C. Bovik, H. R. Sheikh and E. P.
// Simoncelli, "Image quality assessment: from error visibility to structural similarity", 2004. The weights: Z. Wang
// and E. P. Simoncelli, "Maximum differentiation (MAD) competition: a methodology for comparing computational models of
// perceptual quantities", 2008.

import type { DType, PaddingMode, Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shown } from "@plenoptic-js/tensor/engine";
import { checkImagePair } from "../../process/imagePair.ts";
import {
  informationWeight,
  similarityMap,
  structuralSimilarity,
  warnOfSmallWindow,
} from "../../process/structuralSimilarity.ts";

export interface SsimOptions {
  /** Weigh every place by the information in its contrast instead of averaging. Default false. */
  readonly weighted?: boolean;
  /** How to pad both images so that the window is centred on every pixel; false keeps it inside. Default false. */
  readonly pad?: PaddingMode | false;
}

const PADS: readonly unknown[] = [false, "reflect", "constant", "replicate", "circular"];

function index<D extends DType>(caller: string, img1: Tensor<D>, img2: Tensor<D>, options: SsimOptions): Tensor<D> {
  checkOptions(`${caller}()`, options, ["weighted", "pad"]);
  const { weighted = false, pad = false } = options;
  if (!PADS.includes(pad)) {
    const choices = PADS.map((choice) => JSON.stringify(choice)).join(", ");
    throw new RangeError(`${caller}: pad is ${shown(pad)}; it must be one of ${choices}`);
  }
  checkImagePair(caller, "SSIM", img1, img2);
  warnOfSmallWindow(caller, "the images are", img1);
  const similarity = structuralSimilarity(img1, img2, pad);
  const map = similarityMap(similarity);
  if (!weighted) return map.mean([-2, -1]);
  const weight = informationWeight(similarity.variances);
  return map
    .mul(weight)
    .sum([-2, -1])
    .div(weight.sum([-2, -1]));
}

/**
 * Structural similarity of two images. Higher is more similar: 1 for identical images, at least -1.
 *
 * Conventions: a Gaussian window of 11 pixels (less in smaller images) and standard deviation 1.5; no padding unless
 * `pad` is given; biased local variances and covariance; constants (0.01)^2 and (0.03)^2, for values in [0, 1]; no
 * downsampling; negative terms are kept. docs/metrics.md compares with other programs.
 *
 * Every batch entry and channel is compared on its own. Warns about values outside [0, 1], several channels, and
 * images smaller than the window. With `weighted` the result is NaN where both images are black everywhere: nothing
 * has a weight.
 *
 * @param img1 images, [batch, channel, height, width], values in [0, 1]
 * @param img2 images of the same height and width; batch and channel sizes equal, or 1
 * @returns [batch, channel]
 */
export function ssim<D extends DType>(img1: Tensor<D>, img2: Tensor<D>, options: SsimOptions = {}): Tensor<D> {
  checkTensor("ssim", "img1", img1);
  checkTensor("ssim", "img2", img2);
  return index("ssim", img1, img2, options);
}

/**
 * 1 - ssim, a distance: lower is more similar, 0 for identical images, at most 2. Arguments, options and result are
 * those of `ssim`: [batch, channel], so one number for one gray image, as MADCompetition needs. For more images or channels
 * take the mean: `(a, b) => oneMinusSsim(a, b).mean()`.
 */
export function oneMinusSsim<D extends DType>(img1: Tensor<D>, img2: Tensor<D>, options: SsimOptions = {}): Tensor<D> {
  checkTensor("oneMinusSsim", "img1", img1);
  checkTensor("oneMinusSsim", "img2", img2);
  return index("oneMinusSsim", img1, img2, options).neg().add(1);
}
