// The Portilla-Simoncelli representation as a few rows of numbers, for figures (docs/science/models.md, "Figures").

import { concat, type Tensor, where } from "@plenoptic-js/tensor";
import { shown } from "@plenoptic-js/tensor/engine";
import type { TextureGroup } from "./textureLayout.ts";

const ROWS: readonly string[] = ["pixels+var_highpass", "std+skew+kurtosis recon", "magnitude_std"];

/** Tables of correlations, of each of which a panel has the norm. */
const CORRELATIONS = [
  "auto_correlation_reconstructed",
  "auto_correlation_magnitude",
  "cross_orientation_correlation_magnitude",
  "cross_scale_correlation_magnitude",
  "cross_scale_correlation_real",
] as const;

/** What the numbers of a panel are. */
export function texturePanelAxis(title: string): string {
  if ((CORRELATIONS as readonly string[]).includes(title)) return "Norm of each table";
  if (ROWS.includes(title)) return "Value";
  throw new RangeError(
    `panelAxis: the title is ${shown(title)}; it must be one of ${[...ROWS, ...CORRELATIONS].join(", ")}`,
  );
}

/** Euclidean norm over the first two axes, of what is not NaN; the rest in one row. */
function norms(x: Tensor): Tensor {
  return where(x.eq(x), x, 0).norm([0, 1]).reshape([-1]);
}

/**
 * What to draw of a representation: one row of numbers for every panel, by title.
 *
 * @param groups as PortillaSimoncelli.convertToDict gives them
 * @param batchIdx which image of the batch; channels are averaged. Default 0.
 */
export function texturePanels(groups: ReadonlyMap<TextureGroup, Tensor>, batchIdx = 0): Map<string, Tensor> {
  const group = (key: TextureGroup): Tensor => {
    const whole = groups.get(key);
    if (whole === undefined) {
      throw new RangeError(`texturePanels: the representation has no group ${shown(key)}`);
    }
    if (!Number.isInteger(batchIdx) || batchIdx < 0 || batchIdx >= whole.shape[0]) {
      throw new RangeError(`texturePanels: batchIdx is ${shown(batchIdx)}; it must be from 0 to ${whole.shape[0] - 1}`);
    }
    return whole
      .slice(0, batchIdx, batchIdx + 1)
      .squeeze(0)
      .mean(0);
  };
  const row = (...keys: readonly TextureGroup[]): Tensor => concat(keys.map((key) => group(key).reshape([-1])));
  const panels = new Map([
    ["pixels+var_highpass", row("pixel_statistics", "var_highpass_residual")],
    ["std+skew+kurtosis recon", row("std_reconstructed", "skew_reconstructed", "kurtosis_reconstructed")],
    ["magnitude_std", row("magnitude_std")],
  ]);
  for (const key of CORRELATIONS) {
    const x = group(key);
    if (x.size > 0) panels.set(key, norms(x));
  }
  return panels;
}
