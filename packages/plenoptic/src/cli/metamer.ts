// `plenoptic metamer IMAGE`: from an image to a metamer, its history, its recipe and a page to look at.

import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { UserError } from "./failure.ts";
import { interruptible } from "./interrupt.ts";
import { chooseModel, defaultsOf, type ModelChoice, type ModelOptions, modelRegistry } from "./modelRegistry.ts";
import { folderName, realNumber, stopCriterion, wholeNumber } from "./options.ts";
import { duration, Progress } from "./progress.ts";
import { reportPage } from "./reportPage.ts";
import { makeFiles, RESULT_FILES } from "./resultFiles.ts";
import { checkFolder, type FolderChoice, writeResults } from "./resultFolder.ts";
import { type MadeMetamer, runMetamer, type Settings } from "./runMetamer.ts";
import { pictureNames, readTarget, type Target } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { printWarnings } from "./warnings.ts";
import { exportNote, fall, significant } from "./wording.ts";

const MOST_THREADS = 64;
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

Ctrl-C stops after the iteration at hand; nothing is written then.`;

export function metamerCommand(terminal: Terminal) {
  return new Command("metamer")
    .description("make another image that a model of vision takes for the same")
    .argument(
      "<image>",
      "a PNG, PGM or PPM file, or its URL; or the name of a picture that ships with plenoptic: " +
        `${pictureNames.join(", ")} (a file of that name goes first)`,
    )
    .helpOption("--help", "print this help")
    .option("--model <name>", `the model to fool: ${[...modelRegistry.keys()].join(", ")}`, "gaussian")
    .option(
      "--kernel-size <pixels>",
      `width of the model's filters (default: ${defaultsOf("kernelSize")})`,
      wholeNumber(1, 4095),
    )
    .option("--std <pixels>", `standard deviation of the blur (default: ${defaultsOf("std")})`, realNumber(0, "above"))
    .option("--seed <n>", "seed of the random start, 0 to 4294967295", wholeNumber(0, 4294967295), 0)
    .option("--iterations <n>", "steps at most", wholeNumber(1, 10_000_000), 600)
    .addOption(
      new Option("--stop <x>", 'stop once the loss changes by less than x in 50 steps; "off" takes all steps')
        .argParser(stopCriterion)
        .default(0, '"off"'),
    )
    .option("--learning-rate <x>", "of Adam, about the change of a pixel in a step", realNumber(0, "above"), 0.01)
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

interface CommandOptions extends Omit<Settings, "threads"> {
  readonly model: string;
  readonly kernelSize?: number | undefined;
  readonly std?: number | undefined;
  readonly threads?: number | undefined;
  readonly out?: string | undefined;
  readonly overwrite?: true | undefined;
}

async function makeMetamer(nameOrPath: string, options: CommandOptions, terminal: Terminal): Promise<void> {
  // Everything that can be refused is looked at before anything is computed.
  const choice = chooseModel(options.model, givenModelOptions(options));
  const target = await readTarget(nameOrPath);
  checkSize(target, choice);
  const folder: FolderChoice = {
    path: resolve(options.out ?? `${target.stem}-metamer`),
    numbered: options.out === undefined && !options.overwrite,
    overwrite: options.overwrite === true,
  };
  await checkFolder(folder, RESULT_FILES);
  const threads = options.threads ?? Math.min(availableParallelism(), THREADS_UNASKED);
  const settings: Settings = { ...options, threads };

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
      const made = await runMetamer(target, choice, settings, signal, (iteration, loss) => {
        progress.update(iteration, loss);
      });
      progress.clear();
      const seconds = (performance.now() - start) / 1000;
      const page = await reportPage(made, commandText(target.name, choice.flags, settings));
      const path = await writeResults(folder, makeFiles(made, page), signal);
      terminal.out.write(summaryText(made, seconds, path));
    });
  } finally {
    progress.clear();
    quiet();
  }
}

function checkSize({ name, width, height }: Target, { leastSide, description }: ModelChoice): void {
  if (Math.min(width, height) >= leastSide) return;
  throw new UserError(
    `${name} is ${width} x ${height} pixels, and ${description} needs at least ${leastSide} x ${leastSide}; ` +
      "choose a larger image or a smaller --kernel-size",
  );
}

function givenModelOptions({ kernelSize, std }: CommandOptions): ModelOptions {
  return { ...(kernelSize !== undefined && { kernelSize }), ...(std !== undefined && { std }) };
}

/** The command that makes the same result again. */
function commandText(image: string, modelFlags: readonly string[], settings: Settings): string {
  const { seed, iterations, stop, learningRate, penaltyLambda, dtype } = settings;
  const name = /^[\w.-]+$/.test(image) ? image : JSON.stringify(image);
  return [
    `plenoptic metamer ${name} ${modelFlags.join(" ")} --seed ${seed} --iterations ${iterations}`,
    `--stop ${stop === 0 ? "off" : stop} --learning-rate ${learningRate} --penalty-lambda ${penaltyLambda}`,
    `--dtype ${dtype}`,
  ].join(" ");
}

function summaryText({ recipe, gaps, choice, values }: MadeMetamer, seconds: number, folder: string): string {
  const fromHere = relative("", folder);
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
    `  report   ${join(fromHere.startsWith("..") ? folder : fromHere, "report.html")}`,
  ];
  return `${lines.join("\n")}\n`;
}
