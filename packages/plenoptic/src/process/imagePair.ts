// The checks of two images that are compared (docs/science/metrics.md, "Checks").

import { DTypeError, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkTensor, shapeText } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../warnings.ts";
import { checkFloat } from "./floatImage.ts";
import { someValue } from "./someValue.ts";

/** Refuses what is not float32 or float64, and two images that differ in it. */
export function checkPrecision(caller: string, img1: Tensor, img2: Tensor): void {
  checkFloat(caller, "img1", img1);
  checkFloat(caller, "img2", img2);
  if (img1.dtype !== img2.dtype) {
    throw new DTypeError(
      `${caller}: the images are ${img1.dtype} and ${img2.dtype}; they must have the same dtype: use img2.cast("${img1.dtype}")`,
    );
  }
}

/**
 * Refuses images that cannot be compared, and warns about those for which the metric was not made.
 *
 * @param metric the metric's name in warnings, such as "SSIM"
 */
export function checkImagePair(caller: string, metric: string, img1: Tensor, img2: Tensor): void {
  checkTensor(caller, "img1", img1);
  checkTensor(caller, "img2", img2);
  const shapes = `${shapeText(img1.shape)} and ${shapeText(img2.shape)}`;
  if (img1.ndim !== 4 || img2.ndim !== 4) {
    throw new ShapeError(`${caller}: the images are ${shapes}; they must be [batch, channel, height, width]`);
  }
  if (img1.shape[2] !== img2.shape[2] || img1.shape[3] !== img2.shape[3]) {
    throw new ShapeError(`${caller}: the images are ${shapes}; they must have the same height and width`);
  }
  if ([0, 1].some((i) => img1.shape[i] !== img2.shape[i] && img1.shape[i] !== 1 && img2.shape[i] !== 1)) {
    throw new ShapeError(
      `${caller}: the images are ${shapes}; their batch and channel sizes must be equal, or 1 in one of them`,
    );
  }
  if (img1.size === 0 || img2.size === 0) {
    throw new ShapeError(`${caller}: the images are ${shapes}; they have no values`);
  }
  checkPrecision(caller, img1, img2);
  if (img1.shape[1] > 1 || img2.shape[1] > 1) {
    warn(
      new UserWarning(
        "metric-channels",
        `${caller}: ${metric} was designed for grayscale images; here it is computed separately for each channel, as if ` +
          "channels were batches",
      ),
    );
  }
  if (leavesRange(img1) || leavesRange(img2)) {
    warn(
      new UserWarning(
        "metric-range",
        `${caller}: an image has values outside [0, 1]; ${metric} output may not make sense`,
      ),
    );
  }
}

const leavesRange = (image: Tensor): boolean => someValue(image, (value) => value < 0 || value > 1);
