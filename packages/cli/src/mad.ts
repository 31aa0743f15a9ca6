// `plenoptic mad IMAGE`: images on which two metrics disagree as much as can be.

import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { MinMax } from "plenoptic-js";
import { counted, MAD_SUMMARY_DEFAULTS, significant } from "plenoptic-js/engine";
import {
  CHECKPOINT_HELP,
  type CheckpointFlags,
  Checkpoints,
  hasEnded,
  keeping,
  withCheckpointFlags,
} from "./checkpoints.ts";
import { refuseToGoBeyond, thatIsThere } from "./endedRun.ts";
import { UserError } from "./failure.ts";
import { givenLimits, type LimitFlags, limitsText, withLimitFlags } from "./limitFlags.ts";
import { type Done, doLongWork, type Work } from "./longWork.ts";
import { madFileNames, madFiles, madRecipeName } from "./madFiles.ts";
import { madPage } from "./madPage.ts";
import { chooseMetric, METRIC_HELP, type MetricChoice, metricLines } from "./metricRegistry.ts";
import { oneOf } from "./names.ts";
import { realNumber, wholeNumber } from "./options.ts";
import { duration } from "./progress.ts";
import { RESIZE_HELP, type Resize, resizeOption } from "./resize.ts";
import { checkFolder, chooseFolder, fromHere } from "./resultFolder.ts";
import {
  DEFAULT_PENALTY,
  type DescentFlags,
  keptBy,
  pathWord,
  stopRules,
  stopText,
  threadsOf,
  type WorkFlags,
  withDescentFlags,
  withWorkFlags,
} from "./runFlags.ts";
import { imagesOf, type MadeMad, type MadSettings, type Metrics, measureNames, runMad } from "./runMad.ts";
import { stimulusChoice, stimulusText } from "./stimulusFlags.ts";
import { textTable } from "./table.ts";
import { IMAGE_HELP, imageWords, readTarget, type Target } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { exportNote, verdictLines, writtenNote } from "./wording.ts";

/** Steps of each image. */
const DEFAULT_ITERATIONS = { constrained: 200, weighted: 600 };

const DIRECTIONS = ["min", "max"] as const;

const WRITTEN = `
Both metrics are taken as distances, which are small for images that are alike:
${metricLines(({ distance, summary }) => `${distance.text.padEnd(11)}  ${summary}`)}

All four images begin as one, the image with noise. Each makes one of the metrics small or large, while the other is held
at its first value. With --weight, its squared change is weighed instead, as Python's plenoptic does; --penalty-lambda then keeps
pixels from 0 to 1.

Written to the folder, all files or none; for each image (min-ssim, max-ssim, min-mse, max-mse) those of its name:
  .png             8 bits a pixel, for looking at; the recipe is inside, as text
  -16.png          16 bits a pixel, for showing; the recipe is inside, as text
  .npy             the exact values, shape [1, 1, height, width]
  .pt              all of the synthesis, to go on from, here or (with --weight) in Python's plenoptic
  .csv             objective, penalty, norms, and both metrics, by iteration
  .recipe.json     all that the result depends on, and its SHA-256
and for all of them:
  initial.npy      the image they began with
  report.html      a page with pictures and curves; start here
  plenoptic-files.json  names and hashes of these files, by which --overwrite knows them

Examples:
  plenoptic mad house
  plenoptic mad photo.png --optimized ssim --reference mse --direction max
  plenoptic mad photo.png --optimized ./mine.mjs --reference nlpd
  plenoptic mad photo.png --weight 10000 --direction min --iterations 1000

A metric of your own is a file that exports a function of two images; docs/models.md shows one.
Ctrl-C stops after the iteration at hand, a long one at once; nothing is written then.
${CHECKPOINT_HELP}`;

export function madCommand(terminal: Terminal) {
  const command = new Command("mad")
    .description("make images on which two metrics disagree as much as can be")
    .argument("<image>", IMAGE_HELP)
    .helpOption("-h, --help", "print this help")
    .option("--resize <size>", RESIZE_HELP, resizeOption)
    .option("--optimized <metric>", `the first metric: ${METRIC_HELP}`, "ssim")
    .option("--reference <metric>", "the second metric, of the same", "mse")
    .addOption(
      new Option(
        "--direction <how>",
        "make one image only: the first metric as small (min) or as large (max) as can be, the second held",
      )
        .choices(DIRECTIONS)
        .argParser(oneOf(DIRECTIONS)),
    )
    .option(
      "--weight <x>",
      "weigh the squared change of the other metric by x, instead of holding it",
      realNumber(0, "from"),
    )
    .option(
      "--allowed-range <low,high>",
      'the pixel values that are allowed, or "off" (default: 0,1; not with --weight)',
      range,
    )
    .option("--noise <x>", "standard deviation of the noise to start with", realNumber(0, "above"), 0.1)
    .option(
      "--iterations <n>",
      `steps of each image at most (default: ${DEFAULT_ITERATIONS.constrained}, with --weight ${DEFAULT_ITERATIONS.weighted})`,
      wholeNumber(1, 10_000_000),
    );
  const judged = withLimitFlags(withDescentFlags(command), MAD_SUMMARY_DEFAULTS);
  return withCheckpointFlags(withWorkFlags(judged, "the noise", "mad"))
    .addHelpText("after", WRITTEN)
    .action((image, options) => makeMad(image, options, terminal));
}

