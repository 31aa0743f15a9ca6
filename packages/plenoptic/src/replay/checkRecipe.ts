// Whether a text is a recipe. Recipes come from strangers: nothing of one is used before all of it has been looked at.

import { FileError } from "@plenoptic-js/formats";
import { NumpyRandomState, TorchGenerator } from "@plenoptic-js/tensor";
import { type OwnRecipe, RECIPE_VERSION, type RecipeExport, randomStates } from "../recipe.ts";
import { exported, recipeSchema } from "./schema.ts";

/** Characters of a recipe. The states of the generators are 10,000; exports of a thousand eigendistortions 1,000,000. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/**
 * The recipe in a text.
 *
 * @param numerics of recipes in files of earlier releases, which have the number beside them
 * @throws FileError for what is no recipe, or one of a form that is not known here; the message names the place
 */
export async function parseRecipe(text: string, file: string, numerics?: number): Promise<OwnRecipe> {
  if (text.length > MOST_CHARACTERS) throw new FileError("too-big", file, "its recipe is too long to be one");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FileError("damaged", file, "its recipe is no JSON", { cause });
  }
  const given = (typeof value === "object" && value !== null ? value : {}) as { readonly recipe?: unknown };
  const form = given.recipe ?? (numerics === undefined ? undefined : RECIPE_VERSION);
  if (Number.isInteger(form) && form !== RECIPE_VERSION) {
    const problem = `its recipe has the form ${String(form)}, and this version knows form ${RECIPE_VERSION}; a newer version reads it`;
    throw new FileError("unsupported", file, problem);
  }
  const whole = numerics === undefined ? value : { recipe: form, numerics, ...given };
  const wrong = await problemOf(whole, recipeSchema);
  if (wrong !== null) throw new FileError("damaged", file, `it holds no recipe: ${wrong}`);
  return withStates(whole as OwnRecipe);
}

/** What a PNG file says of itself: its record without the name. Throws FileError for what is none. */
export async function parseStimulus(text: string, file: string): Promise<Omit<RecipeExport, "file">> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FileError("damaged", file, "its record of the stimulus is no JSON", { cause });
  }
  const required = exported.required.filter((name) => name !== "file");
  const wrong = await problemOf(value, { ...exported, required });
  if (wrong !== null) throw new FileError("damaged", file, `it holds no record of a stimulus: ${wrong}`);
  return value as RecipeExport;
}

/** Where a value is not what a schema says, and why; null where it is. */
async function problemOf(value: unknown, schema: object): Promise<string | null> {
  const { Validator } = await import("@cfworker/json-schema");
  const { valid, errors } = new Validator(schema, "2020-12").validate(value);
  if (valid) return null;
  // The last one is the innermost.
  const { instanceLocation = "#", error = "" } = errors.at(-1) ?? {};
  return `${instanceLocation.slice(0, 200)}: ${error.slice(0, 300)}`;
}

/** A job may say the seed alone: it decides the states of both generators. */
function withStates(recipe: OwnRecipe): OwnRecipe {
  const { random } = recipe as { readonly random: Partial<OwnRecipe["random"]> };
  const { seed } = random;
  if (random.torch !== undefined || typeof seed !== "number") return recipe;
  const states = randomStates(new TorchGenerator(seed), new NumpyRandomState(seed));
  return { ...recipe, random: { ...random, ...states } };
}
