// `plenoptic eigendistortion IMAGE`: the changes of an image that a model sees most, and those it sees least.

import { totalmem } from "node:os";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import type { EigendistortionMethod } from "plenoptic-js";
import { counted, EIGENDISTORTION_DEFAULTS, significant } from "plenoptic-js/engine";
import { alphaWords } from "./alpha.ts";
import { fitToModel } from "./crop.ts";
import { eigendistortionFileNames, eigendistortionFiles } from "./eigendistortionFiles.ts";
import { eigendistortionPage } from "./eigendistortionPage.ts";
import { UserError } from "./failure.ts";
import { type Done, doLongWork, type Work } from "./longWork.ts";
import { chosenModel, type ModelFlags, withModelFlags } from "./modelFlags.ts";
import { oneOf } from "./names.ts";
import { realNumber, wholeNumber } from "./options.ts";
import { duration } from "./progress.ts";
import { checkFolder, chooseFolder, fromHere } from "./resultFolder.ts";
import {
  type EigenSettings,
  indicesOf,
  type MadeEigendistortions,
  MEASURE_NAMES,
  memoryWords,
  residualWords,
  runEigendistortion,
} from "./runEigendistortion.ts";
import { keptBy, shellWord, threadsOf, type WorkFlags, withWorkFlags } from "./runFlags.ts";
import { stimulusChoice, stimulusText } from "./stimulusFlags.ts";
import { textTable } from "./table.ts";
import { IMAGE_HELP, imageWords, readTarget } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { blaming } from "./userCode.ts";
import { exportNote, writtenNote } from "./wording.ts";

const WRITTEN = `
Methods:
  krylov           finds both ends by products with the model's derivatives, and says how well each is known
  exact            from the whole Jacobian; for small images, or models with few outputs
  power            subspace iteration, as in Python's plenoptic
  randomized_svd   the largest only, quickly and roughly

Written to the folder, all files or none; N is the place among all eigendistortions, 0 for the most noticeable:
  distorted-N.png      the image with alpha times eigendistortion N, 8 bits a pixel; the recipe is inside, as text
  distorted-N-16.png   the same with 16 bits a pixel
  distorted-N.npy      its exact values, shape [1, 1, height, width]
  eigendistortions.npy the distortions alone, shape [count, 1, height, width], each of norm 1
  eigendistortions.pt  all that was found, to load, here or in Python's plenoptic
  eigenvalues.csv      eigenvalue, residual and verdict of each; those of one group cannot be told apart
  eigenvalues.json     the same, and what is known in words
  report.html          a page with pictures; start here
  recipe.json          all that the result depends on, and its SHA-256
  plenoptic-files.json names and hashes of these files, by which --overwrite knows them

Examples:
  plenoptic eigendistortion house
  plenoptic eigendistortion photo.png --model on-off --k 3 --alpha 10
  plenoptic eigendistortion photo.png --model portilla-simoncelli --crop
  plenoptic eigendistortion photo.png --model ./mine.mjs --method exact

Ctrl-C stops at once; nothing is written then.`;

const METHODS = ["krylov", "exact", "power", "randomized_svd"] as const satisfies readonly EigendistortionMethod[];

const { krylov: KRYLOV, power: POWER, randomized_svd: SVD } = EIGENDISTORTION_DEFAULTS;

type OwnOption = "iterations" | "stop" | "p" | "q";

/** The options that a method has, with their defaults. */
const OWN: Readonly<
  Record<EigendistortionMethod, (dtype: WorkFlags["dtype"]) => { readonly [option in OwnOption]?: number }>
> = {
  krylov: (dtype) => ({ iterations: KRYLOV.maxIter, stop: KRYLOV.stopCriterion[dtype] }),
  exact: () => ({}),
  power: () => ({ iterations: POWER.maxIter, stop: POWER.stopCriterion }),
  randomized_svd: () => SVD,
};

