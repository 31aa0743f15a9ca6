// What was done to a synthesis object, so that the file it is saved in can hold its recipe: the random generators as they
// were before the first draw, every call, and short hashes of the image on its way.

import type { JsonObject, PtValue } from "@plenoptic-js/formats";
import {
  type DType,
  defaultGenerator,
  globalNumpy,
  hashTensor,
  NUMERICS_VERSION,
  type Tensor,
  type TensorSpec,
} from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import { howDrawn, torchState } from "../../drawnStart.ts";
import {
  type OwnRecipe,
  RECIPE_VERSION,
  type RecipeArray,
  type RecipeCall,
  type RecipeMark,
  type RecipeMethod,
  type RecipeRandom,
  randomStates,
} from "../../recipe.ts";
import { VERSION } from "../../version.ts";
import { readMetadata } from "./dictionary/metadata.ts";

/** What a recipe says of the object itself. */
export interface Described {
  readonly method: RecipeMethod;
  readonly image: Tensor;
  /** null for methods without a model. */
  readonly model: OwnRecipe["model"];
  /** What the object was made with besides image and model. */
  readonly options: JsonObject;
  readonly result: Tensor;
  /** What is known of the result besides its bits. */
  readonly about: JsonObject;
}

interface Call {
  readonly call: RecipeCall["call"];
  readonly options: JsonObject;
  readonly arrays: Readonly<Record<string, Tensor | null>>;
}

/** torch's generator around the draws of a call. */
export interface Draws {
  readonly before: string;
  readonly after: string;
}

/** Steps after which the hash of the image is kept: 1, 2, 4, 8 and so on. */
const isMarked = (step: number): boolean => step > 0 && (step & (step - 1)) === 0;

/** As much of a hash as is kept of images on the way. */
export const shortHash = (sha256: string): string => sha256.slice(0, 16);

export class RunLog {
  #random: Omit<RecipeRandom, "seed"> = randomStates(defaultGenerator(), globalNumpy());
  /** torch's generator as the object left it; null after a load. */
  #left: string | null = null;
  readonly #calls: Call[] = [];
  /** What the call that runs has done so far; null where it has done nothing. */
  #running: () => Call | null = () => null;
  #marks: RecipeMark[] = [];
  /** The image it was made with, before any change of precision. */
  #image: Tensor | null = null;
  /** A starting image of the file that was loaded. */
  #start: Float32Array | Float64Array | null = null;
  /** The recipe of the file that was loaded; null: Python's plenoptic wrote it; undefined: nothing was loaded. */
  #origin: OwnRecipe | null | undefined;

  /** The object is made: what it draws next follows from the generators as they were before. */
  made(image: Tensor): void {
    this.#image = image;
    this.#left = torchState();
  }

  /** The object drew an image to find its weight by. */
  guessedWeight(): void {
    this.#random = { ...this.#random, guessedWeight: true };
  }

  /**
   * @param arrays options that are arrays: a recipe has their hashes
   * @param draws of a call that draws: where the generator was not as the object had left it, the recipe says what it was
   */
  call(call: Call["call"], options: JsonObject, arrays: Call["arrays"] = {}, draws: Draws | null = null): void {
    const random = draws !== null && draws.before !== this.#left ? { random: { torch: draws.before } } : {};
    if (draws !== null) this.#left = draws.after;
    this.#calls.push({ call, options: { ...options, ...random }, arrays });
  }

  /** A call runs, of which is known what it has done so far. Gives what ends that: it is noted then. */
  runs(done: () => Omit<Call, "arrays"> | null): () => void {
    const running = (): Call | null => {
      const call = done();
      return call === null ? null : { ...call, arrays: {} };
    };
    this.#running = running;
    return () => {
      const call = running();
      this.#running = () => null;
      if (call !== null) this.#calls.push(call);
    };
  }

  /** Takes up what another process has kept of the same run. */
  takeUp(marks: readonly RecipeMark[]): void {
    this.#marks = [...marks];
  }

