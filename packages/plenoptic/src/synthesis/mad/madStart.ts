// What a MAD competition starts from: the reference image with noise, or an image that is given; and what the metrics are there.

import { type FloatDType, randn, Tensor } from "@plenoptic-js/tensor";
import { describe, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { drawnAs, torchState } from "../../drawnStart.ts";
import { distanceOf } from "../../validate/metric.ts";
import { UserWarning, warn } from "../../warnings.ts";
import type { Beginning } from "../runningSynthesis.ts";
import type { MADSetupOptions, Range } from "./madOptions.ts";
import type { MADGiven, MADOwn } from "./madState.ts";

/** The image, and what the recipe says of it. */
export type MADStart = Omit<Beginning<MADOwn>, "own">;

/**
 * The image to start from. Draws its noise, if that is to be drawn.
 *
 * @param range what it is moved into; null: none
 * @param checkStart refuses images that cannot be started from
 */
export function chooseStart(
  { initialNoise = null, initialImage = null }: MADSetupOptions,
  image: Tensor<FloatDType>,
  range: Range,
  checkStart: (image: Tensor) => Tensor<FloatDType>,
): MADStart {
  let start: Tensor<FloatDType>;
  const torch = torchState();
  if (initialImage !== null) {
    if (initialNoise !== null) throw new RangeError("MADCompetition: give initialNoise or initialImage, not both");
    start = checkStart(initialImage).detach();
    if (start.shape.join() !== image.shape.join()) {
      throw new RangeError(
        `MADCompetition: the initial image is ${shapeText(start.shape)}; it must be ${shapeText(image.shape)}, as the image`,
      );
    }
  } else {
    const noise = initialNoise ?? 0.1;
    checkNoise(noise, image);
    if (range !== null) warnOfMove(image, "image", range);
    start = noisyStart(image, noise, range);
  }
  if (range !== null && initialImage !== null) {
    warnOfMove(start, "initial image", range);
    start = start.clip(...range).detach();
  }
  // Noise that is one number can be drawn again; other starts are told by their hash.
  if (initialImage !== null || initialNoise instanceof Tensor) return { start, arrays: { initialImage: start } };
  const noise = initialNoise ?? 0.1;
  drawnAs(start, () => ({ kind: "noise", initialNoise: noise, random: { torch } }));
  return { start, options: { initialNoise: noise }, arrays: { initialImage: null } };
}

/** The image with normal noise from the global generator, in the range where there is one. */
export function noisyStart(image: Tensor<FloatDType>, noise: number | Tensor, range: Range): Tensor<FloatDType> {
  const drawn = randn(image.shape, { dtype: image.dtype });
  const start = image.add(drawn.mul(noise)).detach() as Tensor<FloatDType>;
  return range === null ? start : start.clip(...range).detach();
}

/** Noise alone leaves the range a little, and is clipped as promised. An image that leaves it is not what was meant: one that lies outside as a whole is refused. */
function warnOfMove(from: Tensor<FloatDType>, name: string, [low, high]: NonNullable<Range>): void {
  const values = from.dataSync();
  let moved = 0;
  for (const value of values) if (value < low || value > high) moved++;
  if (moved === 0) return;
  if (moved === values.length) {
    throw new RangeError(
      `MADCompetition: all ${moved} values of the ${name} lie outside of [${low}, ${high}]; give allowedRange the range of your ` +
        `images, such as [0, 255], or scale them to [${low}, ${high}]`,
    );
  }
  const words =
    `MADCompetition: ${moved} of ${values.length} values of the ${name} lie outside of [${low}, ${high}], and the start was ` +
    `moved into it; give allowedRange the range of your images, such as [0, 255], or scale them to [${low}, ${high}]`;
  warn(new UserWarning("start-clipped", words));
}

/**
 * What the reference metric is to stay at, which is its value for the start. Refuses starts where a metric is no number, and
 * in the weighted mode where there is nothing to hold.
 */
export function targetAt(
  start: Tensor<FloatDType>,
  { image, optimizedMetric, referenceMetric }: Pick<MADGiven, "image" | "optimizedMetric" | "referenceMetric">,
  constrained: boolean,
): number {
  start.dataSync();
  const target = finite("reference", distanceOf(referenceMetric, image, start).itemSync());
  finite("optimized", distanceOf(optimizedMetric, image, start).itemSync());
  if (target === 0 && !constrained) {
    throw new RangeError(
      "MADCompetition: the reference metric is 0 for the initial image, so there is nothing to hold it at; start farther from the " +
        "image (initialNoise)",
    );
  }
  return target;
}

/** The metric of the initial image, which must be a number. */
function finite(which: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(
    `MADCompetition: the ${which} metric is ${value} for the initial image; it must be a finite number there. Start from another ` +
      "image, or look for a division by 0, a logarithm or root of 0, or an overflow in the metric",
  );
}

/** Before anything is drawn. */
function checkNoise(noise: number | Tensor, { shape, dtype }: Tensor<FloatDType>): void {
  if (noise instanceof Tensor) {
    const ahead = shape.slice(shape.length - noise.ndim);
    const fits = noise.ndim <= shape.length && noise.shape.every((n, i) => n === 1 || n === ahead[i]);
    if (fits && noise.dtype === dtype) return;
    throw new RangeError(
      `MADCompetition: initialNoise is ${describe(noise)}; it must be ${dtype} and broadcast to ` +
        `the image's ${shapeText(shape)}`,
    );
  }
  if (!(typeof noise === "number" && noise > 0 && noise < Infinity)) {
    throw new RangeError(
      `MADCompetition: initialNoise is ${shown(noise)}; it must be a finite number above 0, or a tensor`,
    );
  }
}
