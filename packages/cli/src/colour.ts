// Images in colour, for models that take them so: red, green and blue, one channel after the other. Gray is repeated.

import { type Pixels, toChannels } from "@plenoptic-js/formats";

/** How many channels a model's images have. */
export type Channels = 1 | 3;

/** Three channels of values in [0, 1], one after the other; transparent pixels are laid on white. */
export function toColour(pixels: Pixels): Float64Array {
  const { channels, data } = toChannels(pixels, { dtype: "float64" });
  if (channels === 3) return data;
  const size = data.length / 4;
  const colours = data.slice(0, 3 * size);
  for (let i = 0; i < colours.length; i++) {
    const alpha = data[3 * size + (i % size)];
    colours[i] = Math.min(colours[i] * alpha + (1 - alpha), 1);
  }
  return colours;
}
