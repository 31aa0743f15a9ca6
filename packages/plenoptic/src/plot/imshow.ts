/**
 * `imshow`: pictures with exact pixels, their ranges and sizes written under them, by the conventions of
 * plenoptic's and pyrtools' `imshow`.
 */

import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { format } from "d3-format";
import type { Figure } from "./figure.ts";
import type { Panel } from "./panel.ts";
import { figureOf } from "./panel.ts";
import type { Plane, Zoom } from "./planes.ts";
import { commonZooms, planesOf, shrink } from "./planes.ts";
import { rasterOf } from "./raster.ts";
import type { ArraySource } from "./sources.ts";
import { readArrays, select } from "./sources.ts";
import { LABEL_LINE, LABEL_SIZE, MUTED } from "./style.ts";
import { element, textLine, textWidth } from "./svg.ts";
import type { VRange } from "./vrange.ts";
import { displayRanges, kindOf, type RangeKind } from "./vrange.ts";

export interface ImshowOptions {
  /** Values shown as black and white. Default "indep1"; for colour [0, 1]. */
  readonly vrange?: VRange;
  /** Pixels for each image element: a whole number or 1/n. Smaller pictures are enlarged to the largest. Default 1. */
  readonly zoom?: number;
  /** One title for all pictures or one for each; "" writes range and size only, `null` nothing at all. Default "". */
  readonly title?: string | readonly string[] | null;
  /** Pictures in a row. Default: all. */
  readonly colWrap?: number;
  /** The batch member to show; `null` shows all. */
  readonly batchIdx?: number | null;
  /** The channel to show; `null` shows all. */
  readonly channelIdx?: number | null;
  /** Show three or four channels as one colour picture, red, green, blue and opacity. Default false. */
  readonly asRgb?: boolean;
}

const number = format(".3~g");

/**
 * Shows images, each element as a square of whole pixels; nothing is interpolated.
 *
 * @param image one array or a list, each of shape [batch, channel, height, width]; channels and batch members are
 *   shown side by side. The sizes must be whole multiples of each other.
 * @throws RangeError for another shape, sizes that do not fit together, an index out of range, an inexact zoom,
 *   an unknown `vrange`, or titles that are not one for each picture.
 */
export async function imshow(
  image: ArraySource | readonly ArraySource[],
  options: ImshowOptions = {},
): Promise<Figure> {
  checkOptions("imshow", options, ["vrange", "zoom", "title", "colWrap", "batchIdx", "channelIdx", "asRgb"]);
  const { batchIdx = null, channelIdx = null, asRgb = false, title = "" } = options;
  const images = await readArrays(image, "imshow");
  const planes = images.flatMap((one) => planesOf(select(one, batchIdx, channelIdx, "imshow"), asRgb, "imshow"));
  const panels = imagePanels(planes, title, options.vrange ?? (asRgb ? [0, 1] : "indep1"), options.zoom ?? 1, "imshow");
  const columns = options.colWrap ?? panels.length;
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(`imshow: colWrap must be a whole number from 1 on, got ${shown(columns)}`);
  }
  return figureOf(panels, Math.min(columns, panels.length));
}

/** One panel for each picture, all in one size. */
export function imagePanels(
  planes: readonly Plane[],
  title: string | readonly string[] | null,
  vrange: VRange,
  zoom: number,
  caller: string,
): Panel[] {
  if (Array.isArray(title) && title.length !== planes.length) {
    throw new RangeError(`${caller}: ${title.length} titles for ${planes.length} pictures; give one for each`);
  }
  const zooms = commonZooms(planes, zoom, caller);
  const ranges = displayRanges(planes, vrange, caller);
  return planes.map((plane, i) => {
    const own = Array.isArray(title) ? (title[i] as string) : (title as string | null);
    return imagePanel(plane, own, ranges[i], kindOf(vrange, planes), zooms[i]);
  });
}

/** One picture; `null` for the title leaves out range and size as well. */
export function imagePanel(
  plane: Plane,
  title: string | null,
  range: readonly [number, number],
  { diverging, shared }: RangeKind,
  zoom: Zoom,
): Panel {
  const shown = shrink(plane, zoom.share);
  const width = shown.width * zoom.times;
  const height = shown.height * zoom.times;
  const { uri, notFinite } = rasterOf(shown, range, diverging, zoom.times);
  const picture = element("image", {
    width,
    height,
    preserveAspectRatio: "none",
    style: "image-rendering: pixelated",
    href: uri,
  });

  const enlarged = zoom.times === 1 ? "" : `, enlarged ${zoom.times} times`;
  const drawn = zoom.share === 1 ? enlarged : `, reduced ${zoom.share} times`;
  const facts = [
    `${number(range[0])} to ${number(range[1])}`,
    // Else it would be taken for the range of this picture.
    ...(shared ? ["all on one scale"] : []),
    `${plane.width} x ${plane.height} pixels${drawn}`,
  ];
  if (notFinite > 0) facts.push(`not finite: ${notFinite} (magenta)`);
  const lines = title === null ? [] : captionLines(facts, width);
  const caption = lines.map((line, i) => textLine(0, height + LABEL_LINE * (i + 1), line, { fill: MUTED }));
  return {
    title: title ?? "",
    width: lines.reduce((most, line) => Math.max(most, Math.ceil(textWidth(line, LABEL_SIZE))), width),
    height: height + (lines.length === 0 ? 0 : LABEL_LINE * lines.length + 4),
    drawingHeight: height,
    content: picture + caption.join(""),
    summary: `Image${title ? ` "${title}"` : ""}, ${facts.join(", ")}.`,
  };
}

/** The facts on as few lines as the width allows. */
function captionLines(facts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const joined = lines.length === 0 ? fact : `${lines.at(-1)} · ${fact}`;
    if (lines.length > 0 && textWidth(joined, LABEL_SIZE) <= width) lines[lines.length - 1] = joined;
    else lines.push(fact);
  }
  return lines;
}
