// The normalised Laplacian pyramid of V. Laparra, J. Balle, A. Berardino and E. P. Simoncelli (2016), "Perceptual image
// quality assessment using a normalized Laplacian pyramid" (docs/science/process.md, "Normalized Laplacian pyramid").

import { conv2d, pad, ShapeError, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkImage } from "./floatImage.ts";
import { LaplacianPyramid } from "./laplacianPyramid.ts";
import { planesOf } from "./resample.ts";

/** What the values of a level are divided by: sigma and the weighted magnitudes of their neighbours. */
interface Normalization {
  readonly sigma: number;
  /** Weights of the left neighbour, the place itself, the right neighbour, and those beyond. */
  readonly row: readonly number[];
  /** Weights of the neighbour above, the place itself, the neighbour below. */
  readonly column?: readonly number[];
}

/** From fine to coarse; the authors fitted them to photographs. */
const NORMALIZATIONS: readonly Normalization[] = [
  { sigma: 0.0248, row: [0.1493, 0, 0.146, 0.0072], column: [0.1011, 0, 0.1015] },
  { sigma: 0.0185, row: [0.1986, 0, 0.1846], column: [0.0757, 0, 0.0837] },
  { sigma: 0.0179, row: [0.2138, 0, 0.2243], column: [0.0477, 0, 0.0467] },
  { sigma: 0.0191, row: [0.2503, 0, 0.2616] },
  { sigma: 0.022, row: [0.2598, 0, 0.2552] },
  { sigma: 0.2782, row: [0.2215, 0, 0.0717] },
];

const LEAST = 33;

/** Correlation along one axis; the second weight is that of the place itself. Zeros beyond the edges. */
function weighted(planes: Tensor, weights: readonly number[], axis: "row" | "column"): Tensor {
  const { length } = weights;
  const room = [1, length - 2] as const;
  const kernel = tensor(Float64Array.from(weights), {
    shape: axis === "row" ? [1, 1, 1, length] : [1, 1, length, 1],
    dtype: planes.dtype,
  });
  return conv2d(pad(planes, axis === "row" ? [room] : [room, [0, 0]]), kernel);
}

function normalized(level: Tensor, { sigma, row, column }: Normalization): Tensor {
  const magnitudes = planesOf(level.abs());
  const beside = weighted(magnitudes, row, "row");
  const neighbours = column === undefined ? beside : beside.add(weighted(magnitudes, column, "column"));
  return level.div(neighbours.reshape(level.shape).add(sigma));
}

/**
 * Six levels of a Laplacian pyramid, from fine to coarse, each divided by local magnitudes: a model of the responses of the early
 * visual system, on which the metric NLPD is built. Channels are independent. The derivative of magnitudes is 0 at 0.
 *
 * @param img [batch, channel, height, width], float32 or float64; height and width at least 33
 */
export function normalizedLaplacianPyramid(img: Tensor): Tensor[] {
  return normalizedLevels("normalizedLaplacianPyramid", img);
}

/** The same. `caller` names what the user called, in errors. */
export function normalizedLevels(caller: string, img: Tensor): Tensor[] {
  checkImage(caller, img);
  const [, , height, width] = img.shape;
  if (Math.min(height, width) < LEAST) {
    throw new ShapeError(
      `${caller}: an image of ${height} x ${width} pixels is too small for its six levels; both sides ` +
        `must be at least ${LEAST}`,
    );
  }
  const pyramid = new LaplacianPyramid({ nScales: NORMALIZATIONS.length, scaleFilter: true });
  return pyramid.forward(img).map((level, i) => normalized(level, NORMALIZATIONS[i]));
}
