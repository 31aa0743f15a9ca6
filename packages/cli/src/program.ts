// The command as a function of its arguments, so that it can run inside another program, a test for one.

import { Command } from "@commander-js/extra-typings";
import { collectCommand } from "./collect.ts";
import { compareCommand } from "./compare.ts";
import { convertCommand } from "./convert.ts";
import { eigendistortionCommand } from "./eigendistortion.ts";
import { explain, oneLine, UserError } from "./failure.ts";
import { inspectCommand } from "./inspect.ts";
import { madCommand } from "./mad.ts";
import { metamerCommand } from "./metamer.ts";
import { refuseMissingValue } from "./missingValue.ts";
import { modelsCommand } from "./models.ts";
import { unknownName } from "./names.ts";
import { optimizersCommand } from "./optimizers.ts";
import { pyramidCommand } from "./pyramid.ts";
import { representCommand } from "./represent.ts";
import { runRecipeCommand } from "./run.ts";
import { studioCommand } from "./studio.ts";
import { sweepCommand } from "./sweep.ts";
import type { Terminal } from "./terminal.ts";
import { verifyCommand } from "./verify.ts";
import { packageVersions } from "./versions.ts";

const EXAMPLES = `
Examples:
  plenoptic metamer house              a metamer of a picture that ships with plenoptic
  plenoptic metamer photo.png --std 5  of a picture of your own, under a model that blurs more
  plenoptic mad house                  images on which two metrics disagree
  plenoptic eigendistortion house      the changes that a model sees most and least
  plenoptic represent house            the texture statistics of the picture
  plenoptic pyramid house              its parts by scale and orientation
  plenoptic compare a.png b.png        how alike two images are
  plenoptic verify metamer.pt          whether a result is what its recipe makes
  plenoptic run recipe.json            what a recipe says, made again
  plenoptic sweep plan.yaml            many stimuli, by a plan
  plenoptic collect plan               its results: a table, and a page to look at
  plenoptic inspect metamer.pt         what a saved file holds
  plenoptic convert old.pt new.pt      an old file as a current one
  plenoptic models                     which models there are
  plenoptic optimizers                 which optimizers and schedulers, with their options
  plenoptic studio                     a page in your browser, for all of this
  plenoptic help metamer               all options, and what is written`;

/** Runs `plenoptic` with some arguments and gives the exit code. It throws nothing. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command("plenoptic")
    .description("Shows what a model of vision cannot see: makes images that it takes for the same.")
    .version(packageVersions()["plenoptic-js"], "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .option("--debug", "print more about errors")
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      outputError: (text, write) => write(`${oneLine(withExample(inOurNames(text, program, args), program, args))}\n`),
    });
  const commands = [
    metamerCommand,
    madCommand,
    eigendistortionCommand,
    representCommand,
    pyramidCommand,
    compareCommand,
    verifyCommand,
    runRecipeCommand,
    sweepCommand,
    collectCommand,
    inspectCommand,
    convertCommand,
    modelsCommand,
    optimizersCommand,
    studioCommand,
  ];
  for (const make of commands) program.addCommand(make(terminal).copyInheritedSettings(program));
  try {
    refuseUnknownHelp(program, args);
    refuseMissingValue(program, args);
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return explain(error, program.opts().debug === true, terminal.err);
  }
}

/** `help NAME` of a command that there is not; commander would print the help of all. */
function refuseUnknownHelp(program: Pick<Command, "commands">, args: readonly string[]): void {
  const [first, name] = args.filter((arg) => arg !== "--debug");
  if (first !== "help" || name === undefined || name.startsWith("-")) return;
  const names = [...program.commands.map((command) => command.name()), "help"];
  if (!names.includes(name)) throw new UserError(`there is no ${unknownName("command", name, names)}`);
}

/** What options are called by others, and here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "--max-iter": "--iterations",
  "--maxiter": "--iterations",
  "--stop-criterion": "--stop",
  "--output": "--out",
  "--lr": "--learning-rate",
};

/** Of an unknown option that has another name here, that name in the place of the nearest one. */
function inOurNames(text: string, program: Pick<Command, "commands">, args: readonly string[]): string {
  const typed = /unknown option '(--[\w-]+)/.exec(text)?.[1] ?? "";
  const name = OTHER_NAMES[typed.toLowerCase()];
  const command = program.commands.find((one) => args.includes(one.name()));
  if (name === undefined || !command?.options.some(({ long }) => long === name)) return text;
  return `error: unknown option '${typed}' (Did you mean ${name}?)`;
}

/** Of arguments that are missing or too many, how the command is called. */
function withExample(text: string, program: Pick<Command, "commands">, args: readonly string[]): string {
  if (!/missing required argument|too many arguments/.test(text)) return text;
  const name = program.commands.find((one) => args.includes(one.name()))?.name() ?? "";
  const example = new RegExp(`^ *(plenoptic ${name}(?: \\S+)*)`, "m").exec(EXAMPLES)?.[1];
  const such = example === undefined ? "" : `for example: ${example}; `;
  return `${text.trim().replace(/\.$/, "")}; ${such}see plenoptic help ${name}`;
}
