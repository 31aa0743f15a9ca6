// `plenoptic metamer IMAGE`: from an image to a metamer, its history, its recipe and a page to look at.

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { fitToModel } from "./crop.ts";
import { interruptible } from "./interrupt.ts";
import { givenModelOptions, type ModelFlags, withModelFlags } from "./modelFlags.ts";
import { chooseModel } from "./modelRegistry.ts";
import { chooseOptimizer, type OptimizerFlags, withOptimizerFlags } from "./optimizerFlags.ts";
import { folderName, realNumber, stopCriterion, wholeNumber } from "./options.ts";
import { cliPresets, PRESET_HELP, type PresetName, presetNames } from "./presets.ts";
import { duration, Progress } from "./progress.ts";
import { reportPage } from "./reportPage.ts";
import { makeFiles, RESULT_FILES } from "./resultFiles.ts";
import { checkFolder, chooseFolder, type FolderOptions, fromHere, writeResults } from "./resultFolder.ts";
import { type MadeMetamer, runMetamer, type Settings } from "./runMetamer.ts";
import { IMAGE_HELP, readTarget } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { printWarnings } from "./warnings.ts";
import { exportNote, fall, significant } from "./wording.ts";

const MOST_THREADS = 64;
const DEFAULT_ITERATIONS = 600;
/** More threads than this seldom help at the sizes of images people use. */
const THREADS_UNASKED = 8;

const WRITTEN = `
Written to the folder, all files or none:
  metamer.png      8 bits a pixel, for looking at; the recipe is inside, as text
  metamer-16.png   16 bits a pixel, for showing; the recipe is inside, as text
  metamer.npy      the exact values, shape [1, 1, height, width]; may go beyond 0 and 1
  history.csv      loss, penalty, norms of gradient and image change, by iteration
  report.html      a page with pictures and curves; start here
  recipe.json      all that the result depends on, and its SHA-256

Gray values run from 0 (black) to 1 (white). In the PNG files they are rounded, and clipped where they lie outside;
how many were is printed and recorded. Colour images become gray: 0.2125 R + 0.7154 G + 0.0721 B.

The same recipe gives the same SHA-256 on every machine, whatever the number of threads.

Examples:
  plenoptic metamer house
  plenoptic metamer photo.png --std 5 --seed 3 --out results
  plenoptic metamer photo.png --model linear --iterations 2000 --stop 1e-9
  plenoptic metamer brick --preset texture
  plenoptic metamer house --optimizer NAdam --scheduler CosineAnnealingLR --scheduler-option tMax=600
  plenoptic metamer texture.png --model portilla-simoncelli --crop

Ctrl-C stops after the iteration at hand; nothing is written then.`;

export function metamerCommand(terminal: Terminal) {
  const command = new Command("metamer")
    .description("make another image that a model of vision takes for the same")
    .argument("<image>", IMAGE_HELP)
    .helpOption("--help", "print this help");
  return withOptimizerFlags(withModelFlags(command, "the model to fool", "gaussian"))
    .option("--seed <n>", "seed of the random start, 0 to 4294967295", wholeNumber(0, 4294967295), 0)
    .addOption(
      new Option("--preset <name>", PRESET_HELP)
        .choices([...presetNames])
        .conflicts(["model", "learningRate", "optimizer"]),
    )
    .option(
      "--iterations <n>",
      `steps at most (default: ${DEFAULT_ITERATIONS}, with --preset texture ${cliPresets.texture.iterations})`,
      wholeNumber(1, 10_000_000),
    )
    .addOption(
      new Option("--stop <x>", 'stop once the loss changes by less than x in 50 steps; "off" takes all steps')
        .argParser(stopCriterion)
        .default(0, '"off"'),
    )
    .option(
      "--learning-rate <x>",
      "of the optimizer; of Adam about the change of a pixel in a step (default: 0.01, of LBFGS 1)",
      realNumber(0, "above"),
    )
    .option("--penalty-lambda <x>", "weight of the penalty on values below 0 and above 1", realNumber(0, "from"), 0.1)
    .addOption(
      new Option("--dtype <type>", "precision").choices(["float64", "float32"] as const).default("float64" as const),
    )
    .option("--threads <n>", "cores to use (default: all, at most 8)", wholeNumber(1, MOST_THREADS))
    .option(
      "--out <folder>",
      'where to write (default: the name of the image and "-metamer", with a number if that is there already)',
      folderName,
    )
    .option("--overwrite", "replace the files of an earlier run")
    .addHelpText("after", WRITTEN)
    .action((image, options) => makeMetamer(image, options, terminal));
}

