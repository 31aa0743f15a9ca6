// A synthesis as the page sees it, whatever its method: made step by step or found in one search, looked at in between, judged, saved.

import type { JsonObject } from "@plenoptic-js/formats";
import type { Tensor } from "@plenoptic-js/tensor";
import type { Curves, Judged, Made } from "../protocol/messages.ts";

/** A result by the name that its files have, with the recipe that makes it; null where a recipe is of more than this image. */
export interface Result {
  readonly name: string;
  readonly image: Tensor<"float32" | "float64">;
  readonly recipe: JsonObject | null;
}

/** How a run ended: with words, or because the signal said so. */
export interface Outcome {
  readonly words: string;
}

export interface Session {
  readonly description: string;
  /** Steps for all of it; of a search, 100. */
  readonly steps: number;
  /** Steps that were made. */
  readonly step: number;
  /** An image is kept every so many steps; 0: none is. */
  readonly every: number;
  /** Whether nothing is left to be made. */
  readonly isDone: boolean;
  readonly target: Tensor<"float32" | "float64">;

  /**
   * Makes steps, at most as many.
   *
   * @param stepped is awaited after each, or where a search has come further
   */
  run(most: number, signal: AbortSignal, stepped: () => Promise<void>): Promise<Outcome>;
  made(): Promise<readonly Made[]>;
  numbers(): readonly (readonly [name: string, value: number])[];
  curves(): Curves;
  /** The images that were kept at a step, or before it. */
  stored(step: number): Promise<{ readonly step: number; readonly made: readonly Made[] }>;
  /** A figure of what the model sees, as SVG. */
  representation(): Promise<string>;
  judge(signal: AbortSignal): Promise<Judged>;
  results(): Promise<readonly Result[]>;
  /** All that decides the bits; several for several images. */
  recipes(): Promise<readonly { readonly name: string; readonly recipe: JsonObject }[]>;
  /** The .pt files, by name. */
  files(): Promise<readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[]>;
  /** What it can go on from in another worker; null where it begins anew. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** As much as stored images may take. */
const STORE_BYTES = 128 * 1024 * 1024;
/** As many as a slider can tell apart. */
const MOST_STORED = 60;

/** How often an image is kept, so that all of them fit. */
export function storeEvery(steps: number, pixels: number, images: number): number {
  const fit = Math.max(2, Math.min(MOST_STORED, Math.floor(STORE_BYTES / (8 * pixels * images))));
  return Math.max(1, Math.ceil(steps / fit));
}
