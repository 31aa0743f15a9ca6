// The command as a function of its arguments, so that it can run inside another program, a test for one.

import { Command } from "@commander-js/extra-typings";
import { compareCommand } from "./compare.ts";
import { convertCommand } from "./convert.ts";
import { eigendistortionCommand } from "./eigendistortion.ts";
import { explain, oneLine } from "./failure.ts";
import { inspectCommand } from "./inspect.ts";
import { madCommand } from "./mad.ts";
import { metamerCommand } from "./metamer.ts";
import { modelsCommand } from "./models.ts";
import { optimizersCommand } from "./optimizers.ts";
import { pyramidCommand } from "./pyramid.ts";
import { representCommand } from "./represent.ts";
import type { Terminal } from "./terminal.ts";
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
  plenoptic inspect metamer.pt         what a saved file holds
  plenoptic convert old.pt new.pt      an old file as a current one
  plenoptic models                     which models there are
  plenoptic optimizers                 which optimizers and schedulers, with their options
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
      outputError: (text, write) => write(`${oneLine(text)}\n`),
    });
  const commands = [
    metamerCommand,
    madCommand,
    eigendistortionCommand,
    representCommand,
    pyramidCommand,
    compareCommand,
    inspectCommand,
    convertCommand,
    modelsCommand,
    optimizersCommand,
  ];
  for (const make of commands) program.addCommand(make(terminal).copyInheritedSettings(program));
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return explain(error, program.opts().debug === true, terminal.err);
  }
}
