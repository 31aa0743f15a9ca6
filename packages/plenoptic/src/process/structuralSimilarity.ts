// The maps behind SSIM (docs/science/metrics.md, "SSIM"): Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli,
// "Image quality assessment: from error visibility to structural similarity", 2004.
//
// The reference's window is a float32 array, whose sum is not exactly 1. Here it is a product of two vectors in the
// images' precision, scaled to that very sum, which agrees with the reference and takes 22 taps a pixel instead of 121.
//
// A variance is a small difference of two large means, of which float32 keeps nothing where an image is bright and flat. So
// every plane is taken from its own mean first, and what the mean adds to a moment is added by its formula.

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
  /** Of z + centre, where `own` is the local mean of z. */
  const moments = (z: Tensor<D>, own: Tensor<D>, centre: Tensor<D>): [mean: Tensor<D>, variance: Tensor<D>] => {
    // What is left of the centre in the variance, because the window's sum is not 1.
    const left = centre.mul(1 - sum);
    const variance = local(z.square()).sub(own.sub(left).square()).add(left.mul(centre));
    return [own.add(centre.mul(sum)), variance];
  };

  const [x, centreX] = centred(img1, size, pad);
  const [y, centreY] = centred(img2, size, pad);
  const [localX, localY] = [local(x), local(y)];
  const [meanX, varianceX] = moments(x, localX, centreX);
  const [meanY, varianceY] = moments(y, localY, centreY);
  const [difference, varianceOfDifference] = moments(x.sub(y), localX.sub(localY), centreX.sub(centreY));
  // a / (a + b^2) is never more than 1. Twice a covariance is the sum of the variances less the variance of the difference, which
  // is 0 to the bit for identical images.
  const product = meanX.mul(meanY).mul(2).add(C1);
  const contrast = varianceX.add(varianceY).add(C2);
  return {
    luminance: product.div(product.add(difference.square())),
    contrastStructure: contrast.sub(varianceOfDifference).div(contrast),
    variances: [varianceX, varianceY],
  };
}

/**
 * An image, padded, less the mean of each of its planes, and these means. What is computed from both does not depend on the
 * means but for rounding: they are constants for derivatives.
 */
function centred<D extends DType>(image: Tensor<D>, size: number, pad: PaddingMode | false): [Tensor<D>, Tensor<D>] {
  const mean = image.mean([-2, -1], { keepdims: true }).detach();
  const padded = pad === false ? image : samePadding(image, [size, size], { padMode: pad });
  return [padded.sub(mean), mean];
}

/** SSIM at each place. What rounding carries past 1 is taken off; derivatives are those of the product. */
export function similarityMap<D extends DType>({ luminance, contrastStructure }: Similarity<D>): Tensor<D> {
  const map = luminance.mul(contrastStructure);
  return map.sub(map.sub(1).relu().detach());
}

/** How much a place counts in weighted SSIM: the information in its contrast. 0 where both images are black. */
export function informationWeight<D extends DType>([x, y]: readonly [Tensor<D>, Tensor<D>]): Tensor<D> {
  const [a, b] = [x.div(C2), y.div(C2)];
  return a.add(b).add(a.mul(b)).log1p();
}
