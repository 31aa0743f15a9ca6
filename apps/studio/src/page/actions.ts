// What a person can do. Every action ends in the state, mistakes too: none throws.

import { batch } from "@preact/signals";
import { addressOf, readAddress, type Shared } from "../choice/address.ts";
import { type Choice, FIRST_CHOICE, type Method, USUAL_ITERATIONS } from "../choice/choice.ts";
import { type Client, connect } from "../protocol/client.ts";
import type { Event, Saved, SaveKind } from "../protocol/messages.ts";
import { forget, keep, whatWasKept } from "./keep.ts";
import * as state from "./state.ts";

/** A checkpoint costs some work: as much as this part of the time, at most. */
const KEEPING_SHARE = 0.05;
const LEAST_SECONDS_BETWEEN_KEEPING = 3;

let client: Client;
/** The file of the image that is open, where it does not ship. */
let file: File | Blob | null = null;
let keptAt = 0;
let keepingTook = 0;
let isKeeping = false;
let curvesAt = 0;

/** Starts the worker, and opens what the address or an earlier visit says. */
export async function start(): Promise<void> {
  const worker = new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module" });
  client = connect(worker, hear, (problem) => fail(problem));
  await attempt(async () => {
    state.catalog.value = await client.ask("catalog", null);
    const shared = readShared();
    const earlier = shared === null ? await whatWasKept() : null;
    if (shared !== null) takeShared(shared);
    if (earlier !== null) {
      state.choice.value = earlier.choice;
      ({ file } = earlier);
      state.kept.value = earlier.checkpoint === null ? null : { choice: earlier.choice, step: earlier.step };
    }
    await open();
    state.phase.value = state.phase.value === "failed" ? "failed" : "ready";
  });
  addEventListener("hashchange", () => {
    const shared = readShared();
    if (shared !== null && addressOf(shared) !== ownAddress())
      void attempt(async () => {
        takeShared(shared);
        await open();
      });
  });
}

function readShared(): Shared | null {
  try {
    return readAddress(location.hash);
  } catch (error) {
    state.problem.value = wordsOf(error);
    return null;
  }
}

function takeShared({ choice, numerics, result }: Shared): void {
  state.choice.value = choice;
  file = null;
  const own = state.catalog.value?.versions.numerics;
  if (numerics !== null && numerics !== own) {
    state.problem.value = `This link was made under numeric contract ${numerics}, and this page has ${own}: the image may come out with other bits than the link's.`;
    state.promised.value = [];
    return;
  }
  state.promised.value = result;
}

/** Opens the image of the choice. One that does not ship, and is not at hand, is asked for. */
async function open(): Promise<void> {
  const { image } = state.choice.value;
  if (image.sha256 !== null && file === null) {
    state.image.value = null;
    state.problem.value = `This is about the image "${image.name}", which is not here. Open that file: it is known by its values.`;
    return;
  }
  const opened = await client.ask("open", { name: image.name, file });
  if (image.sha256 !== null && opened.sha256 !== image.sha256) {
    throw new Error(
      `"${opened.name}" is another image than the one asked for: the SHA-256 of its values is ${opened.sha256}, and that of the one asked for ${image.sha256}.`,
    );
  }
  state.image.value = opened;
}

/** Opens an image file of the person's own. */
export async function openFile(given: Blob, name: string): Promise<void> {
  await attempt(async () => {
    const opened = await client.ask("open", { name, file: given });
    const asked = state.choice.value.image;
    const isAskedFor = state.image.value === null && asked.sha256 !== null;
    if (isAskedFor && asked.sha256 !== opened.sha256) {
      throw new Error(
        `"${name}" is another image than the one asked for, which is known by its values: "${asked.name}".`,
      );
    }
    file = given;
    batch(() => {
      state.image.value = opened;
      if (!isAskedFor) change({ image: { name, sha256: opened.sha256 } });
    });
  });
}

