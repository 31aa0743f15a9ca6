// Images whose size a model cannot take: what fits, and `--crop`, which takes the middle of the image.

import { UserError } from "./failure.ts";
import type { ModelChoice } from "./modelChoice.ts";
import type { Target } from "./target.ts";

/** What `--crop` says in the help of a command. */
export const CROP_HELP = "if the model cannot take the image's size, use the largest middle part that fits";

/**
 * The image itself where the model can take its size; otherwise, with `crop`, its largest middle part that the model can take.
 *
 * @throws UserError naming the sizes that fit, and what can be done
 */
export function fitToModel(target: Target, choice: ModelChoice, crop: boolean): Target {
  const { name, width, height } = target;
  const { leastSide, sideStep, description, network } = choice;
  const own = network?.ownSize ?? null;
  if (crop && own !== null && (own[0] !== height || own[1] !== width)) {
    if (own[0] <= height && own[1] <= width) return middle(target, ...own);
    throw new UserError(
      `${name} is ${width} x ${height} pixels, and ${description} was made for ${own[1]} x ${own[0]}, so there is nothing to crop; ` +
        `add --resize ${own[1]}x${own[0]} instead`,
    );
  }
  if (Math.min(width, height) < leastSide) {
    throw new UserError(
      `${name} is ${width} x ${height} pixels, and ${description} needs at least ${leastSide} x ${leastSide}; ` +
        `choose ${choice.forSmallImages}`,
    );
  }
  const below = (side: number): number => side - (side % sideStep);
  const [fitWidth, fitHeight] = [below(width), below(height)];
  if (fitWidth === width && fitHeight === height) return target;
  if (crop) return middle(target, fitHeight, fitWidth);
  const nearest = (side: number): string =>
    side % sideStep === 0 ? `${side}` : `${below(side)} or ${below(side) + sideStep}`;
  const resizeTo = (side: number): number => Math.max(leastSide, Math.floor(side / sideStep + 0.5) * sideStep);
  throw new UserError(
    `${name} is ${width} x ${height} pixels, and ${description} needs sides that are multiples of ${sideStep}: the nearest are ` +
      `${nearest(width)} wide, ${nearest(height)} high; add --crop to use the middle ${fitWidth} x ${fitHeight} pixels, ` +
      `or --resize ${resizeTo(width)}x${resizeTo(height)} to use all of it, scaled`,
  );
}

/** The middle of an image, where process.centerCrop would cut it. */
export function middle(target: Target, height: number, width: number): Target {
  const { values, channels } = target;
  const top = (target.height >> 1) - (height >> 1);
  const left = (target.width >> 1) - (width >> 1);
  const size = channels * height * width;
  const cut = values instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < height; row++) {
      const start = (channel * target.height + top + row) * target.width + left;
      cut.set(values.subarray(start, start + width), (channel * height + row) * width);
    }
  }
  const conversion =
    `${target.conversion}, cropped from ${target.width} x ${target.height} to the middle ${width} x ${height} pixels ` +
    `(from row ${top}, column ${left} on)`;
  return { ...target, conversion, height, width, values: cut };
}
