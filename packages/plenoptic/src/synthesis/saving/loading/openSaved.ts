// Whether a file holds a synthesis of the class that loads it, and what it holds. Checks are made in Python's order.

import { type PtValue, readPt, readSourcePieces, type Source } from "@plenoptic-js/formats";
import type { FloatDType } from "@plenoptic-js/tensor";
import { maxFileBytes } from "../../../io/maxFileBytes.ts";
import { type Layout, readValues, type SavedClass, type Values } from "../dictionary/layouts.ts";
import { SavedReader } from "../dictionary/reader.ts";
import { held, type Migrated, migrate } from "../old/migrate.ts";
import { LoadChecks } from "./checks.ts";
import { checkLoadOptions, type LoadOptions } from "./options.ts";

/** A file that was read, and not yet looked at. */
export interface SavedFile {
  readonly value: PtValue;
  /** What to call it. */
  readonly name: string;
}

/** What a file says of an object, and the checks that are to be made of it. */
export interface Opened<L extends Layout> {
  readonly values: Values<L>;
  readonly migrated: Migrated;
  readonly checks: LoadChecks;
}

/** Reads a file. Throws FileError. */
export async function readSavedFile(source: Source): Promise<SavedFile> {
  const { bytes, name } = await readSourcePieces(source, { maxBytes: maxFileBytes });
  return { value: readPt(bytes, { name }).value, name };
}

/**
 * What a file says of an object of this class, of any release.
 *
 * @param dtype that of the object, which decides how closely values must agree
 * @throws LoadError or FileError
 */
export function openSaved<L extends Layout>(
  { value, name }: SavedFile,
  options: LoadOptions,
  dtype: FloatDType,
  className: SavedClass,
  layout: L,
): Opened<L> {
  const { raise, tolerance } = checkLoadOptions(options, dtype);
  const checks = new LoadChecks(name, raise, tolerance);
  return { ...openValue(value, className, layout, checks), checks };
}

function openValue<L extends Layout>(
  value: PtValue,
  className: SavedClass,
  layout: L,
  checks: LoadChecks,
): Omit<Opened<L>, "checks"> {
  const migrated = migrate(new SavedReader(value, checks.file).dict);
  const { missing, unknown } = keyProblems(migrated, layout);
  if (migrated.className !== className) {
    const classes = `it holds ${held(migrated)}, and this is a ${className}`;
    if (missing.length > 0) {
      const lack = `${classes}, which needs what the file has not (${missing.join(", ")})`;
      const own = migrated.className.split(".").at(-1);
      checks.refuse(own === "" ? lack : `${lack}. Load it into a new ${own}.`);
    }
    checks.fail(classes, null, "loads what this object knows of it");
  }
  if (missing.length > 0) checks.fail(`it lacks ${missing.join(", ")}`, null, "loads it where it can do without");
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
