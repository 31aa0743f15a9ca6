// The cards of the four models of the front end. They are used as fitted to human judgements: without that their weights are random.

import type { KernelSize } from "../../process/gaussian.ts";
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

type FrontEndClass<Made extends Model> = new (kernelSize: KernelSize, options: { readonly pretrained: true }) => Made;

/** What is fixed: the spreads of the filters follow from the others. */
const FIXED = ["kernelSize", "centerStd", "surroundStd", "luminanceStd", "contrastStd"];

/** The options of a class from what a model of it says of itself: an array with an entry for each channel is one number, if there is one channel. */
function optionsOf(said: Readonly<Record<string, unknown>>): { readonly pretrained: true } {
  const { onCenter } = said;
  const channels = Array.isArray(onCenter) ? onCenter.length : 0;
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(said)) {
    if (!FIXED.includes(name)) options[name] = channels === 1 && Array.isArray(value) ? (value as unknown[])[0] : value;
  }
  // Of two channels one is on and the other off.
  if (channels !== 1) delete options.onCenter;
  return options as { readonly pretrained: true };
}

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
    remake: (said) => new made(said.kernelSize as KernelSize, optionsOf(said)),
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
