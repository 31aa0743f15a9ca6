// `plenoptic inspect`: what a saved file holds.

import { Command } from "@commander-js/extra-typings";
import { describeText, examineFile } from "plenoptic-js/engine";
import type { Terminal } from "./terminal.ts";

export function inspectCommand(terminal: Terminal) {
  return new Command("inspect")
    .description("print what a saved synthesis (.pt) holds, of this program or of Python's plenoptic")
    .argument("<file>", "the saved file; it is only read, and nothing in it is run")
    .option("--json", "print it as JSON, for programs")
    .action(async (file, { json }) => {
      const examined = await examineFile(file);
      if (json === true) {
        terminal.out.write(`${JSON.stringify(examined, finiteOrText, 2)}\n`);
        return;
      }
      terminal.out.write(describeText(examined));
      for (const warning of examined.warnings) terminal.err.write(`note: ${warning}\n`);
    });
}

/** JSON has no infinity; the numbers here are never NaN. */
function finiteOrText(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
