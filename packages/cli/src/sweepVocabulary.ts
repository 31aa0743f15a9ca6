// What a plan may say: the options of the commands that make one stimulus, read from these commands, so that plan and command agree.

import { Command } from "@commander-js/extra-typings";
import type { Accepts, PlanGroup, PlanMethod, PlanOption, Vocabulary } from "@plenoptic-js/runs";
import type { Option, Command as PlainCommand } from "commander";
import { photographs } from "plenoptic-js/engine";
import { eigendistortionCommand } from "./eigendistortion.ts";
import { madCommand } from "./mad.ts";
import { metamerCommand } from "./metamer.ts";
import { withModelFlags } from "./modelFlags.ts";
import { isNetworkName } from "./networkModel.ts";
import { acceptedBy } from "./options.ts";
import { LARGEST_SEED } from "./seedList.ts";
import type { Terminal } from "./terminal.ts";
import { isModuleName } from "./userModule.ts";

/** Those that a plan knows by other means, and why. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["out", "plenoptic sweep --out names the folder of all"],
  ["overwrite", "what is done is kept, and what is not is made"],
  ["threads", "each job has one; plenoptic sweep --jobs says how many are made at once"],
  ["max-seconds", "results would depend on the machine; use iterations"],
  ["checkpoint", "what is done of a job is kept in any case"],
  ["resume", "running plenoptic sweep again goes on"],
  ["embed-target", "result.pt of each job has its target"],
  ["null", "verdicts of a sweep compare with the photographs that ship"],
]);

/** Those that say nothing to a sweep. */
const SILENT = new Set(["help", "seed", "seeds"]);

/** Options that name a thing, which has options of its own. */
const ASSIGNED = new Map([
  ["optimizer", "optimizer-option"],
  ["scheduler", "scheduler-option"],
]);

/** Those that decide how the files of a result are made, and nothing of the result. */
export const OF_FILES = ["alpha", "encoding", "colour-chunk", "pixels-per-degree", "with-model"] as const;

/** Names of metrics and models may be files. */
const FILES = new Set(["model", "optimized", "reference"]);

export type MethodName = "metamer" | "mad" | "eigendistortion";

/** The command of a method, whose action does nothing yet. */
export function methodCommand(method: MethodName, terminal: Terminal): PlainCommand {
  const makers = { metamer: metamerCommand, mad: madCommand, eigendistortion: eigendistortionCommand };
  return makers[method](terminal) as unknown as PlainCommand;
}

/** What the plans of this command may say. */
export function sweepVocabulary(terminal: Terminal): Vocabulary {
  return {
    methods: (["metamer", "mad", "eigendistortion"] as const).map((name) => methodOf(name, terminal)),
    pictures: Object.keys(photographs),
    largestSeed: LARGEST_SEED,
    isFile: (text) => isModuleName(text) || isNetworkName(text),
  };
}

const nameOf = ({ long }: Option): string => (long ?? "").replace(/^--/, "");

function methodOf(name: MethodName, terminal: Terminal): PlanMethod {
  const command = methodCommand(name, terminal);
  const all = command.options.filter((option) => !SILENT.has(nameOf(option)));
  const find = (wanted: string): Option | undefined => all.find((option) => nameOf(option) === wanted);
  // What comes with --model on every command is about models, but for the sizes of images.
  const ofModel = (withModelFlags(new Command("model"), "", "") as unknown as PlainCommand).options.map(nameOf);
  const model = find("model");
  const groups: PlanGroup[] = [];
  if (model !== undefined) {
    const options = all.filter((option) => {
      return ofModel.includes(nameOf(option)) && !["model", "crop", "resize"].includes(nameOf(option));
    });
    groups.push({ name: "model", help: model.description, options: options.map(planOption), assigns: null });
  }
  const assigned: string[] = [];
  for (const [group, assigns] of ASSIGNED) {
    const option = find(group);
    if (option === undefined || find(assigns) === undefined) continue;
    groups.push({ name: group, help: option.description, options: null, assigns });
    assigned.push(group, assigns);
  }
  const grouped = new Set([
    "model",
    ...assigned,
    ...groups.flatMap(({ options }) => options?.map((one) => one.name) ?? []),
  ]);
  const options = all.filter((option) => !grouped.has(nameOf(option)) && !REFUSED.has(nameOf(option)));
  const limits = options.filter(({ description }) => description.startsWith("of the verdict: ")).map(nameOf);
  const refused = new Map([
    ...REFUSED,
    ...limits.map((limit) => [limit, "verdicts of a sweep have the usual limits"] as const),
    ...assigned
      .filter((one) => one.endsWith("-option"))
      .map((one) => {
        const of = one.replace("-option", "");
        return [one, `write ${of}: { name: ..., and its options beside the name }`] as const;
      }),
  ]);
  return {
    name,
    help: command.description(),
    groups,
    options: options.filter((option) => !limits.includes(nameOf(option))).map(planOption),
    refused,
  };
}

function planOption(option: Option): PlanOption {
  const name = nameOf(option);
  return {
    name,
    help: option.description,
    accepts: acceptsOf(option),
    isOfFiles: (OF_FILES as readonly string[]).includes(name),
    mayBeFile: FILES.has(name),
    check: (text) => {
      option.parseArg?.(text, undefined);
    },
  };
}

function acceptsOf(option: Option): Accepts {
  if (option.isBoolean()) return { kind: "flag" };
  if (option.argChoices !== undefined) return { kind: "choice", choices: option.argChoices };
  return (option.parseArg === undefined ? undefined : acceptedBy(option.parseArg)) ?? { kind: "text" };
}
