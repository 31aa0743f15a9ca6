// The options of the texture model that are chosen from outside: its card shows them, and its class keeps to their ranges and
// defaults.

import type { ModelOption } from "../card.ts";
import type { TextureSize } from "./textureLayout.ts";

export const textureOptions: Readonly<Record<keyof TextureSize, ModelOption>> = {
  nScales: {
    kind: "integer",
    range: [1, 12],
    default: 4,
    words: "scales",
    help: "scales of the pyramid",
    forSmallImages: "fewer",
  },
  nOrientations: {
    kind: "integer",
    range: [2, 16],
    default: 4,
    words: "orientations",
    help: "orientations of its filters",
  },
  spatialCorrWidth: {
    kind: "integer",
    range: [1, 4095],
    default: 7,
    words: "width",
    help: "width of the square of autocorrelation lags",
    forSmallImages: "a smaller",
  },
};
