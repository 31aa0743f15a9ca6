// What the indices of texture statistics mean, in words a table can have: which scale, orientation or lag (docs/science/models.md,
// "Order and redundancy").

import type { AxisMeaning, RepresentationGroups } from "../card.ts";
import type { TextureGroup, TextureSize } from "./textureLayout.ts";

const COLUMNS = [
  "statistic",
  "scale",
  "orientation",
  "other_orientation",
  "other_part",
  "row_lag",
  "column_lag",
] as const;

type Axis = AxisMeaning<(typeof COLUMNS)[number]>;

const PIXELS = ["mean", "variance", "skew", "kurtosis", "min", "max"];

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The meaning of every axis of every group. */
export function textureGroups({
  nScales,
  nOrientations,
  spatialCorrWidth,
}: TextureSize): RepresentationGroups<TextureGroup> {
  const lags = upTo(spatialCorrWidth).map((i) => i - Math.floor(spatialCorrWidth / 2));
  const orientations = upTo(nOrientations);
  const rowLag: Axis = { row_lag: lags };
  const columnLag: Axis = { column_lag: lags };
  const orientation: Axis = { orientation: orientations };
  const otherOrientation: Axis = { other_orientation: orientations };
  const scale: Axis = { scale: upTo(nScales) };
  /** The finer of two scales. */
  const finerScale: Axis = { scale: upTo(nScales - 1) };
  /** Lowpass images: one for each scale, and the residual. */
  const lowpass: Axis = { scale: [...upTo(nScales), "residual_lowpass"] };
  const otherParts: Axis = {
    other_orientation: [...orientations, ...orientations],
    other_part: [...orientations.map(() => "real"), ...orientations.map(() => "imaginary")],
  };
  return {
    columns: COLUMNS,
    axes: {
      pixel_statistics: [{ statistic: PIXELS }],
      auto_correlation_magnitude: [rowLag, columnLag, orientation, scale],
      skew_reconstructed: [lowpass],
      kurtosis_reconstructed: [lowpass],
      auto_correlation_reconstructed: [rowLag, columnLag, lowpass],
      std_reconstructed: [lowpass],
      cross_orientation_correlation_magnitude: [orientation, otherOrientation, scale],
      magnitude_std: [orientation, scale],
      cross_scale_correlation_magnitude: [orientation, otherOrientation, finerScale],
      cross_scale_correlation_real: [orientation, otherParts, finerScale],
      var_highpass_residual: [{ scale: ["residual_highpass"] }],
    } satisfies { readonly [group in TextureGroup]: readonly Axis[] },
  };
}
