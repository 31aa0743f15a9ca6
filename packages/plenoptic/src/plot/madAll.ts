/**
 * `madImshowAll` and `madLossAll`: the four images of a MAD competition (each of two metrics made small and made large, while the
 * other stays), and how they came about, as plenoptic's `mad_imshow_all` and `mad_loss_all` show them.
 * Z. Wang and E. P. Simoncelli, "Maximum differentiation (MAD) competition", 2008.
 */

import { checkOptions } from "@plenoptic-js/tensor/engine";
import { CHART_WIDTH } from "./chart.ts";
import type { Figure } from "./figure.ts";
import { imagePanels } from "./imshow.ts";
import { whatIs } from "./kinds.ts";
import { figureOf } from "./panel.ts";
import { fittingZoom, planesOf } from "./planes.ts";
import type { Series } from "./series.ts";
import { seriesPanel } from "./series.ts";
import type { ArraySource, MadSource } from "./sources.ts";
import { readArray, select } from "./sources.ts";
import { SERIES } from "./style.ts";
import type { VRange } from "./vrange.ts";

interface MetricNames {
  /** What the first metric is called. Default: the name of its function. */
  readonly metric1Name?: string | null;
  /** What the second metric is called. Default: the name of its function. */
  readonly metric2Name?: string | null;
}

export interface MadImshowAllOptions extends MetricNames {
  /** The batch member to show. Default 0. */
  readonly batchIdx?: number;
  /** The channel to show; `null` shows the only one, or three or four as colour. Default `null`. */
  readonly channelIdx?: number | null;
  /** Pixels for each image element: a whole number or 1/n. Default: the one that comes nearest to 300 pixels. */
  readonly zoom?: number;
  /** Values shown as black and white. Default "auto1": one scale for all six images; for colour [0, 1]. */
  readonly vrange?: VRange;
}

export type MadLossAllOptions = MetricNames;

/** The longest side of a picture. */
const SIDE = 300;
const HEIGHT = 288;

/**
 * Shows the reference image and the initial, noisy one, and below them the four MAD images: a column for each metric, made small
 * above, made large below.
 *
 * @param madMetric1Min the competition that makes the first metric small; the others accordingly
 * @throws RangeError before setup, or when an index is out of range
 */
export async function madImshowAll(
  madMetric1Min: MadSource,
  madMetric2Min: MadSource,
  madMetric1Max: MadSource,
  madMetric2Max: MadSource,
  options: MadImshowAllOptions = {},
): Promise<Figure> {
  const caller = "madImshowAll";
  checkOptions(caller, options, ["metric1Name", "metric2Name", "batchIdx", "channelIdx", "zoom", "vrange"]);
  const { batchIdx = 0, channelIdx = null } = options;
  checkFour([madMetric1Min, madMetric2Min, madMetric1Max, madMetric2Max], caller);
  const [name1, name2] = metricNames(madMetric1Min, madMetric2Min, options);
  const { image, initialImage } = madMetric1Min;
  if (initialImage === null) {
    throw new RangeError(`${caller}: nothing has been synthesized yet; call setup() or synthesize() first`);
  }
  const shown: readonly (readonly [title: string, image: ArraySource])[] = [
    ["Reference image", image],
    ["Initial (noisy) image", initialImage],
    [`Minimize ${name1}`, madMetric1Min.madImage],
    [`Minimize ${name2}`, madMetric2Min.madImage],
    [`Maximize ${name1}`, madMetric1Max.madImage],
    [`Maximize ${name2}`, madMetric2Max.madImage],
  ];
  const images = await Promise.all(shown.map(([, one]) => readArray(one, caller)));
  const chosen = images.map((one) => select(one, batchIdx, channelIdx, caller));
  const asRgb = chosen[0].shape[1] > 1;
  const planes = chosen.flatMap((one) => planesOf(one, asRgb, caller));
  const { zoom = fittingZoom(planes[0].height, planes[0].width, SIDE), vrange = asRgb ? [0, 1] : "auto1" } = options;
  const titles = shown.map(([title]) => title);
  return figureOf(imagePanels(planes, titles, vrange, zoom, caller), 2);
}

/**
 * Plots each metric over the iterations of all four competitions: in the colour of the metric that was optimized, dashed where it
 * was made small.
 *
 * @param madMetric1Min the competition that makes the first metric small; the others accordingly
 * @throws RangeError before setup
 */
export async function madLossAll(
  madMetric1Min: MadSource,
  madMetric2Min: MadSource,
  madMetric1Max: MadSource,
  madMetric2Max: MadSource,
  options: MadLossAllOptions = {},
): Promise<Figure> {
  const caller = "madLossAll";
  checkOptions(caller, options, ["metric1Name", "metric2Name"]);
  checkFour([madMetric1Min, madMetric2Min, madMetric1Max, madMetric2Max], caller);
  const all = [madMetric1Min, madMetric1Max, madMetric2Min, madMetric2Max];
  if (all.some(({ losses }) => losses.length === 0)) {
    throw new RangeError(`${caller}: not all four have been synthesized yet; call setup() or synthesize() first`);
  }
  if (all.every(({ losses }) => losses.length === 1)) {
    throw new RangeError(`${caller}: no iteration has been run yet; call synthesize() of each of the four first`);
  }
  const names = metricNames(madMetric1Min, madMetric2Min, options);
  const panels = names.map((name, metric) => {
    const series = all.map((mad, i): Series => {
      const optimized = Math.floor(i / 2);
      const dashed = i % 2 === 0;
      return {
        label: `${dashed ? "min" : "max"} ${names[optimized]}`,
        values: optimized === metric ? mad.optimizedMetricLoss : mad.referenceMetricLoss,
        colour: SERIES[optimized],
        dashed,
      };
    });
    return seriesPanel(series, {
      title: name,
      ylabel: "Distance from the reference image",
      marked: null,
      scale: "linear",
      width: CHART_WIDTH,
      height: HEIGHT,
    });
  });
  return figureOf(panels, 2);
}

const WAYS = ["min", "min", "max", "max"] as const;

/** Refuses what are no four competitions, and those that are known to be in another order. */
function checkFour(four: readonly MadSource[], caller: string): void {
  const order = `${caller}(four.minA, four.minB, four.maxA, four.maxB), of four = await MADCompetition.all(...)`;
  four.forEach((mad, i) => {
    if (typeof mad !== "object" || mad === null || mad.optimizedMetric === undefined || mad.losses === undefined) {
      throw new TypeError(
        `${caller}: argument ${i + 1} must be a MADCompetition, and is ${whatIs(mad)}; call it as in ${order}`,
      );
    }
    if (mad.minmax !== undefined && mad.minmax !== WAYS[i]) {
      throw new RangeError(
        `${caller}: argument ${i + 1} makes its metric ${mad.minmax === "min" ? "small" : "large"}; both that make one small come ` +
          `first, as in ${order}`,
      );
    }
  });
  for (const [min, max] of [
    [four[0], four[2]],
    [four[1], four[3]],
  ]) {
    if (min.minmax !== undefined && min.optimizedMetric !== max.optimizedMetric) {
      throw new RangeError(
        `${caller}: ${min.optimizedMetric.name} is made small and ${max.optimizedMetric.name} large in its place; call it as in ${order}`,
      );
    }
  }
}

function metricNames(first: MadSource, second: MadSource, { metric1Name, metric2Name }: MetricNames): [string, string] {
  return [
    metric1Name ?? (first.optimizedMetric.name || "metric 1"),
    metric2Name ?? (second.optimizedMetric.name || "metric 2"),
  ];
}
