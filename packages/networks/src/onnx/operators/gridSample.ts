// GridSample: elements of an image between its pixels, at places that are known. Coordinates and weights are made in float64. Cubic:
// R. G. Keys, "Cubic convolution interpolation for digital image processing", 1981.

import { concat, type Tensor, take } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { known } from "../values/value.ts";
import type { Call, Operator } from "./operator.ts";
import { cubicTaps, linearTaps, type Tap, tapTable } from "./taps.ts";

/** The element that stands for one outside of an axis; undefined where that is zero. */
type Outside = (index: number, n: number) => number | undefined;

const clamped = (x: number, n: number): number => Math.max(0, Math.min(n - 1, x));

interface Way {
  readonly tapsOf: (p: number) => readonly Tap[];
  /** Whether -1 and 1 are the middles of the outermost pixels, and not their outer edges. */
  readonly corners: boolean;
  readonly padding: string;
}

/** A place mirrored until it lies between two bounds. */
function mirrored(p: number, low: number, high: number): number {
  if (high <= low) return low;
  const span = high - low;
  const from = Math.abs(p - low);
  const turns = Math.floor(from / span);
  const rest = from - turns * span;
  return turns % 2 === 0 ? low + rest : high - rest;
}

/** Of halves, the even one. */
function rounded(p: number): number {
  const low = Math.floor(p);
  if (p - low !== 0.5) return Math.floor(p + 0.5);
  return low % 2 === 0 ? low : low + 1;
}

/** Elements of an axis of n pixels for a coordinate from -1 to 1, and what they weigh. */
function tapsAt(coordinate: number, n: number, { tapsOf, corners, padding }: Way, isCubic: boolean): Tap[] {
  const place = corners ? ((coordinate + 1) / 2) * (n - 1) : ((coordinate + 1) * n - 1) / 2;
  const reflect = (p: number): number => (corners ? mirrored(p, 0, n - 1) : mirrored(p, -0.5, n - 0.5));
  const outside: Outside =
    padding === "zeros"
      ? (index) => (index >= 0 && index < n ? index : undefined)
      : (index) => clamped(padding === "reflection" ? Math.floor(reflect(index) + 0.5) : index, n);
  // Four taps are brought inside one by one, others by their place.
  const p = isCubic || padding === "zeros" ? place : clamped(padding === "reflection" ? reflect(place) : place, n);
  return tapsOf(p).map(({ index, weight }) => {
    const inside = outside(index, n);
    return inside === undefined ? { index: 0, weight: 0 } : { index: inside, weight };
  });
}

/** One image at places [rows, columns, (x, y)]. */
function sampled(call: Call, image: Tensor, places: ArrayLike<number>, way: Way, isCubic: boolean): Tensor {
  const [, channels, height, width] = image.shape;
  const count = places.length / 2;
  const across = tapTable(count, width, (i) => tapsAt(places[2 * i], width, way, isCubic));
  const down = tapTable(count, height, (i) => tapsAt(places[2 * i + 1], height, way, isCubic));
  const pixels = image.reshape([1, channels, height * width]);
  const rows = down.indices.length;
  const columns = across.indices.length;
  const terms = Array.from({ length: rows * columns }, (_, k): Tensor => {
    const [r, c] = [Math.floor(k / columns), k % columns];
    const [rowAt, rowWeight] = [down.indices[r], down.weights[r]];
    const indices = across.indices[c].map((column, i) => rowAt[i] * width + column);
    const weights = across.weights[c].map((weight, i) => rowWeight[i] * weight);
    return take(pixels, indices, 2).mul(call.around.constants.of(known("float", [1, 1, count], weights), call.dtype));
  });
  return terms.reduce((a, b) => a.add(b));
}

const sample: Operator = {
  attributes: { align_corners: "int", mode: "text", padding_mode: "text" },
  inputs: [2, 2],
  run(call) {
    const [shape, gridShape] = [call.shape(0), call.shape(1)];
    if (shape.length !== 4) throw call.unsupported(`its input is ${shapeText(shape)}; images are sampled, not volumes`);
    const [batch, channels, height, width] = shape;
    const [grids, rows, columns, two] = gridShape;
    if (gridShape.length !== 4 || two !== 2 || grids !== batch) {
      throw call.wrong(
        `its grid is ${shapeText(gridShape)}; for images ${shapeText(shape)} it must be [${batch}, rows, columns, 2]`,
      );
    }
    if (height * width === 0) throw call.wrong(`its input is ${shapeText(shape)}, which has no pixels`);
    const given = call.text("mode", call.opset < 20 ? "bilinear" : "linear");
    const mode = given.replace(/^bi/, "");
    if (!["linear", "nearest", "cubic"].includes(mode)) throw call.wrong(`its mode is ${given}, which there is not`);
    const padding = call.text("padding_mode", "zeros");
    if (!["zeros", "border", "reflection"].includes(padding)) {
      throw call.wrong(`its padding_mode is ${padding}, which there is not`);
    }
    call.checkAlong([batch, channels, rows * columns]);
    const { data } = call.known(1, "grid");
    const way: Way = {
      tapsOf:
        mode === "nearest"
          ? (p) => [{ index: rounded(p), weight: 1 }]
          : mode === "linear"
            ? linearTaps
            : (p) => cubicTaps(p, -0.75),
      corners: call.flag("align_corners"),
      padding,
    };
    const size = 2 * rows * columns;
    const images = Array.from({ length: batch }, (_, n) =>
      sampled(call, call.tensor(0).slice(0, n, n + 1), data.subarray(n * size, (n + 1) * size), way, mode === "cubic"),
    );
    const all = images.length === 1 ? images[0] : concat(images, 0);
    return call.like(all.reshape([batch, channels, rows, columns]));
  },
};

export const samples: Readonly<Record<string, Operator>> = { GridSample: sample };
