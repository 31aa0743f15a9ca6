// The models the command knows, by name: the one place where their options on the command line are stated.

import {
  CenterSurround,
  Gaussian,
  Identity,
  Linear,
  LinearNonlinear,
  LuminanceContrastGainControl,
  LuminanceGainControl,
  OnOff,
} from "../models/index.ts";
import type { Model } from "../models/model.ts";
import { didYouMean } from "./didYouMean.ts";
import { UserError } from "./failure.ts";

/** How the options of models are written on the command line. */
export const optionFlags = { kernelSize: "--kernel-size", std: "--std" } as const;

export type ModelOption = keyof typeof optionFlags;
export type ModelOptions = { readonly [option in ModelOption]?: number };

export interface ModelEntry {
  /** What the model does, to be read after its name. */
  readonly summary: string;
  /** The options it takes, with their defaults. */
  readonly defaults: ModelOptions;
  /** The shortest side of an image that its padding can go around. */
  leastSide(options: Required<ModelOptions>): number;
  /** Makes the model; all options of `defaults` are given. */
  create(options: Required<ModelOptions>): Model;
}

/** The least side that reflection, which does not repeat the edge, can go around. */
const reflected = (kernelSize: number): number => Math.ceil((kernelSize - 1) / 2) + 1;

/** Width of the filters of pretrained models. */
const PRETRAINED = 31;

const pretrained = (summary: string, create: () => Model): ModelEntry => ({
  summary: `${summary}, as fitted to human judgements`,
  defaults: {},
  leastSide: () => reflected(PRETRAINED),
  create,
});

export const modelRegistry: ReadonlyMap<string, ModelEntry> = new Map<string, ModelEntry>([
  [
    "gaussian",
    {
      summary: "blurs, and so sees coarse structure but no fine detail",
      defaults: { kernelSize: 31, std: 3 },
      leastSide: ({ kernelSize }) => reflected(kernelSize),
      create: ({ kernelSize, std }) => new Gaussian(kernelSize, { std }),
    },
  ],
  [
    "linear",
    {
      summary: "has two small filters, one for coarse and one for fine structure",
      defaults: { kernelSize: 3 },
      leastSide: ({ kernelSize }) => Math.max(1, Math.ceil((kernelSize - 1) / 2)),
      create: ({ kernelSize }) => new Linear({ kernelSize }),
    },
  ],
  [
    "center-surround",
    {
      summary: "sees where a spot is brighter than its surround",
      defaults: { kernelSize: PRETRAINED },
      leastSide: ({ kernelSize }) => reflected(kernelSize),
      create: ({ kernelSize }) => new CenterSurround(kernelSize),
    },
  ],
  [
    "linear-nonlinear",
    pretrained("has one centre-surround channel", () => new LinearNonlinear(PRETRAINED, { pretrained: true })),
  ],
  [
    "luminance-gain-control",
    pretrained(
      "has one channel whose gain follows local luminance",
      () => new LuminanceGainControl(PRETRAINED, { pretrained: true }),
    ),
  ],
  [
    "luminance-contrast-gain-control",
    pretrained(
      "has one channel whose gain follows local luminance and contrast",
      () => new LuminanceContrastGainControl(PRETRAINED, { pretrained: true }),
    ),
  ],
  [
    "on-off",
    pretrained(
      "has an on and an off channel whose gain follows local luminance and contrast",
      () => new OnOff(PRETRAINED, { pretrained: true }),
    ),
  ],
  [
    "identity",
    {
      summary: "sees every pixel as it is, so that only the image itself is a metamer",
      defaults: {},
      leastSide: () => 1,
      create: () => new Identity(),
    },
  ],
]);

/** The defaults of an option in words: `gaussian 31, linear 3`. */
export function defaultsOf(option: ModelOption): string {
  return [...modelRegistry]
    .filter(([, { defaults }]) => option in defaults)
    .map(([name, { defaults }]) => `${name} ${defaults[option]}`)
    .join(", ");
}

/** A model of the registry, chosen with its options but not made yet. */
export interface ModelChoice {
  /** Name and options in words: `gaussian (kernel size 31, std 3)`. */
  readonly description: string;
  /** What it does, to be read after its description. */
  readonly summary: string;
  /** The options, defaults included, as they are written on the command line. */
  readonly flags: readonly string[];
  /** The shortest side of an image it can be used on. */
  readonly leastSide: number;
  create(): Model;
}

/**
 * Looks up a model and fills in the options that were not given.
 *
 * @throws UserError for an unknown name, or an option that the model does not take
 */
export function chooseModel(typedName: string, given: ModelOptions): ModelChoice {
  const name = typedName.toLowerCase();
  const entry = modelRegistry.get(name);
  if (entry === undefined) {
    const names = [...modelRegistry.keys()];
    throw new UserError(`there is no model "${typedName}"${didYouMean(name, names)} (${names.join(", ")})`);
  }
  const taken = Object.keys(entry.defaults) as ModelOption[];
  const chosen: { [option in ModelOption]: number } = { kernelSize: 0, std: 0, ...entry.defaults };
  for (const [option, value] of Object.entries(given) as [ModelOption, number | undefined][]) {
    if (value === undefined) continue;
    if (!taken.includes(option)) {
      const others = taken.map((other) => optionFlags[other]).join(", ");
      const advice = others === "" ? "it takes no options" : `it takes ${others}`;
      throw new UserError(`the model ${name} has no option ${optionFlags[option]}; ${advice}`);
    }
    chosen[option] = value;
  }
  const inWords = taken.map((option) => `${optionFlags[option].slice(2).replace("-", " ")} ${chosen[option]}`);
  return {
    description: inWords.length === 0 ? name : `${name} (${inWords.join(", ")})`,
    summary: entry.summary,
    flags: ["--model", name, ...taken.flatMap((option) => [optionFlags[option], String(chosen[option])])],
    leastSide: entry.leastSide(chosen),
    create: () => entry.create(chosen),
  };
}