export function eigendistortionCommand(terminal: Terminal) {
  const command = new Command("eigendistortion")
    .description("find the changes of an image that a model sees most and least")
    .argument("<image>", IMAGE_HELP)
    .helpOption("-h, --help", "print this help");
  const searching = withModelFlags(command, "the model that sees", "on-off")
    .option("--k <n>", "how many of the most noticeable, and of the least", wholeNumber(1, 1000), 1)
    .addOption(
      new Option("--method <name>", "how they are found")
        .choices(METHODS)
        .argParser(oneOf(METHODS))
        .default("krylov" as const),
    )
    .option("--alpha <x>", "what they are multiplied by before they are added to the image", realNumber(0, "above"), 5)
    .option(
      "--iterations <n>",
      "of krylov: products with each vector at most (default: 1500); of power: iterations at most (default: 1000)",
      wholeNumber(1, 10_000_000),
    )
    .option(
      "--stop <x>",
      "of krylov: largest relative residual, a share of the largest eigenvalue (default: 1e-6, for float32 1e-4); of power: largest " +
        "change of the eigenvalues in an iteration (default: 1e-7)",
      realNumber(0, "from"),
    )
    .option("--p <n>", "of randomized_svd: random vectors beyond k (default: 5)", wholeNumber(0, 1000))
    .option("--q <n>", "of randomized_svd: further multiplications (default: 2)", wholeNumber(0, 1000));
  return withWorkFlags(searching, "the vectors to start with", "eigendistortion")
    .addHelpText("after", WRITTEN)
    .action((image, options) => findEigendistortions(image, options, terminal));
}

export type EigendistortionFlags = WorkFlags &
  ModelFlags & {
    readonly k: number;
    readonly method: EigendistortionMethod;
    readonly alpha: number;
    readonly iterations?: number | undefined;
    readonly stop?: number | undefined;
    readonly p?: number | undefined;
    readonly q?: number | undefined;
  };

async function findEigendistortions(
  nameOrPath: string,
  options: EigendistortionFlags,
  terminal: Terminal,
): Promise<void> {
  // Everything that can be refused is looked at before anything is computed.
  const search = searchOf(options);
  const choice = await chosenModel(options);
  const whole = await readTarget(nameOrPath, options.resize, options.dtype, choice.network?.channels);
  const target = fitToModel(whole, choice, options.crop === true);
  const modelFlags = target === whole ? choice.flags : [...choice.flags, "--crop"];
  const { name, width, height, conversion } = target;
  const pixels = target.values.length;
  refuseTooMany(search, pixels, name);
  const folder = chooseFolder(options, `${target.stem}-eigendistortion`);
  await checkFolder(folder, eigendistortionFileNames(indicesOf(search, pixels)));
  const { seed, dtype, alpha } = options;
  const stimuli = stimulusChoice(options);
  const settings: EigenSettings = {
    seed,
    dtype,
    alpha,
    threads: threadsOf(options),
    stimuli,
    search,
    tellsModel: options.withModel === true,
  };
  const work = async (work: Work): Promise<Done> => {
    const { threads } = settings;
    work.say(`Image: ${name}, ${width} x ${height} pixels, ${conversion}`);
    work.say(`Model: ${choice.description}, ${search.method}, ${dtype}, seed ${seed}, ${counted(threads, "thread")}`);
    for (const note of choice.network?.notes([height, width]) ?? []) work.say(`note: ${note}`);
    const size = memoryWords(search, pixels, totalmem());
    if (size !== null) work.say(`note: ${size}`);
    const command = eigendistortionCommandText(imageWords(target), modelFlags, settings);
    const made = await runEigendistortion(target, choice, settings, work, command);
    const files = await eigendistortionFiles(made, await eigendistortionPage(made), keptBy(options));
    return { files, summary: (seconds, path) => summaryText(made, seconds, path) };
  };
  await blaming([choice.userFile], () =>
    doLongWork(terminal, folder, 100, work, { unit: null, measure: "relative residual" }),
  );
}

export function refuseTooMany({ k }: EigenSettings["search"], pixels: number, name: string): void {
  if (k <= pixels) return;
  throw new UserError(
    `${name} has ${counted(pixels, "pixel")}, so ${counted(pixels, "eigendistortion")}, and --k is ${k}; choose less`,
  );
}

/** The options of the method, defaults included. Throws UserError for one of another method. */
export function searchOf(options: EigendistortionFlags): EigenSettings["search"] {
  const { method, k, dtype } = options;
  const own = OWN[method](dtype);
  for (const name of ["iterations", "stop", "p", "q"] as const) {
    if (options[name] === undefined || name in own) continue;
    const methods = METHODS.filter((other) => name in OWN[other](dtype));
    throw new UserError(`--${name} is for --method ${methods.join(" and ")}, not for ${method}; leave it out`);
  }
  const { iterations: maxIter, stop: stopCriterion, p, q } = { ...own, ...given(options) };
  return {
    method,
    k,
    ...(maxIter !== undefined && { maxIter }),
    ...(stopCriterion !== undefined && { stopCriterion }),
    ...(p !== undefined && { p }),
    ...(q !== undefined && { q }),
  };
}

