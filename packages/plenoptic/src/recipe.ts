// The recipe: everything that decides the bits of a result, as one plain object, and what is known about the result.
// Stored beside every result and inside every exported PNG. The form has a number of its own (`recipe`); a reader that
// does not know the number must refuse.

import { canonicalJson, type JsonObject } from "@plenoptic-js/formats";
import { NUMERICS_VERSION, NumpyRandomState, TorchGenerator } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";

/** The form of recipes written today. */
export const RECIPE_VERSION = 1;

/** The keyword of the PNG text chunk that holds a recipe. */
export const RECIPE_KEYWORD = "plenoptic-recipe";

/** An array by its type and content. */
export interface RecipeArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** SHA-256 over dtype, shape and little-endian values, as `hashTensor` computes it. */
  readonly sha256: string;
}

/** A model by its public name and the options it was made with; null where it has none. */
export interface RecipeModel {
  readonly name: string | null;
  readonly options: JsonObject | null;
  /** Hash of the traced graph for this image's shape and dtype. */
  readonly fingerprint: string;
  /** The user's own file that the model came from. For information: nobody runs it because it stands here. */
  readonly file?: { readonly name: string; readonly sha256: string };
}

/** A method call on the synthesis object with all its options, defaults included. */
export interface RecipeCall {
  readonly call: "setup" | "synthesize" | "to";
  readonly options: JsonObject;
  /** The numeric contract of this call, where it is another than that of the recipe: a file was loaded, and gone on with. */
  readonly numerics?: number;
}

/** How a starting image was drawn, where the library drew it: what is needed to draw it again. */
export type RecipeStart =
  | { readonly kind: "texture"; readonly random: { readonly torch: string } }
  | { readonly kind: "noise"; readonly initialNoise: number; readonly random: { readonly torch: string } };

/** The image after a step: how many were made, and the first 16 digits of its hash. */
export type RecipeMark = readonly [step: number, hash: string];

/** The methods that results come from. */
export type RecipeMethod = "Metamer" | "MetamerCTF" | "MADCompetition" | "Eigendistortion";

/** The two random generators as they were before the first draw. */
export interface RecipeRandom {
  /** The seed given to `setSeed`, or null where none was set. */
  readonly seed: number | null;
  /** torch's generator: its state of 5056 bytes, in base64. */
  readonly torch: string;
  /** Whether an image was drawn from it to find the weight of a MAD competition by. */
  readonly guessedWeight?: true;
  /** NumPy's: the 624 words of its key (little-endian, base64), and the rest of `RandomState.get_state()`. */
  readonly numpy: { readonly key: string; readonly position: number; readonly cachedGaussian: number | null };
}

/** An image file made from the result: what its whole numbers mean, and what became of the values. */
export interface RecipeExport {
  readonly file: string;
  /** Bits a pixel: whole numbers go from 0 to 2^bits - 1. */
  readonly bits: 8 | 16;
  /**
   * How a value in [0, 1] became a whole number, which is the nearest, halves up. `linear`: times 2^bits - 1. `srgb`: the value is light, and
   * is encoded by the transfer function of sRGB first.
   */
  readonly encoding?: "linear" | "srgb";
  /** The file tells its encoding to programs that manage colours. */
  readonly colourChunk?: boolean;
  /** Pixels that take one degree of the observer's visual field. */
  readonly pixelsPerDegree?: number;
  /** SHA-256 of the pixels: `uint8[height,width]` or `uint16[height,width]`, and then their little-endian bytes. */
  readonly pixels?: string;
  /** How many values lay outside [0, 1] and were moved to the nearer end. */
  readonly clippedBelow: number;
  readonly clippedAbove: number;
  /** The largest change that rounding made to a value inside [0, 1]. */
  readonly maxRoundingError: number;
  /** How far what was written, decoded as the model would see it, is from the values themselves, clipping included. */
  readonly distance?: { readonly most: number; readonly rms: number };
  /** What an image does, such as its loss: of the values themselves, and of what was written; null for what is not finite. */
  readonly measures?: Readonly<Record<string, { readonly exact: number | null; readonly written: number | null }>>;
}

