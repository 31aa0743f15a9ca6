// The card of `CenterSurround`.

import type { KernelSize } from "../../process/gaussian.ts";
import type { ModelCard } from "../card.ts";
import { kernelSizeOption, reflectedSide } from "../filterOptions.ts";
import { CenterSurround } from "./centerSurround.ts";

export const centerSurroundCard: ModelCard<"kernelSize", CenterSurround> = {
  name: "center-surround",
  class: CenterSurround,
  className: "CenterSurround",
  pythonName: "plenoptic.models.naive.CenterSurround",
  summary: "sees where a spot is brighter than its surround",
  options: { kernelSize: kernelSizeOption(31) },
  leastSide: ({ kernelSize }) => reflectedSide(kernelSize),
  remake: ({ kernelSize, ...rest }) => new CenterSurround(kernelSize as KernelSize, rest),
  create: ({ kernelSize }) => new CenterSurround(kernelSize),
};
