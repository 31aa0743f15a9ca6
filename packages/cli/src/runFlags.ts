// The options that all commands with a folder of results have in common, those of all with long work, and those of all that
// descend a loss.

import { availableParallelism, platform } from "node:os";
import { type Command, Option } from "@commander-js/extra-typings";
import type { FloatDType } from "@plenoptic-js/tensor";
import type { Command as PlainCommand } from "commander";
import { oneOf } from "./names.ts";
import { folderName, realNumber, stopCriterion, wholeNumber } from "./options.ts";
import { type FolderOptions, OVERWRITE_HELP } from "./resultFolder.ts";
import { LARGEST_SEED } from "./seedList.ts";
import { type StimulusFlags, withStimulusFlags } from "./stimulusFlags.ts";

export const MOST_THREADS = 64;
/** More threads than this seldom help at the sizes of images people use. */
export const THREADS_UNASKED = 8;
/** How many iterations the stop rules look back. */
const STOP_WINDOW = 50;
const DTYPES = ["float64", "float32"] as const;
export const DEFAULT_PENALTY = 0.1;

// Types of flags are no interfaces: options of a command must be records, which interfaces are not.

/** What all commands are told that write a folder of results. */
export type ResultFlags = FolderOptions & { readonly dtype: FloatDType };

/** What all commands with long work are told. */
export type WorkFlags = ResultFlags &
  StimulusFlags & {
    readonly embedTarget?: true | undefined;
    readonly withModel?: true | undefined;
    readonly seed: number;
    readonly threads?: number | undefined;
  };

/** What is told to a command that descends a loss. */
export type DescentFlags = {
  readonly stop: number;
  readonly stopRtol?: number | undefined;
  readonly maxSeconds?: number | undefined;
  readonly penaltyLambda?: number | undefined;
};

const dtypeOption = () =>
  new Option("--dtype <type>", "precision").choices(DTYPES).argParser(oneOf(DTYPES)).default("float64");

const withFolder = (command: PlainCommand, folder: string): PlainCommand =>
  command
    .option(
      "--out <folder>",
      `where to write (default: the name of the image and "-${folder}", with a number if that is there already)`,
      folderName,
    )
    .option("--overwrite", OVERWRITE_HELP);

/**
 * The command with the options of `ResultFlags`.
 *
 * @param folder what is added to the image's name to name the folder
 */
export function withResultFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
  folder: string,
): Command<Args, Options & ResultFlags> {
  withFolder((command as unknown as PlainCommand).addOption(dtypeOption()), folder);
  return command as unknown as Command<Args, Options & ResultFlags>;
}

/**
 * The command with the options of `WorkFlags`.
 *
 * @param seedOf what the seed decides: `the random start`
 * @param folder what is added to the image's name to name the folder
 */
export function withWorkFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
  seedOf: string,
  folder: string,
): Command<Args, Options & WorkFlags> {
  // Without its types: what they would be is said above, and working it out takes the compiler minutes.
  const plain = (command as unknown as PlainCommand)
    .option("--seed <n>", `seed of ${seedOf}, 0 to ${LARGEST_SEED}`, wholeNumber(0, LARGEST_SEED), 0)
    .addOption(dtypeOption())
    .option("--threads <n>", `cores to use (default: all, at most ${THREADS_UNASKED})`, wholeNumber(1, MOST_THREADS))
    .option(
      "--embed-target",
      "put the target into the PNG files too, so that plenoptic verify needs nothing else; they grow by 4/3 bytes a pixel of an " +
        "8-bit image, by 11 of others",
    )
    .option(
      "--with-model",
      "put the model, and the loss, penalty or metrics, into the .pt file too, as data: it then is loaded, gone on with and verified without " +
        "them; how much larger that makes it is said first",
    );
  withFolder(withStimulusFlags(plain), folder);
  return command as unknown as Command<Args, Options & WorkFlags>;
}

/** The command with the options of `DescentFlags`. */
export function withDescentFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
): Command<Args, Options & DescentFlags> {
  (command as unknown as PlainCommand)
    .addOption(
      new Option("--stop <x>", `stop once the loss changes by less than x in ${STOP_WINDOW} steps; "off" does not`)
        .argParser(stopCriterion)
        .default(0, '"off"'),
    )
    .option(
      "--stop-rtol <x>",
      `stop once the loss varies by less than this part of itself in ${STOP_WINDOW} steps, such as 1e-3`,
      realNumber(0, "above"),
    )
    .option("--max-seconds <s>", "stop after so many seconds; the recipe has the steps made", realNumber(0, "above"))
    .option(
      "--penalty-lambda <x>",
      `weight of the penalty on values below 0 and above 1 (default: ${DEFAULT_PENALTY})`,
      realNumber(0, "from"),
    );
  return command as unknown as Command<Args, Options & DescentFlags>;
}

/** What is put into files beside what is always there. */
export interface Kept {
  /** The target, into PNG files. */
  readonly target: boolean;
  /** The model, into .pt files. */
  readonly model: boolean;
}

export const keptBy = ({ embedTarget, withModel }: WorkFlags): Kept => ({
  target: embedTarget === true,
  model: withModel === true,
});

/** How many threads to use. */
export function threadsOf({ threads }: WorkFlags): number {
  return threads ?? Math.min(availableParallelism(), THREADS_UNASKED);
}

/** The stop rules as options of synthesize(). */
export function stopRules({ stop, stopRtol, maxSeconds }: DescentFlags) {
  return {
    stopCriterion: stop,
    stopRtol: stopRtol ?? null,
    stopItersToCheck: STOP_WINDOW,
    maxSeconds: maxSeconds ?? null,
  };
}

/** The stop rules as they are written on the command line; a limit of time decides nothing twice. */
export function stopText({ stop, stopRtol }: DescentFlags): string {
  const relative = stopRtol === undefined ? "" : ` --stop-rtol ${stopRtol}`;
  return `--stop ${stop === 0 ? "off" : stop}${relative}`;
}

/** An argument as POSIX shells take it: as it is, or in single quotes, within which nothing has a meaning. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A path or a name as it was typed, as a shell takes it on every system. */
export function pathWord(typed: string): string {
  const path = platform() === "win32" ? typed.replaceAll("\\", "/") : typed;
  return shellWord(path.startsWith("-") ? `./${path}` : path);
}
