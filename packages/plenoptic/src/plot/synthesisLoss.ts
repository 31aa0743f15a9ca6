/**
 * `synthesisLoss`: the loss over the iterations on a logarithmic axis, as plenoptic's `synthesis_loss` draws it.
 * It shows the parts of the objective: the loss without the penalty and, if asked for, the penalty without its weight.
 */

import { CHART_HEIGHT, CHART_WIDTH } from "./chart.ts";
import type { Figure } from "./figure.ts";
import { checkOptions } from "./options.ts";
import type { Panel } from "./panel.ts";
import { figureOf } from "./panel.ts";
import type { Series } from "./series.ts";
import { seriesPanel } from "./series.ts";
import type { SynthesisSource } from "./sources.ts";
import { resolveIteration } from "./synthesized.ts";

export interface SynthesisLossOptions {
  /** The iteration to mark; negative ones count from the end, `null` is the current one. Default `null`. */
  readonly iteration?: number | null;
  /** Draw the penalty too. Default false. */
  readonly plotPenalties?: boolean;
}

/**
 * Plots the loss (the objective less the weighted penalty) of a synthesis, with a red dot at `iteration`.
 * Values that are zero, negative or not finite have no place on the axis; they are left out and counted in the legend.
 *
 * @throws RangeError before setup, or when `iteration` is out of range.
 */
export async function synthesisLoss(synthesis: SynthesisSource, options: SynthesisLossOptions = {}): Promise<Figure> {
  checkOptions("synthesisLoss", options, ["iteration", "plotPenalties"]);
  const { iteration = null, plotPenalties = false } = options;
  const at = resolveIteration(synthesis, iteration, "synthesisLoss");
  return figureOf([lossPanel(synthesis, at, plotPenalties, CHART_WIDTH, CHART_HEIGHT)], 1);
}

/** The panel of `synthesisLoss`; `iteration` is an index from 0 to N. */
export function lossPanel(
  synthesis: SynthesisSource,
  iteration: number,
  plotPenalties: boolean,
  width: number,
  height: number,
): Panel {
  const { losses, penalties, penaltyLambda } = synthesis;
  const loss = losses.map((value, i) => value - penaltyLambda * penalties[i]);
  const series: Series[] = [{ label: "metamer loss", values: loss }];
  if (plotPenalties) series.push({ label: "penalty", values: penalties });
  return seriesPanel(series, { title: "Synthesis loss", ylabel: "Loss", marked: iteration, width, height });
}
