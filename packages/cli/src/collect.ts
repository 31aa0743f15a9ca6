// `plenoptic collect FOLDER`: a table of all stimuli of a sweep, their recipes, and a page to look at.

import { basename, join, resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { collect, readSweep } from "@plenoptic-js/runs";
import { UserError } from "./failure.ts";
import { fromHere } from "./resultFolder.ts";
import { pathWord } from "./runFlags.ts";
import type { Terminal } from "./terminal.ts";

const WRITTEN = `
Written to the folder of the sweep, of what is done by now:
  contact-sheet.html   a page with all stimuli, to be filtered; start here
  stimuli.csv          a line for each: parameters, verdict, losses, clipped values, seed, hashes, duration, host
  manifest.json        the recipe of each

A stimulus whose verdict is not that it matched, or not what the method calls so, is marked on the page, and can be left out there.

Example:
  plenoptic collect plan`;

export function collectCommand(terminal: Terminal) {
  return new Command("collect")
    .description("collect the results of a sweep: a table, all recipes, and a contact sheet")
    .argument("<folder>", "the folder of a sweep")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", WRITTEN)
    .action((folder) => collectAll(resolve(folder), terminal));
}

function collectAll(folder: string, { out }: Terminal): void {
  const sweep = readSweep(folder);
  const { made, missing, files } = collect(sweep, basename(folder));
  if (made.length === 0) {
    const plan = pathWord(fromHere(join(folder, "plan.yaml")));
    throw new UserError(
      `nothing of ${fromHere(folder)} is done yet; plenoptic sweep ${plan} --out ${pathWord(fromHere(folder))} makes it`,
    );
  }
  const bad = made.filter(({ outcome }) => !outcome.isGood).length;
  out.write(
    `${made.length} ${made.length === 1 ? "stimulus" : "stimuli"}${missing === 0 ? "" : `, ${missing} of the plan are missing`}`,
  );
  out.write(bad === 0 ? "\n" : `, ${bad} not as they should be\n`);
  for (const file of files) out.write(`  ${fromHere(file)}\n`);
}
