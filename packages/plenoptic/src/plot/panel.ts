/**
 * Panels and the figures made of them. A panel is one titled drawing; a figure lays panels out in rows, titles
 * above, all positions whole pixels, and carries a title and a description for people who cannot see it
 * (SVG Accessibility API Mappings: role img, `title`, `desc`).
 */

import { Figure } from "./figure.ts";
import { FONT, HEADING_LINE, HEADING_SIZE, PAPER, TITLE_LINE, TITLE_SIZE } from "./style.ts";
import { element, escapeXml, moved, textLine, wrapText } from "./svg.ts";

export interface Panel {
  /** Shown above the drawing; "" shows nothing. */
  readonly title: string;
  /** Size without the title, whole pixels. */
  readonly width: number;
  readonly height: number;
  /** Height of the picture or the chart itself, without the labels under it. */
  readonly drawingHeight: number;
  /** Markup with its origin at the top left corner of the drawing. */
  readonly content: string;
  /** What the drawing shows, in a sentence. */
  readonly summary: string;
  /** Whether it has a row for itself, over all columns. */
  readonly isWide?: boolean;
}

const PADDING = 16;
const COLUMN_GAP = 28;
const ROW_GAP = 24;
const TITLE_GAP = 6;
const HEADING_GAP = 10;

/** Lays panels out in rows of `columns`. */
export function figureOf(panels: readonly Panel[], columns: number): Figure {
  const rows: Panel[][] = [];
  for (let i = 0; i < panels.length; i += columns) rows.push(panels.slice(i, i + columns));
  return figureOfRows(rows);
}

/** A place in a row that stays empty. */
export const EMPTY: Panel = { title: "", width: 0, height: 0, drawingHeight: 0, content: "", summary: "" };

/**
 * Lays panels out in the given rows, which may have different lengths; columns are as wide as their widest panel.
 *
 * @param heading shown above all of it; "" shows nothing
 */
export function figureOfRows(rows: readonly (readonly Panel[])[], heading = ""): Figure {
  const panels = rows.flat();
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, c) =>
    rows.reduce((most, row) => Math.max(most, row[c]?.isWide ? 0 : (row[c]?.width ?? 0)), 0),
  );
  const inner = panels.reduce(
    (most, panel) => (panel.isWide ? Math.max(most, panel.width) : most),
    widths.reduce((sum, w) => sum + w, 0) + (widths.length - 1) * COLUMN_GAP,
  );
  const width = 2 * PADDING + inner;

  let y = PADDING;
  const headings = wrapText(heading, width - 2 * PADDING, HEADING_SIZE, true).map((line, i) => {
    const place = y + i * HEADING_LINE + HEADING_SIZE;
    return textLine(PADDING, place, line, { "font-size": HEADING_SIZE, "font-weight": 600 });
  });
  let body = headings.join("");
  if (headings.length > 0) y += headings.length * HEADING_LINE + HEADING_GAP;
  for (const row of rows) {
    const titles = row.map((panel, c) => wrapText(panel.title, panel.isWide ? inner : widths[c], TITLE_SIZE, true));
    const lines = titles.reduce((most, title) => Math.max(most, title.length), 0);
    const top = y + (lines === 0 ? 0 : lines * TITLE_LINE + TITLE_GAP);
    let x = PADDING;
    row.forEach((panel, c) => {
      // Shorter titles stand low, next to their drawing.
      const first = y + (lines - titles[c].length) * TITLE_LINE + TITLE_SIZE;
      const heading = titles[c].map((line, i) =>
        textLine(x, first + i * TITLE_LINE, line, { "font-size": TITLE_SIZE, "font-weight": 600 }),
      );
      body += heading.join("") + moved(x, top, panel.content);
      x += widths[c] + COLUMN_GAP;
    });
    y = top + row.reduce((most, panel) => Math.max(most, panel.height), 0) + ROW_GAP;
  }
  const height = y - ROW_GAP + PADDING;

  const titles = [...new Set(panels.map((panel) => panel.title).filter((title) => title !== ""))];
  const summaries = panels.map((panel) => panel.summary).filter((summary) => summary !== "");
  const content =
    `<title>${escapeXml(heading || titles.join("; ") || "Figure")}</title>` +
    `<desc>${escapeXml(summaries.join(" "))}</desc>` +
    element("rect", { width, height, fill: PAPER }) +
    body;
  const svg = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "font-family": FONT,
      style: "font-variant-numeric: tabular-nums",
    },
    content,
  );
  return new Figure(`${svg}\n`, width, height);
}
