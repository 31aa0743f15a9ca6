// The card of `PortillaSimoncelli`.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { l2NormCard, textureLossCard } from "../../loss/cards.ts";
import type { ImageSize } from "../../process/steerableMasks.ts";
import type { ModelCard } from "../card.ts";
import { PortillaSimoncelli, textureSides } from "./portillaSimoncelli.ts";
import { textureGroups } from "./textureGroups.ts";
import type { TextureSize } from "./textureLayout.ts";
import { textureOptions } from "./textureOptions.ts";
import { laterTextureStart, textureOptimizer } from "./texturePreset.ts";

export const portillaSimoncelliCard: ModelCard<keyof TextureSize, PortillaSimoncelli> = {
  name: "portilla-simoncelli",
  class: PortillaSimoncelli,
  className: "PortillaSimoncelli",
  pythonName: "plenoptic.models.portilla_simoncelli.PortillaSimoncelli",
  summary: "sees the texture: statistics of oriented filters over the whole image, but not what is where",
  options: textureOptions,
  leastSide: (options) => textureSides(options).least,
  sideStep: (options) => textureSides(options).step,
  hasScales: true,
  loss: { ...textureLossCard, ofParts: l2NormCard },
  preset: {
    name: "texture",
    summary: "the same texture, rearranged",
    parts: "L-BFGS, a start near the mean",
    iterations: 100,
    optimizer: textureOptimizer,
    initialImage: (image) => laterTextureStart(image as Tensor<FloatDType>),
    start: "the mean of the target with a little noise",
  },
  groups: textureGroups,
  remake: ({ imageShape, ...rest }) => new PortillaSimoncelli(imageShape as ImageSize, rest),
  create: ({ nScales, nOrientations, spatialCorrWidth }, imageShape) =>
    new PortillaSimoncelli(imageShape, { nScales, nOrientations, spatialCorrWidth }),
};