/** Opens a picture that ships. */
export async function openPicture(name: string): Promise<void> {
  await attempt(async () => {
    file = null;
    state.image.value = await client.ask("open", { name, file: null });
    change({ image: { name, sha256: null } });
  });
}

/** Changes some of the choice. What a link promised was about another. */
export function change(part: Partial<Choice>): void {
  batch(() => {
    state.choice.value = { ...state.choice.value, ...part };
    state.promised.value = [];
    state.problem.value = null;
  });
}

export function changeMethod(method: Method): void {
  const { catalog, choice } = state;
  const preset = catalog.value?.presets.find(({ name }) => name === method);
  const scaled = catalog.value?.models.find(({ hasScales }) => hasScales);
  const needsScales =
    method === "coarse-to-fine" && !catalog.value?.models.find(({ name }) => name === choice.value.model)?.hasScales;
  const model = needsScales && scaled !== undefined ? { model: scaled.name, options: {} } : {};
  const usual = method === "texture" && preset !== undefined ? preset.iterations : USUAL_ITERATIONS[method];
  change({ method, iterations: usual, ...(method === "texture" ? { options: {} } : model) });
}

/** Begins what is chosen, and runs it. */
export async function begin(checkpoint: Uint8Array | null = null): Promise<void> {
  await attempt(async () => {
    const choice = state.choice.value;
    if (state.image.value === null) await open();
    if (state.image.value === null) return;
    batch(() => {
      clearResult();
      state.phase.value = "beginning";
    });
    const begun = await client.ask("begin", { choice, checkpoint });
    batch(() => {
      state.begun.value = begun;
      state.begunChoice.value = choice;
      state.frame.value = begun.frame;
      state.chosenMade.value = 0;
    });
    setAddress();
    await keepNow();
    await proceed(null);
  });
}

function clearResult(): void {
  batch(() => {
    state.problem.value = null;
    state.brought.value = null;
    state.verified.value = null;
    state.begun.value = null;
    state.begunChoice.value = null;
    state.frame.value = null;
    state.curves.value = null;
    state.figure.value = null;
    state.judged.value = null;
    state.hashes.value = null;
    state.scrubbed.value = null;
    state.kept.value = null;
    state.notes.value = [];
    state.ending.value = "";
  });
}

/** Goes on: one step, or all that are left. */
export async function go(steps: number | null): Promise<void> {
  await attempt(() => proceed(steps));
}

async function proceed(steps: number | null): Promise<void> {
  batch(() => {
    state.phase.value = "running";
    state.scrubbed.value = null;
    state.judged.value = null;
    state.hashes.value = null;
  });
  const { frame, why, words } = await client.ask("run", { steps });
  batch(() => {
    state.frame.value = frame;
    state.ending.value = words;
    state.phase.value = why === "done" ? "done" : "paused";
  });
  state.curves.value = await client.ask("curves", null);
  await keepNow();
  if (frame.made.length === 0 || frame.step === 0) return;
  state.hashes.value = await client.ask("hashes", null);
  setAddress();
  state.judged.value = await client.ask("judge", null);
  state.figure.value = await client.ask("representation", null);
}

export async function pause(): Promise<void> {
  await attempt(() => client.ask("pause", null));
}

/** Looks at an earlier moment; null: at the present one. */
export async function scrubTo(step: number | null): Promise<void> {
  await attempt(async () => {
    state.scrubbed.value = step === null ? null : await client.ask("stored", { step });
  });
}

/** Goes on from what an earlier visit left. */
export async function resume(): Promise<void> {
  const earlier = await whatWasKept();
  if (earlier?.checkpoint === null || earlier === null) return;
  state.choice.value = earlier.choice;
  await begin(earlier.checkpoint);
}

/** Forgets what was kept over reloads. */
export async function forgetAll(): Promise<void> {
  await attempt(async () => {
    await forget();
    state.kept.value = null;
  });
}

