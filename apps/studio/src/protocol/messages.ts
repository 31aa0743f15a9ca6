// What page and worker say to each other: questions with one answer each, and events that come between.

import type { Choice } from "../choice/choice.ts";
import type { Catalog } from "./catalog.ts";

/** One gray image of numbers, rows from the top. Values are as the model sees them, mostly from 0 to 1. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** A picture of a kind of result: a metamer has one, a MAD competition four, eigendistortions one for each. */
export interface Made {
  /** `metamer`, `min-ssim`, `distortion-0`. */
  readonly name: string;
  /** For people: `SSIM as small as can be`. */
  readonly title: string;
  readonly plane: Plane;
  /** What it is to be added to the target as, times a strength; otherwise it is an image itself. */
  readonly isChange: boolean;
}

export interface OpenedImage {
  readonly name: string;
  readonly plane: Plane;
  /** Of the values, as the recipe has it. */
  readonly sha256: string;
  readonly ships: boolean;
  /** How gray values were made of what the file holds. */
  readonly conversion: string;
}

/** How it stands. */
export interface Frame {
  readonly step: number;
  /** Steps that are to be made; of a search, 100 for all. */
  readonly steps: number;
  /** Seconds of work so far, without breaks. */
  readonly seconds: number;
  readonly threads: number;
  readonly made: readonly Made[];
  /** The quantities of this moment, in the order in which they are shown. */
  readonly numbers: readonly (readonly [name: string, value: number])[];
}

/** What is recorded at every step, for charts. */
export interface Curves {
  readonly series: readonly { readonly name: string; readonly values: Float64Array; readonly isLog: boolean }[];
}

/** Its target and what the model makes of it. */
export interface Begun {
  readonly target: Plane;
  readonly description: string;
  readonly frame: Frame;
  /** Steps at which an image is kept. */
  readonly every: number;
}

export interface Ended {
  readonly frame: Frame;
  /** Why: the last step was made, it was paused, or a rule of its own ended it. */
  readonly why: "done" | "paused";
  readonly words: string;
}

export interface Judged {
  readonly verdict: string;
  readonly text: string;
}

export interface ResultHash {
  readonly name: string;
  readonly sha256: string;
}

/** A file to be saved. */
export interface Saved {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What is to be said of it: what was clipped. */
  readonly note: string;
}

export type SaveKind = "png8" | "png16" | "npy" | "pt" | "recipe";

/** A result that somebody brings back. */
export interface Brought {
  readonly file: string;
  readonly kind: string;
  readonly images: readonly { readonly title: string; readonly plane: Plane }[];
  readonly lines: readonly string[];
  /** Whether it holds all that is needed to run it again. */
  readonly canVerify: boolean;
}

export interface Verified {
  readonly verdict: "identical" | "differs" | "cannot";
  readonly text: string;
}

/** Every question, with its answer. */
export interface Questions {
  readonly catalog: { readonly ask: null; readonly answer: Catalog };
  readonly open: { readonly ask: { readonly name: string; readonly file: Blob | null }; readonly answer: OpenedImage };
  readonly begin: {
    readonly ask: { readonly choice: Choice; readonly checkpoint: Uint8Array | null };
    readonly answer: Begun;
  };
  /** Makes steps; all that are left where `steps` is null. */
  readonly run: { readonly ask: { readonly steps: number | null }; readonly answer: Ended };
  readonly pause: { readonly ask: null; readonly answer: null };
  readonly curves: { readonly ask: null; readonly answer: Curves };
  /** A figure of the representation, as SVG. */
  readonly representation: { readonly ask: null; readonly answer: string };
  /** The images that were kept at a step. */
  readonly stored: {
    readonly ask: { readonly step: number };
    readonly answer: { readonly step: number; readonly made: readonly Made[] };
  };
  readonly judge: { readonly ask: null; readonly answer: Judged };
  /** The hash of each result, as recipes have it. */
  readonly hashes: { readonly ask: null; readonly answer: readonly ResultHash[] };
  readonly checkpoint: { readonly ask: null; readonly answer: Uint8Array<ArrayBuffer> | null };
  readonly save: {
    readonly ask: { readonly kind: SaveKind; readonly embedTarget: boolean };
    readonly answer: readonly Saved[];
  };
  readonly bring: { readonly ask: { readonly file: Blob; readonly name: string }; readonly answer: Brought };
  /** Runs the file that was brought again; `withImage`: on the image that is open. */
  readonly verify: { readonly ask: { readonly withImage: boolean }; readonly answer: Verified };
}

export type Question = keyof Questions;
export type Ask<Q extends Question> = Questions[Q]["ask"];
export type Answer<Q extends Question> = Questions[Q]["answer"];

/** What comes unasked: how a run or a check comes along. */
export type Event =
  | { readonly event: "frame"; readonly frame: Frame }
  | { readonly event: "verifying"; readonly step: number; readonly steps: number | null }
  | { readonly event: "warning"; readonly text: string };

/** A mistake in words, with its kind. */
export interface Problem {
  readonly kind: string;
  readonly message: string;
}

export interface ToWorker<Q extends Question = Question> {
  readonly id: number;
  readonly question: Q;
  readonly ask: Ask<Q>;
}

export type FromWorker =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly problem: Problem }
  | Event;
