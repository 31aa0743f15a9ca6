// The options that say which model, for every command that takes one.

import type { Command } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import { CROP_HELP } from "./crop.ts";
import { defaultsOf, type ModelOptions, modelRegistry } from "./modelRegistry.ts";
import { realNumber, wholeNumber } from "./options.ts";
import { moduleHelp } from "./userModule.ts";

/** What the options give. */
export type ModelFlags = {
  readonly model: string;
  readonly kernelSize?: number | undefined;
  readonly std?: number | undefined;
  readonly scales?: number | undefined;
  readonly orientations?: number | undefined;
  readonly width?: number | undefined;
  readonly crop?: true | undefined;
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
  plain
    .option(
      "--model <name>",
      `${purpose}: ${[...modelRegistry.keys()].join(", ")}; ${moduleHelp("model")}`,
      defaultModel,
    )
    .option(
      "--kernel-size <pixels>",
      `width of the model's filters (default: ${defaultsOf("kernelSize")})`,
      wholeNumber(1, 4095),
    )
    .option("--std <pixels>", `standard deviation of the blur (default: ${defaultsOf("std")})`, realNumber(0, "above"))
    .option("--scales <n>", `scales of the pyramid (default: ${defaultsOf("nScales")})`, wholeNumber(1, 12))
    .option(
      "--orientations <n>",
      `orientations of its filters (default: ${defaultsOf("nOrientations")})`,
      wholeNumber(2, 16),
    )
    .option(
      "--width <n>",
      `width of the square of autocorrelation lags (default: ${defaultsOf("spatialCorrWidth")})`,
      wholeNumber(1, 4095),
    )
    .option("--crop", CROP_HELP);
  return command as unknown as Command<Args, Options & ModelFlags>;
}

/** The options of the model among them, by their names in the library. */
export function givenModelOptions({ kernelSize, std, scales, orientations, width }: ModelFlags): ModelOptions {
  return {
    ...(kernelSize !== undefined && { kernelSize }),
    ...(std !== undefined && { std }),
    ...(scales !== undefined && { nScales: scales }),
    ...(orientations !== undefined && { nOrientations: orientations }),
    ...(width !== undefined && { spatialCorrWidth: width }),
  };
}
