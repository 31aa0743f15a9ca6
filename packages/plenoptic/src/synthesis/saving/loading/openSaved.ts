// Whether a file holds a synthesis of the class that loads it, and what it holds. Checks are made in Python's order.

import type { Tensor } from "@plenoptic-js/tensor";
import type { PtValue } from "../../../files/pt/index.ts";
import type { SavedCallable } from "../dictionary/fields.ts";
import { type Layout, readValues, type SavedClass, type Values } from "../dictionary/layouts.ts";
import { lastPart, savedName } from "../dictionary/names.ts";
import { SavedReader } from "../dictionary/reader.ts";
import { type Migrated, migrate } from "../old/migrate.ts";
import type { LoadChecks } from "./checks.ts";

/** What a file says of an object of this class, of any release. Nothing is changed. Throws LoadError or FileError. */
export function openSaved<L extends Layout>(
  value: PtValue,
  className: SavedClass,
  layout: L,
  checks: LoadChecks,
): { readonly values: Values<L>; readonly migrated: Migrated } {
  const migrated = migrate(new SavedReader(value, checks.file).dict);
  if (migrated.className !== className) {
    checks.fail(`it holds a ${migrated.className}, and this is a ${className}`, null);
  }
  const { missing, unknown } = keyProblems(migrated, layout);
  if (missing.length > 0) checks.fail(`it lacks ${missing.join(", ")}`, null);
  for (const note of migrated.notes) checks.note(note);
  if (unknown.length > 0) checks.fail(`it has ${unknown.join(", ")}, which this object has not`, null);
  return { values: readValues(layout, new SavedReader(migrated.dict, checks.file)), migrated };
}

/** Keys that the file lacks and has too many, compared with a file of 2.x. */
function keyProblems(
  { dict, era }: Migrated,
  layout: Layout,
): { readonly missing: string[]; readonly unknown: string[] } {
  const known = Object.values(layout).map((field) => field.key);
  // Before 1.2 there was no word of models, losses and metrics, and before 1.4 none of the penalty.
  const callables = ["_loss_function", "_model", "_optimized_metric", "_reference_metric", "_penalty_function"];
  const optional: string[] =
    era === "before 1.2" ? ["save_metadata", ...callables] : era === "1.2 to 1.3.1" ? ["_penalty_function"] : [];
  return {
    missing: known.filter((key) => !dict.has(key) && !optional.includes(key)),
    unknown: [...dict.keys()].map(String).filter((key) => !known.includes(key)),
  };
}

/** A function or model of the object that loads, and what the file says of its own. */
export interface CallableCheck {
  readonly what: string;
  readonly saved: SavedCallable | null;
  readonly own: object;
  /** The names of the inputs that files of 2.x are written with. */
  readonly inputs: readonly string[];
  /** What the own one gives for the inputs of the file. */
  output(): Tensor;
}

/** Compares what the functions and models give, and then their names. */
export async function checkCallables(callables: readonly CallableCheck[], checks: LoadChecks): Promise<void> {
  for (const { what, saved, inputs, output } of callables) {
    if (saved === null) continue;
    if (saved.inputs.join() === "_image,_metamer") {
      checks.note(`it was saved by plenoptic 1.3.1 or earlier, so the ${what} could not be compared`);
      continue;
    }
    if (saved.inputs.join() !== inputs.join()) {
      checks.fail(
        `the ${what} was saved with the inputs ${saved.inputs.join(", ")}; expected are ${inputs.join(", ")}`,
        null,
      );
    }
    await checks.same(`output of the ${what}`, saved.output, output(), "that of this object");
  }
  for (const { what, saved, own } of callables) {
    const name = lastPart(savedName(own));
    if (saved === null || name === null || name === lastPart(saved.name)) continue;
    checks.fail(`the saved ${what} is ${saved.name}, that of this object ${savedName(own)}`, "that of this object");
  }
}
