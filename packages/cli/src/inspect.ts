// `plenoptic inspect`: what a file holds.

import { basename, extname } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { describeText, examineFile } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { inspectResult, savedRecipeText } from "./inspectResult.ts";
import { pathWord } from "./runFlags.ts";
import { FILE_KINDS, IMAGE_ENDINGS } from "./tensorFiles.ts";
import type { Terminal } from "./terminal.ts";

export function inspectCommand(terminal: Terminal) {
  return new Command("inspect")
    .description(
      "print what a file holds: a saved synthesis (.pt) of this program or of Python's plenoptic, a PNG file of this program, a recipe",
    )
    .argument("<file>", "the file; it is only read, and nothing in it is run")
    .option("--json", "print it as JSON, for programs")
    .action(async (file, { json }) => {
      refuseOthers(file);
      if (/\.(png|json)$/i.test(file)) {
        terminal.out.write(await inspectResult(file, json === true));
        return;
      }
      const examined = await examineFile(file);
      if (json === true) {
        terminal.out.write(`${JSON.stringify(examined, finiteOrText, 2)}\n`);
        return;
      }
      terminal.out.write(describeText(examined) + (await savedRecipeText(file)));
      for (const warning of examined.warnings) terminal.err.write(`note: ${warning}\n`);
    });
}

/** @throws UserError for other files of arrays, and for images, by their names: it says what shows them */
function refuseOthers(file: string): void {
  const ending = extname(file).toLowerCase();
  if (FILE_KINDS.some((kind) => kind === ending && kind !== ".pt")) {
    const copy = `${basename(file, extname(file))}.pt`;
    throw new UserError(
      `${file}: inspect shows .pt files, PNG files and recipes; plenoptic convert ${pathWord(file)} ${pathWord(copy)} prints what arrays there are, and ` +
        `plenoptic inspect ${pathWord(copy)} then shows their ranges`,
    );
  }
  if (IMAGE_ENDINGS.test(ending) && ending !== ".png") {
    throw new UserError(
      `${file}: of images, inspect shows the PNG files of this program; plenoptic compare ${pathWord(file)} ${pathWord(file)} shows its size ` +
        "and how it is read",
    );
  }
}

/** JSON has no infinity; the numbers here are never NaN. */
function finiteOrText(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
