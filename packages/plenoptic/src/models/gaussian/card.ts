// The card of `Gaussian`.

import type { KernelSize } from "../../process/gaussian.ts";
import type { ModelCard } from "../card.ts";
import { kernelSizeOption, reflectedSide } from "../filterOptions.ts";
import { Gaussian } from "./gaussian.ts";

export const gaussianCard: ModelCard<"kernelSize" | "std", Gaussian> = {
  name: "gaussian",
  class: Gaussian,
  className: "Gaussian",
  pythonName: "plenoptic.models.naive.Gaussian",
  summary: "blurs, and so sees coarse structure but no fine detail",
  options: {
    kernelSize: kernelSizeOption(31),
    std: {
      kind: "number",
      range: [0, Number.POSITIVE_INFINITY],
      default: 3,
      unit: "pixels",
      words: "std",
      help: "standard deviation of the blur",
    },
  },
  leastSide: ({ kernelSize }) => reflectedSide(kernelSize),
  remake: ({ kernelSize, ...rest }) => new Gaussian(kernelSize as KernelSize, rest),
  create: ({ kernelSize, std }) => new Gaussian(kernelSize, { std }),
};
