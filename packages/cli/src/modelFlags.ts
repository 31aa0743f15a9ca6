// The options that say which model, for every command that takes one.

import type { Command } from "@commander-js/extra-typings";
import { Option, type Command as PlainCommand } from "commander";
import type { ModelOption } from "plenoptic-js/engine";
import { CROP_HELP } from "./crop.ts";
import { defaultsOf, flagOf, type ModelOptions, modelOptions, modelRegistry } from "./modelRegistry.ts";
import { realNumber, wholeNumber } from "./options.ts";
import { RESIZE_HELP, type Resize, resizeOption } from "./resize.ts";
import { moduleHelp } from "./userModule.ts";

/** What the options give. Those of models are beside these, under the names of their flags. */
export type ModelFlags = {
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
    `${purpose}: ${[...modelRegistry.keys()].join(", ")}; ${moduleHelp("model")}`,
    defaultModel,
  );
  for (const [name, option] of modelOptions) plain.addOption(flagFor(name, option));
  plain.option("--resize <size>", RESIZE_HELP, resizeOption).option("--crop", CROP_HELP);
  return command as unknown as Command<Args, Options & ModelFlags>;
}

function flagFor(name: string, option: ModelOption): Option {
  const [least, greatest] = option.range;
  return new Option(
    `${flagOf(option)} <${option.unit ?? "n"}>`,
    `${option.help} (default: ${defaultsOf(name)})`,
  ).argParser(option.kind === "integer" ? wholeNumber(least, greatest) : realNumber(least, "above"));
}

/** The options of the model among them, by their names in the library. */
export function givenModelOptions(flags: ModelFlags): ModelOptions {
  const given = flags as ModelFlags & Readonly<Record<string, number | undefined>>;
  return Object.fromEntries(
    [...modelOptions].map(([name, option]) => [name, given[flagFor(name, option).attributeName()]]),
  );
}
