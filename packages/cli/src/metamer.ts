// `plenoptic metamer IMAGE`: from an image to a metamer, its history, its recipe and a page to look at.

import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import type { Nearness } from "plenoptic-js";
import { counted, SUMMARY_DEFAULTS, significant } from "plenoptic-js/engine";
import { asImage } from "./beginRun.ts";
import {
  CHECKPOINT_HELP,
  type CheckpointFlags,
  Checkpoints,
  hasEnded,
  keeping,
  withCheckpointFlags,
} from "./checkpoints.ts";
import {
  type CoarseToFineFlags,
  coarseToFineSettings,
  coarseToFineText,
  refuseWithoutScales,
  withCoarseToFineFlags,
} from "./coarseToFineFlags.ts";
import { fitToModel } from "./crop.ts";
import { refuseToGoBeyond, thatIsThere } from "./endedRun.ts";
import { UserError } from "./failure.ts";
import { givenLimits, type LimitFlags, limitsText, withLimitFlags } from "./limitFlags.ts";
import { type Done, doLongWork, type Work } from "./longWork.ts";
import { madeOnce } from "./madeOnce.ts";
import { METAMER_FILES, metamerFiles } from "./metamerFiles.ts";
import { metamerPage } from "./metamerPage.ts";
import type { ModelChoice } from "./modelChoice.ts";
import { chosenModel, type ModelFlags, withModelFlags } from "./modelFlags.ts";
import { oneOf } from "./names.ts";
import { isNetworkName } from "./networkModel.ts";
import { NULL_HELP, nullText, readPhotographs } from "./nullPhotographs.ts";
import { lossesOf } from "./objective.ts";
import { chooseOptimizer, type OptimizerFlags, withOptimizerFlags } from "./optimizerFlags.ts";
import { folderName, realNumber, wholeNumber } from "./options.ts";
import { cliPresets, PRESET_HELP, PRESET_ITERATIONS } from "./presets.ts";
import { duration } from "./progress.ts";
import { checkFolder, chooseFolder, type FolderChoice, fromHere } from "./resultFolder.ts";
import {
  DEFAULT_PENALTY,
  type DescentFlags,
  keptBy,
  shellWord,
  stopRules,
  stopText,
  threadsOf,
  type WorkFlags,
  withDescentFlags,
  withWorkFlags,
} from "./runFlags.ts";
import { type MadeMetamer, runMetamer, type Settings } from "./runMetamer.ts";
import { seedList, seedWords } from "./seedList.ts";
import { checkSeveralFolders, makeSeveral } from "./severalMetamers.ts";
import { stimulusChoice, stimulusText } from "./stimulusFlags.ts";
import { IMAGE_HELP, imageWords, readTarget } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { exportNote, fall, verdictLines, writtenNote } from "./wording.ts";

const DEFAULT_ITERATIONS = 600;

const WRITTEN = `
Written to the folder, all files or none:
  metamer.png      8 bits a pixel, for looking at; the recipe is inside, as text
  metamer-16.png   16 bits a pixel, for showing; the recipe is inside, as text
  metamer.npy      the exact values, shape [1, 1, height, width]; may go beyond 0 and 1
  metamer.pt       all of the synthesis, to go on from, here or in Python's plenoptic
  history.csv      objective (loss and weighted penalty together), loss, penalty, norms of gradient and image change
  report.html      a page with pictures and curves; start here
  recipe.json      all that the result depends on, and its SHA-256
  plenoptic-files.json  names and hashes of these files, by which --overwrite knows them

Gray values run from 0 (black) to 1 (white). In the PNG files they are rounded, and clipped where they lie outside;
how many were is printed and recorded. Colour images become gray: 0.2125 R + 0.7154 G + 0.0721 B.

The same recipe gives the same SHA-256 on every machine, whatever the number of threads.

With --seeds, each metamer has a folder of its own in that folder, seed-0 and so on, with the files of a single run to the
byte; report.html beside them compares all. The folder is named after the image and "-metamers". --overwrite clears away folders of
seeds that an earlier run has left there. Ctrl-C leaves those that are done.

Examples:
  plenoptic metamer house
  plenoptic metamer photo.png --std 5 --seed 3 --out results
  plenoptic metamer photo.png --model linear --iterations 2000 --stop 1e-9
  plenoptic metamer photo.png --model ./mine.mjs
  plenoptic metamer brick --preset texture
  plenoptic metamer brick --preset texture --seeds 0-7
  plenoptic metamer photo.png --preset deep-metamer --model resnet50.onnx --layer layer3 --normalize imagenet
  plenoptic metamer house --optimizer NAdam --scheduler CosineAnnealingLR --scheduler-option tMax=600
  plenoptic metamer texture.png --model portilla-simoncelli --coarse-to-fine together --crop

A model of your own is a file that exports a function from an image to a Tensor; docs/models.md shows one.
Ctrl-C stops after the iteration at hand, a long one at once; nothing is written then.
${CHECKPOINT_HELP}`;

