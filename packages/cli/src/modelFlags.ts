// The options that say which model, for every command that takes one.

import type { Command } from "@commander-js/extra-typings";
import { Option, type Command as PlainCommand } from "commander";
import type { ModelOption } from "plenoptic-js/engine";
import { CROP_HELP } from "./crop.ts";
import { UserError } from "./failure.ts";
import type { ModelChoice } from "./modelChoice.ts";
import { chooseModel, defaultsOf, flagOf, type ModelOptions, modelOptions, modelRegistry } from "./modelRegistry.ts";
import { addNetworkFlags, channelNumbers, type NetworkFlags, STD_HELP } from "./networkFlags.ts";
import { isNetworkName } from "./networkModel.ts";
import { realNumber, wholeNumber } from "./options.ts";
import { RESIZE_HELP, type Resize, resizeOption } from "./resize.ts";
import { moduleHelp } from "./userModule.ts";

/** What the options give. Those of models are beside these, under the names of their flags. */
export type ModelFlags = NetworkFlags & {
  readonly model: string;
  readonly crop?: true | undefined;
  readonly resize?: Resize | undefined;
};

/**
 * The command with the options of `ModelFlags`.
 *
 * @param purpose what the model is chosen for: `the model to fool`
 */
export function withModelFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
  purpose: string,
  defaultModel: string,
): Command<Args, Options & ModelFlags> {
  // Without its types: what they would be is said above, and working it out takes the compiler minutes.
  const plain = command as unknown as PlainCommand;
  plain.option(
    "--model <name>",
    `${purpose}: ${[...modelRegistry.keys()].join(", ")}; ${moduleHelp("model")}; or a network (.onnx), of which --layer names what is the model`,
    defaultModel,
  );
  addNetworkFlags(plain);
  for (const [name, option] of modelOptions) plain.addOption(flagFor(name, option));
  plain.option("--resize <size>", RESIZE_HELP, resizeOption).option("--crop", CROP_HELP);
  return command as unknown as Command<Args, Options & ModelFlags>;
}

function flagFor(name: string, option: ModelOption): Option {
  const [least, greatest] = option.range;
  const help = `${option.help} (default: ${defaultsOf(name)})`;
  const flag = flagOf(option);
  const parser = option.kind === "integer" ? wholeNumber(least, greatest) : realNumber(least, "above");
  if (flag !== "--std") return new Option(`${flag} <${option.unit ?? "n"}>`, help).argParser(parser);
  // Networks have one of that name, too.
  return new Option(`${flag} <x>`, `${help}; ${STD_HELP}`).argParser((text: string) =>
    text.includes(",") ? channelNumbers(text) : parser(text),
  );
}

/** The model that the options name. Throws what `chooseModel` throws. */
export function chosenModel(flags: ModelFlags, name: string = flags.model): Promise<ModelChoice> {
  const { layer, normalize, mean, std } = flags;
  if (isNetworkName(name)) {
    const { std: _, ...others } = givenModelOptions(flags);
    return chooseModel(name, others, { layer, normalize, mean, std });
  }
  if (Array.isArray(std))
    throw new UserError(`--std ${std.join(",")} is of networks, and the model is ${name}; give one number`);
  return chooseModel(name, givenModelOptions(flags), { layer, normalize, mean });
}

/** The options of the model among them, by their names in the library. */
function givenModelOptions(flags: ModelFlags): ModelOptions {
  const given = flags as ModelFlags & Readonly<Record<string, number | undefined>>;
  return Object.fromEntries(
    [...modelOptions].map(([name, option]) => [name, given[flagFor(name, option).attributeName()]]),
  );
}
