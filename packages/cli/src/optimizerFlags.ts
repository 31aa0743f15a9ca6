// The options that say which optimizer and which scheduler: `--optimizer SGD --optimizer-option momentum=0.9`.

import { type Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { optim } from "@plenoptic-js/tensor";
import { didYouMean, type Maker, optimizers, scheduled, schedulers } from "@plenoptic-js/tensor/engine";
import type { Command as PlainCommand } from "commander";
import { UserError } from "./failure.ts";
import { unknownName } from "./names.ts";
import { wholeNumber } from "./options.ts";

/** A name and the text of its value. */
export type Assignment = readonly [name: string, value: string];

/** What the options give. */
export type OptimizerFlags = {
  readonly optimizer?: string | undefined;
  readonly optimizerOption?: readonly Assignment[] | undefined;
  readonly history?: number | undefined;
  readonly scheduler?: string | undefined;
  readonly schedulerOption?: readonly Assignment[] | undefined;
};

/** The optimizer and scheduler of a run. */
export interface OptimizerChoice {
  readonly optimizer: optim.Optimizer;
  readonly scheduler: optim.Scheduler | null;
  /** What makes the same choice, as it is written on the command line. */
  readonly flags: readonly string[];
}

/** The command with the options of `OptimizerFlags`. */
export function withOptimizerFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
): Command<Args, Options & OptimizerFlags> {
  // Without its types, which the compiler would work on for minutes: what they would be is said above.
  const plain = command as unknown as PlainCommand;
  const names = (makers: object): string => Object.keys(makers).join(", ");
  plain
    .option(
      "--optimizer <name>",
      `${names(optimizers)} (default: Adam with amsgrad); "plenoptic optimizers" tells what each takes`,
    )
    .option("--optimizer-option <name=value>", "of the optimizer, such as momentum=0.9; as often as needed", assignment)
    .option(
      "--history <n>",
      "steps that L-BFGS remembers, each in two arrays of the image's size (default: 100)",
      wholeNumber(1, 10_000),
    )
    .option("--scheduler <name>", `what changes the learning rate: ${names(schedulers)} (default: none)`)
    .option(
      "--scheduler-option <name=value>",
      "of the scheduler, such as tMax=100 or milestones=100,200; as often as needed",
      assignment,
    );
  return command;
}

