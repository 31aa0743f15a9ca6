/**
 * A row of numbers as stems: a line from 0 to each value, with a dot at its end. Values that are not finite leave gaps
 * and are counted, so that nothing is hidden.
 */

import { shown } from "@plenoptic-js/tensor/engine";
import { format } from "d3-format";
import type { Axis } from "./axes.ts";
import type { LegendEntry } from "./chart.ts";
import { chartPanel } from "./chart.ts";
import type { Panel } from "./panel.ts";
import { INK, MUTED, SERIES } from "./style.ts";
import { coordinate, element } from "./svg.ts";

export interface StemLayout {
  readonly title: string;
  /** Lowest and highest value of the vertical axis; `null` shows all values and 0. */
  readonly ylim: readonly [number, number] | null;
  /** First and last index of each piece of the line at 0; `null` is one piece over all values. */
  readonly xvals: readonly [readonly number[], readonly number[]] | null;
  /** What the values are. Default: "Value". */
  readonly ylabel?: string;
  readonly width: number;
  readonly height: number;
  readonly caller: string;
}

/** Diameter of the dots, and how much of the room between two they may take. */
const DOT = 5;
const DOT_SHARE = 0.7;
/** Dots smaller than this only blur the ends of the stems. */
const LEAST_DOT = 1.5;

const number = format(".3~g");

export function stemPanel(values: ArrayLike<number>, layout: StemLayout): Panel {
  const { ylim, xvals, caller } = layout;
  const count = values.length;
  checkLimits(ylim, caller);
  checkPieces(xvals, count, caller);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let missing = 0;
  let outside = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) missing++;
    else {
      low = Math.min(low, value);
      high = Math.max(high, value);
      if (ylim !== null && (value < ylim[0] || value > ylim[1])) outside++;
    }
  }
  const notes = [
    ...(missing > 0 ? [`not drawn: ${missing} of ${count} values, not finite`] : []),
    ...(outside > 0 ? [`cut off: ${outside} of ${count} values beyond the axis`] : []),
  ];
  const range = low <= high ? `from ${number(low)} to ${number(high)}` : "none of them finite";
  return chartPanel({
    title: layout.title,
    summary: `Stem plot${layout.title === "" ? "" : ` of ${layout.title}`}: ${count} values ${range}.`,
    width: layout.width,
    height: layout.height,
    x: { kind: "linear", domain: [-0.5, count - 0.5], whole: true, format: "d", label: "Index" },
    y: { kind: "linear", domain: ylim ?? roomy(Math.min(low, 0), Math.max(high, 0)), label: layout.ylabel ?? "Value" },
    legend: notes.map((label): LegendEntry => ({ mark: "none", colour: MUTED, label })),
    draw: (x, y) => drawStems(values, y, x, layout),
  });
}

/** The range, a little wider at ends that are not 0, so that no dot lies on the frame; [0, 1] where there is none. */
function roomy(low: number, high: number): [number, number] {
  if (low === high) return [0, 1];
  const margin = (high - low) * 0.04;
  return [low === 0 ? 0 : low - margin, high === 0 ? 0 : high + margin];
}

function drawStems(values: ArrayLike<number>, y: Axis["scale"], x: Axis["scale"], { ylim, xvals }: StemLayout): string {
  const [bottom, top] = ylim ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const clip = (value: number): number => Math.min(Math.max(value, bottom), top);
  const zero = coordinate(y(clip(0)));
  let stems = "";
  let dots = "";
  for (let start = 0, end = 0; start < values.length; start = end) {
    // Stems that share a column of pixels are one line, from the lowest to the highest of them.
    const column = Math.floor(x(start));
    let least = 0;
    let most = 0;
    let finite = false;
    for (; end < values.length && Math.floor(x(end)) === column; end++) {
      if (!Number.isFinite(values[end])) continue;
      finite = true;
      least = Math.min(least, values[end]);
      most = Math.max(most, values[end]);
    }
    if (!finite) continue;
    const at = coordinate(x(start));
    if (least < 0) stems += `M${at},${zero}V${coordinate(y(clip(least)))}`;
    if (most > 0) stems += `M${at},${zero}V${coordinate(y(clip(most)))}`;
    // One stem in the column: its end is the value, 0 included. A dot beyond the axis would show a wrong value.
    const value = values[start];
    if (end === start + 1 && value >= bottom && value <= top) dots += `M${at},${coordinate(y(value))}h0`;
  }
  const size = Math.min(DOT, Math.abs(x(1) - x(0)) * DOT_SHARE);
  const colour = SERIES[0];
  const [starts, stops] = xvals ?? [[0], [values.length - 1]];
  const pieces = starts.map((first, i) => {
    return `M${coordinate(x(first - 0.5))},${zero}H${coordinate(x(stops[i] + 0.5))}`;
  });
  return (
    element("path", { d: pieces.join(""), stroke: INK, fill: "none" }) +
    (stems === "" ? "" : element("path", { d: stems, stroke: colour, "stroke-width": 1.25, fill: "none" })) +
    // Lines of no length with round ends are dots.
    (size < LEAST_DOT || dots === ""
      ? ""
      : element("path", { d: dots, stroke: colour, "stroke-width": size, "stroke-linecap": "round", fill: "none" }))
  );
}

function checkLimits(ylim: StemLayout["ylim"], caller: string): void {
  if (ylim === null) return;
  if (!Array.isArray(ylim) || ylim.length !== 2 || !ylim.every(Number.isFinite) || !(ylim[0] < ylim[1])) {
    throw new RangeError(`${caller}: ylim must be null or two finite numbers, the lower first, got ${shown(ylim)}`);
  }
}

function checkPieces(xvals: StemLayout["xvals"], count: number, caller: string): void {
  if (xvals === null) return;
  const [starts, stops] = xvals;
  const index = (i: number): boolean => Number.isInteger(i) && i >= 0 && i < count;
  const fits =
    xvals.length === 2 &&
    starts.length === stops.length &&
    starts.every((first, i) => index(first) && index(stops[i]) && first <= stops[i]);
  if (!fits) {
    throw new RangeError(
      `${caller}: xvals must be two lists of equal length, the first and the last index of each piece of the line at ` +
        `0, from 0 to ${count - 1}; got ${shown(xvals)}`,
    );
  }
}
