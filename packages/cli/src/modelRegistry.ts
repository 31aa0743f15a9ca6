// The models the command knows, by name: those that have a card, and those of the user's own, which come from a file.

import type { FloatDType } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import {
  type ImageSize,
  type ModelCard,
  type ModelLoss,
  type ModelOption,
  modelCards,
  type RepresentationGroups,
} from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { unknownName } from "./names.ts";
import type { UserFile } from "./userCode.ts";
import { makeUserModel } from "./userModel.ts";
import { isModuleName, loadUserModule, type UserModule } from "./userModule.ts";

/** Options of models that were given, by their names in the library. */
export type ModelOptions = { readonly [option: string]: number | undefined };

export const modelRegistry: ReadonlyMap<string, ModelCard> = new Map(modelCards.map((card) => [card.name, card]));

/** All options of all models, by name. */
export const modelOptions: ReadonlyMap<string, ModelOption> = new Map(
  modelCards.flatMap(({ options }) => Object.entries(options)),
);

/** How an option of a model is written on the command line. */
export const flagOf = ({ words }: ModelOption): string => `--${words.replaceAll(" ", "-")}`;

/** The defaults of an option in words: `gaussian 31, linear 3`. */
export function defaultsOf(option: string): string {
  return modelCards
    .filter(({ options }) => option in options)
    .map(({ name, options }) => `${name} ${options[option].default}`)
    .join(", ");
}

/** The names of the models with scales. */
export const scaledModels: readonly string[] = modelCards.filter((card) => card.hasScales).map((card) => card.name);

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
  /** Undefined for the mean squared error. */
  readonly loss: ModelLoss | undefined;
  /** The groups of its representation, where they are known. */
  readonly groups?: RepresentationGroups | undefined;
  /** The file it comes from, if it is the user's own. */
  readonly file?: Pick<UserModule, "name" | "sha256">;
  /** The same, as it was named. */
  readonly userFile?: UserFile;
  create(imageShape: ImageSize, dtype: FloatDType): Promise<po.Model>;
}

/**
 * The model of that name, or of that file.
 *
 * @throws UserError for an unknown name, an option that the model does not take, or a file without a model
 */
export async function chooseModel(typedName: string, given: ModelOptions): Promise<ModelChoice> {
  if (!isModuleName(typedName)) return chooseRegistered(typedName, given);
  const option = [...modelOptions].find(([name]) => given[name] !== undefined)?.[1];
  if (option !== undefined) {
    throw new UserError(`${typedName} is a file of your own, so ${flagOf(option)} means nothing to it; leave it out`);
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
  const card = modelRegistry.get(name);
  if (card === undefined) {
    const names = [...modelRegistry.keys()];
    throw new UserError(`there is no ${unknownName("model", typedName, names, ", or a file such as ./mine.mjs")}`);
  }
  const taken = Object.entries(card.options);
  for (const [option, about] of modelOptions) {
    if (given[option] === undefined || option in card.options) continue;
    const others = taken.map(([, other]) => flagOf(other)).join(", ");
    const advice = others === "" ? "it takes no options" : `it takes ${others}`;
    throw new UserError(`the model ${name} has no option ${flagOf(about)}; ${advice}`);
  }
  const chosen = Object.fromEntries(taken.map(([option, about]) => [option, given[option] ?? about.default]));
  const inWords = taken.map(([option, { words }]) => `${words} ${chosen[option]}`);
  const smaller = taken.flatMap(([, about]) =>
    about.forSmallImages ? [`${about.forSmallImages} ${flagOf(about)}`] : [],
  );
  return {
    description: inWords.length === 0 ? name : `${name} (${inWords.join(", ")})`,
    summary: card.summary,
    flags: ["--model", name, ...taken.flatMap(([option, about]) => [flagOf(about), String(chosen[option])])],
    leastSide: card.leastSide(chosen),
    sideStep: card.sideStep?.(chosen) ?? 1,
    forSmallImages: ["a larger image", ...smaller].join(" or "),
    loss: card.loss,
    groups: card.groups?.(chosen),
    create: async (imageShape) => card.create(chosen, imageShape),
  };
}
