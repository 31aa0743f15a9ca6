// The SSIM of every place of the window (docs/science/metrics.md, "SSIM").

import type { DType, Tensor } from "@plenoptic-js/tensor";
import { checkImagePair } from "./imagePair.ts";
import { similarityMap, structuralSimilarity, warnOfSmallWindow } from "./structuralSimilarity.ts";

/**
 * The map of local similarity whose mean is `metric.ssim`, with the same conventions and checks. Higher is more similar; 1
 * where the images are the same, between -1 and 1.
 *
 * @param img1 images, [batch, channel, height, width], values in [0, 1]
 * @param img2 images of the same height and width; batch and channel sizes equal, or 1
 * @returns [batch, channel, height - k + 1, width - k + 1] for a window of k = min(11, height, width) pixels
 */
export function ssimMap<D extends DType>(img1: Tensor<D>, img2: Tensor<D>): Tensor<D> {
  checkImagePair("ssimMap", "SSIM", img1, img2);
  warnOfSmallWindow("ssimMap", "the images are", img1);
  return similarityMap(structuralSimilarity(img1, img2));
}
