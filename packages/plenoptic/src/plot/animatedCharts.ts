/** The charts beside an animated synthesis: losses, and how far the response is from that to the target, each with a mark at the frame's image. */

import { type FloatDType, type Tensor, tensor } from "@plenoptic-js/tensor";
import { settled } from "@plenoptic-js/tensor/engine";
import { modelFunction } from "../models/model.ts";
import { Rests } from "../synthesis/frame/pause.ts";
import { groupValues, WHOLE } from "../synthesis/verdict/groups.ts";
import { apartIn } from "../synthesis/verdict/metamerVerdict.ts";
import type { Frames } from "./animatedFigure.ts";
import type { ModelledMetamer } from "./metamerRepresentationError.ts";
import { type PixelChart, type PixelCurve, pixelChart } from "./pixelChart.ts";
import type { ImageLike, SynthesisSource } from "./sources.ts";

/** A chart, and of each frame the curve and the point that are marked. */
export interface MovingChart {
  readonly chart: PixelChart;
  readonly marks: readonly (readonly [curve: number, point: number])[];
}

const WIDTH = 300;

/** Beside the picture, and below each other. */
const GAP = 16;

type Size = { readonly height: number };

/** The loss of a metamer; of a MAD competition both metrics. */
export function lossCharts(synthesis: SynthesisSource, iterations: readonly number[], { height }: Size): MovingChart[] {
  const { losses, penalties, penaltyLambda } = synthesis;
  const chart = (title: string, values: Float64Array, scale: "log" | "linear"): MovingChart => {
    const points = Array.from(values, (value, i) => [i, value] as const);
    const curves = [{ name: title, points }];
    const drawn = { title, width: WIDTH, height, curves, end: values.length - 1, scale, named: false };
    return { chart: pixelChart(drawn), marks: iterations.map((at) => [0, at] as const) };
  };
  if ("madImage" in synthesis) {
    return [
      chart("optimized metric", synthesis.optimizedMetricLoss, "linear"),
      chart("reference metric", synthesis.referenceMetricLoss, "linear"),
    ];
  }
  return [
    chart(
      "loss",
      losses.map((objective, i) => objective - penaltyLambda * penalties[i]),
      "log",
    ),
  ];
}

/** Whether there is a response that can be compared. */
export const hasModel = (synthesis: SynthesisSource): synthesis is ModelledMetamer =>
  "model" in synthesis && "targetRepresentation" in synthesis;

/**
 * How far the response to each image is from that to the target, as a part of the target's own size: a curve for each group, of which the
 * worst is marked, or one for the whole response.
 *
 * @param saved the images, [frames, ...image]
 */
export async function errorChart(
  { model, targetRepresentation, image }: ModelledMetamer,
  saved: ImageLike,
  iterations: readonly number[],
  { height }: Size,
): Promise<MovingChart> {
  const { dtype } = image as Tensor<FloatDType>;
  const forward = modelFunction(model);
  const [target] = await settled([targetRepresentation]);
  const wanted = await groupValues(model, target);
  const size = saved.values.length / saved.shape[0];
  const shape = saved.shape.slice(1);
  const found = new Map<string, (readonly [x: number, y: number])[]>();
  const rests = new Rests();
  for (const [frame, iteration] of iterations.entries()) {
    const values = Float64Array.from({ length: size }, (_, i) => saved.values[frame * size + i]);
    const [response] = await settled([forward(tensor(values, { shape, dtype }))]);
    for (const { name, distance, size: own } of apartIn(wanted, await groupValues(model, response), null)) {
      // A group that is 0 in the target has no size of its own: there it is the distance.
      const points = found.get(name) ?? [];
      points.push([iteration, own > 0 ? distance / own : distance]);
      found.set(name, points);
    }
    await rests.rest();
  }
  const curves = [...found].map(([name, points]): PixelCurve => ({ name: name === WHOLE ? "" : name, points }));
  const marks = iterations.map((_, frame): [number, number] => {
    const worst = curves.reduce(
      (best, { points }, c) => (points[frame][1] > curves[best].points[frame][1] ? c : best),
      0,
    );
    return [worst, frame];
  });
  const title = curves.length > 1 ? "representation error, by group" : "representation error";
  const end = iterations[iterations.length - 1];
  const drawn = { title, width: WIDTH, height, curves, end, scale: "log" as const, named: curves.length > 1 };
  return { chart: pixelChart(drawn), marks };
}

/** Charts to the right of the pictures, which stay where and as they are; or alone. */
export function beside(pictures: Frames | null, charts: readonly MovingChart[], count: number): Frames {
  const channels = pictures?.channels ?? 1;
  const start = pictures === null ? 0 : pictures.width + GAP;
  const width = start + charts.reduce((sum, { chart }) => sum + chart.width + GAP, -GAP);
  const height = charts.reduce((most, { chart }) => Math.max(most, chart.height), pictures?.height ?? 0);
  const frames = Array.from({ length: count }, (_, frame) => {
    const out = new Uint8Array(width * height * channels).fill(255);
    if (pictures !== null) {
      const row = pictures.width * channels;
      for (let y = 0; y < pictures.height; y++) {
        out.set(pictures.frames[frame].subarray(y * row, (y + 1) * row), y * width * channels);
      }
    }
    let left = start;
    for (const { chart, marks } of charts) {
      const pixels = chart.frame(...marks[frame]);
      pixels.forEach((level, i) => {
        const at = (Math.floor(i / chart.width) * width + left + (i % chart.width)) * channels;
        out.fill(level, at, at + channels);
      });
      left += chart.width + GAP;
    }
    return out;
  });
  return { width, height, channels, frames };
}