/** A range of values, or `off`. */
function range(text: string): readonly [number, number] | "off" {
  if (text.toLowerCase() === "off") return "off";
  const [low, high, ...more] = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high) || more.length > 0) {
    throw new InvalidArgumentError('It must be "off", or two numbers with a comma between, the lower one first.');
  }
  return [low, high];
}

export type MadFlags = WorkFlags &
  DescentFlags &
  CheckpointFlags &
  LimitFlags & {
    readonly resize?: Resize | undefined;
    readonly optimized: string;
    readonly reference: string;
    readonly direction?: MinMax | undefined;
    readonly weight?: number | undefined;
    readonly allowedRange?: readonly [number, number] | "off" | undefined;
    readonly noise: number;
    readonly iterations?: number | undefined;
  };

/** What the options say, before an image is looked at. Throws UserError for options that do not fit together. */
export async function madChoices(options: MadFlags) {
  const { weight = null, direction = null, allowedRange = [0, 1], dtype, noise } = options;
  checkMode(options);
  const metrics = await chooseBoth(options);
  const maxIter = options.iterations ?? DEFAULT_ITERATIONS[weight === null ? "constrained" : "weighted"];
  const told = {
    dtype,
    stimuli: stimulusChoice(options),
    direction,
    weight,
    allowedRange: allowedRange === "off" ? null : allowedRange,
    noise,
    limits: givenLimits(options),
    penaltyLambda: options.penaltyLambda ?? DEFAULT_PENALTY,
    stop: { maxIter, ...stopRules(options) },
  };
  return { metrics, told };
}

async function makeMad(nameOrPath: string, options: MadFlags, terminal: Terminal): Promise<void> {
  // Everything that can be refused is looked at before anything is computed.
  const { metrics, told } = await madChoices(options);
  const { direction, weight, dtype } = told;
  const { seed } = options;
  const target = await readTarget(nameOrPath, options.resize, options.dtype);
  checkMadSize(target, metrics);
  const wanted = imagesOf(metrics, direction);
  const folder = chooseFolder(options, `${target.stem}-mad`);
  const hasAll = await hasEnded(options, folder, madFileNames(wanted));
  if (!hasAll) await checkFolder(folder, madFileNames(wanted));
  const tellsModel = options.withModel === true;
  const settings: MadSettings = { ...told, seed, threads: threadsOf(options), tellsModel };
  const { maxIter } = told.stop;
  const ended = wanted.map(({ stem }) => [stem, join(folder.path, `${stem}.pt`)] as const);
  const checkpoints = await Checkpoints.begin(options, folder, new Map(hasAll ? ended : []));
  const work = async (work: Work): Promise<Done> => {
    const { threads } = settings;
    work.say(`Image: ${target.name}, ${target.width} x ${target.height} pixels, ${target.conversion}`);
    work.say(
      `Metrics: ${metrics[0].text} and ${metrics[1].text}, ${weight === null ? "one held" : `weight ${weight}`}, ${dtype}, ` +
        `seed ${seed}, ${counted(threads, "thread")}`,
    );
    if (weight === 0) {
      work.say(
        "note: with --weight 0 the other metric is not held at all; leave --weight out to hold it, or give it a larger one",
      );
    }
    const command = (most: number): string => madCommandText(imageWords(target), metrics, settings, options, most);
    const tools = hasAll ? { ...work, onStep: () => refuseToGoBeyond(folder) } : work;
    const made = await runMad(target, metrics, settings, tools, command, checkpoints);
    const summary: Done["summary"] = (seconds, path) => summaryText(made, seconds, path);
    if (hasAll) {
      const recipes = made.images.map((one) => [madRecipeName(one), one.recipe] as const);
      return thatIsThere(folder, { files: null, summary }, recipes);
    }
    return { files: await madFiles(made, await madPage(made), keptBy(options)), summary };
  };
  const words = { unit: "iteration", measure: "metric" };
  await keeping(
    checkpoints,
    metrics.map(({ file }) => file),
    () => doLongWork(terminal, folder, wanted.length * maxIter, work, words, checkpoints),
  );
}

