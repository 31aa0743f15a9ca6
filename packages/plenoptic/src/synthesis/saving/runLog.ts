// What was done to a synthesis object, so that the file it is saved in can hold its recipe: the random generators as they
// were before the first draw, and every call.

import type { JsonObject, PtValue } from "@plenoptic-js/formats";
import { defaultGenerator, globalNumpy, hashTensor, type Tensor } from "@plenoptic-js/tensor";
import { type RecipeRandom, randomStates } from "../../recipe.ts";
import { readMetadata } from "./dictionary/metadata.ts";

/** What a recipe says of the object itself. */
export interface Described {
  readonly method: string;
  readonly image: Tensor;
  /** null for methods without a model. */
  readonly model: JsonObject | null;
  /** What the object was made with besides image and model. */
  readonly options: JsonObject;
  readonly result: Tensor;
  /** What is known of the result besides its bits. */
  readonly about: JsonObject;
}

interface Call {
  readonly call: "setup" | "synthesize" | "to";
  readonly options: JsonObject;
  readonly arrays: Readonly<Record<string, Tensor | null>>;
}

/** torch's generator around the draws of a call. */
export interface Draws {
  readonly before: string;
  readonly after: string;
}

/** The state of torch's generator, in base64. */
export const torchState = (): string => randomStates(defaultGenerator(), globalNumpy()).torch;

export class RunLog {
  readonly #random: Omit<RecipeRandom, "seed"> = randomStates(defaultGenerator(), globalNumpy());
  /** torch's generator as the object left it; null after a load. */
  #left: string | null = null;
  readonly #calls: Call[] = [];
  /** The recipe of the file that was loaded; null: Python's plenoptic wrote it; undefined: nothing was loaded. */
  #origin: JsonObject | null | undefined;

  /** The object is made: what it draws next follows from the generators as they were before. */
  made(): void {
    this.#left = torchState();
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

  /** Takes up the log of a loaded file. */
  load(metadata: PtValue | undefined): void {
    this.#origin = readMetadata(metadata)?.recipe ?? null;
    this.#calls.length = 0;
    this.#left = null;
  }

  /** null for what cannot be made again from here: a synthesis that Python's plenoptic began. */
  async recipe({ method, image, model, options, result, about }: Described): Promise<JsonObject | null> {
    if (this.#origin === null) return null;
    const calls: JsonObject[] = [];
    for (const { call, options: said, arrays } of this.#calls) {
      const hashed: Record<string, JsonObject | null> = {};
      for (const [name, array] of Object.entries(arrays)) hashed[name] = array === null ? null : await record(array);
      calls.push({ call, options: { ...said, ...hashed } });
    }
    const before = this.#origin;
    return {
      method,
      image: await record(image),
      model,
      options,
      random: before?.random ?? { ...this.#random },
      calls: [...((before?.calls ?? []) as JsonObject[]), ...calls],
      result: { ...(await record(result)), ...about },
    };
  }
}

/** An array by its type and content. */
async function record(array: Tensor): Promise<{
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sha256: string;
}> {
  return { dtype: array.dtype, shape: array.shape, sha256: await hashTensor(array) };
}

/** JSON has no infinity. */
export const finiteOrText = (x: number): number | string => (Number.isFinite(x) ? x : String(x));
