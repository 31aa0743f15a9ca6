/**
 * `synthesisLoss`: what a synthesis made small, over the iterations, as plenoptic's `synthesis_loss` draws it. Of a metamer
 * it is the loss without the penalty, on a logarithmic axis; of a MAD competition the two metrics, each on an axis of its own.
 * The penalty without its weight is drawn if asked for.
 */

import { checkOptions } from "@plenoptic-js/tensor/engine";
import { CHART_HEIGHT, CHART_WIDTH } from "./chart.ts";
import type { Figure } from "./figure.ts";
import { checkKind } from "./kinds.ts";
import type { Panel } from "./panel.ts";
import { figureOf } from "./panel.ts";
import type { Series } from "./series.ts";
import { seriesPanel } from "./series.ts";
import type { SynthesisSource } from "./sources.ts";
import { SERIES } from "./style.ts";
import { resolveIteration } from "./synthesized.ts";

export interface SynthesisLossOptions {
  /** The iteration to mark; negative ones count from the end, `null` is the current one. Default `null`. */
  readonly iteration?: number | null;
  /** Draw the penalty too. Default false. */
  readonly plotPenalties?: boolean;
}

/**
 * Plots the loss of a metamer (the objective less the weighted penalty), or both metrics of a MAD competition, with a red dot
 * at `iteration`. Values that the axis cannot show (on a logarithmic one: zero, negative or not finite) are left out and counted
 * in the legend.
 *
 * @throws RangeError before setup, or when `iteration` is out of range.
 */
export async function synthesisLoss(synthesis: SynthesisSource, options: SynthesisLossOptions = {}): Promise<Figure> {
  checkOptions("synthesisLoss", options, ["iteration", "plotPenalties"]);
  checkKind("synthesisLoss", synthesis, "Metamer", "MADCompetition");
  const { iteration = null, plotPenalties = false } = options;
  const at = resolveIteration(synthesis, iteration, "synthesisLoss");
  const panels = lossPanels(synthesis, at, plotPenalties, CHART_WIDTH, CHART_HEIGHT);
  return figureOf(panels, panels.length);
}

/** The panels of `synthesisLoss`; `iteration` is an index from 0 to N. */
export function lossPanels(
  synthesis: SynthesisSource,
  iteration: number,
  plotPenalties: boolean,
  width: number,
  height: number,
): Panel[] {
  const { losses, penalties, penaltyLambda } = synthesis;
  const panel = (title: string, ylabel: string, series: readonly Series[], scale: "log" | "linear"): Panel =>
    seriesPanel(series, { title, ylabel, marked: iteration, scale, width, height });
  if ("madImage" in synthesis) {
    const { optimizedMetricLoss, referenceMetricLoss } = synthesis;
    const metric = (label: string, values: Float64Array, colour: string): Panel =>
      panel(label, "Distance from the image", [{ label, values, colour }], "linear");
    return [
      metric("Optimized metric", optimizedMetricLoss, SERIES[0]),
      metric("Reference metric", referenceMetricLoss, SERIES[1]),
      ...(plotPenalties ? [panel("Penalty", "Penalty", [{ label: "penalty", values: penalties }], "log")] : []),
    ];
  }
  const series: Series[] = [
    { label: "metamer loss", values: losses.map((value, i) => value - penaltyLambda * penalties[i]) },
  ];
  if (plotPenalties) series.push({ label: "penalty", values: penalties });
  return [panel("Synthesis loss", "Loss", series, "log")];
}
