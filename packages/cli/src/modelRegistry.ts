// The models the command knows, by name: the one place where their options on the command line are stated. And those of the
// user's own, which come from a file.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { loss, type Model, models, type validate } from "plenoptic-js";
import { type ImageSize, textureSides } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { unknownName } from "./names.ts";
import type { UserFile } from "./userCode.ts";
import { makeUserModel } from "./userModel.ts";
import { isModuleName, loadUserModule, type UserModule } from "./userModule.ts";

const { l2Norm, portillaSimoncelliLossFactory } = loss;
const {
  CenterSurround,
  Gaussian,
  Identity,
  Linear,
  LinearNonlinear,
  LuminanceContrastGainControl,
  LuminanceGainControl,
  OnOff,
  PortillaSimoncelli,
} = models;

/** How the options of models are written on the command line. */
export const optionFlags = {
  kernelSize: "--kernel-size",
  std: "--std",
  nScales: "--scales",
  nOrientations: "--orientations",
  spatialCorrWidth: "--width",
} as const;

export type ModelOption = keyof typeof optionFlags;
export type ModelOptions = { readonly [option in ModelOption]?: number };

export interface ModelEntry {
  /** What the model does, to be read after its name. */
  readonly summary: string;
  /** The options it takes, with their defaults. */
  readonly defaults: ModelOptions;
  /** The shortest side of an image that it can be used on. */
  leastSide(options: Required<ModelOptions>): number;
  /** What both sides of an image must be divisible by. Default 1. */
  sideStep?(options: Required<ModelOptions>): number;
  /** What to do about an image that is too small, besides taking a larger one: `a smaller --kernel-size`. */
  readonly forSmallImages?: string;
  /** Whether it divides by local contrast, which has no derivative where an image is flat. */
  readonly byContrast?: true;
  /** Default: the mean squared error. */
  readonly loss?: ModelLoss;
  /** Makes the model for images of a size; all options of `defaults` are given. */
  create(options: Required<ModelOptions>, imageShape: ImageSize): Model;
}

