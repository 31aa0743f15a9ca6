// `plenoptic run RECIPE`: makes what a recipe says, and writes it to a folder.

import { basename, extname, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { hashTensor, setThreads } from "@plenoptic-js/tensor";
import { replay } from "plenoptic-js";
import { Found } from "./failure.ts";
import { folderName } from "./options.ts";
import { replayed } from "./replayed.ts";
import { type ReplayFlags, replayThreads, withReplayFlags } from "./replayFlags.ts";
import {
  checkFolder,
  chooseFolder,
  type FolderOptions,
  fromHere,
  OVERWRITE_HELP,
  writeResults,
} from "./resultFolder.ts";
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
  result.png       of a gray image 8 bits a pixel; the recipe is inside, as text
  result-16.png    the same with 16 bits a pixel
  history.csv      of what goes step by step: objective, penalty, norms of gradient and image change
  recipe.json      the recipe, and the SHA-256 of what was made

Exit codes: 0 made, with the bits that the recipe tells; 3 made, with other bits; 4 it cannot be run here; 1 and 2 as of every command.

Nothing that stands in a recipe is run, and no file that it names is opened: what it needs, you give.

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
  return withReplayFlags(command)
    .addHelpText("after", WRITTEN)
    .action((file, options) => runRecipe(file, options, terminal));
}

async function runRecipe(file: string, options: ReplayFlags & FolderOptions, terminal: Terminal): Promise<void> {
  const folder = chooseFolder(options, `${shortened(basename(file, extname(file)))}-again`);
  try {
    const read = await replay.read(file);
    await checkFolder(folder, runFileNames(read));
    setThreads(replayThreads(options));
    const synthesis = await replayed(file, options, terminal, (source, given) => replay.run(source, given));
    const made = await runFiles(read, synthesis, `plenoptic run ${pathWord(file)}`, replayThreads(options));
    const path = await writeResults(folder, made.files, new AbortController().signal, (line) =>
      terminal.err.write(`${line}\n`),
    );
    const sha256 = await hashTensor(made.result);
    // A job tells of no result.
    const wanted = read.recipe.result?.sha256;
    const isSame = wanted === undefined || sha256 === wanted;
    const words = wanted === undefined ? "Made" : "Made, with the bits that the recipe tells";
    terminal.out.write(
      `${isSame ? words : `Made, with other bits than the recipe tells (${wanted})`}\n` +
        `  SHA-256  ${sha256}\n  folder   ${fromHere(join(path))}\n`,
    );
    if (!isSame) throw new Found(3);
  } catch (error) {
    if (!(error instanceof replay.CannotReplay)) throw error;
    terminal.err.write(`error: ${file} cannot be run here: ${error.message}\n`);
    throw new Found(4);
  }
}
