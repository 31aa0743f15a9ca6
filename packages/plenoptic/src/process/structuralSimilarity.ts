// The maps behind SSIM (docs/science/metrics.md, "SSIM"): Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli,
// "Image quality assessment: from error visibility to structural similarity", 2004.
//
// The reference's window is a float32 array, whose sum is not exactly 1. Here it is a product of two vectors in the
// images' precision, scaled to that very sum, which agrees with the reference and takes 22 taps a pixel instead of 121.

import { correlateSeparable, type DType, type PaddingMode, type Tensor, tensor } from "@plenoptic-js/tensor";
import { exp64 } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../warnings.ts";
import { gaussianTaps } from "./gaussian.ts";
import { samePadding } from "./padding.ts";

/** Width of the window in pixels, and the standard deviation of its Gaussian. */
const WINDOW_SIZE = 11;
const WINDOW_STD = 1.5;

/** Stabilising constants for values in [0, 1]: (0.01 * 1)^2 and (0.03 * 1)^2. */
const C1 = 0.01 * 0.01;
const C2 = 0.03 * 0.03;

/** Float32 sums of the reference's unnormalised windows of 1 to 11 pixels, in its own order of addition. */
const SUMS = [
  1, 3.57935715, 6.76767111, 9.64090157, 11.7217169, 12.9865427, 13.6483698, 13.9512844, 14.0737581, 14.117753,
  14.1318302,
].map(Math.fround);

/** The reference's window, [size, size] in row-major order: every step rounded to float32. */
export function singleWindow(size: number): Float32Array {
  const window = new Float32Array(size * size);
  for (let i = 0; i < window.length; i++) {
    const y = Math.floor(i / size) - (size - 1) / 2;
    const x = (i % size) - (size - 1) / 2;
    const value = Math.fround(exp64(Math.fround((y * y + x * x) / (-2 * WINDOW_STD * WINDOW_STD))));
    window[i] = value / SUMS[size - 1];
  }
  return window;
}

/** Size of the window for an image: it shrinks with images smaller than it. */
const windowSizeOf = (image: Tensor): number => Math.min(WINDOW_SIZE, image.shape[2], image.shape[3]);

/** Warns when the window is smaller than it should be. `where` says which images are too small. */
export function warnOfSmallWindow(caller: string, where: string, image: Tensor): void {
  if (windowSizeOf(image) === WINDOW_SIZE) return;
  warn(
    new UserWarning(
      "ssim-window",
      `${caller}: the window is ${WINDOW_SIZE}x${WINDOW_SIZE} pixels, but ${where} smaller than that, so its size is ` +
        "the smaller of height and width there",
    ),
  );
}

export interface Similarity<D extends DType> {
  /** The similarity of luminance at each place of the window. */
  readonly luminance: Tensor<D>;
  /** The similarity of contrast and structure. SSIM is the product of the two. */
  readonly contrastStructure: Tensor<D>;
  /** Local variances (biased, like the covariance: weighted by the window, nothing subtracted from its sum). */
  readonly variances: readonly [Tensor<D>, Tensor<D>];
}

/**
 * Local similarity of two images that have been checked. With padding the maps have the images' size, without the
 * window stays inside.
 */
export function structuralSimilarity<D extends DType>(
  img1: Tensor<D>,
  img2: Tensor<D>,
  pad: PaddingMode | false = false,
): Similarity<D> {
  const size = windowSizeOf(img1);
  const taps = gaussianTaps(size, WINDOW_STD);
  const sum = singleWindow(size).reduce((a, b) => a + b, 0);
  const columns = tensor(taps, { dtype: img1.dtype });
  const rows = tensor(
    taps.map((tap) => tap * sum),
    { dtype: img1.dtype },
  );
  const local = (z: Tensor<D>): Tensor<D> => correlateSeparable(z, rows, columns);
  const padded = (image: Tensor<D>): Tensor<D> =>
    pad === false ? image : samePadding(image, [size, size], { padMode: pad });

  const x = padded(img1);
  const y = padded(img2);
  const meanX = local(x);
  const meanY = local(y);
  const varianceX = local(x.square()).sub(meanX.square());
  const varianceY = local(y.square()).sub(meanY.square());
  const product = meanX.mul(meanY);
  const covariance = local(x.mul(y)).sub(product);
  return {
    luminance: product.mul(2).add(C1).div(meanX.square().add(meanY.square()).add(C1)),
    contrastStructure: covariance.mul(2).add(C2).div(varianceX.add(varianceY).add(C2)),
    variances: [varianceX, varianceY],
  };
}

/** How much a place counts in weighted SSIM: the information in its contrast. 0 where both images are flat. */
export function informationWeight<D extends DType>([x, y]: readonly [Tensor<D>, Tensor<D>]): Tensor<D> {
  return x.div(C2).add(1).mul(y.div(C2).add(1)).log();
}
