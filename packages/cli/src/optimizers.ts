// `plenoptic optimizers`: which optimizers and schedulers there are, and what they take.

import { Command } from "@commander-js/extra-typings";
import type { optim } from "@plenoptic-js/tensor";
import { type Maker, optimizers, optionHelp, schedulers } from "@plenoptic-js/tensor/engine";
import { UserError } from "./failure.ts";
import { unknownName } from "./names.ts";
import { valueText } from "./optimizerFlags.ts";
import type { Terminal } from "./terminal.ts";

const NOTES = `
Lists are written with commas between (a list of one with a comma behind): milestones=100,200 or milestones=100,

Examples:
  plenoptic optimizers
  plenoptic optimizers SGD
  plenoptic metamer house --optimizer SGD --optimizer-option momentum=0.9 --optimizer-option nesterov=true
  plenoptic metamer house --scheduler MultiStepLR --scheduler-option milestones=100,200 --scheduler-option gamma=0.5`;

type Makers = Readonly<Record<string, Maker<optim.Optimizer | optim.Scheduler>>>;

export function optimizersCommand(terminal: Terminal) {
  return new Command("optimizers")
    .description("list the optimizers and schedulers of metamers, and their options")
    .argument("[name]", "only this one")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", NOTES)
    .action((name) => {
      terminal.out.write(name === undefined ? all() : one(name));
    });
}

function all(): string {
  return (
    `Optimizers\n\n${list(optimizers)}\nSchedulers of the learning rate\n\n${list(schedulers)}\n` +
    "Use one with: plenoptic metamer IMAGE --optimizer NAME --optimizer-option OPTION=VALUE\n" +
    "              plenoptic metamer IMAGE --scheduler NAME --scheduler-option OPTION=VALUE\n" +
    "Lists are written with commas between: milestones=100,200\n"
  );
}

function one(typed: string): string {
  const makers: Makers = { ...optimizers, ...schedulers };
  const name = Object.keys(makers).find((known) => known.toLowerCase() === typed.toLowerCase());
  if (name === undefined)
    throw new UserError(`there is no ${unknownName("optimizer or scheduler", typed, Object.keys(makers))}`);
  return list({ [name]: makers[name] });
}

function list(makers: Makers): string {
  return Object.entries(makers)
    .map(([name, maker]) => `${name}  ${maker.summary}\n${optionLines(name, maker)}`)
    .join("");
}

/** A line for each option: its default, or that it has none; and what it is. */
function optionLines(name: string, { make, options, needs }: Makers[string]): string {
  const made = make(needs).options as Readonly<Record<string, unknown>>;
  return options
    .map((option) => {
      const value = option in needs ? `needed, such as ${valueText(needs[option])}` : valueText(made[option]);
      return `  ${option.padEnd(23)}  ${value.padEnd(13)}  ${optionHelp(name, option) ?? ""}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join("");
}
