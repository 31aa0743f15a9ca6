// `plenoptic verify FILE...`: whether results are what their recipes make; and `plenoptic verify A B`: whether two results are the same.

import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { isSweep } from "@plenoptic-js/runs";
import { hashTensor, setThreads } from "@plenoptic-js/tensor";
import { io, replay } from "plenoptic-js";
import { Found, oneLine, UserError } from "./failure.ts";
import { realNumber, wholeNumber } from "./options.ts";
import { replayed } from "./replayed.ts";
import { type ReplayFlags, replayThreads, withReplayFlags } from "./replayFlags.ts";
import { LARGEST_SEED } from "./seedList.ts";
import type { Terminal } from "./terminal.ts";
import { type ShareFlags, verifySweep } from "./verifySweep.ts";

const WHAT = `
A file is a saved synthesis (.pt), a PNG file of this program, a recipe (recipe.json), or an array (.npy) with one beside it. The recipe is run again, here, and what comes of
it is compared bit by bit. A run that is seen to differ ends there. Two files are compared with each other, and nothing is run.

What is said:
  identical   the same bits; of a PNG file the pixels and the exact values behind them
  differs     and from which step on: exactly where the file holds the course of the synthesis (.pt), else between two of the steps
              1, 2, 4, 8 and so on, of which recipes hold short hashes
  cannot be verified here, and why: another numeric contract, with the version that has it; an image or a model that the file does not
              hold; no time left

Exit codes: 0 all identical; 3 one differs; 4 none differs, but one cannot be verified here; 1 and 2 as of every command.

Nothing that stands in a file is run, and no file that it names is opened: what it needs, you give.

Examples:
  plenoptic verify results/metamer.pt
  plenoptic verify results/metamer.png --image photo.png
  plenoptic verify results/*.pt --each
  plenoptic verify late.pt --from early.pt          the steps after those of early.pt only
  plenoptic verify plan --share 0.1                 a random tenth of the sweep in that folder
  plenoptic verify mine.pt yours.pt                 whether both are the same, and where they part`;

export function verifyCommand(terminal: Terminal) {
  const command = new Command("verify")
    .description("make results again by their recipes, and say whether they have the same bits")
    .argument(
      "<files...>",
      "results: .pt, PNG or .npy files, recipes, or the folder of a sweep; two files are compared with each other",
    )
    .helpOption("-h, --help", "print this help")
    .option("--each", "run each of two files again, instead of comparing them")
    .option("--from <file>", "a .pt file of the same run at an earlier step, to go on from")
    .option("--share <x>", "of a sweep: a random part of its results, such as 0.1; the seed is printed", share)
    .option("--share-seed <n>", "choose the same part again", wholeNumber(0, LARGEST_SEED))
    .option(
      "--max-time <s>",
      "stop after so many seconds for each file; what is not done then is not verified",
      realNumber(0, "above"),
    );
  return withReplayFlags(command)
    .addHelpText("after", WHAT)
    .action((files, options) => verifyAll(files, options, terminal));
}

/** A part of one. */
function share(text: string): number {
  const value = realNumber(0, "above")(text);
  if (value > 1) throw new InvalidArgumentError("It must be a number above 0, and 1 at most.");
  return value;
}

type Options = ReplayFlags &
  ShareFlags & {
    readonly each?: true | undefined;
    readonly from?: string | undefined;
    readonly maxTime?: number | undefined;
  };

const CODES = { identical: 0, differs: 3, cannot: 4 } as const;

