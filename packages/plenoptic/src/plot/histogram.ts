/**
 * `histogram`: how often each value occurs, for one array or several over the same bins, as in plenoptic's
 * `histogram`. Shares are drawn instead of counts, so that images of different sizes can be compared.
 */

import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { format } from "d3-format";
import type { LegendEntry } from "./chart.ts";
import { CHART_HEIGHT, CHART_WIDTH, chartPanel } from "./chart.ts";
import type { Figure } from "./figure.ts";
import type { Panel } from "./panel.ts";
import { figureOf } from "./panel.ts";
import type { ArraySource } from "./sources.ts";
import { readArrays, select } from "./sources.ts";
import { SERIES } from "./style.ts";
import { coordinate, element } from "./svg.ts";

export interface HistogramOptions {
  /** One label, or one for each array of a list; `null` draws no legend. Default `null`. */
  readonly labels?: string | readonly string[] | null;
  /** The index along the first axis; `null` takes all. Default 0. An array of one axis has no batch; one of two axes is [batch, n]. */
  readonly batchIdx?: number | null;
  /** The index along the second axis; `null` takes all. Default `null`. */
  readonly channelIdx?: number | null;
  /**
   * Number of bins between the lowest and the highest value. By default images of about the unit range are counted
   * in bins of four 8-bit levels, edges between levels, as other bins show a comb where there is none; all other
   * data get 50 bins.
   */
  readonly bins?: number;
  /** Default "Values". */
  readonly xlabel?: string;
  /** Default "Histogram of tensor values". */
  readonly title?: string;
}

const number = format(".3~g");

/**
 * Draws the distribution of the values of one array or of several, of any shape with the axes that are chosen from. The first
 * axis is the batch, in arrays of two axes too: of a matrix, say `batchIdx: null`, or only its first row is counted.
 * Values that are NaN or infinite are left out, and the legend says how many.
 *
 * @throws RangeError when there is nothing to count, an index is out of range or `bins` is not a whole number from
 *   1 to 10000; TypeError when labels and arrays do not match.
 */
export async function histogram(
  data: ArraySource | readonly ArraySource[],
  options: HistogramOptions = {},
): Promise<Figure> {
  checkOptions("histogram", options, ["labels", "batchIdx", "channelIdx", "bins", "xlabel", "title"]);
  const { labels = null, batchIdx = 0, channelIdx = null } = options;
  const arrays = await readArrays(data, "histogram");
  const names = labels === null || Array.isArray(labels) ? (labels as readonly string[] | null) : [labels as string];
  if (names !== null && names.length !== arrays.length) {
    throw new TypeError(`histogram: ${names.length} labels for ${arrays.length} arrays; give one for each`);
  }
  const samples = arrays.map((array, i) => ({
    label: names?.[i] ?? "",
    values: select(array, batchIdx, channelIdx, "histogram").values,
  }));
  const panel = histogramPanel(samples, {
    title: options.title ?? "Histogram of tensor values",
    xlabel: options.xlabel ?? "Values",
    bins: options.bins,
    width: CHART_WIDTH,
    height: CHART_HEIGHT,
    caller: "histogram",
  });
  return figureOf([panel], 1);
}

export interface Sample {
  /** Name in the legend; "" for none. */
  readonly label: string;
  readonly values: ArrayLike<number>;
}

export interface HistogramLayout {
  readonly title: string;
  readonly xlabel: string;
  readonly bins: number | undefined;
  readonly width: number;
  readonly height: number;
  readonly caller: string;
}

export function histogramPanel(samples: readonly Sample[], layout: HistogramLayout): Panel {
  const edges = binEdges(samples, layout.bins, layout.caller);
  const counted = samples.map(({ label, values }) => ({ label, ...count(values, edges) }));
  const highest = counted.reduce((most, { shares }) => shares.reduce((m, share) => Math.max(m, share), most), 0);
  const colour = (i: number): string => SERIES[i % SERIES.length];
  const legend = counted.flatMap(({ label, notFinite }, i): LegendEntry[] => {
    const note = notFinite > 0 ? `${notFinite} values are not finite and are left out` : "";
    if (label === "") return note === "" ? [] : [{ mark: "none", colour: colour(i), label: note }];
    return [{ mark: "line", colour: colour(i), label: note === "" ? label : `${label} (${note})` }];
  });
  return chartPanel({
    title: layout.title,
    summary: counted
      .map(({ label, low, high }) => `Histogram of ${label || "values"} from ${number(low)} to ${number(high)}.`)
      .join(" "),
    width: layout.width,
    height: layout.height,
    x: { kind: "linear", domain: [edges[0], edges.at(-1)!], label: layout.xlabel },
    y: { kind: "linear", domain: [0, highest * 1.04], format: "~%", label: "Share of values in each bin" },
    legend,
    draw: (x, y) => counted.map(({ shares }, i) => outline(edges, shares, x, y, colour(i))).join(""),
  });
}

function outline(
  edges: readonly number[],
  shares: readonly number[],
  x: (value: number) => number,
  y: (value: number) => number,
  colour: string,
): string {
  let d = `M${coordinate(x(edges[0]))},${coordinate(y(0))}`;
  shares.forEach((share, i) => {
    d += `V${coordinate(y(share))}H${coordinate(x(edges[i + 1]))}`;
  });
  d += `V${coordinate(y(0))}`;
  return element("path", {
    d,
    fill: colour,
    "fill-opacity": 0.14,
    stroke: colour,
    "stroke-width": 1.5,
    "stroke-linejoin": "round",
  });
}

const LEVELS_PER_BIN = 4;

/** Edges of the bins in increasing order, the same for all samples. */
function binEdges(samples: readonly Sample[], bins: number | undefined, caller: string): number[] {
  if (bins !== undefined && !(Number.isInteger(bins) && bins >= 1 && bins <= 10000)) {
    throw new RangeError(`${caller}: bins must be a whole number from 1 to 10000, got ${shown(bins)}`);
  }
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values } of samples) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
  }
  if (low > high) throw new RangeError(`${caller}: there is no finite value to count`);
  if (low === high) {
    low -= 0.5;
    high += 0.5;
  } else if (bins === undefined && low >= -0.5 && high <= 1.5 && high - low >= 0.5) {
    const first = Math.floor((low * 255 + 0.5) / LEVELS_PER_BIN);
    const last = Math.floor((high * 255 + 0.5) / LEVELS_PER_BIN) + 1;
    return Array.from({ length: last - first + 1 }, (_, i) => ((first + i) * LEVELS_PER_BIN - 0.5) / 255);
  }
  const n = bins ?? 50;
  return Array.from({ length: n + 1 }, (_, i) => (i === n ? high : low + ((high - low) * i) / n));
}

/** The share of the finite values in each bin; a bin holds its lower edge, the last one its upper edge too. */
function count(
  values: ArrayLike<number>,
  edges: readonly number[],
): { shares: number[]; low: number; high: number; notFinite: number } {
  const bins = edges.length - 1;
  const counts = new Array<number>(bins).fill(0);
  const start = edges[0];
  const perUnit = bins / (edges[bins] - start);
  let finite = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (!Number.isFinite(value)) continue;
    finite++;
    low = Math.min(low, value);
    high = Math.max(high, value);
    let i = Math.min(Math.floor((value - start) * perUnit), bins - 1);
    // The division may round across an edge; the edges decide.
    while (i > 0 && value < edges[i]) i--;
    while (i < bins - 1 && value >= edges[i + 1]) i++;
    counts[i]++;
  }
  return { shares: counts.map((n) => (finite === 0 ? 0 : n / finite)), low, high, notFinite: values.length - finite };
}
