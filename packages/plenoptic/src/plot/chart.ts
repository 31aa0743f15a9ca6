/**
 * A chart: two axes, a grid, a legend and whatever is drawn between them. Labels stand level where they can be
 * read, the value axis's above its top end.
 */

import type { Axis, AxisSpec } from "./axes.ts";
import { makeAxis } from "./axes.ts";
import type { Panel } from "./panel.ts";
import { ACCENT, AXIS, GRID, LABEL_LINE, LABEL_SIZE, MUTED, PAPER } from "./style.ts";
import { coordinate, element, textLine, textWidth } from "./svg.ts";

export interface LegendEntry {
  readonly mark: "line" | "dashes" | "dot" | "none";
  readonly colour: string;
  readonly label: string;
}

export interface ChartSpec {
  readonly title: string;
  readonly summary: string;
  /** Whole width, and the height from the top to the horizontal axis; the labels below it come on top. */
  readonly width: number;
  readonly height: number;
  readonly x: AxisSpec & { readonly label: string };
  readonly y: AxisSpec & { readonly label: string };
  readonly legend: readonly LegendEntry[];
  /** Markup of the data, given the two scales. */
  readonly draw: (x: Axis["scale"], y: Axis["scale"]) => string;
}

/** Size of a chart that stands alone. */
export const CHART_WIDTH = 460;
export const CHART_HEIGHT = 256;

const TICK = 4;
const LEGEND_GAP = 6;
const RIGHT = 14;

export function chartPanel(spec: ChartSpec): Panel {
  const { width, height } = spec;
  const legend = legendRows(spec.legend, width);
  const labelTop = LABEL_LINE * legend.length + (legend.length === 0 ? 0 : LEGEND_GAP);
  const top = labelTop + LABEL_LINE + 8;
  const y = makeAxis(spec.y, height, top, 36);
  const left = Math.ceil(y.ticks.reduce((most, tick) => Math.max(most, textWidth(tick.label, LABEL_SIZE)), 0)) + 10;
  const right = width - RIGHT;
  const x = makeAxis(spec.x, left, right, 64);

  let content = legend.map((row, i) => drawLegend(row, (i + 1) * LABEL_LINE)).join("");
  content += textLine(0, labelTop + LABEL_SIZE, spec.y.label, { fill: MUTED });
  for (const { value, label } of y.ticks) {
    const at = y.scale(value);
    content += rule(left, at, right, at, GRID);
    content += textLine(left - 8, at + 4, label, { fill: MUTED, "text-anchor": "end" });
  }
  for (const value of y.minor) content += rule(left - TICK, y.scale(value), left, y.scale(value), AXIS);
  content += rule(left, top, left, height, AXIS) + rule(left, height, right, height, AXIS);
  for (const { value, label } of x.ticks) {
    const at = x.scale(value);
    content += rule(at, height, at, height + TICK, AXIS);
    content += textLine(at, height + TICK + LABEL_SIZE + 2, label, { fill: MUTED, "text-anchor": "middle" });
  }
  content += textLine((left + right) / 2, height + TICK + LABEL_SIZE + 2 + LABEL_LINE, spec.x.label, {
    fill: MUTED,
    "text-anchor": "middle",
  });
  content += spec.draw(x.scale, y.scale);
  return {
    title: spec.title,
    width,
    height: height + TICK + LABEL_SIZE + 2 + LABEL_LINE + 6,
    drawingHeight: height,
    content,
    summary: spec.summary,
  };
}

/** The dot that marks one iteration. */
export function dot(x: number, y: number): string {
  return element("circle", { cx: x, cy: y, r: 4.5, fill: ACCENT, stroke: PAPER, "stroke-width": 1.5 });
}

function rule(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  // On half pixels a line of one pixel is sharp.
  const at = (value: number): string => coordinate(Math.floor(value) + 0.5);
  return element("path", { d: `M${at(x1)},${at(y1)}L${at(x2)},${at(y2)}`, stroke, fill: "none" });
}

const SWATCH = 20;
const ENTRY_GAP = 16;

function legendRows(entries: readonly LegendEntry[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let free = 0;
  for (const entry of entries) {
    const needed = entryWidth(entry);
    if (rows.length === 0 || needed > free) {
      rows.push([]);
      free = width;
    }
    rows.at(-1)!.push(entry);
    free -= needed + ENTRY_GAP;
  }
  return rows;
}

function entryWidth(entry: LegendEntry): number {
  return (entry.mark === "none" ? 0 : SWATCH) + textWidth(entry.label, LABEL_SIZE);
}

function drawLegend(row: readonly LegendEntry[], bottom: number): string {
  let x = 0;
  let content = "";
  for (const entry of row) {
    const middle = bottom - LABEL_LINE / 2;
    if (entry.mark === "line") {
      content += element("path", { d: `M${coordinate(x)},${middle}h14`, stroke: entry.colour, "stroke-width": 3 });
    }
    if (entry.mark === "dashes") {
      // Two dashes, as long as a line's swatch.
      const d = `M${coordinate(x)},${middle}h6M${coordinate(x + 9)},${middle}h6`;
      content += element("path", { d, stroke: entry.colour, "stroke-width": 3 });
    }
    if (entry.mark === "dot") content += dot(x + 7, middle);
    const textX = x + (entry.mark === "none" ? 0 : SWATCH);
    content += textLine(textX, middle + 4, entry.label, entry.mark === "none" ? { fill: MUTED } : {});
    x += entryWidth(entry) + ENTRY_GAP;
  }
  return content;
}
