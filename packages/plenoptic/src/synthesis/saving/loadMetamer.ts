// Whether a file may be loaded into a Metamer, check by check, in Python's order (spec/pt-format.md, section 10).

import type { Tensor } from "@plenoptic-js/tensor";
import type { PtValue } from "../../files/pt/index.ts";
import type { ModelFunction, ModelLike } from "../../models/model.ts";
import { penalizeRange } from "../../regularize/index.ts";
import type { LossFunction, PenaltyFunction } from "../../validate/scalar.ts";
import type { LoadChecks } from "./checks.ts";
import { SavedReader } from "./dict.ts";
import {
  IMAGE_INPUT,
  keyProblems,
  LOSS_INPUTS,
  type MetamerFile,
  readMetamer,
  type SavedCallable,
} from "./metamerFile.ts";
import { migrate } from "./migrate.ts";
import { lastPart, savedName } from "./names.ts";

/** The object that loads. */
export interface OwnMetamer {
  readonly image: Tensor;
  readonly model: ModelLike;
  readonly forward: ModelFunction;
  readonly lossFunction: LossFunction;
  readonly penaltyFunction: PenaltyFunction;
  readonly penaltyLambda: number;
}

/** Reads what a file holds and makes all checks; nothing is changed. Throws LoadError or FileError. */
export async function checkMetamer(
  value: PtValue,
  file: string,
  own: OwnMetamer,
  checks: LoadChecks,
): Promise<MetamerFile> {
  const migrated = migrate(new SavedReader(value, file).dict);
  if (migrated.className !== "plenoptic.Metamer") {
    checks.fail(`it holds a ${migrated.className}, and this is a plenoptic.Metamer`, null);
  }
  const { missing, unknown } = keyProblems(migrated);
  if (missing.length > 0) checks.fail(`it lacks ${missing.join(", ")}`, null);
  for (const note of migrated.notes) checks.note(note);
  if (unknown.length > 0) checks.fail(`it has ${unknown.join(", ")}, which this object has not`, null);

  const saved = readMetamer(migrated, file);
  await checks.same("image", saved.image, own.image, "that of the file");
  checks.sameNumber("penalty weight (penaltyLambda)", saved.penaltyLambda, own.penaltyLambda);

  const { lossFunction, penaltyFunction, model } = saved;
  if (lossFunction !== null && saved.target !== null) await checkLoss(lossFunction, saved.target, own, checks);
  if (penaltyFunction !== null) {
    checkInputs("penalty function", penaltyFunction, IMAGE_INPUT, checks);
    await checks.same(
      "output of the penalty function",
      penaltyFunction.output,
      own.penaltyFunction(saved.image),
      "that of this object",
    );
  } else if (migrated.allowedRange !== null) {
    // Values on both sides of any range, which the image itself seldom has.
    const probe = saved.image.mul(5).sub(2);
    const theirs = penalizeRange(probe, { allowedRange: migrated.allowedRange });
    await checks.same("penalty", theirs, own.penaltyFunction(probe), "that of this object");
  }
  if (model !== null) {
    checkInputs("model", model, IMAGE_INPUT, checks);
    await checks.same("output of the model", model.output, own.forward(saved.image), "that of this object");
  }
  const things = [
    ["loss function", lossFunction, own.lossFunction],
    ["penalty function", penaltyFunction, own.penaltyFunction],
    ["model", model, own.model],
  ] as const;
  for (const [what, callable, thing] of things) {
    const name = lastPart(savedName(thing));
    if (callable === null || name === null || name === lastPart(callable.name)) continue;
    checks.fail(
      `the saved ${what} is ${callable.name}, that of this object ${savedName(thing)}`,
      "that of this object",
    );
  }
  return saved;
}

async function checkLoss(saved: SavedCallable, target: Tensor, own: OwnMetamer, checks: LoadChecks): Promise<void> {
  if (saved.inputs.join() === "_image,_metamer") {
    checks.note("it was saved by plenoptic 1.3.1 or earlier, so the loss function could not be compared");
    return;
  }
  checkInputs("loss function", saved, LOSS_INPUTS, checks);
  const output = own.lossFunction(target, target.mul(2));
  await checks.same("output of the loss function", saved.output, output, "that of this object");
}

function checkInputs(what: string, { inputs }: SavedCallable, expected: readonly string[], checks: LoadChecks): void {
  if (inputs.join() === expected.join()) return;
  checks.fail(`the ${what} was saved with the inputs ${inputs.join(", ")}; expected are ${expected.join(", ")}`, null);
}