  /** So many steps were made in all. Keeps the hash of the image after some of them. */
  async step(step: number, image: () => Tensor): Promise<void> {
    if (!isMarked(step) || this.#origin === null) return;
    this.#marks.push([step, shortHash(await hashTensor(image()))]);
  }

  /** The starting image that was given, where nobody could draw it again; null where none was. */
  get givenStart(): Float32Array | Float64Array | null {
    const given = this.#calls.find(({ call }) => call === "setup")?.arrays.initialImage ?? null;
    return given === null || howDrawn(given) !== null
      ? this.#start
      : (heldValue(given).re as Float32Array | Float64Array);
  }

  /** The type of the image that the synthesis began with, before any change of precision. */
  get firstImage(): TensorSpec | null {
    const { shape, dtype } = this.#origin?.image ?? this.#image ?? {};
    return shape === undefined ? null : { shape, dtype: dtype as DType };
  }

  /** Takes up the log of a loaded file. */
  load(metadata: PtValue | undefined): void {
    const own = readMetadata(metadata);
    const origin = (own?.recipe ?? null) as unknown as OwnRecipe | null;
    // Files of earlier releases have the number beside the recipe.
    this.#origin = origin && { ...origin, numerics: origin.numerics ?? own?.numerics ?? NUMERICS_VERSION };
    const start = own?.arrays?.initialImage;
    this.#start = start instanceof Float32Array || start instanceof Float64Array ? start : null;
    this.#calls.length = 0;
    this.#marks = [...(this.#origin?.marks ?? [])];
    this.#left = null;
  }

  /** null for what cannot be made again from here: a synthesis that Python's plenoptic began. */
  async recipe({ method, image, model, options, result, about }: Described): Promise<JsonObject | null> {
    if (this.#origin === null) return null;
    const before = this.#origin;
    const numerics = before?.numerics ?? NUMERICS_VERSION;
    const calls: RecipeCall[] = [];
    const running = this.#running();
    for (const { call, options: said, arrays } of running === null ? this.#calls : [...this.#calls, running]) {
      const hashed: Record<string, JsonObject | null> = {};
      for (const [name, array] of Object.entries(arrays)) hashed[name] = array === null ? null : await described(array);
      const own = { call, options: { ...said, ...hashed } };
      calls.push(numerics === NUMERICS_VERSION ? own : { ...own, numerics: NUMERICS_VERSION });
    }
    const recipe: OwnRecipe = {
      recipe: RECIPE_VERSION,
      numerics,
      method,
      image: before?.image ?? (await record(this.#image ?? image)),
      model: withFile(model, before?.model ?? null),
      options,
      random: before?.random ?? { ...this.#random },
      calls: [...(before?.calls ?? []), ...calls],
      ...(this.#marks.length > 0 && { marks: [...this.#marks] }),
      result: { ...(await record(result)), ...about },
      versions: { "plenoptic-js": VERSION },
    };
    return recipe as unknown as JsonObject;
  }
}

/** A model with the file that it came from, where an earlier recipe of the same tells it. */
function withFile(model: OwnRecipe["model"], before: OwnRecipe["model"]): OwnRecipe["model"] {
  const file = before?.file;
  return model === null || file === undefined || before?.fingerprint !== model.fingerprint ? model : { ...model, file };
}

/** An array by its type and content. */
async function record(array: Tensor): Promise<RecipeArray> {
  return { dtype: array.dtype, shape: array.shape, sha256: await hashTensor(array) };
}

/** The same, and how it was drawn, where that is known. */
async function described(array: Tensor): Promise<JsonObject> {
  const drawn = howDrawn(array);
  return { ...(await record(array)), ...(drawn !== null && { drawn }) };
}

/** JSON has no infinity. */
export const finiteOrText = (x: number): number | string => (Number.isFinite(x) ? x : String(x));
