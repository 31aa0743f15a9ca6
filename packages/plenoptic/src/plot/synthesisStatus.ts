/**
 * `synthesisStatus`: image, loss and histogram of a synthesis side by side, as plenoptic's `synthesis_status`
 * arranges them.
 */

import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { CHART_HEIGHT } from "./chart.ts";
import type { Figure } from "./figure.ts";
import { histogramPanel } from "./histogram.ts";
import { checkKind } from "./kinds.ts";
import type { Panel } from "./panel.ts";
import { figureOf } from "./panel.ts";
import type { SynthesisSource } from "./sources.ts";
import { HISTOGRAM_TITLE, synthesisSamples } from "./synthesisHistogram.ts";
import type { SynthesisImshowOptions } from "./synthesisImshow.ts";
import { PICTURE_OPTIONS, synthesizedPanel } from "./synthesisImshow.ts";
import { lossPanels } from "./synthesisLoss.ts";
import { resolveIteration, synthesizedImage, synthesizedTitle } from "./synthesized.ts";

const PLOTS = ["synthesis_imshow", "synthesis_loss", "synthesis_histogram"] as const;

/** The plots that `synthesisStatus` can show, by Python's names. */
export type StatusPlot = (typeof PLOTS)[number];

export interface SynthesisStatusOptions extends Omit<SynthesisImshowOptions, "title"> {
  /** Which plots, in this order. Default: all three. */
  readonly includedPlots?: readonly StatusPlot[];
  /** Draw the penalty beside the loss. Default false. */
  readonly plotPenalties?: boolean;
  /** As for `histogram`. */
  readonly bins?: number;
}

const OPTIONS = [
  "batchIdx",
  "channelIdx",
  "iteration",
  "includedPlots",
  "plotPenalties",
  "bins",
  ...PICTURE_OPTIONS.filter((name) => name !== "title"),
];

/** Width of each chart. */
const WIDTH = 340;
const LEAST_HEIGHT = 200;
const MOST_HEIGHT = 320;

/**
 * Shows the state of a synthesis at one iteration.
 *
 * @throws RangeError before setup, when an index is out of range, when an earlier iteration is asked for and no
 *   image was stored, or for an unknown plot.
 */
export async function synthesisStatus(
  synthesis: SynthesisSource,
  options: SynthesisStatusOptions = {},
): Promise<Figure> {
  const caller = "synthesisStatus";
  checkOptions(caller, options, OPTIONS);
  const { batchIdx = 0, channelIdx = null, iteration = null, includedPlots = PLOTS } = options;
  checkKind(caller, synthesis, "Metamer", "MADCompetition");
  const unknown = includedPlots.find((plot) => !PLOTS.includes(plot));
  if (unknown !== undefined || includedPlots.length === 0) {
    throw new RangeError(
      `${caller}: includedPlots must name at least one of ${PLOTS.map((plot) => `"${plot}"`).join(", ")}` +
        (unknown === undefined ? "; the list is empty" : `, got ${shown(unknown)}`),
    );
  }
  const at = resolveIteration(synthesis, iteration, caller);
  let height = CHART_HEIGHT;
  const panels = new Map<StatusPlot, readonly Panel[]>();
  if (includedPlots.some((plot) => plot !== "synthesis_loss")) {
    const synthesized = await synthesizedImage(synthesis, iteration, caller);
    if (includedPlots.includes("synthesis_imshow")) {
      const own = synthesizedTitle(synthesized, batchIdx);
      // Only some images are stored, and every loss.
      const title = synthesized.iteration === at ? own : `${own}, stored nearest to ${at}`;
      const picture = synthesizedPanel(synthesized, batchIdx, channelIdx, { ...options, title }, caller);
      panels.set("synthesis_imshow", [picture]);
      // Charts end where the picture does, unless it is too low or too high for a chart.
      height = Math.min(Math.max(picture.drawingHeight, LEAST_HEIGHT), MOST_HEIGHT);
    }
    if (includedPlots.includes("synthesis_histogram")) {
      const samples = await synthesisSamples(synthesis, synthesized, batchIdx, channelIdx, caller);
      const layout = { title: HISTOGRAM_TITLE, xlabel: "Values", bins: options.bins, width: WIDTH, height, caller };
      panels.set("synthesis_histogram", [histogramPanel(samples, layout)]);
    }
  }
  panels.set("synthesis_loss", lossPanels(synthesis, at, options.plotPenalties ?? false, WIDTH, height));
  const all = includedPlots.flatMap((plot) => panels.get(plot)!);
  return figureOf(all, all.length);
}
