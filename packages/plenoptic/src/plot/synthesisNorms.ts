/**
 * `synthesisNorms`: the norms of the gradient and of the image change over the iterations, which tell a synthesis
 * that has settled from one that is stuck. Python's plenoptic records both and draws neither.
 */

import { CHART_HEIGHT, CHART_WIDTH } from "./chart.ts";
import type { Figure } from "./figure.ts";
import { checkKind } from "./kinds.ts";
import { figureOf } from "./panel.ts";
import { seriesPanel } from "./series.ts";
import type { HistorySource } from "./sources.ts";

/**
 * Plots both norms of a synthesis on one logarithmic axis.
 *
 * @throws RangeError before the first iteration.
 */
export async function synthesisNorms(synthesis: HistorySource): Promise<Figure> {
  checkKind("synthesisNorms", synthesis, "Metamer", "MADCompetition");
  const { gradientNorm, pixelChangeNorm } = synthesis;
  if (gradientNorm.length === 0) {
    throw new RangeError("synthesisNorms: no iteration has been run yet; call synthesize() first");
  }
  const panel = seriesPanel(
    [
      { label: "gradient", values: gradientNorm },
      { label: "image change", values: pixelChangeNorm },
    ],
    { title: "Synthesis norms", ylabel: "L2 norm", marked: null, width: CHART_WIDTH, height: CHART_HEIGHT },
  );
  return figureOf([panel], 1);
}
