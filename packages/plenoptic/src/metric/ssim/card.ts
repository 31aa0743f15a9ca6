// The card of `ssim`.

import type { MetricCard } from "../card.ts";
import { oneMinusSsim, ssim } from "./ssim.ts";

export const ssimCard: MetricCard = {
  name: "ssim",
  functionName: "ssim",
  pythonName: "plenoptic.metric._perceptual_distance.ssim",
  summary: "structural similarity, mean over the image",
  compute: ssim,
  direction: "higher",
  range: [-1, 1],
  identical: 1,
  usualSide: 11,
  leastSide: 1,
  distance: {
    compute: oneMinusSsim,
    text: "1 - SSIM",
    name: "oneMinusSsim",
    options: { weighted: false, pad: false },
  },
};