function checkMode({ weight, allowedRange, penaltyLambda }: MadFlags): void {
  if (weight !== undefined && allowedRange !== undefined) {
    throw new UserError(
      "--allowed-range bounds the pixels where the other metric is held; with --weight, --penalty-lambda keeps them in range",
    );
  }
  if (weight === undefined && penaltyLambda !== undefined) {
    throw new UserError(
      "--penalty-lambda is for --weight; where the other metric is held, --allowed-range bounds the pixels",
    );
  }
}

async function chooseBoth({ optimized, reference }: MadFlags): Promise<Metrics> {
  const metrics: [MetricChoice, MetricChoice] = [await chooseMetric(optimized), await chooseMetric(reference)];
  if (metrics[0].name === metrics[1].name) {
    throw new UserError(
      `both metrics are called ${metrics[0].name}; a competition needs two: choose another --optimized or --reference`,
    );
  }
  return metrics;
}

export function checkMadSize({ name, width, height }: Target, metrics: Metrics): void {
  const tooLarge = metrics.find(({ leastSide }) => Math.min(width, height) < leastSide);
  if (tooLarge === undefined) return;
  const { text, leastSide } = tooLarge;
  throw new UserError(
    `${name} is ${width} x ${height} pixels, and ${text} needs at least ${leastSide} on both sides; choose a larger image, or ` +
      "another metric",
  );
}

/** The command that makes the same result again. */
export function madCommandText(
  image: string,
  [a, b]: Metrics,
  settings: Omit<MadSettings, "threads" | "tellsModel">,
  options: MadFlags,
  most: number,
): string {
  const { seed, dtype, direction, weight, allowedRange, noise, penaltyLambda, stop, limits, stimuli } = settings;
  const one = direction === null ? "" : ` --direction ${direction}`;
  const mode =
    weight === null
      ? `--allowed-range ${allowedRange === null ? "off" : allowedRange.join(",")}`
      : `--weight ${weight} --penalty-lambda ${penaltyLambda}`;
  const iterations = stop.maxSeconds === null ? stop.maxIter : most;
  return (
    `plenoptic mad ${image} --optimized ${pathWord(a.flag)} --reference ${pathWord(b.flag)}${one} ${mode} ` +
    `--noise ${noise} --seed ${seed} --iterations ${iterations} ${stopText(options)} --dtype ${dtype}${stimulusText(stimuli)}${limitsText(limits)}`
  );
}

function summaryText(
  { metrics, target, settings, initial, images, verdict }: MadeMad,
  seconds: number,
  folder: string,
): string {
  const rows = images.map(({ stem, values, summary: { numIter }, drift }) => [
    stem,
    ...values.map((value) => significant(value)),
    String(numIter),
    ...(drift === null ? [] : [drift]),
  ]);
  // Only a weight lets the other metric go.
  const held = settings.weight === null ? [] : ["was to stay"];
  const table = textTable([
    ["image", metrics[0].text, metrics[1].text, "iterations", ...held],
    ["initial", ...initial.map((value) => significant(value)), "0", ...held.map(() => "")],
    ...rows,
  ]);
  const notes = new Map<string, string[]>();
  for (const { stem, recipe, exported } of images) {
    const note = exportNote(recipe.exports, exported.image.size);
    notes.set(note, [...(notes.get(note) ?? []), stem]);
  }
  const lines = [
    // What the verdict begins with: of four images it is another word than of one.
    `${verdict.text.slice(0, verdict.text.indexOf(":"))}: MAD competition of ${target.name}, ${metrics[0].text} against ${metrics[1].text}, ${duration(seconds)}`,
    ...verdictLines(verdict.text),
    "",
    ...table.trimEnd().split("\n"),
    "",
    ...[...notes].map(
      ([note, stems]) => `PNG      ${stems.length === images.length ? "" : `${stems.join(", ")}: `}${note}`,
    ),
    ...images.map((one) => `written  ${one.stem}: ${writtenNote(one.recipe.exports, measureNames(metrics, one))}`),
    ...images.map(({ stem, recipe }) => `SHA-256  ${stem}: ${recipe.result.sha256}`),
    `report   ${fromHere(join(folder, "report.html"))}`,
  ];
  return lines.map((line, i) => (i === 0 || line === "" ? `${line}\n` : `  ${line}\n`)).join("");
}
