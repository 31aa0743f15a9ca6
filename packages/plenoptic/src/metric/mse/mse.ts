// The mean squared error of images (docs/science/metrics.md, "MSE").

import { type DType, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { checkPrecision } from "../../process/imagePair.ts";

/**
 * Mean squared difference over the last two axes. Lower is more similar: 0 for identical images, never negative. Values
 * may have any range.
 *
 * This is the metric of images: every batch entry and channel on its own, [batch, channel] for [batch, channel, height, width].
 * `loss.mse` takes the mean over everything.
 */
export function mse<D extends DType>(img1: Tensor<D>, img2: Tensor<D>): Tensor<D> {
  checkPrecision("mse", img1, img2);
  if (img1.ndim < 2 && img2.ndim < 2) {
    throw new ShapeError(
      `mse: the images are ${shapeText(img1.shape)} and ${shapeText(img2.shape)}; they must have two axes at least, ` +
        "height and width last",
    );
  }
  return img1.sub(img2).square().mean([-2, -1]);
}
