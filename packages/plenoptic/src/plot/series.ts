/**
 * Histories over the iterations as lines on a logarithmic or a linear axis, with one iteration marked. Values that the axis
 * cannot show break the line and are counted, so that nothing is hidden.
 */

import { line } from "d3-shape";
import { significant } from "../significant.ts";
import type { Axis } from "./axes.ts";
import type { LegendEntry } from "./chart.ts";
import { chartPanel, dot } from "./chart.ts";
import type { Panel } from "./panel.ts";
import { ACCENT, MUTED, SERIES } from "./style.ts";
import { element } from "./svg.ts";

export interface Series {
  readonly label: string;
  readonly values: Float64Array;
  /** Default: the next colour of all series. */
  readonly colour?: string;
  /** Default false. */
  readonly dashed?: boolean;
}

export interface SeriesLayout {
  readonly title: string;
  readonly ylabel: string;
  /** The iteration whose value in the first series is marked and written out; `null` marks none. */
  readonly marked: number | null;
  /** Default "log". */
  readonly scale?: "log" | "linear";
  readonly width: number;
  readonly height: number;
}

/** How dashed lines are drawn, in pixels. */
const DASHES = "5 4";

/** Histories over the iterations on one axis. A logarithmic one becomes linear when no value is positive. */
export function seriesPanel(series: readonly Series[], layout: SeriesLayout): Panel {
  const { marked } = layout;
  const all = series.flatMap(({ values }) => Array.from(values));
  const positive = all.filter((value) => value > 0 && value < Number.POSITIVE_INFINITY);
  const log = layout.scale !== "linear" && positive.length > 0;
  const drawable = (value: number): boolean => Number.isFinite(value) && (value > 0 || !log);
  const shown = all.filter(drawable);
  const low = shown.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = shown.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);

  const legend: LegendEntry[] = [];
  if (series.length > 1) {
    for (const [i, one] of series.entries()) {
      legend.push({ mark: one.dashed ? "dashes" : "line", colour: colourOf(one, i), label: one.label });
    }
  }
  const first = series[0].values;
  const longest = series.reduce((most, { values }) => Math.max(most, values.length), 1);
  if (marked !== null) {
    legend.push({ mark: "dot", colour: ACCENT, label: `iteration ${marked}: ${significant(first[marked])}` });
  }
  const missing = all.length - shown.length;
  if (missing > 0) {
    const why = log ? "zero, negative or not finite" : "not finite";
    legend.push({ mark: "none", colour: MUTED, label: `not drawn: ${missing} of ${all.length} values, ${why}` });
  }

  return chartPanel({
    title: layout.title,
    summary: series
      .map(
        ({ label, values }) =>
          `${log ? "Logarithmic plot" : "Plot"} of the ${label}, ${significant(values[0])} at iteration 0, ` +
          `${significant(values.at(-1)!)} at iteration ${values.length - 1}.`,
      )
      .join(" "),
    width: layout.width,
    height: layout.height,
    x: { kind: "linear", domain: [0, longest - 1], whole: true, format: "d", label: "Synthesis iteration" },
    y: {
      kind: log ? "log" : "linear",
      domain: low <= high ? (log ? [low, high] : roomy(low, high)) : [0, 1],
      label: layout.ylabel,
    },
    legend,
    draw: (x, y) => {
      const lines = series.map((one, i) => seriesLine(one, drawable, x, y, colourOf(one, i))).join("");
      const mark = marked !== null && drawable(first[marked]) ? dot(x(marked), y(first[marked])) : "";
      return lines + mark;
    },
  });
}

function colourOf({ colour }: Series, index: number): string {
  return colour ?? SERIES[index];
}

/** A part of the values below which their changes are not blown up: what is held exactly is to look flat. */
const LEAST_SPAN = 1e-3;

/** A margin of 4 % at both ends, so that no line runs along the frame; but not beyond 0. */
function roomy(low: number, high: number): [number, number] {
  const least = LEAST_SPAN * Math.max(Math.abs(low), Math.abs(high));
  const margin = Math.max((high - low) * 0.04, (least - (high - low)) / 2);
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

/**
 * A line through the points (i, values[i]) that can be drawn, broken where one cannot. Where many points share a
 * column of pixels only the first, lowest, highest and last are kept: the picture stays, the text stays short.
 */
function seriesLine(
  { values, dashed = false }: Series,
  drawable: (value: number) => boolean,
  x: Axis["scale"],
  y: Axis["scale"],
  colour: string,
): string {
  const path = line<number>()
    .defined((i) => drawable(values[i]))
    .x((i) => x(i))
    .y((i) => y(values[i]))
    .digits(2)(thinned(values, drawable, x));
  return element("path", {
    d: path ?? "",
    fill: "none",
    stroke: colour,
    "stroke-width": 1.75,
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
    ...(dashed && { "stroke-dasharray": DASHES }),
  });
}

/** The indices of the points to keep, in order; one that cannot be drawn stays, for it breaks the line. */
function thinned(values: ArrayLike<number>, drawable: (value: number) => boolean, x: Axis["scale"]): number[] {
  const kept: number[] = [];
  for (let start = 0, end = 0; start < values.length; start = end) {
    const column = Math.floor(x(start));
    let least = -1;
    let most = -1;
    let gap = -1;
    for (; end < values.length && Math.floor(x(end)) === column; end++) {
      if (!drawable(values[end])) gap = end;
      else {
        if (least < 0 || values[end] < values[least]) least = end;
        if (most < 0 || values[end] > values[most]) most = end;
      }
    }
    const indices = new Set([start, least, most, gap, end - 1]);
    kept.push(...[...indices].filter((i) => i >= 0).sort((a, b) => a - b));
  }
  return kept;
}
