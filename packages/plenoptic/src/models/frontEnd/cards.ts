// The cards of the four models of the front end. They are used as fitted to human judgements: without that their weights are random.

import type { ModelCard } from "../card.ts";
import { reflectedSide } from "../filterOptions.ts";
import type { Model } from "../model.ts";
import {
  LinearNonlinear,
  LuminanceContrastGainControl,
  LuminanceGainControl,
  OnOff,
  PRETRAINED_SIZE,
} from "./frontEnd.ts";

type FrontEndClass<Made extends Model> = new (kernelSize: number, options: { readonly pretrained: true }) => Made;

function pretrainedCard<Made extends Model>(
  name: string,
  className: string,
  made: FrontEndClass<Made>,
  summary: string,
): ModelCard<never, Made> {
  return {
    name,
    class: made,
    className,
    pythonName: `plenoptic.models.frontend.${className}`,
    summary: `${summary}, as fitted to human judgements`,
    options: {},
    leastSide: () => reflectedSide(PRETRAINED_SIZE),
    create: () => new made(PRETRAINED_SIZE, { pretrained: true }),
  };
}

export const linearNonlinearCard = pretrainedCard(
  "linear-nonlinear",
  "LinearNonlinear",
  LinearNonlinear,
  "has one centre-surround channel",
);

export const luminanceGainControlCard = pretrainedCard(
  "luminance-gain-control",
  "LuminanceGainControl",
  LuminanceGainControl,
  "has one channel whose gain follows local luminance",
);

export const luminanceContrastGainControlCard: ModelCard<never, LuminanceContrastGainControl> = {
  ...pretrainedCard(
    "luminance-contrast-gain-control",
    "LuminanceContrastGainControl",
    LuminanceContrastGainControl,
    "has one channel whose gain follows local luminance and contrast",
  ),
};

export const onOffCard: ModelCard<never, OnOff> = {
  ...pretrainedCard(
    "on-off",
    "OnOff",
    OnOff,
    "has an on and an off channel whose gain follows local luminance and contrast",
  ),
};
