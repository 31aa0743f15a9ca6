/**
 * What the plotting functions ask of their inputs, no more: an array that can tell its shape and its values, a synthesis
 * that can tell its images and histories, distortions with their eigenvalues. Tensor, Metamer, MADCompetition and
 * Eigendistortion fit; so does any object of this form.
 */

import { Tensor } from "@plenoptic-js/tensor";
import { heldValue, shapeText, shown } from "@plenoptic-js/tensor/engine";

/** An array of real numbers in C order. A Tensor is one. */
export interface ArraySource {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

/** An array whose values are at hand, in C order. */
export interface ImageLike {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** The histories of a synthesis of one image, N iterations long. */
export interface HistorySource {
  /** The image it was made for, shape [batch, channel, height, width]. */
  readonly image: ArraySource;
  /** Every how many iterations an image was stored; `true` means 1; `false`, 0 and `null` mean never. */
  readonly storeProgress: number | boolean | null;
  /** Objective at the start of each iteration, then the current one: N + 1 values. */
  readonly losses: Float64Array;
  /** Penalty, before its weight, at the same moments: N + 1 values. */
  readonly penalties: Float64Array;
  /** Weight of the penalty in the objective. */
  readonly penaltyLambda: number;
  /** Norm of the gradient at the start of each iteration: N values. */
  readonly gradientNorm: Float64Array;
  /** Norm of the change that each iteration made to the image: N values. */
  readonly pixelChangeNorm: Float64Array;
}

/** Metamer and MetamerCTF. */
export interface MetamerSource extends HistorySource {
  /** The synthesized image as it is now. */
  readonly metamer: ArraySource;
  /** Stored images, oldest first, the current one last: shape [stored + 1, ...metamer.shape]. */
  readonly savedMetamer: ArraySource;
}

/** MADCompetition. */
export interface MadSource extends HistorySource {
  /** The synthesized image as it is now. */
  readonly madImage: ArraySource;
  /** Stored images, oldest first, the current one last: shape [stored + 1, ...madImage.shape]. */
  readonly savedMadImage: ArraySource;
  /** The image it began with; null before setup. */
  readonly initialImage: ArraySource | null;
  /** The metric that is made small or large, at the moments of `losses`. */
  readonly optimizedMetricLoss: Float64Array;
  /** The metric that is to stay as it was, at the same moments. */
  readonly referenceMetricLoss: Float64Array;
  /** Its name is what the metric is called. */
  readonly optimizedMetric: { readonly name: string };
  /** Which way it is made; figures of all four look whether they were given in order. */
  readonly minmax?: "min" | "max";
}

export type SynthesisSource = MetamerSource | MadSource;

/** Eigendistortion, after its synthesis. */
export interface EigendistortionSource {
  /** The image that is distorted, shape [1, channel, height, width]. */
  readonly image: ArraySource;
  /** Shape [count, channel, height, width], each of norm 1; null before the synthesis. */
  readonly eigendistortions: ArraySource | null;
  /** How noticeable each is: shape [count]; null before the synthesis. */
  readonly eigenvalues: ArraySource | null;
  /** The place of each among all eigendistortions of the image, 0 for the most noticeable: shape [count]; null before the synthesis. */
  readonly eigenindex: ArraySource | null;
}

/** Reads the values of an array and checks that they fill its shape. `caller` names the function in errors. */
export async function readArray(source: ArraySource, caller: string): Promise<ImageLike> {
  if (typeof source?.data !== "function" || !Array.isArray(source.shape)) {
    throw new TypeError(`${caller}: expected a tensor, or an object with a shape and data(), got ${shown(source)}`);
  }
  // Large images are looked at where they are.
  const values =
    source instanceof Tensor && !source.dtype.startsWith("complex") ? heldValue(source).re : await source.data();
  const count = source.shape.reduce((product, n) => product * n, 1);
  if (values.length !== count) {
    throw new TypeError(
      `${caller}: an array of shape ${shapeText(source.shape)} should hold ${count} real numbers, ` +
        `but its data() gave ${values.length}; plot the real and the imaginary part of complex values separately`,
    );
  }
  if (count === 0) throw new RangeError(`${caller}: an array of shape ${shapeText(source.shape)} has nothing to plot`);
  return { shape: source.shape, values };
}

/** One array or a list of them, read in order. */
export async function readArrays(
  sources: ArraySource | readonly ArraySource[],
  caller: string,
): Promise<readonly ImageLike[]> {
  const list = isList(sources) ? sources : [sources];
  if (list.length === 0) throw new RangeError(`${caller}: the list of images is empty; give at least one`);
  return Promise.all(list.map((source) => readArray(source, caller)));
}

/** Arrays with one axis, or none, have no batch: they become the only member of one. */
export function atLeastTwoAxes(array: ImageLike): ImageLike {
  return array.shape.length >= 2 ? array : { ...array, shape: [1, array.values.length] };
}

/**
 * The part of an array at one index of its first axis (batch) and of its second (channel); `null` keeps all.
 * The number of axes stays, or becomes two.
 */
export function select(
  image: ImageLike,
  batchIdx: number | null,
  channelIdx: number | null,
  caller: string,
): ImageLike {
  const batched = batchIdx === null ? image : takeIndex(atLeastTwoAxes(image), 0, batchIdx, `${caller}: batchIdx`);
  return channelIdx === null ? batched : takeIndex(batched, 1, channelIdx, `${caller}: channelIdx`);
}

function takeIndex(image: ImageLike, axis: number, index: number, what: string): ImageLike {
  const size = image.shape[axis] ?? 0;
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new RangeError(
      `${what} must be null or a whole number from 0 to ${size - 1} for an array of shape ` +
        `${shapeText(image.shape)}, got ${shown(index)}`,
    );
  }
  // All there is: large images are not copied for it.
  if (size === 1) return image;
  const inner = image.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const outer = image.shape.slice(0, axis).reduce((product, n) => product * n, 1);
  const values = new Float64Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) values[o * inner + i] = image.values[(o * size + index) * inner + i]!;
  }
  return { shape: image.shape.map((n, i) => (i === axis ? 1 : n)), values };
}

function isList(sources: ArraySource | readonly ArraySource[]): sources is readonly ArraySource[] {
  return Array.isArray(sources);
}
