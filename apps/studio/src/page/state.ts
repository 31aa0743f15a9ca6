// All that the page shows, as signals. Only actions.ts changes them; components read.

import { computed, signal } from "@preact/signals";
import { type Choice, FIRST_CHOICE } from "../choice/choice.ts";
import type { Catalog } from "../protocol/catalog.ts";
import type {
  Begun,
  Brought,
  Curves,
  Frame,
  Judged,
  Made,
  OpenedImage,
  ResultHash,
  Verified,
} from "../protocol/messages.ts";

/** What is going on. */
export type Phase = "loading" | "ready" | "beginning" | "running" | "paused" | "done" | "verifying" | "failed";

export const catalog = signal<Catalog | null>(null);
export const choice = signal<Choice>(FIRST_CHOICE);
export const image = signal<OpenedImage | null>(null);
export const phase = signal<Phase>("loading");
export const begun = signal<Begun | null>(null);
/** What `begun` was made from: the choice may have been changed since. */
export const begunChoice = signal<Choice | null>(null);
export const frame = signal<Frame | null>(null);
export const curves = signal<Curves | null>(null);
export const figure = signal<string | null>(null);
export const judged = signal<Judged | null>(null);
export const hashes = signal<readonly ResultHash[] | null>(null);
/** The hash that a link promised; empty where it promised none. */
export const promised = signal<readonly string[]>([]);
export const ending = signal<string>("");
/** What went wrong, in words; null where nothing did. */
export const problem = signal<string | null>(null);
export const notes = signal<readonly string[]>([]);
export const brought = signal<Brought | null>(null);
export const verified = signal<Verified | null>(null);
export const verifying = signal<{ readonly step: number; readonly steps: number | null } | null>(null);
/** The moment that is looked at instead of the present one. */
export const scrubbed = signal<{ readonly step: number; readonly made: readonly Made[] } | null>(null);
/** What was found from before a reload. */
export const kept = signal<{ readonly choice: Choice; readonly step: number } | null>(null);

/** Whether work is going on that a person waits for. */
export const isBusy = computed(() => ["loading", "beginning", "running", "verifying"].includes(phase.value));

/** Whether what is shown was made by another choice than the present one. */
export const isStale = computed(
  () => begunChoice.value !== null && JSON.stringify(begunChoice.value) !== JSON.stringify(choice.value),
);

// How pictures are looked at.

export const view = signal<"side-by-side" | "alternating">("side-by-side");
/** Device pixels for each pixel; null: as many as fit. */
export const zoom = signal<number | null>(null);
/** The zoom at which all of a picture is seen, as it is placed now. */
export const fitted = signal(1);
/** The place that is in the middle, from 0 to 1 in both directions: one for all pictures. */
export const centre = signal<{ readonly x: number; readonly y: number }>({ x: 0.5, y: 0.5 });
/** Changes a second of the alternation. */
export const rate = signal(2);
export const withBlank = signal(false);
/** Which of the made images is looked at. */
export const chosenMade = signal(0);
/** What eigendistortions are multiplied by. */
export const strength = signal(5);
export const isLinearLight = signal(false);
/** The pixel under the pointer. */
export const pointed = signal<{ readonly row: number; readonly column: number } | null>(null);
