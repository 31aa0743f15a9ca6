// Steering: the response of a filter at any angle from those at the angles of a pyramid (docs/science/process.md,
// "Steering"; W. T. Freeman and E. H. Adelson, "The design and use of steerable filters", PAMI 13, 1991).
//
// K filters at th_k = pi k / K span the harmonics K - 1, K - 3, ... down to 1 or 0. On these angles the harmonics are
// orthogonal, so the interpolation weights need no matrix inverse: each is a sum of cosines of h (angle - th_k).

import { DTypeError, ShapeError, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkArray, checkOptions, cos64, shapeText, sin64 } from "@plenoptic-js/tensor/engine";
import { checkCoefficients, type PyramidCoefficients } from "./pyramidCoefficients.ts";

export interface SteerCoeffsOptions {
  /** Whether the filters are even (cosines) or odd (sines) in their harmonics. Default true. */
  readonly evenPhase?: boolean;
}

/** Weight of the filter at angle `own` in the response at `angle`, for K = `count` filters. */
function weight(angle: number, own: number, count: number, evenPhase: boolean): number {
  let sum = 0;
  for (let h = (count - 1) % 2; h < count; h += 2) {
    if (h === 0) sum += 1;
    else sum += 2 * (evenPhase ? cos64(h * (angle - own)) : -sin64(h * (angle - own)));
  }
  return sum / count;
}

/**
 * Real coefficients, steered to other angles.
 *
 * @param pyrCoeffs bands [..., K, height, width] under integer keys; residuals are not used
 * @param angles in radians
 * @returns by scale: steered bands [..., angle, height, width], and the weights [K, angle] (the same for all scales)
 */
export function steerCoeffs(
  pyrCoeffs: PyramidCoefficients,
  angles: readonly number[],
  options: SteerCoeffsOptions = {},
): [steered: Map<number, Tensor>, weights: Map<number, Tensor>] {
  checkOptions("steerCoeffs()", options, ["evenPhase"]);
  const { evenPhase = true } = options;
  checkCoefficients("steerCoeffs", pyrCoeffs);
  checkArray("steerCoeffs", "the list of angles", angles, "numbers, in radians");
  const bad = angles.find((angle) => !Number.isFinite(angle));
  if (bad !== undefined || angles.length === 0) {
    throw new RangeError(`steerCoeffs: angles are [${angles.join(", ")}]; give one finite number, in radians, or more`);
  }
  const steered = new Map<number, Tensor>();
  const weights = new Map<number, Tensor>();
  for (const [key, bands] of pyrCoeffs) {
    if (typeof key !== "number") continue;
    const { dtype } = bands;
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`steerCoeffs: the coefficients of scale ${key} are ${dtype}; only real ones can be steered`);
    }
    if (bands.ndim < 3) {
      throw new ShapeError(
        `steerCoeffs: the coefficients of scale ${key} are ${shapeText(bands.shape)}; they must be [..., ` +
          "orientation, height, width]",
      );
    }
    const count = bands.shape[bands.ndim - 3];
    const values = Array.from({ length: count }, (_, k) =>
      angles.map((angle) => weight(angle, (Math.PI * k) / count, count, evenPhase)),
    );
    const table: Tensor = tensor(values, { dtype });
    weights.set(key, table);
    steered.set(
      key,
      bands
        .unsqueeze(-3)
        .mul(table.reshape([count, angles.length, 1, 1]))
        .sum(-4),
    );
  }
  return [steered, weights];
}
