/**
 * `synthesisHistogram`: the values of the synthesized image beside those of the target, as plenoptic's
 * `synthesis_histogram` draws them. It shows at once whether values left their range.
 */

import { checkOptions } from "@plenoptic-js/tensor/engine";
import { CHART_HEIGHT, CHART_WIDTH } from "./chart.ts";
import type { Figure } from "./figure.ts";
import type { Sample } from "./histogram.ts";
import { histogramPanel } from "./histogram.ts";
import { checkKind } from "./kinds.ts";
import { figureOf } from "./panel.ts";
import type { SynthesisSource } from "./sources.ts";
import { atLeastTwoAxes, readArray, select } from "./sources.ts";
import type { Synthesized } from "./synthesized.ts";
import { synthesizedImage, synthesizedTitle } from "./synthesized.ts";

export interface SynthesisHistogramOptions {
  /** The batch member to show; `null` draws each. Default `null`. */
  readonly batchIdx?: number | null;
  /** The channel to count; `null` counts all. Default `null`. */
  readonly channelIdx?: number | null;
  /** The iteration to show; negative ones count from the end, `null` is the current one. Default `null`. */
  readonly iteration?: number | null;
  /** As for `histogram`. */
  readonly bins?: number;
}

/** Title of this histogram wherever it stands. */
export const HISTOGRAM_TITLE = "Histogram of tensor values";

/**
 * Draws the distribution of the values of the synthesized image, and of the image it was made for.
 *
 * @throws RangeError before setup, when an index is out of range, or when an earlier iteration is asked for and no
 *   image was stored.
 */
export async function synthesisHistogram(
  synthesis: SynthesisSource,
  options: SynthesisHistogramOptions = {},
): Promise<Figure> {
  checkOptions("synthesisHistogram", options, ["batchIdx", "channelIdx", "iteration", "bins"]);
  checkKind("synthesisHistogram", synthesis, "Metamer", "MADCompetition");
  const { batchIdx = null, channelIdx = null, iteration = null } = options;
  const synthesized = await synthesizedImage(synthesis, iteration, "synthesisHistogram");
  const samples = await synthesisSamples(synthesis, synthesized, batchIdx, channelIdx, "synthesisHistogram");
  const panel = histogramPanel(samples, {
    title: HISTOGRAM_TITLE,
    xlabel: "Values",
    bins: options.bins,
    width: CHART_WIDTH,
    height: CHART_HEIGHT,
    caller: "synthesisHistogram",
  });
  return figureOf([panel], 1);
}

/** The values to compare: the chosen batch members of the synthesized image, then the target. */
export async function synthesisSamples(
  synthesis: SynthesisSource,
  synthesized: Synthesized,
  batchIdx: number | null,
  channelIdx: number | null,
  caller: string,
): Promise<Sample[]> {
  const { shape } = atLeastTwoAxes(synthesized.image);
  const members = batchIdx === null ? Array.from({ length: shape[0] }, (_, b) => b) : [batchIdx];
  const samples = members.map((b) => ({
    label: synthesizedTitle(synthesized, b),
    values: select(synthesized.image, b, channelIdx, caller).values,
  }));
  const target = await readArray(synthesis.image, caller);
  const label = synthesized.kind === "Metamer" ? "Target image" : "Reference image";
  return [...samples, { label, values: select(target, batchIdx, channelIdx, caller).values }];
}
