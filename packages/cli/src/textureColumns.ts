// What the indices of texture statistics mean, in words a table can have: which scale, orientation or lag.

import type { models } from "plenoptic-js";

/** Columns that say which statistic of its group a value is. Where one does not apply, its cell is empty. */
export const TEXTURE_COLUMNS = [
  "statistic",
  "scale",
  "orientation",
  "other_orientation",
  "other_part",
  "row_lag",
  "column_lag",
] as const;

/** The cells of one statistic. */
export type TextureCells = { readonly [column in (typeof TEXTURE_COLUMNS)[number]]?: string | number };

const PIXELS = ["mean", "variance", "skew", "kurtosis", "min", "max"];

/** The cells of the statistic at an index of its group. */
export function textureCells(
  { nScales, nOrientations, spatialCorrWidth }: models.PortillaSimoncelli,
  group: models.TextureGroup,
  index: readonly number[],
): TextureCells {
  const lag = (i: number): number => i - Math.floor(spatialCorrWidth / 2);
  /** Lowpass images: one for each scale, and the residual. */
  const lowpass = (s: number): number | string => (s === nScales ? "residual_lowpass" : s);
  const [a, b, c, d] = index;
  switch (group) {
    case "pixel_statistics":
      return { statistic: PIXELS[a] };
    case "auto_correlation_magnitude":
      return { row_lag: lag(a), column_lag: lag(b), orientation: c, scale: d };
    case "auto_correlation_reconstructed":
      return { row_lag: lag(a), column_lag: lag(b), scale: lowpass(c) };
    case "skew_reconstructed":
    case "kurtosis_reconstructed":
    case "std_reconstructed":
      return { scale: lowpass(a) };
    case "cross_orientation_correlation_magnitude":
      return { orientation: a, other_orientation: b, scale: c };
    case "magnitude_std":
      return { orientation: a, scale: b };
    case "cross_scale_correlation_magnitude":
      return { orientation: a, other_orientation: b, scale: c };
    case "cross_scale_correlation_real": {
      const other_part = b < nOrientations ? "real" : "imaginary";
      return { orientation: a, other_orientation: b % nOrientations, other_part, scale: c };
    }
    case "var_highpass_residual":
      return { scale: "residual_highpass" };
  }
}