export function metamerCommand(terminal: Terminal) {
  const command = new Command("metamer")
    .description("make another image that a model of vision takes for the same")
    .argument("<image>", IMAGE_HELP)
    .helpOption("-h, --help", "print this help");
  const descending = withOptimizerFlags(withModelFlags(command, "the model to fool", "gaussian"))
    .addOption(
      new Option("--preset <name>", PRESET_HELP)
        .choices([...cliPresets.keys()])
        .argParser(oneOf([...cliPresets.keys()]))
        .conflicts(["learningRate", "optimizer"]),
    )
    .option(
      "--iterations <n>",
      `steps at most (default: ${DEFAULT_ITERATIONS}, ${PRESET_ITERATIONS})`,
      wholeNumber(1, 10_000_000),
    )
    .option("--null <folder>", NULL_HELP, folderName)
    .option(
      "--learning-rate <x>",
      "of the optimizer; of Adam about the change of a pixel in a step (default: 0.01, of LBFGS 1)",
      realNumber(0, "above"),
    );
  const seeded = descending.addOption(
    new Option(
      "--seeds <list>",
      "a metamer for each of these seeds, such as 0-7 or 1,4,9, as --seed makes it; limits are those of each",
    )
      .argParser(seedList)
      .conflicts("seed"),
  );
  const judged = withLimitFlags(withDescentFlags(seeded), SUMMARY_DEFAULTS);
  return withCheckpointFlags(withWorkFlags(withCoarseToFineFlags(judged), "the random start", "metamer"))
    .addHelpText("after", WRITTEN)
    .action((image, options, command) => {
      refusePresetModel(
        options,
        (command as Pick<Command, "getOptionValueSource">).getOptionValueSource("model") === "cli",
      );
      return makeMetamer(image, options, terminal);
    });
}

export type MetamerFlags = WorkFlags &
  DescentFlags &
  ModelFlags &
  OptimizerFlags &
  CoarseToFineFlags &
  CheckpointFlags &
  LimitFlags & {
    readonly preset?: string | undefined;
    readonly seeds?: readonly number[] | undefined;
    readonly iterations?: number | undefined;
    readonly learningRate?: number | undefined;
    readonly null?: string | undefined;
  };

/** A preset has its model; that for networks needs one. */
export function refusePresetModel({ preset, model }: MetamerFlags, isNamed: boolean): void {
  if (preset === undefined) return;
  const own = cliPresets.get(preset)?.model ?? null;
  if (own !== null && isNamed) {
    throw new UserError(
      `--preset ${preset} has its own model, ${own}, so --model ${model} means nothing to it; leave one out`,
    );
  }
  if (own === null && !isNetworkName(model)) {
    throw new UserError(
      `--preset ${preset} is for layers of networks; name one: --model net.onnx --layer NAME${isNamed ? ` (and not ${model})` : ""}`,
    );
  }
}

interface MetamerChoices {
  readonly choice: ModelChoice;
  readonly optimizerFlags: readonly string[];
  readonly told: Omit<Settings, "seed" | "threads" | "tellsModel" | "photographs" | "stop"> & {
    readonly stop: ReturnType<typeof stopRules> & { readonly maxIter: number };
  };
}

/** What the options say, before an image is looked at. Throws UserError for options that do not fit together. */
export async function metamerChoices(options: MetamerFlags): Promise<MetamerChoices> {
  const preset = options.preset ?? null;
  const made = preset === null ? undefined : cliPresets.get(preset);
  const coarseToFine = coarseToFineSettings(options, options.stop);
  const choice = madeOnce(await chosenModel(options, made?.model ?? undefined));
  refuseWithoutScales(coarseToFine, choice);
  const { flags: optimizerFlags, ...driven } = chooseOptimizer(
    options,
    options.learningRate,
    made?.optimizer(),
    made?.scheduler() ?? null,
  );
  const maxIter = options.iterations ?? made?.iterations ?? DEFAULT_ITERATIONS;
  const { dtype, penaltyLambda = DEFAULT_PENALTY } = options;
  const limits = givenLimits(options);
  const stop = { maxIter, ...stopRules(options) };
  const stimuli = stimulusChoice(options);
  const told = { dtype, penaltyLambda, preset, coarseToFine, limits, ...driven, stimuli, stop };
  return { choice, optimizerFlags, told };
}