/** The loss a model's metamers are made with, where it is not the mean squared error. */
export interface ModelLoss {
  /** The function in `po.loss` that makes it. */
  readonly name: string;
  create(model: Model, image: Tensor): validate.LossFunction;
  /** The loss from coarse to fine, which must also fit parts of the representation: its name in `po.loss`. */
  readonly ofParts: { readonly name: string; readonly loss: validate.LossFunction };
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
      forSmallImages: "a smaller --kernel-size",
      create: ({ kernelSize, std }) => new Gaussian(kernelSize, { std }),
    },
  ],
  [
    "linear",
    {
      summary: "has two small filters, one for coarse and one for fine structure",
      defaults: { kernelSize: 3 },
      leastSide: ({ kernelSize }) => Math.max(1, Math.ceil((kernelSize - 1) / 2)),
      forSmallImages: "a smaller --kernel-size",
      create: ({ kernelSize }) => new Linear({ kernelSize }),
    },
  ],
  [
    "center-surround",
    {
      summary: "sees where a spot is brighter than its surround",
      defaults: { kernelSize: PRETRAINED },
      leastSide: ({ kernelSize }) => reflected(kernelSize),
      forSmallImages: "a smaller --kernel-size",
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
    {
      ...pretrained(
        "has one channel whose gain follows local luminance and contrast",
        () => new LuminanceContrastGainControl(PRETRAINED, { pretrained: true }),
      ),
      byContrast: true,
    },
  ],
  [
    "on-off",
    {
      ...pretrained(
        "has an on and an off channel whose gain follows local luminance and contrast",
        () => new OnOff(PRETRAINED, { pretrained: true }),
      ),
      byContrast: true,
    },
  ],
  [
    "portilla-simoncelli",
    {
      summary: "sees the texture: statistics of oriented filters over the whole image, but not what is where",
      defaults: { nScales: 4, nOrientations: 4, spatialCorrWidth: 7 },
      leastSide: (options) => textureSides(options).least,
      sideStep: (options) => textureSides(options).step,
      forSmallImages: "fewer --scales or a smaller --width",
      loss: {
        name: "portillaSimoncelliLossFactory",
        create: (model, image) => portillaSimoncelliLossFactory(model as models.PortillaSimoncelli, image),
        ofParts: { name: "l2Norm", loss: l2Norm },
      },
      create: ({ nScales, nOrientations, spatialCorrWidth }, imageShape) =>
        new PortillaSimoncelli(imageShape, { nScales, nOrientations, spatialCorrWidth }),
    },
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

/** A model, chosen with its options but not made yet. */
export interface ModelChoice {
  /** Name and options in words: `gaussian (kernel size 31, std 3)`. */
  readonly description: string;
  /** What it does, to be read after its description. */
  readonly summary: string;
  /** The options, defaults included, as they are typed. */
  readonly flags: readonly string[];
  /** The shortest side of an image it can be used on. */
  readonly leastSide: number;
  /** What both sides of an image must be divisible by. */
  readonly sideStep: number;
  /** What to do about an image that is too small, in words. */
  readonly forSmallImages: string;
  /** Whether it divides by local contrast. */
  readonly byContrast?: boolean | undefined;
  /** Undefined for the mean squared error. */
  readonly loss: ModelLoss | undefined;
  /** The file it comes from, if it is the user's own. */
  readonly file?: Pick<UserModule, "name" | "sha256">;
  /** The same, as it was named. */
  readonly userFile?: UserFile;
  create(imageShape: ImageSize, dtype: FloatDType): Promise<Model>;
}

/**
 * The model of that name, or of that file.
 *
 * @throws UserError for an unknown name, an option that the model does not take, or a file without a model
 */
export async function chooseModel(typedName: string, given: ModelOptions): Promise<ModelChoice> {
  if (!isModuleName(typedName)) return chooseRegistered(typedName, given);
  const option = (Object.keys(given) as ModelOption[]).find((name) => given[name] !== undefined);
  if (option !== undefined) {
    throw new UserError(
      `${typedName} is a file of your own, so ${optionFlags[option]} means nothing to it; leave it out`,
    );
  }
  const file = await loadUserModule(typedName, "model");
  return {
    description: file.name,
    summary: "is a model of your own",
    flags: ["--model", typedName],
    leastSide: 1,
    sideStep: 1,
    forSmallImages: "a larger image",
    loss: undefined,
    file: { name: file.name, sha256: file.sha256 },
    userFile: { path: typedName, kind: "model" },
    create: async ([height, width], dtype) => {
      const po = await import("plenoptic-js");
      return makeUserModel(typedName, file, { height, width, dtype, po });
    },
  };
}

/**
 * Looks up a model and fills in the options that were not given.
 *
 * @throws UserError for an unknown name, or an option that the model does not take
 */
export function chooseRegistered(typedName: string, given: ModelOptions): ModelChoice {
  const name = typedName.toLowerCase();
  const entry = modelRegistry.get(name);
  if (entry === undefined) {
    const names = [...modelRegistry.keys()];
    throw new UserError(`there is no ${unknownName("model", typedName, names, ", or a file such as ./mine.mjs")}`);
  }
  const taken = Object.keys(entry.defaults) as ModelOption[];
  const none = { kernelSize: 0, std: 0, nScales: 0, nOrientations: 0, spatialCorrWidth: 0 };
  const chosen: { [option in ModelOption]: number } = { ...none, ...entry.defaults };
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
    sideStep: entry.sideStep?.(chosen) ?? 1,
    forSmallImages: ["a larger image", ...(entry.forSmallImages ? [entry.forSmallImages] : [])].join(" or "),
    byContrast: entry.byContrast,
    loss: entry.loss,
    create: async (imageShape) => entry.create(chosen, imageShape),
  };
}