interface CommandOptions
  extends Omit<Settings, "threads" | "iterations" | "learningRate" | "preset" | "optimizer" | "scheduler">,
    ModelFlags,
    OptimizerFlags,
    FolderOptions {
  readonly preset?: PresetName | undefined;
  readonly iterations?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly threads?: number | undefined;
}

async function makeMetamer(nameOrPath: string, options: CommandOptions, terminal: Terminal): Promise<void> {
  // Everything that can be refused is looked at before anything is computed.
  const preset = options.preset ?? null;
  const made = preset === null ? null : cliPresets[preset];
  const choice = chooseModel(made?.model ?? options.model, givenModelOptions(options));
  const driven = chooseOptimizer(options, options.learningRate, made?.optimizer());
  const whole = await readTarget(nameOrPath);
  const target = fitToModel(whole, choice, options.crop === true);
  const modelFlags = target === whole ? choice.flags : [...choice.flags, "--crop"];
  const folder = chooseFolder(options, `${target.stem}-metamer`);
  await checkFolder(folder, RESULT_FILES);
  const threads = options.threads ?? Math.min(availableParallelism(), THREADS_UNASKED);
  const iterations = options.iterations ?? made?.iterations ?? DEFAULT_ITERATIONS;
  const settings: Settings = { ...options, ...driven, preset, iterations, threads };

  const progress = new Progress(terminal.err, settings.iterations);
  const say = (text: string): void => {
    progress.clear();
    terminal.err.write(`${text}\n`);
  };
  const quiet = printWarnings(say);
  const stopped = (): string =>
    `Stopped after ${progress.done} of ${settings.iterations} iterations. Nothing was written.`;
  try {
    await interruptible(say, stopped, async (signal) => {
      say(`Target: ${target.name}, ${target.width} x ${target.height} pixels, ${target.conversion}`);
      say(
        `Model: ${choice.description}, ${settings.dtype}, seed ${settings.seed}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
      );
      const start = performance.now();
      const result = await runMetamer(target, choice, settings, signal, (iteration, loss) => {
        progress.update(iteration, loss);
      });
      progress.clear();
      const seconds = (performance.now() - start) / 1000;
      const page = await reportPage(result, commandText(target.name, [...modelFlags, ...driven.flags], settings));
      const path = await writeResults(folder, makeFiles(result, page), signal);
      terminal.out.write(summaryText(result, seconds, path));
    });
  } finally {
    progress.clear();
    quiet();
  }
}

/** The command that makes the same result again. */
function commandText(image: string, flags: readonly string[], settings: Settings): string {
  const { seed, iterations, stop, penaltyLambda, dtype, preset } = settings;
  const chosen = preset === null ? flags : ["--preset", preset, ...flags.slice(2)];
  const quoted = (text: string): string => (/^[\w.=+-]+$/.test(text) ? text : JSON.stringify(text));
  return [
    `plenoptic metamer ${[image, ...chosen].map(quoted).join(" ")} --seed ${seed} --iterations ${iterations}`,
    `--stop ${stop === 0 ? "off" : stop} --penalty-lambda ${penaltyLambda}`,
    `--dtype ${dtype}`,
  ].join(" ");
}

function summaryText({ recipe, gaps, choice, values }: MadeMetamer, seconds: number, folder: string): string {
  const { firstLoss, finalLoss, iterations, stopReason, sha256 } = recipe.result;
  const why = stopReason === "converged" ? ", where the stop rule ended it" : "";
  const lines = [
    `Metamer of ${recipe.image.name} under ${choice.description}`,
    `  loss     ${significant(firstLoss)} -> ${significant(finalLoss)}, ${fall(firstLoss, finalLoss)} in ` +
      `${iterations} iterations${why}, ${duration(seconds)}`,
    `  match    the images differ by up to ${significant(gaps.image.most)}, the model's responses to them by at most ` +
      `${significant(gaps.representation.most)} (root mean square ${significant(gaps.representation.rms)})`,
    `  PNG      ${exportNote(recipe.exports, values.length)}`,
    `  SHA-256  ${sha256}`,
    `  report   ${fromHere(join(folder, "report.html"))}`,
  ];
  return `${lines.join("\n")}\n`;
}