function given({ iterations, stop, p, q }: EigendistortionFlags): { readonly [option in OwnOption]?: number } {
  return {
    ...(iterations !== undefined && { iterations }),
    ...(stop !== undefined && { stop }),
    ...(p !== undefined && { p }),
    ...(q !== undefined && { q }),
  };
}

/** The command that makes the same result again. */
export function eigendistortionCommandText(
  image: string,
  modelFlags: readonly string[],
  { seed, dtype, alpha, search, stimuli }: Omit<EigenSettings, "threads" | "tellsModel">,
): string {
  const { method, k, maxIter, stopCriterion, p, q } = search;
  const own = Object.entries({ iterations: maxIter, stop: stopCriterion, p, q })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name} ${value}`);
  return [
    `plenoptic eigendistortion ${[image, ...modelFlags.map(shellWord)].join(" ")} --k ${k} --method ${method}`,
    ...own,
    `--alpha ${alpha} --seed ${seed} --dtype ${dtype}${stimulusText(stimuli)}`,
  ].join(" ");
}

function summaryText(made: MadeEigendistortions, seconds: number, folder: string): string {
  const { target, choice, summary, verdict, found, recipe, fittingAlpha } = made;
  const how = summary.method === "exact" ? "from the whole Jacobian" : `${summary.products} products`;
  const table = textTable([["eigendistortion", "eigenvalue", "residual", "verdict"], ...tableRows(found)]);
  const lines = [
    `${headOf(summary)}: eigendistortions of ${target.name} under ${choice.description}, ` +
      `${how}, ${duration(seconds)}`,
    ...verdict.text
      .split("\n")
      .slice(1)
      .map((line) => `  ${line}`),
    "",
    ...table
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`),
    `  ${residualWords(made)}`,
    "",
    ...pngLines(found).map((line) => `  PNG      ${line}`),
    ...(fittingAlpha === null ? [] : [`  PNG      ${alphaWords(fittingAlpha)}`]),
    ...(found.length > MOST_NOTES ? [] : found).map(
      ({ exported: { stem, records } }) => `  written  ${stem}: ${writtenNote(records, MEASURE_NAMES)}`,
    ),
    `  SHA-256  ${recipe.result.sha256}`,
    `  report   ${fromHere(join(folder, "report.html"))}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** What a result is called. */
function headOf({ converged, eigenvalues }: MadeEigendistortions["summary"]): string {
  if (!converged) return "Not converged";
  return eigenvalues.every((value) => value === 0) ? "Nothing to tell apart" : "Converged";
}

/** Rows at each end of a table that is long. */
const AT_EACH_END = 10;

function tableRows(found: MadeEigendistortions["found"]): string[][] {
  const rows = found.map(({ index, eigenvalue, residual, verdict }) => [
    String(index),
    significant(eigenvalue),
    significant(residual),
    verdict,
  ]);
  const left = rows.length - 2 * AT_EACH_END;
  if (left <= 1) return rows;
  const more = ["", "", "", `(${left} more: eigenvalues.csv)`];
  return [...rows.slice(0, AT_EACH_END), more, ...rows.slice(-AT_EACH_END)];
}

/** Notes on the PNG files that are told one by one; of more there is a line for all. */
const MOST_NOTES = 4;

/** What clipping and rounding did, for each image where that differs. */
function pngLines(found: MadeEigendistortions["found"]): string[] {
  const notes = new Map<string, string[]>();
  for (const { exported } of found) {
    const note = exportNote(exported.records, exported.image.size);
    notes.set(note, [...(notes.get(note) ?? []), exported.stem]);
  }
  if (notes.size === 1) return [...notes.keys()];
  if (notes.size <= MOST_NOTES) return [...notes].map(([note, stems]) => `${stems.join(", ")}: ${note}`);
  const counts = found.map(
    ({
      exported: {
        records: [{ clippedBelow, clippedAbove }],
      },
    }) => clippedBelow + clippedAbove,
  );
  const clipped = counts.filter((count) => count > 0);
  return [
    `in ${clipped.length} of ${found.length} images values lay outside of 0 to 1 and were clipped, ${Math.max(...counts)} in one at ` +
      "most; report.html has them all",
  ];
}
