// The card of `nlpd`.

import type { MetricCard } from "../card.ts";
import { nlpd } from "./nlpd.ts";

export const nlpdCard: MetricCard = {
  name: "nlpd",
  functionName: "nlpd",
  pythonName: "plenoptic.metric._perceptual_distance.nlpd",
  summary: "distance of normalized Laplacian pyramids; for sides of 33 pixels or more",
  compute: nlpd,
  direction: "lower",
  range: [1e-5, null],
  identical: 1e-5,
  usualSide: 33,
  leastSide: 33,
  distance: { compute: nlpd, text: "NLPD", name: "nlpd", options: { epsilon: 1e-10 } },
};
