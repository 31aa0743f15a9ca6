// All losses and the functions that make losses, in the order in which they are listed.

import type { LossCard, LossFactoryCard } from "./card.ts";
import { groupwiseRelativeL2NormFactory, portillaSimoncelliLossFactory } from "./factories.ts";
import { l2Norm, mse, relativeSse } from "./index.ts";

/** What metamers are made with where nothing else is asked for. */
export const mseLossCard: LossCard = {
  name: "mse",
  pythonName: "plenoptic.loss.mse",
  formula: "⟨(s − t)²⟩; real numbers only",
  takes: "real",
  compute: mse,
};

export const l2NormCard: LossCard = {
  name: "l2Norm",
  pythonName: "plenoptic.loss.l2_norm",
  formula: "√Σ |t − s|²; gradient 0 where the two are equal",
  takes: "real and complex",
  compute: l2Norm,
};

const relativeSseCard: LossCard = {
  name: "relativeSse",
  pythonName: "plenoptic.loss.relative_sse",
  formula: "Σ |t − s|² / Σ |t|²",
  takes: "real and complex",
  compute: relativeSse,
};

export const lossCards: readonly LossCard[] = [mseLossCard, l2NormCard, relativeSseCard];

/** What Python's plenoptic saves the losses of all factories as: the name of the function inside. */
export const FACTORY_LOSS = "plenoptic.loss.loss";

const groupwiseLossCard: LossFactoryCard = {
  name: "groupwiseRelativeL2NormFactory",
  create: (model, image) => groupwiseRelativeL2NormFactory(model, image),
};

export const textureLossCard: LossFactoryCard = {
  name: "portillaSimoncelliLossFactory",
  create: (model, image) => portillaSimoncelliLossFactory(model, image),
};

export const lossFactoryCards: readonly LossFactoryCard[] = [groupwiseLossCard, textureLossCard];
