// The normalized Laplacian pyramid distance (docs/science/metrics.md, "NLPD"): V. Laparra, J. Ballé, A. Berardino and E. P.
// Simoncelli, "Perceptual image quality assessment using a normalized Laplacian pyramid", 2016.

import type { DType, Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shown } from "@plenoptic-js/tensor/engine";
import { checkImagePair } from "../../process/imagePair.ts";
import { normalizedLevels } from "../../process/normalizedLaplacianPyramid.ts";

export interface NlpdOptions {
  /** Added under each root. With 0 identical images are 0 apart, but have no finite gradient. Default 1e-10. */
  readonly epsilon?: number;
}

/**
 * Normalized Laplacian pyramid distance of two images. Lower is more similar; identical images give sqrt(epsilon), 1e-5
 * by default, and not 0. There is no upper bound; two images of unrelated noise are about 1.3 apart.
 *
 * Both images become Laplacian pyramids of six levels, each value divided by a weighted sum of its neighbours' moduli, as
 * in `process.normalizedLaplacianPyramid`. The distance is the mean over levels of sqrt(mean squared difference + epsilon).
 *
 * Every batch entry and channel is compared on its own. Warns about values outside [0, 1] and several channels.
 *
 * @param img1 images, [batch, channel, height, width], values in [0, 1], both sizes at least 33
 * @param img2 images of the same height and width; batch and channel sizes equal, or 1
 * @returns [batch, channel]
 */
export function nlpd<D extends DType>(img1: Tensor<D>, img2: Tensor<D>, options: NlpdOptions = {}): Tensor<D> {
  checkTensor("nlpd", "img1", img1);
  checkTensor("nlpd", "img2", img2);
  checkOptions("nlpd()", options, ["epsilon"]);
  const { epsilon = 1e-10 } = options;
  if (!(typeof epsilon === "number" && epsilon >= 0 && epsilon < Infinity)) {
    throw new RangeError(`nlpd: epsilon is ${shown(epsilon)}; it must be a finite number from 0 on`);
  }
  checkImagePair("nlpd", "NLPD", img1, img2);
  const other = normalizedLevels("nlpd", img2);
  const distances = normalizedLevels("nlpd", img1).map((level, s) =>
    level.sub(other[s]).square().mean([-2, -1]).add(epsilon).sqrt(),
  );
  return distances.reduce((sum, distance) => sum.add(distance)).div(distances.length) as Tensor<D>;
}
