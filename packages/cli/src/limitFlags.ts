// The limits of verdicts as options of the command, under the names that they have in summary().

import type { Command } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import { realNumber } from "./options.ts";

const HELP = {
  matchedBelow:
    "matched: every group of responses is nearer than this part of the median distance between different photographs",
  heldWithin: "held: the other metric is off by no more than this part of its first value",
  leastChange: "apart: the metric that is optimized has changed by at least this part of its first value",
  settledChange: "settled: the objective has changed by no more than this part of itself in the last steps",
  settledGradient: "settled: the gradient is no more than this part of the first one",
  absoluteShare: "--stop proves nothing where it is more than this part of the last objective",
} as const;

type LimitName = keyof typeof HELP;

/** What is told of limits on the command line. */
export type LimitFlags = { readonly [name in LimitName]?: number | undefined };

/** Limits that were given; those that were not have the library's defaults. */
export type Limits = { readonly [name in LimitName]?: number };

const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The command with an option for each limit of a verdict. */
export function withLimitFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
  defaults: Limits,
): Command<Args, Options & LimitFlags> {
  const plain = command as unknown as PlainCommand;
  for (const [name, value] of Object.entries(defaults)) {
    const help = `of the verdict: ${HELP[name as LimitName]} (default: ${value})`;
    plain.option(`${flagOf(name)} <x>`, help, realNumber(0, "from"));
  }
  return command;
}

/** The limits among the options of a command: those that were given. */
export function givenLimits(flags: LimitFlags): Limits {
  const names = Object.keys(HELP) as LimitName[];
  return Object.fromEntries(names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]));
}

/** The limits as they are written on the command line. */
export const limitsText = (limits: Limits): string =>
  Object.entries(limits)
    .map(([name, value]) => ` ${flagOf(name)} ${value}`)
    .join("");

/** What the library says of its limits, with the options of the command. */
export const limitsInFlags = (words: string): string =>
  Object.keys(HELP).reduce((text, name) => text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), flagOf(name)), words);
