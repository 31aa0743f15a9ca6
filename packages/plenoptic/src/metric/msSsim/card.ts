// The card of `msSsim`.

import type { MetricCard } from "../card.ts";
import { msSsim } from "./msSsim.ts";

export const msSsimCard: MetricCard = {
  name: "ms-ssim",
  functionName: "msSsim",
  pythonName: "plenoptic.metric._perceptual_distance.ms_ssim",
  summary:
    "structural similarity at five scales; below sides of 161 pixels its window shrinks at the coarsest, with a warning",
  compute: msSsim,
  direction: "higher",
  range: [0, 1],
  identical: 1,
  usualSide: 161,
  leastSide: 1,
  distance: {
    compute: (img1, img2) => msSsim(img1, img2).neg().add(1),
    text: "1 - MS-SSIM",
    name: "1 - msSsim",
    options: { powerFactors: null },
  },
};
