// `--coarse-to-fine`: a metamer made scale by scale.

import { type Command, Option } from "@commander-js/extra-typings";
import type { Command as PlainCommand } from "commander";
import type { CoarseToFine, Model, validate } from "plenoptic-js";
import { UserError } from "./failure.ts";
import type { ModelChoice } from "./modelChoice.ts";
import { scaledModels } from "./modelRegistry.ts";
import { oneOf } from "./names.ts";
import { realNumber, wholeNumber } from "./options.ts";

export type CoarseToFineFlags = {
  readonly coarseToFine?: CoarseToFine | undefined;
  readonly changeScaleCriterion?: number | "off" | undefined;
  readonly scaleIterations?: number | undefined;
};

/** How the scales follow each other. */
export interface CoarseToFineSettings {
  readonly coarseToFine: CoarseToFine;
  /** null: every scale lasts as long as the window. */
  readonly changeScaleCriterion: number | null;
  readonly ctfItersToCheck: number;
}

const WAYS = ["together", "separate"] as const;
const DEFAULT_CRITERION = 0.01;
const DEFAULT_ITERATIONS = 50;

export function withCoarseToFineFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
): Command<Args, Options & CoarseToFineFlags> {
  const criterion = realNumber(0, "above");
  (command as unknown as PlainCommand)
    .addOption(
      new Option(
        "--coarse-to-fine <how>",
        "match the coarsest scale first, then finer ones: keep those that are done (together), or not, until all are matched " +
          "at the end (separate); for models with scales, such as " +
          scaledModels.join(", "),
      )
        .choices(WAYS)
        .argParser(oneOf(WAYS)),
    )
    .option(
      "--change-scale-criterion <x>",
      "go to the next scale once the loss of the present one changes by less than x in the steps below; " +
        `"off" takes just those steps (default: ${DEFAULT_CRITERION})`,
      (text) => (text.toLowerCase() === "off" ? "off" : criterion(text)),
    )
    .option(
      "--scale-iterations <n>",
      `steps of a scale at least (default: ${DEFAULT_ITERATIONS})`,
      wholeNumber(1, 10_000_000),
    );
  return command;
}

/**
 * What the options say; null without `--coarse-to-fine`.
 *
 * @throws UserError for options that do not fit together
 */
export function coarseToFineSettings(flags: CoarseToFineFlags, stop: number): CoarseToFineSettings | null {
  const { coarseToFine, changeScaleCriterion, scaleIterations } = flags;
  if (coarseToFine === undefined) {
    if (changeScaleCriterion === undefined && scaleIterations === undefined) return null;
    const flag = changeScaleCriterion === undefined ? "--scale-iterations" : "--change-scale-criterion";
    throw new UserError(`${flag} is about scales; add --coarse-to-fine together, or leave it out`);
  }
  const criterion = changeScaleCriterion ?? DEFAULT_CRITERION;
  if (criterion !== "off" && stop >= criterion) {
    throw new UserError(
      `--stop ${stop} would end the work before it has gone through the scales; it must be less than ` +
        `--change-scale-criterion, which is ${criterion}`,
    );
  }
  return {
    coarseToFine,
    changeScaleCriterion: criterion === "off" ? null : criterion,
    ctfItersToCheck: scaleIterations ?? DEFAULT_ITERATIONS,
  };
}

/** The options, defaults included, as they are written on the command line. */
export function coarseToFineText(settings: CoarseToFineSettings | null): string {
  if (settings === null) return "";
  const { coarseToFine, changeScaleCriterion, ctfItersToCheck } = settings;
  return (
    ` --coarse-to-fine ${coarseToFine} --change-scale-criterion ${changeScaleCriterion ?? "off"}` +
    ` --scale-iterations ${ctfItersToCheck}`
  );
}

/** Refuses scales of a model that is known to have none, before anything is made. Those of the person's own tell later. */
export function refuseWithoutScales(settings: CoarseToFineSettings | null, choice: ModelChoice): void {
  const isOwn = choice.file !== undefined && choice.network === undefined;
  if (settings === null || isOwn || scaledModels.includes(choice.flags[1])) return;
  throw noScales(choice);
}

/** The model as one with scales. Throws UserError where it has none. */
export function scaledModel(model: Model, choice: ModelChoice): Model & validate.ScaledModel {
  if ("scales" in model) return model as Model & validate.ScaledModel;
  throw noScales(choice);
}

function noScales(choice: ModelChoice): UserError {
  const advice =
    choice.file === undefined || choice.network !== undefined
      ? `choose --model ${scaledModels.join(" or ")}`
      : "give it a list `scales`, coarse to fine";
  return new UserError(`${choice.description} has no scales for --coarse-to-fine; ${advice}, or leave the option out`);
}
