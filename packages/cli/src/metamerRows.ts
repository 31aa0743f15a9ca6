// The rows of pictures of target, start and metamer, and of the model's responses to them. They are drawn before the rest of the page,
// so that of large images the start and the response to it can be let go.

import type { Tensor } from "@plenoptic-js/tensor";
import { plot } from "plenoptic-js";
import { layoutOf, picture } from "./reportParts.ts";

/** Two images, or the model's responses to them. */
export interface Pair {
  readonly target: Tensor;
  readonly metamer: Tensor;
}

/** The same with the start. */
export interface Triple extends Pair {
  readonly start: Tensor;
}

/** Three pictures a row. */
export interface DrawnRows {
  readonly images: readonly plot.Figure[];
  /** A row for each channel; none where responses are no pictures. */
  readonly responses: readonly (readonly plot.Figure[])[];
}

export async function drawRows(images: Triple, representations: Triple): Promise<DrawnRows> {
  const responses: plot.Figure[][] = [];
  const { shape } = representations.target;
  for (let channel = 0; shape.length === 4 && channel < shape[1]; channel++) {
    responses.push(await row(representations, channel));
  }
  return { images: await row(images), responses };
}

/**
 * Target, start and metamer, each a figure, so that they stand one below the other where the page is narrow: images on the scale
 * from 0 to 1, or one channel of representations on a scale of their own.
 */
async function row({ target, start, metamer }: Triple, channel?: number): Promise<plot.Figure[]> {
  const which = channel !== undefined && target.shape[1] > 1 ? `, channel ${channel}` : "";
  const { zoom } = layoutOf(target);
  const three = [target, start, metamer].map((image) =>
    channel === undefined ? image : image.slice(1, channel, channel + 1),
  );
  const range = channel === undefined ? null : await rangeOf(three);
  const names = ["Target", "Start", "Metamer"];
  const figures: plot.Figure[] = [];
  // One after the other: each takes several copies of a large image.
  for (const [i, image] of three.entries()) {
    const title = names[i] + which;
    figures.push(
      range === null ? await picture(image, title, zoom) : await plot.imshow(image, { title, vrange: range, zoom }),
    );
  }
  return figures;
}

/** The smallest and the largest value of several tensors. */
async function rangeOf(tensors: readonly Tensor[]): Promise<readonly [number, number]> {
  const lows = await Promise.all(tensors.map((x) => x.min().item()));
  const highs = await Promise.all(tensors.map((x) => x.max().item()));
  const [low, high] = [Math.min(...lows), Math.max(...highs)];
  return low < high ? [low, high] : [low, low + 1];
}