/** Back to the first choice. */
export async function reset(): Promise<void> {
  await attempt(async () => {
    clearResult();
    state.choice.value = FIRST_CHOICE;
    state.promised.value = [];
    file = null;
    history.replaceState(null, "", location.pathname + location.search);
    await open();
    state.phase.value = "ready";
  });
}

export async function save(kind: SaveKind, embedTarget = false): Promise<void> {
  await attempt(async () => {
    const files = await client.ask("save", { kind, embedTarget });
    for (const one of files) download(one);
    state.notes.value = files.flatMap(({ name, note }) => (note === "" ? [] : [`${name}: ${note}`]));
  });
}

function download({ name, bytes }: Saved): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Opens a result that was saved. */
async function bring(given: Blob, name: string): Promise<void> {
  await attempt(async () => {
    const told = await client.ask("bring", { file: given, name });
    clearResult();
    state.brought.value = told;
    state.phase.value = "ready";
  });
}

/** Runs it again. */
export async function verify(withImage: boolean): Promise<void> {
  await attempt(async () => {
    state.phase.value = "verifying";
    state.verified.value = null;
    state.verified.value = await client.ask("verify", { withImage });
    state.phase.value = "ready";
    state.verifying.value = null;
  });
}

/** Opens whatever somebody drops or pastes: an image, or a result. */
export async function take(given: File): Promise<void> {
  const isResult = /\.(pt|json)$/i.test(given.name) || (/\.png$/i.test(given.name) && (await holdsRecipe(given)));
  await (isResult ? bring(given, given.name) : openFile(given, given.name));
}

/** A PNG of ours says so in its first part. */
async function holdsRecipe(given: Blob): Promise<boolean> {
  const head = new Uint8Array(await given.slice(0, 4096).arrayBuffer());
  return new TextDecoder("latin1").decode(head).includes("plenoptic-recipe");
}

/** The address that makes what is shown, and its hash where it is known. */
function ownAddress(): string {
  const choice = state.begunChoice.value ?? state.choice.value;
  const numerics = state.catalog.value?.versions.numerics ?? null;
  const result = (state.hashes.value ?? []).map(({ sha256 }) => sha256);
  return addressOf({ choice, numerics, result: result.length > 0 ? result : state.promised.value });
}

function setAddress(): void {
  history.replaceState(null, "", `#${ownAddress()}`);
}

export async function copyLink(): Promise<void> {
  await attempt(async () => {
    setAddress();
    await navigator.clipboard.writeText(location.href);
    state.notes.value = ["The link was copied."];
  });
}

function hear(event: Event): void {
  if (event.event === "frame") {
    state.frame.value = event.frame;
    void keepSometimes();
    if (performance.now() - curvesAt > 1000) {
      curvesAt = performance.now();
      void client.ask("curves", null).then(
        (curves) => {
          state.curves.value = curves;
        },
        () => undefined,
      );
    }
  } else if (event.event === "verifying") state.verifying.value = { step: event.step, steps: event.steps };
  else state.notes.value = [...state.notes.value.slice(-4), event.text];
}

async function keepSometimes(): Promise<void> {
  const now = performance.now();
  const wait = Math.max(1000 * LEAST_SECONDS_BETWEEN_KEEPING, keepingTook / KEEPING_SHARE);
  if (isKeeping || now - keptAt < wait) return;
  await keepNow();
}

async function keepNow(): Promise<void> {
  if (isKeeping) return;
  isKeeping = true;
  const began = performance.now();
  try {
    const checkpoint = await client.ask("checkpoint", null);
    const choice = state.begunChoice.value ?? state.choice.value;
    await keep({ choice, file, checkpoint, step: state.frame.value?.step ?? 0 });
  } catch {
    // A browser that keeps nothing, or has no room: the page works without.
  } finally {
    isKeeping = false;
    keptAt = performance.now();
    keepingTook = keptAt - began;
  }
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  batch(() => {
    state.problem.value = wordsOf(error);
    state.phase.value = state.frame.value === null ? "failed" : "paused";
  });
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
