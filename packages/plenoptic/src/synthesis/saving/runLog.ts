// What was done to a synthesis object, so that the file it is saved in can hold its recipe: the random generators as they
// were before the first draw, and every call.

import { defaultGenerator, globalNumpy, hashTensor, type optim, type Tensor } from "@plenoptic-js/tensor";
import type { PtDict, PtValue } from "../../files/pt/index.ts";
import { type RecipeRandom, randomStates } from "../../files/recipe.ts";
import { type JsonObject, readMetadata, writeMetadata } from "./metadata.ts";

/** What is logged of the object itself. */
interface Logged {
  readonly image: Tensor;
  readonly metamer: Tensor;
  readonly numIter: number;
  readonly penaltyLambda: number;
  readonly model: object;
  readonly fingerprints: { readonly model: string; readonly lossFunction: string; readonly penaltyFunction: string };
}

interface Call {
  readonly call: "setup" | "synthesize" | "to";
  readonly options: JsonObject;
  readonly image?: Tensor | null;
}

export class RunLog {
  readonly #random: Omit<RecipeRandom, "seed"> = randomStates(defaultGenerator(), globalNumpy());
  readonly #calls: Call[] = [];
  /** The recipe of the file that was loaded; null: Python's plenoptic wrote it; undefined: nothing was loaded. */
  #origin: JsonObject | null | undefined;

  setup(initialImage: Tensor | null, optimizer: optim.Optimizer, scheduler: optim.Scheduler | null): void {
    const described = (x: { readonly name: string; readonly options: object }): JsonObject => ({
      name: x.name,
      ...(x.options as JsonObject),
    });
    const options = { optimizer: described(optimizer), scheduler: scheduler === null ? null : described(scheduler) };
    this.#calls.push({ call: "setup", options, image: initialImage });
  }

  synthesize(
    options: { readonly every: number; readonly stopCriterion: number; readonly stopItersToCheck: number },
    iterations: number,
  ): void {
    const { every, stopCriterion, stopItersToCheck } = options;
    // JSON has no infinity.
    const criterion = Number.isFinite(stopCriterion) ? stopCriterion : String(stopCriterion);
    const said = { maxIter: iterations, storeProgress: every, stopCriterion: criterion, stopItersToCheck };
    this.#calls.push({ call: "synthesize", options: said });
  }

  to(dtype: string): void {
    this.#calls.push({ call: "to", options: { dtype } });
  }

  /** Takes up the log of a loaded file. */
  load(metadata: PtValue | undefined): void {
    this.#origin = readMetadata(metadata)?.recipe ?? null;
    this.#calls.length = 0;
  }

  /** What a file says of itself: `save_metadata`. */
  async metadata(synthesisObject: string, object: Logged): Promise<PtDict> {
    return writeMetadata(synthesisObject, { recipe: await this.#recipe(object) });
  }

  /** null for what cannot be made again from here: a synthesis that Python's plenoptic began. */
  async #recipe(object: Logged): Promise<JsonObject | null> {
    if (this.#origin === null) return null;
    const calls: JsonObject[] = [];
    for (const { call, options, image } of this.#calls) {
      const initialImage = image === undefined ? {} : { initialImage: image === null ? null : await record(image) };
      calls.push({ call, options: { ...options, ...initialImage } });
    }
    const before = this.#origin;
    const { name = null, options = null } = object.model as { readonly name?: string; readonly options?: JsonObject };
    return {
      method: "Metamer",
      image: await record(object.image),
      model: { name, options, fingerprint: object.fingerprints.model },
      options: {
        lossFunction: { fingerprint: object.fingerprints.lossFunction },
        penaltyFunction: { fingerprint: object.fingerprints.penaltyFunction },
        penaltyLambda: object.penaltyLambda,
      },
      random: before?.random ?? { ...this.#random },
      calls: [...((before?.calls ?? []) as JsonObject[]), ...calls],
      result: { ...(await record(object.metamer)), iterations: object.numIter },
    };
  }
}

async function record(array: Tensor): Promise<JsonObject> {
  return { dtype: array.dtype, shape: array.shape, sha256: await hashTensor(array) };
}
