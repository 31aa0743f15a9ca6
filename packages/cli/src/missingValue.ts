// An option in the place of another one's value. Commander would take `--model` of `--seed --model gaussian` for the seed.

import type { Command } from "@commander-js/extra-typings";
import { UserError } from "./failure.ts";

/** What cannot be a value, unless it is written `--out=--model`: an option, or the end of all options. */
const OPTION = /^(--|-[hV]$)/;

export function refuseMissingValue(program: Pick<Command, "commands" | "options">, args: readonly string[]): void {
  let options = program.options;
  let inCommand = false;
  for (let i = 0; i < args.length && args[i] !== "--"; i++) {
    if (!inCommand && !args[i].startsWith("-")) {
      const command = program.commands.find((one) => one.name() === args[i]);
      if (command === undefined) return;
      options = [...options, ...command.options];
      inCommand = true;
      continue;
    }
    const option = options.find(({ long }) => long === args[i]);
    if (option?.required !== true) continue;
    const value = args[++i];
    if (value === undefined || !OPTION.test(value)) continue;
    throw new UserError(
      `option '${option.flags}' lacks its value: ${value} stands in its place; give the value, or leave ${args[i - 1]} out ` +
        `(if ${value} is the value, write ${args[i - 1]}=${value})`,
    );
  }
}
