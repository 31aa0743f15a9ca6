// How the images of a result are written to PNG files, from the command line: what their numbers mean, and what the files say of them.

import { Option } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import type { RecipeExport, StimulusEncoding } from "plenoptic-js/engine";
import type { StimulusChoice } from "./imageFiles.ts";
import { oneOf } from "./names.ts";
import { realNumber } from "./options.ts";

const ENCODINGS = ["linear", "srgb"] as const;

// Types of flags are no interfaces: options of a command must be records, which interfaces are not.
export type StimulusFlags = {
  readonly encoding: StimulusEncoding;
  readonly colourChunk?: true | undefined;
  readonly pixelsPerDegree?: number | undefined;
};

/** The command with the options of `StimulusFlags`. */
export function withStimulusFlags(command: PlainCommand): PlainCommand {
  return command
    .addOption(
      new Option(
        "--encoding <how>",
        "of the PNG files: linear, the values times 255 or 65535; srgb, the values are light, and encoded as sRGB is",
      )
        .choices(ENCODINGS)
        .argParser(oneOf(ENCODINGS))
        .default("linear"),
    )
    .option(
      "--colour-chunk",
      "tell programs that manage colours how the PNG files are encoded (sRGB and gAMA chunks); without it they are told nothing",
    )
    .option(
      "--pixels-per-degree <x>",
      "pixels that take a degree of the visual field, to be recorded with the PNG files; changes nothing",
      realNumber(0, "above"),
    );
}

export function stimulusChoice({ encoding, colourChunk, pixelsPerDegree }: StimulusFlags): StimulusChoice {
  return { encoding, colourChunk: colourChunk === true, pixelsPerDegree: pixelsPerDegree ?? null };
}

/** What a recipe says of the PNG files of a result, so that they are written as they were. */
export function recordedChoice(records: readonly RecipeExport[] | undefined): StimulusChoice {
  const [{ encoding = "linear", colourChunk = false, pixelsPerDegree = null } = {}] = records ?? [];
  return { encoding, colourChunk, pixelsPerDegree };
}

/** The choice as it is written on the command line; "" for the usual one. */
export function stimulusText({ encoding, colourChunk, pixelsPerDegree }: StimulusChoice): string {
  return (
    (encoding === "linear" ? "" : ` --encoding ${encoding}`) +
    (colourChunk ? " --colour-chunk" : "") +
    (pixelsPerDegree === null ? "" : ` --pixels-per-degree ${pixelsPerDegree}`)
  );
}
