// What came of a job, in a small file among its results, `outcome.json`: what tables and contact sheets show. All else is in the recipe.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@plenoptic-js/formats";

export const OUTCOME_FILE = "outcome.json";

export interface Outcome {
  /** The whole id of the job. */
  readonly job: string;
  readonly verdict: string;
  /** The verdict in words. */
  readonly words: string;
  /** Whether the stimulus is what it is to be. */
  readonly isGood: boolean;
  readonly firstLoss: number | null;
  readonly loss: number | null;
  /** Of the image in 8 bits. */
  readonly quantisedLoss: number | null;
  readonly iterations: number | null;
  readonly stopReason: string | null;
  /** Values that lay outside of 0 to 1; null where no image was written. */
  readonly clipped: number | null;
  /** Of the result. */
  readonly sha256: string;
  /** The picture that shows it, among the results; null where there is none. */
  readonly picture: string | null;
  readonly seconds: number;
  readonly host: string;
}

/** Null where there is none: a folder that was not written by a sweep. */
export function readOutcome(results: string): Outcome | null {
  try {
    return JSON.parse(readFileSync(join(results, OUTCOME_FILE), "utf8")) as Outcome;
  } catch {
    return null;
  }
}

/** The recipe among the results. */
export function readRecipe(results: string): JsonObject | null {
  try {
    return JSON.parse(readFileSync(join(results, "recipe.json"), "utf8")) as JsonObject;
  } catch {
    return null;
  }
}