export interface Recipe {
  readonly recipe: typeof RECIPE_VERSION;
  /** The numeric contract the result was computed under. */
  readonly numerics: number;
  readonly method: RecipeMethod;
  /** The target as the model saw it. `name` and `conversion` are for people. */
  readonly image: RecipeArray & { readonly name: string; readonly conversion: string };
  /** null for methods without a model. */
  readonly model: RecipeModel | null;
  /** What the synthesis object was made with, besides image and model. */
  readonly options: JsonObject;
  readonly random: RecipeRandom;
  readonly calls: readonly RecipeCall[];
  /** Of methods that go step by step: short hashes of the image after steps 1, 2, 4, 8 and so on. */
  readonly marks?: readonly RecipeMark[];
  readonly result: RecipeArray & { readonly iterations?: number } & JsonObject;
  readonly exports: readonly RecipeExport[];
  /** The command that makes the same result again, for people. */
  readonly command: string;
  /** Versions of the packages, by name. */
  readonly versions: JsonObject;
  /** Where it was computed. For information: the result does not depend on it. */
  readonly environment: JsonObject;
}

/**
 * A recipe as a synthesis object knows it, without what only the command says. A job has no result: nothing was made of it yet. Its
 * `maxIter` is the number of steps at most.
 */
export type OwnRecipe = Omit<Recipe, "image" | "result" | "exports" | "command" | "environment" | "random"> & {
  readonly image: RecipeArray & { readonly name?: string; readonly conversion?: string };
  readonly random: Omit<RecipeRandom, "seed"> & { readonly seed?: number | null };
} & Partial<Pick<Recipe, "result" | "exports" | "command" | "environment">>;

/** A recipe of which something was made. */
export type MadeRecipe = OwnRecipe & Pick<Recipe, "result">;

/** A recipe without what `buildRecipe` knows itself. */
export type RecipeParts = Omit<Recipe, "recipe" | "numerics"> & Partial<Pick<Recipe, "numerics">>;

/**
 * The recipe of a result. The parts are copied, so that later changes of theirs do not reach it.
 *
 * @throws RangeError for a part that is out of its range; TypeError for what JSON cannot hold. Both name the place.
 */
export function buildRecipe(parts: RecipeParts): Recipe {
  checkArray("image", parts.image);
  checkArray("result", parts.result);
  if (parts.model !== null) {
    const { fingerprint } = parts.model;
    check(isHash(fingerprint), "model.fingerprint", fingerprint, "64 hexadecimal digits");
  }
  const { seed } = parts.random;
  check(seed === null || isWhole(seed, 4294967295), "random.seed", seed, "null or a whole number from 0 to 2^32 - 1");
  check(parts.calls.length > 0, "calls", "[]", "at least one call");
  const { iterations } = parts.result;
  const counted = iterations === undefined || isWhole(iterations, Number.MAX_SAFE_INTEGER);
  check(counted, "result.iterations", iterations, "a whole number from 0 on");
  const recipe: Recipe = { numerics: NUMERICS_VERSION, ...parts, recipe: RECIPE_VERSION };
  return JSON.parse(recipeText(recipe)) as Recipe;
}

/** The text of a recipe: canonical JSON (RFC 8785), so that equal recipes are equal texts. */
export function recipeText(recipe: Recipe): string {
  return canonicalJson(recipe as unknown as JsonObject);
}

/** The states of both generators, to be taken before the first draw. */
export function randomStates(torch: TorchGenerator, numpy: NumpyRandomState): Omit<RecipeRandom, "seed"> {
  const { key, position, cachedGaussian } = numpy.getState();
  const words = new Uint8Array(4 * key.length);
  const view = new DataView(words.buffer);
  key.forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  return { torch: toBase64(torch.getState()), numpy: { key: toBase64(words), position, cachedGaussian } };
}

/** Generators in the states that a recipe tells. Throws RangeError or TypeError for states that are none. */
export function generatorsOf(random: Omit<RecipeRandom, "seed">): { torch: TorchGenerator; numpy: NumpyRandomState } {
  const words = fromBase64(random.numpy.key);
  const view = new DataView(words.buffer);
  const key = Uint32Array.from({ length: Math.floor(words.length / 4) }, (_, i) => view.getUint32(4 * i, true));
  const { position, cachedGaussian } = random.numpy;
  return {
    torch: new TorchGenerator(0).setState(fromBase64(random.torch)),
    numpy: new NumpyRandomState(0).setState({ key, position, cachedGaussian }),
  };
}

/** Bytes from base64. Throws RangeError for what is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch (cause) {
    throw new RangeError("a recipe's state of a generator is no base64", { cause });
  }
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function checkArray(place: string, array: RecipeArray): void {
  check(isHash(array.sha256), `${place}.sha256`, array.sha256, "64 hexadecimal digits");
  const shapeFits = array.shape.every((size) => isWhole(size, Number.MAX_SAFE_INTEGER));
  check(shapeFits, `${place}.shape`, shapeText(array.shape), "whole numbers from 0 on");
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function check(fits: boolean, place: string, value: unknown, expected: string): void {
  if (!fits) throw new RangeError(`a recipe's ${place} must be ${expected}, not ${String(value)}`);
}