/** Takes one more `name=value`. */
function assignment(text: string, before: readonly Assignment[] = []): readonly Assignment[] {
  const [, name, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/s.exec(text) ?? [];
  if (name === undefined || value === "") {
    throw new InvalidArgumentError("It must be a name and a value, such as momentum=0.9.");
  }
  return [...before, [name, value]];
}

/**
 * Makes what was chosen.
 *
 * @param learningRate what --learning-rate gives
 * @param ofPreset the optimizer of a preset, which --optimizer and --learning-rate conflict with
 * @throws UserError for names, options and values that make no sense
 */
export function chooseOptimizer(
  flags: OptimizerFlags,
  learningRate: number | undefined,
  ofPreset: optim.Optimizer | undefined,
  schedulerOfPreset: optim.Scheduler | null = null,
): OptimizerChoice {
  const { optimizerOption = [], schedulerOption = [] } = flags;
  if (flags.optimizer === undefined && optimizerOption.length > 0) {
    throw new UserError("--optimizer-option needs --optimizer, which says what it is an option of");
  }
  if (flags.scheduler === undefined && schedulerOption.length > 0) {
    throw new UserError("--scheduler-option needs --scheduler, which says what it is an option of");
  }
  const hasRate = optimizerOption.some(([name]) => name === "lr");
  if (learningRate !== undefined && hasRate) {
    throw new UserError("--learning-rate and --optimizer-option lr=... say the same; leave one out");
  }
  const rate: readonly Assignment[] = learningRate === undefined ? [] : [["lr", String(learningRate)]];
  const named =
    flags.optimizer === undefined
      ? (ofPreset ?? optim.Adam({ lr: learningRate ?? 0.01, amsgrad: true }))
      : make("optimizer", flags.optimizer, optimizers, [...rate, ...optimizerOption]);
  const optimizer = flags.history === undefined ? named : remembering(named, flags.history, optimizerOption);
  const scheduler =
    flags.scheduler === undefined ? schedulerOfPreset : make("scheduler", flags.scheduler, schedulers, schedulerOption);
  const kinds = [
    ["optimizer", Object.keys(optimizer.options)],
    ["scheduler", Object.keys(scheduler?.options ?? {})],
  ] as const;
  refusing(kinds, () => scheduled(optimizer, scheduler));
  return {
    optimizer,
    scheduler,
    flags: [
      ...(flags.optimizer === undefined ? [] : flagsOf("optimizer", optimizer.name, optimizerOption)),
      ...(flags.history === undefined ? [] : ["--history", String(flags.history)]),
      ...(ofPreset !== undefined || hasRate ? [] : ["--learning-rate", String(optimizer.lr)]),
      ...(scheduler === null || flags.scheduler === undefined
        ? []
        : flagsOf("scheduler", scheduler.name, schedulerOption)),
    ],
  };
}

/** L-BFGS with another history. */
function remembering(optimizer: optim.Optimizer, historySize: number, given: readonly Assignment[]): optim.Optimizer {
  if (optimizer.kind !== "lbfgs") {
    throw new UserError(
      `--history is the number of steps that L-BFGS remembers, and ${optimizer.name} has none: add --optimizer LBFGS`,
    );
  }
  if (given.some(([name]) => name === "historySize")) {
    throw new UserError("--history and --optimizer-option historySize=... say the same; leave one out");
  }
  return optim.LBFGS({ ...optimizer.options, historySize });
}

function make<T>(
  kind: "optimizer" | "scheduler",
  typed: string,
  makers: Readonly<Record<string, Maker<T>>>,
  assignments: readonly Assignment[],
): T {
  const names = Object.keys(makers);
  const name = names.find((known) => known.toLowerCase() === typed.toLowerCase());
  if (name === undefined) {
    throw new UserError(`there is no ${unknownName(kind, typed, names)}`);
  }
  const { options, make } = makers[name];
  const given: Record<string, unknown> = {};
  for (const [option, value] of assignments) {
    if (!options.includes(option)) {
      throw new UserError(
        `the ${kind} ${name} has no option "${option}"${didYouMean(option, options)} (${options.join(", ")})`,
      );
    }
    if (Object.hasOwn(given, option)) throw new UserError(`the option ${option} of ${name} is given twice`);
    given[option] = readValue(value);
  }
  const missing = Object.entries(makers[name].needs).filter(([option]) => !Object.hasOwn(given, option));
  if (missing.length > 0) {
    const needed = missing.map(([option, value]) => `--${kind}-option ${option}=${valueText(value)}`);
    throw new UserError(
      `the ${kind} ${name} needs ${missing.map(([option]) => option).join(" and ")}: add ${needed.join(" ")}, with ` +
        `${missing.length === 1 ? "a value" : "values"} of your own ("plenoptic optimizers ${name}" lists its options)`,
    );
  }
  return refusing([[kind, options]], () => make(given));
}

/** A value as it is written after `name=`. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? `${value[0]},` : value.join(",");
  return typeof value === "number" && value < 1 ? String(Number(value.toPrecision(4))) : String(value);
}

/** A number, `true`, `false`, `null`, a list of such with commas between, or else the text itself, as for mode=min. */
function readValue(text: string): unknown {
  // JSON wants a digit before the point, and none but digits after it.
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return number + 0;
  // A comma at the end makes a list of one.
  if (/^[^[\]{}"]*,[^[\]{}"]*$/.test(text)) {
    const parts = text.replace(/,\s*$/, "").split(",");
    return parts.map((part) => readValue(part.trim()));
  }
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

/** Kinds of options that may be named in an error, with their names. */
type Named = readonly (readonly [kind: "optimizer" | "scheduler", options: readonly string[]])[];

/** What a maker refuses is the person's to put right. Options are then called what they are on the command line. */
function refusing<T>(named: Named, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    let { message } = error;
    for (const [kind, options] of named) {
      for (const option of options) {
        message = message
          .replace(new RegExp(`\\b${option}: (\\w+)`), `--${kind}-option ${option}=$1`)
          .replace(new RegExp(`: (${option}(?:\\[\\d\\])? (?:is|are|needs) )`), `: --${kind}-option $1`);
      }
    }
    // Lists are written without brackets here.
    const words = message
      .replace("an array of iterations", "a list of iterations")
      .replaceAll(/such as \[([^\]]*)\]/g, (_, list: string) => `such as ${list.replaceAll(" ", "")}`);
    throw new UserError(words, { cause: error });
  }
}

function flagsOf(kind: string, name: string, assignments: readonly Assignment[]): string[] {
  return [`--${kind}`, name, ...assignments.flatMap(([option, value]) => [`--${kind}-option`, `${option}=${value}`])];
}
