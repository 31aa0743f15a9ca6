// The models the command knows, by name: those that have a card, and those that come from a file: code of the user's own, or a network.

import * as po from "plenoptic-js";
import { type ModelCard, type ModelOption, modelCards } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import type { ModelChoice } from "./modelChoice.ts";
import { unknownName } from "./names.ts";
import { NETWORK_OPTIONS, type NetworkFlags } from "./networkFlags.ts";
import { chooseNetwork, isNetworkName, refuseOtherNetworks } from "./networkModel.ts";
import { makeUserModel } from "./userModel.ts";
import { isModuleName, loadUserModule } from "./userModule.ts";

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

/**
 * The model of that name, or of that file.
 *
 * @throws UserError for an unknown name, an option that the model does not take, or a file without a model
 */
export async function chooseModel(
  typedName: string,
  given: ModelOptions,
  network: NetworkFlags = {},
): Promise<ModelChoice> {
  refuseOtherNetworks(typedName);
  const isNetwork = isNetworkName(typedName);
  const ofNetworks = NETWORK_OPTIONS.find((name) => network[name] !== undefined);
  if (!isNetwork && ofNetworks !== undefined) {
    throw new UserError(`--${ofNetworks} is of networks, and the model is ${typedName}; name one: --model net.onnx`);
  }
  const isModule = isModuleName(typedName);
  if (!isNetwork && !isModule) return chooseRegistered(typedName, given);
  const option = [...modelOptions].find(([name]) => given[name] !== undefined)?.[1];
  if (option !== undefined) {
    const what = isNetwork ? "a network" : "a file of your own";
    throw new UserError(`${typedName} is ${what}, so ${flagOf(option)} means nothing to it; leave it out`);
  }
  if (isNetwork) return chooseNetwork(typedName, network);
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
    throw new UserError(
      `there is no ${unknownName("model", typedName, names, ", a file such as ./mine.mjs, or a network such as ./net.onnx")}`,
    );
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