async function makeMetamer(nameOrPath: string, options: MetamerFlags, terminal: Terminal): Promise<void> {
  // Everything that can be refused is looked at before anything is computed.
  const { choice, optimizerFlags, told } = await metamerChoices(options);
  const whole = await readTarget(nameOrPath, options.resize, options.dtype, choice.network?.channels);
  const target = fitToModel(whole, choice, options.crop === true);
  const photographs =
    options.null === undefined ? null : await readPhotographs(options.null, options.dtype, whole.channels);
  const modelFlags = target === whole ? choice.flags : [...choice.flags, "--crop"];
  const { seeds } = options;
  const folder = chooseFolder(options, `${target.stem}-metamer${seeds === undefined ? "" : "s"}`);
  const ended = await endedIn(options, folder);
  const hasMetamer = ended.has("metamer");
  if (seeds !== undefined) await checkSeveralFolders(seeds, folder, options);
  else if (!hasMetamer) await checkFolder(folder, METAMER_FILES);
  const { dtype } = options;
  const { maxIter } = told.stop;
  const common: Omit<Settings, "seed" | "tellsModel"> = { ...told, photographs, threads: threadsOf(options) };
  const announce = ({ say }: Work, which: string): void => {
    say(`Target: ${target.name}, ${target.width} x ${target.height} pixels, ${target.conversion}`);
    say(`Model: ${choice.description}, ${dtype}, ${which}, ${counted(common.threads, "thread")}`);
    for (const note of choice.network?.notes([target.height, target.width]) ?? []) say(`note: ${note}`);
  };
  const checkpoints = await Checkpoints.begin(options, folder, ended);
  const make = async (work: Work, seed: number) => {
    const tellsModel = options.withModel === true && (seeds === undefined || seed === seeds[0]);
    const settings = { ...common, seed, tellsModel };
    const command = (done: number): string =>
      metamerCommandText(imageWords(target), [...modelFlags, ...optimizerFlags], settings, options, done);
    const checkpoint = checkpoints?.of(seeds === undefined ? "metamer" : `seed-${seed}`) ?? null;
    const result = await runMetamer(target, choice, settings, work, command, checkpoint);
    const page = await metamerPage(result);
    const files = await metamerFiles(result, page, keptBy(options));
    // Of large images, those of the report are let go before the files are made.
    const { images: _, representations: __, ...told } = result;
    const done: Done = { files, summary: (seconds, path) => summaryText(told, seconds, path) };
    return { done, told };
  };
  await keeping(checkpoints, [choice.userFile], async () => {
    if (seeds === undefined) {
      const work = async (work: Work): Promise<Done> => {
        announce(work, `seed ${options.seed}`);
        if (!hasMetamer) return (await make(work, options.seed)).done;
        const { done, told } = await make({ ...work, onStep: () => refuseToGoBeyond(folder) }, options.seed);
        return thatIsThere(folder, done, [["recipe.json", told.recipe]]);
      };
      await doLongWork(terminal, folder, maxIter, work, undefined, checkpoints);
      return;
    }
    await makeSeveral(terminal, {
      seeds,
      folder,
      title: `${target.name} under ${choice.description}, from ${counted(seeds.length, "seed")}`,
      target: asImage(target, dtype),
      steps: maxIter,
      checkpoints,
      work: async (seed, work) => {
        if (seed === seeds[0]) announce(work, seedWords(seeds));
        const { done, told } = await make(work, seed);
        const { synthesis, summary, verdict, recipe } = told;
        const losses = lossesOf(synthesis);
        const { numIter: iterations } = summary;
        const [firstLoss, loss] = [losses[0], losses[iterations]];
        const { sha256 } = recipe.result;
        return { done, told: { metamer: synthesis.metamer, iterations, firstLoss, loss, verdict, sha256 } };
      },
    });
  });
}