async function verifyAll(typed: readonly string[], options: Options, terminal: Terminal): Promise<void> {
  setThreads(replayThreads(options));
  const verdicts: (keyof typeof CODES)[] = [];
  const files: string[] = [];
  for (const file of typed) {
    if (isSweep(file)) {
      const one = (result: string, needs: ReplayFlags) => verifyOne(result, { ...options, ...needs }, terminal);
      verdicts.push(...(await verifySweep(file, options, terminal, one)));
    } else files.push(file);
  }
  if (options.share !== undefined && files.length === typed.length) {
    throw new UserError("--share is of the results of a sweep, and none of these is the folder of one");
  }
  // Arrays have no recipe inside; plenoptic compare holds them against each other.
  const areResults = !files.some((file) => isArrayFile(file));
  if (files.length === 2 && options.each !== true && areResults) {
    verdicts.push(await compareTwo(files[0], files[1], terminal));
  } else {
    for (const file of files) verdicts.push(await verifyOne(file, options, terminal));
  }
  const worst = verdicts.includes("differs") ? "differs" : verdicts.includes("cannot") ? "cannot" : "identical";
  if (worst !== "identical") throw new Found(CODES[worst]);
}

const isArrayFile = (file: string): boolean => /\.npy$/i.test(file);

async function compareTwo(a: string, b: string, terminal: Terminal): Promise<keyof typeof CODES> {
  try {
    const { verdict, text } = await replay.compare(a, b);
    terminal.out.write(`${a} and ${b}: ${text}\n`);
    return verdict;
  } catch (error) {
    if (!(error instanceof replay.CannotReplay)) throw error;
    terminal.out.write(`${a} and ${b}: cannot be compared: ${error.message}\n`);
    return "cannot";
  }
}

async function verifyOne(file: string, options: Options, terminal: Terminal): Promise<keyof typeof CODES> {
  if (isArrayFile(file)) return verifyArray(file, options, terminal);
  const { text, verdict } = await replayed(file, options, terminal, (source, given) =>
    replay.verify(source, { ...given, from: options.from ?? null, maxSeconds: options.maxTime ?? null }),
  );
  terminal.out.write(`${file}: ${oneLine(text)}${verdict === "cannot" ? wayOut(text) : ""}\n`);
  return verdict;
}

/** An array has no recipe inside: it is held against the result of the recipe beside it, and that is made again. */
async function verifyArray(file: string, options: Options, terminal: Terminal): Promise<keyof typeof CODES> {
  const say = (text: string): void => {
    terminal.out.write(`${file}: ${text}\n`);
  };
  const beside = [`${file.slice(0, -4)}.recipe.json`, join(dirname(file), "recipe.json")];
  const found = await Promise.all(
    beside.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  const recipeFile = beside[found.indexOf(true)];
  const { sha256, dtype, shape } = await arrayHash(file);
  if (recipeFile === undefined) {
    say(`cannot be verified here: an array holds no recipe, and beside it there is neither ${beside.join(" nor ")}`);
    return "cannot";
  }
  const { result } = (await replay.read(recipeFile)).recipe;
  if (result === undefined) {
    say(`cannot be verified here: ${recipeFile} beside it is a job, which tells of no result`);
    return "cannot";
  }
  if (sha256 === result.sha256) {
    say(`is the result of ${recipeFile} (SHA-256 ${sha256})`);
    return verifyOne(recipeFile, options, terminal);
  }
  if (dtype === result.dtype && shape.join() === result.shape.join()) {
    say(`differs: its SHA-256 is ${sha256}, that of the result of ${recipeFile} ${result.sha256}`);
    return "differs";
  }
  say(
    `cannot be verified here: it is another array than the result of ${recipeFile} (${result.dtype}, shape [${result.shape.join(", ")}])`,
  );
  return "cannot";
}

async function arrayHash(file: string) {
  const array = await io.loadArray(file);
  return { dtype: array.dtype, shape: array.shape, sha256: await hashTensor(array) };
}

/** What the words of the library are on the command line. */
function wayOut(text: string): string {
  if (!text.includes("must be given")) return "";
  for (const [what, flag] of [
    ["the image", "--image"],
    ["started from an image", "--initial"],
    ["model", "--model"],
    ["metric", "--optimized or --reference"],
  ] as const) {
    if (text.includes(what)) return `: ${flag} FILE`;
  }
  return "; the command has no way to give that, a program has: po.replay.verify";
}
