// How large the distortions may be before the image with them leaves [0, 1], where it is clipped, and shows less than was meant.

import { significant } from "plenoptic-js/engine";

/** From this part of an image's values on, clipping is told to be much. */
const MUCH = 0.1;
/** The part of the values that may be clipped all the same. */
const FEW = 0.01;

/**
 * A smaller alpha, with which at most one in a hundred values of each image leaves [0, 1]; null where alpha itself clips not more
 * than one in ten. Values at an end already that are pushed out have room for no alpha, and are not counted.
 *
 * @param image values, and what alpha multiplies, one array for each distortion
 */
export function smallerAlpha(
  image: ArrayLike<number>,
  distortions: readonly ArrayLike<number>[],
  alpha: number,
): number | null {
  let least = Number.POSITIVE_INFINITY;
  let clipsMuch = false;
  for (const distortion of distortions) {
    const rooms: number[] = [];
    let clipped = 0;
    for (let i = 0; i < image.length; i++) {
      const [value, change] = [image[i], distortion[i]];
      // As much of the distortion as the value has room for.
      const room = change === 0 ? Number.POSITIVE_INFINITY : (change > 0 ? 1 - value : -value) / change;
      if (room < alpha) clipped++;
      if (room > 0) rooms.push(room);
    }
    if (clipped > MUCH * image.length) clipsMuch = true;
    const sorted = Float64Array.from(rooms).sort();
    least = Math.min(least, sorted[Math.floor(FEW * image.length)] ?? Number.POSITIVE_INFINITY);
  }
  if (!clipsMuch || !(least < alpha)) return null;
  // A little less, so that rounding to two digits does not make it more.
  return Number((0.95 * least).toPrecision(2));
}

/** What is said of it. */
export const alphaWords = (alpha: number): string =>
  `many values were clipped, and the PNG files show less than the distortions are; --alpha ${significant(alpha, 2)} clips few`;
