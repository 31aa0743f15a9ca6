/**
 * Errors by group as bars on a logarithmic axis, the largest first: a look tells which group is worst, and by how many powers of ten.
 */

import { significant } from "../significant.ts";
import { makeAxis } from "./axes.ts";
import type { Panel } from "./panel.ts";
import { AXIS, GRID, LABEL_SIZE, MUTED, SERIES } from "./style.ts";
import { coordinate, element, textLine, textWidth } from "./svg.ts";

export interface GroupError {
  readonly name: string;
  readonly distance: number;
  /** The distance as a part of the target's own size; infinite where that is 0, NaN where both are. */
  readonly relative: number;
}

const WIDTH = 640;
const ROW = 20;
const BAR = 10;
/** Below this part nothing is told apart. */
const LEAST = 1e-12;

/** One bar for each group. What has no place on the axis is written only. */
export function groupErrorPanel(groups: readonly GroupError[]): Panel {
  const sorted = [...groups].sort((a, b) => size(b) - size(a));
  const drawn = sorted.map(size).filter((x) => x > LEAST && Number.isFinite(x));
  const low = Math.min(...drawn, 0.01);
  const high = Math.max(...drawn, 1);
  const words = sorted.map(({ relative, distance }) =>
    Number.isFinite(relative)
      ? `${significant(100 * relative)} %`
      : distance === 0
        ? "0"
        : `${significant(distance)}, where the target is 0`,
  );
  const left = Math.ceil(Math.max(...sorted.map(({ name }) => textWidth(name, LABEL_SIZE)))) + 10;
  const right = WIDTH - Math.ceil(Math.max(...words.map((text) => textWidth(text, LABEL_SIZE)))) - 10;
  const bottom = ROW * sorted.length + 4;
  const axis = makeAxis({ kind: "log", domain: [low / 2, high] }, left, right, 64);
  let content = "";
  for (const { value } of axis.ticks) {
    const at = coordinate(Math.floor(axis.scale(value)) + 0.5);
    content += element("path", { d: `M${at},0V${bottom}`, stroke: GRID, fill: "none" });
    content += textLine(axis.scale(value), bottom + LABEL_SIZE + 4, `${significant(100 * value)} %`, {
      fill: MUTED,
      "text-anchor": "middle",
    });
  }
  sorted.forEach((group, i) => {
    const y = i * ROW;
    const error = size(group);
    content += textLine(left - 8, y + 14, group.name, { "text-anchor": "end" });
    const end = error > LEAST ? axis.scale(Math.min(Math.max(error, low / 2), high)) : left;
    if (error > LEAST) {
      content += element("rect", { x: left, y: y + 5, width: Math.max(1, end - left), height: BAR, fill: SERIES[0] });
    }
    content += textLine(end + 6, y + 14, words[i], { fill: MUTED });
  });
  content += element("path", { d: `M${coordinate(left + 0.5)},0V${bottom}`, stroke: AXIS, fill: "none" });
  return {
    isWide: true,
    title: "Distance of each group, as a part of the target's own size",
    width: WIDTH,
    height: bottom + LABEL_SIZE + 10,
    drawingHeight: bottom,
    content,
    summary: `Bars of the error of ${groups.length} groups: ${sorted.map(({ name }, i) => `${name} ${words[i]}`).join("; ")}.`,
  };
}

const size = ({ relative }: GroupError): number => (Number.isNaN(relative) ? 0 : relative);
