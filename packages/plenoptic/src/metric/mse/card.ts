// The card of `mse`.

import type { MetricCard } from "../card.ts";
import { mse } from "./mse.ts";

export const mseCard: MetricCard = {
  name: "mse",
  functionName: "mse",
  pythonName: "plenoptic.metric._naive.mse",
  summary: "mean squared difference",
  compute: mse,
  direction: "lower",
  range: [0, null],
  identical: 0,
  usualSide: 1,
  leastSide: 1,
  distance: { compute: mse, text: "MSE", name: "mse", options: {} },
};
