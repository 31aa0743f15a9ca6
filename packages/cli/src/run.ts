// `plenoptic run RECIPE`: makes what a recipe says, and writes it to a folder.

import { basename, extname } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { hashTensor, setThreads } from "@plenoptic-js/tensor";
import { replay } from "plenoptic-js";
import { counted, stepsOf } from "plenoptic-js/engine";
import { CHECKPOINT_HELP, type CheckpointFlags, Checkpoints, keeping, withCheckpointFlags } from "./checkpoints.ts";
import { Found, UserError } from "./failure.ts";
import { type Done, doLongWork, type Work } from "./longWork.ts";
import { folderName } from "./options.ts";
import { givenBy, type ReplayFlags, replayThreads, withReplayFlags } from "./replayFlags.ts";
import { checkFolder, chooseFolder, type FolderOptions, fromHere, hasResult, OVERWRITE_HELP } from "./resultFolder.ts";
import { runFileNames, runFiles } from "./runFiles.ts";
import { pathWord } from "./runFlags.ts";
import { shortened } from "./target.ts";
import type { Terminal } from "./terminal.ts";

const WRITTEN = `
The recipe is a file of its own (recipe.json), or inside a saved synthesis (.pt) or a PNG file of this program. One that tells of no
result yet, such as a job of a sweep, is made all the same.

Written to the folder, all files or none:
  result.pt        all of the synthesis, to go on from, here or in Python's plenoptic
  result.npy       the exact values: the synthesized image, or the eigendistortions
  result.png       of a gray image 8 bits a pixel, encoded as the recipe says of its files; the recipe is inside, as text
  result-16.png    the same with 16 bits a pixel
  history.csv      of what goes step by step: objective, penalty, norms of gradient and image change
  distorted-N.png, distorted-N-16.png, distorted-N.npy
                   of eigendistortions, where the recipe says their strength: the image with that times eigendistortion N
  eigenvalues.csv, eigenvalues.json
                   of eigendistortions: eigenvalues, residuals, and how well each is known
  recipe.json      the recipe, and the SHA-256 of what was made
There is no report.html: the command that made the recipe writes one; plenoptic inspect RECIPE prints that command.

Exit codes: 0 made, with the bits that the recipe tells; 3 made, with other bits; 4 it cannot be run here; 1 and 2 as of every command.

Nothing that stands in a recipe is run, and no file that it names is opened: what it needs, you give.
${CHECKPOINT_HELP}

Examples:
  plenoptic run results/recipe.json --image photo.png
  plenoptic run results/metamer.pt --out again`;

export function runRecipeCommand(terminal: Terminal) {
  const command = new Command("run")
    .description("make what a recipe says")
    .argument("<recipe>", "a recipe, or a file with one inside")
    .helpOption("-h, --help", "print this help")
    .option(
      "--out <folder>",
      'where to write (default: the name of the file and "-again", with a number if that is there already)',
      folderName,
    )
    .option("--overwrite", OVERWRITE_HELP);
  return withCheckpointFlags(withReplayFlags(command))
    .addHelpText("after", WRITTEN)
    .action((file, options) => runRecipe(file, options, terminal));
}

async function runRecipe(
  file: string,
  options: ReplayFlags & FolderOptions & CheckpointFlags,
  terminal: Terminal,
): Promise<void> {
  const folder = chooseFolder(options, `${shortened(basename(file, extname(file)))}-again`);
  try {
    const read = await replay.read(file);
    // A job tells of no result.
    const wanted = read.recipe.result?.sha256;
    const steps = stepsOf(read.recipe);
    if (steps === null && !read.recipe.calls.some(({ call }) => call === "synthesize")) {
      throw new UserError(
        `${file}: there is nothing to make: its recipe has no search, as of a file saved before that`,
      );
    }
    if (options.resume === true && wanted !== undefined && !folder.numbered && (await hasResult(folder.path, wanted))) {
      terminal.out.write(`Made already, with the bits that the recipe tells\n  folder   ${fromHere(folder.path)}\n`);
      await (await Checkpoints.begin(options, folder))?.clear();
      return;
    }
    await checkFolder(folder, runFileNames(read));
    const { given, files } = await givenBy(options, read);
    if (steps === null && (options.checkpoint !== undefined || options.resume === true)) {
      terminal.err.write("note: a search for eigendistortions has no checkpoints; it is made from its beginning\n");
    }
    const checkpoints = steps === null ? null : await Checkpoints.begin(options, folder);
    const threads = replayThreads(options);
    setThreads(threads);
    let isSame = true;
    const work = async ({ say, signal, onStep, onReport }: Work): Promise<Done> => {
      const synthesis = await replay.run(file, {
        ...given,
        signal,
        checkpoint: checkpoints?.of("result") ?? null,
        onWork: ({ text }) => say(`${file}: ${text}, ${counted(threads, "thread")}`),
        onProgress: ({ step, numbers, share }) =>
          onStep(numbers === null ? Math.floor(100 * Math.min(share, 1)) : step, numbers?.loss ?? null),
      });
      await onReport();
      const made = await runFiles(read, synthesis, `plenoptic run ${pathWord(file)}`, threads);
      const sha256 = await hashTensor(made.result);
      isSame = wanted === undefined || sha256 === wanted;
      const same = wanted === undefined ? "Made" : "Made, with the bits that the recipe tells";
      const words = isSame ? same : `Made, with other bits than the recipe tells (${wanted})`;
      return {
        files: made.files,
        summary: (_, path) => `${words}\n  SHA-256  ${sha256}\n  folder   ${fromHere(path)}\n`,
      };
    };
    const words = { unit: steps === null ? null : "step", measure: "objective" };
    await keeping(checkpoints, files, () => doLongWork(terminal, folder, steps ?? 100, work, words, checkpoints));
    if (!isSame) throw new Found(3);
  } catch (error) {
    if (!(error instanceof replay.CannotReplay)) throw error;
    terminal.err.write(`error: ${file} cannot be run here: ${error.message}\n`);
    throw new Found(4);
  }
}