/** The saved syntheses of those metamers whose results are there, by the names of their checkpoints. */
async function endedIn(options: MetamerFlags, folder: FolderChoice): Promise<ReadonlyMap<string, string>> {
  const names = options.seeds?.map((seed) => `seed-${seed}`);
  const folders = names?.map((name) => [name, join(folder.path, name)] as const) ?? [["metamer", folder.path] as const];
  const ended = new Map<string, string>();
  for (const [name, path] of folders) {
    if (await hasEnded(options, { ...folder, path }, METAMER_FILES)) ended.set(name, join(path, "metamer.pt"));
  }
  return ended;
}

/** The command that makes the same result again. What a limit of time ended, a number of iterations ends. */
export function metamerCommandText(
  image: string,
  flags: readonly string[],
  settings: Omit<Settings, "threads" | "tellsModel">,
  options: MetamerFlags,
  done: number,
): string {
  const { seed, stop, penaltyLambda, dtype, preset, coarseToFine, photographs, limits, stimuli } = settings;
  const named = preset !== null && cliPresets.get(preset)?.model === null ? flags : flags.slice(2);
  const chosen = preset === null ? flags : ["--preset", preset, ...named];
  const iterations = stop.maxSeconds === null ? stop.maxIter : done;
  return (
    `plenoptic metamer ${[image, ...chosen.map(shellWord)].join(" ")}${coarseToFineText(coarseToFine)} --seed ${seed} ` +
    `--iterations ${iterations} ${stopText(options)} --penalty-lambda ${penaltyLambda} --dtype ${dtype}${stimulusText(stimuli)}${nullText(photographs)}${limitsText(limits)}`
  );
}

function summaryText(
  { summary, synthesis, recipe, gaps, choice, exported, verdict }: Omit<MadeMetamer, "images" | "representations">,
  seconds: number,
  folder: string,
): string {
  const { numIter, stopReason } = summary;
  const losses = lossesOf(synthesis);
  const [firstLoss, loss] = [losses[0], losses[numIter]];
  const why = WHY[stopReason] ?? "";
  const lines = [
    `${headOf(verdict)}: metamer of ${recipe.image.name} under ${choice.description}`,
    ...verdictLines(verdict.text).map((line, i) => `  ${(i === 0 ? "verdict" : "").padEnd(9)}${line}`),
    `  loss     ${significant(firstLoss)} -> ${significant(loss)}, ${fall(firstLoss, loss)} in ` +
      `${counted(numIter, "iteration")}${why}, ${duration(seconds)}`,
    ...penaltyLine(synthesis, numIter),
    `  match    the images differ by up to ${significant(gaps.image.most)}, the model's responses to them by at most ` +
      `${significant(gaps.representation.most)} (root mean square ${significant(gaps.representation.rms)})`,
    `  PNG      ${exportNote(recipe.exports, exported.image.size)}`,
    `  written  ${writtenNote(recipe.exports, {})}`,
    `  SHA-256  ${recipe.result.sha256}`,
    `  report   ${fromHere(join(folder, "report.html"))}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** What the penalty adds to the loss, where it adds anything. */
function penaltyLine({ losses, penalties, penaltyLambda }: MadeMetamer["synthesis"], last: number): string[] {
  if (penaltyLambda === 0 || (penalties[0] === 0 && penalties[last] === 0)) return [];
  const weighted = [penalties[0], penalties[last]].map((penalty) => significant(penaltyLambda * penalty));
  return [
    `  penalty  ${weighted.join(" -> ")} for values outside of 0 to 1; objective (loss and penalty) ${significant(losses[0])} -> ` +
      significant(losses[last]),
  ];
}

/** What a result is called. */
const HEADS: Readonly<Record<Nearness, string>> = {
  matched: "Matched",
  near: "Near, not matched",
  "not matched": "Not matched",
};

/** And where the image is the target. */
const SAME_HEADS: Readonly<Record<"exact" | "rounding" | "practically", string>> = {
  exact: "The target itself",
  rounding: "The target but for rounding",
  practically: "Practically the target",
};

function headOf({ verdict, imageGap, blind }: MadeMetamer["verdict"]): string {
  if (verdict !== "matched") return HEADS[verdict];
  if (imageGap === null || imageGap.same === null) return blind ? "Nothing to match" : HEADS[verdict];
  return SAME_HEADS[imageGap.same];
}

/** Why it ended, where it was not the number of iterations. */
const WHY: Readonly<Record<string, string>> = {
  converged: ", where the stop rule ended it",
  maxSeconds: ", where the time was up",
};
