// An object made of a file alone: image, model and functions are in it.

import { FileError, type Source } from "@plenoptic-js/formats";
import { defaultGenerator, globalNumpy, MemoryError } from "@plenoptic-js/tensor";
import { checkSource } from "../../../io/places.ts";
import type { RecipeMethod } from "../../../recipe.ts";
import { type FileFunctions, fileFunctions } from "../../../stored/fileFunctions.ts";
import { FUNCTION_WORDS } from "../../../stored/form.ts";
import { readFunctions } from "../../../stored/read.ts";
import { type Layout, readValues, type Values } from "../dictionary/layouts.ts";
import { SavedReader } from "../dictionary/reader.ts";
import { held, migrate } from "../old/migrate.ts";
import { LoadError } from "./checks.ts";
import { readSavedFile, type SavedFile } from "./openSaved.ts";
import { checkLoadOptions, type LoadOptions } from "./options.ts";

/** A function of the file. Throws LoadError where the file lacks it. */
export type GivenBy = <K extends keyof FileFunctions>(name: K) => Exclude<FileFunctions[K], undefined>;

/**
 * Reads a file that holds its model, and makes an object of it.
 *
 * @param make makes the object of what stands in the file. What it draws is drawn from the global generators, which are set back.
 * @param fill loads the file into it
 * @throws LoadError for a file of another method, or without a model; FileError for one that cannot be read
 */
export async function loadWithModel<L extends Layout, T>(
  method: RecipeMethod,
  layout: L,
  source: Source,
  options: LoadOptions,
  make: (values: Values<L>, given: GivenBy, file: string) => T,
  fill: (made: T, file: SavedFile) => Promise<void>,
): Promise<T> {
  checkSource(`${method}.load()`, source);
  // For the names: the precision is not known yet.
  checkLoadOptions(options, "float64");
  const file = await readSavedFile(source);
  const refuse = (problem: string, cause?: unknown): never => {
    throw new LoadError(`${method}.load: ${file.name}: ${problem}`, { cause });
  };
  const migrated = migrate(new SavedReader(file.value, file.name).dict);
  if (migrated.className !== `plenoptic.${method}`) {
    const own = migrated.className.split(".").at(-1);
    return refuse(`it holds ${held(migrated)}${own === "" ? "" : `; use ${own}.load`}`);
  }
  const stored = readFunctions(migrated.dict.get("save_metadata"), file.name);
  if (stored === null) {
    return refuse(
      "it holds no model. Make an object with the arguments that it was made with, and load into that: " +
        `new ${method}(...), and then load(file). save(path, { withModel: true }) writes a file that needs nothing else`,
    );
  }
  const functions = fileFunctions(stored);
  const given: GivenBy = (name) => {
    const found = functions[name];
    return found === undefined ? refuse(`the model in it is without its ${FUNCTION_WORDS[name]}`) : (found as never);
  };
  const values = readValues(layout, new SavedReader(migrated.dict, file.name));
  try {
    const made = undrawn(() => make(values, given, file.name));
    await fill(made, file);
    return made;
  } catch (cause) {
    if (cause instanceof LoadError || cause instanceof FileError || cause instanceof MemoryError) throw cause;
    return refuse(
      `what stands in it does not fit together: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
}

/** Does something that draws, and sets the global generators back. */
function undrawn<T>(work: () => T): T {
  const torch = defaultGenerator();
  const numpy = globalNumpy();
  const before = { torch: torch.getState(), numpy: numpy.getState() };
  try {
    return work();
  } finally {
    torch.setState(before.torch);
    numpy.setState(before.numpy);
  }
}
