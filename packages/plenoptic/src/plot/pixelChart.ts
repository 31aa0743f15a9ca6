// Charts made of whole pixels and levels of gray, for animations: curves over the iterations that stay, and a mark that moves along them.
// Gray, so that an image of 256 levels beside them still fits a GIF.

import { significant } from "../significant.ts";
import { type Axis, makeAxis } from "./axes.ts";
import { LETTER_HEIGHT, pixelsOf, pixelWidth } from "./pixelFont.ts";

/** Gray levels. */
const PAPER = 255;
const INK = 0;
const CURVE = 128;
const GRID = 224;

/** Around and within a chart, in pixels. */
const LINE = LETTER_HEIGHT + 4;
/** Rows above the title and below the last line, so that no letter touches the edge. */
const EDGE = 2;
const TICK_GAP = 4;
const MARGIN = 6;
const RADIUS = 3;

/** A curve through points (x, y). */
export interface PixelCurve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PixelChartSpec {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly curves: readonly PixelCurve[];
  /** The last iteration. */
  readonly end: number;
  readonly scale: "log" | "linear";
  /** Whether the marked curve is told by its name. */
  readonly named: boolean;
}

/** A chart: its pixels with a mark at the point `at` of a curve, row by row. */
export interface PixelChart {
  readonly width: number;
  readonly height: number;
  frame(curve: number, at: number): Uint8Array;
}

/** Draws a chart. A logarithmic axis becomes linear where no value is positive; what an axis cannot show breaks the curve. */
export function pixelChart(spec: PixelChartSpec): PixelChart {
  const { title, width, height, curves, end, named } = spec;
  const values = curves.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  const isLog = spec.scale === "log" && values.some((value) => value > 0);
  const drawable = (value: number): boolean => Number.isFinite(value) && (!isLog || value > 0);
  const drawn = values.filter(drawable);
  const low = drawn.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = drawn.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const top = 2 * LINE + RADIUS;
  const bottom = height - EDGE - 2 * LINE;
  const domain: readonly [number, number] = low > high ? [0, 1] : isLog ? [low, high] : widened(low, high);
  const y = makeAxis({ kind: isLog ? "log" : "linear", domain }, bottom, top, 28);
  const left = Math.max(...y.ticks.map(({ label }) => pixelWidth(label)), 0) + TICK_GAP;
  const x = makeAxis({ kind: "linear", domain: [0, end], whole: true, format: "d" }, left, width - MARGIN, 48);
  const place = ([at, value]: readonly [number, number]): readonly [number, number] => [
    Math.floor(x.scale(at) + 0.5),
    Math.floor(y.scale(value) + 0.5),
  ];

  const paper = new Canvas(width, height);
  paper.text(0, EDGE, title, INK);
  drawAxes(paper, x, y, { left, top, bottom, right: width - MARGIN });
  for (const { points } of curves) {
    for (let i = 1; i < points.length; i++) {
      if (drawable(points[i - 1][1]) && drawable(points[i][1]))
        paper.line(place(points[i - 1]), place(points[i]), CURVE);
    }
  }
  return {
    width,
    height,
    frame: (curve, at) => {
      const own = paper.copy();
      const { name, points } = curves[curve];
      const point = points[at];
      const said = named ? `${significant(point[1])} ${name}` : `iteration ${point[0]}: ${significant(point[1])}`;
      own.text(0, LINE, said, INK);
      if (drawable(point[1])) own.disc(place(point));
      return own.pixels;
    },
  };
}

/** A margin at both ends of what is told on a linear axis, which never is of no height. */
function widened(low: number, high: number): [number, number] {
  const margin = Math.max((high - low) * 0.04, 5e-4 * Math.max(Math.abs(low), Math.abs(high)));
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly right: number;
}

function drawAxes(paper: Canvas, x: Axis, y: Axis, { left, top, bottom, right }: Frame): void {
  for (const { value, label } of y.ticks) {
    const at = Math.floor(y.scale(value) + 0.5);
    paper.line([left, at], [right, at], GRID);
    paper.text(left - TICK_GAP - pixelWidth(label), at - (LETTER_HEIGHT >> 1), label, INK);
  }
  for (const { value, label } of x.ticks) {
    const at = Math.floor(x.scale(value) + 0.5);
    paper.line([at, bottom], [at, bottom + 2], INK);
    const start = Math.min(at - (pixelWidth(label) >> 1), paper.width - pixelWidth(label));
    paper.text(Math.max(0, start), bottom + TICK_GAP, label, INK);
  }
  paper.line([left, top], [left, bottom], INK);
  paper.line([left, bottom], [right, bottom], INK);
  paper.text(left, bottom + TICK_GAP + LINE, "iteration", INK);
}

/** Gray pixels that can be drawn on; what lies outside is cut off. */
class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;

  constructor(width: number, height: number, pixels = new Uint8Array(width * height).fill(PAPER)) {
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }

  copy(): Canvas {
    return new Canvas(this.width, this.height, this.pixels.slice());
  }

  set(x: number, y: number, level: number): void {
    if (x >= 0 && y >= 0 && x < this.width && y < this.height) this.pixels[y * this.width + x] = level;
  }

  text(left: number, top: number, text: string, level: number): void {
    for (const [x, y] of pixelsOf(text)) this.set(left + x, top + y, level);
  }

  /** One pixel for each column, or for each row where it is steep. */
  line([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number], level: number): void {
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    for (let i = 0; i <= steps; i++) {
      this.set(Math.floor(x0 + ((x1 - x0) * i) / steps + 0.5), Math.floor(y0 + ((y1 - y0) * i) / steps + 0.5), level);
    }
  }

  /** The mark: a disc with a rim of paper. */
  disc([x, y]: readonly [number, number]): void {
    const rim = RADIUS + 1;
    for (let dy = -rim; dy <= rim; dy++) {
      for (let dx = -rim; dx <= rim; dx++) {
        const square = dx * dx + dy * dy;
        if (square <= rim * rim + 1) this.set(x + dx, y + dy, square <= RADIUS * RADIUS + 1 ? INK : PAPER);
      }
    }
  }
}
