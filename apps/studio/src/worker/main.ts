// The worker: the only part of the page that has the library. It holds one image and one synthesis at a time.

import { availableThreads } from "@plenoptic-js/tensor";
import { warnings } from "plenoptic-js";
import type { Brought, Ended, Frame } from "../protocol/messages.ts";
import { serve } from "../protocol/serve.ts";
import { beginSession } from "./begin.ts";
import { bringBack, verifyBrought } from "./brought.ts";
import { catalogOfCards } from "./catalog.ts";
import { type Opened, openImage, planeOf } from "./images.ts";
import { filesOf } from "./outputs.ts";
import type { Session } from "./session.ts";

const MILLISECONDS_BETWEEN_FRAMES = 150;
/** More do not make an image of usual size faster. */
const MOST_THREADS = 4;

let image: Opened | null = null;
let session: Session | null = null;
let running = new AbortController();
let seconds = 0;
let brought: { readonly file: Blob; readonly told: Brought } | null = null;

const threads = (): number => Math.min(availableThreads(), MOST_THREADS);

function begun(): Session {
  if (session === null) throw new Error("Nothing has been begun.");
  return session;
}

async function frameOf(one: Session): Promise<Frame> {
  return {
    step: one.step,
    steps: one.steps,
    seconds,
    threads: threads(),
    made: await one.made(),
    numbers: one.numbers(),
  };
}

/** Runs until it is done or paused, and sends frames meanwhile. */
async function run(one: Session, steps: number | null): Promise<Ended> {
  running = new AbortController();
  const { signal } = running;
  let since = performance.now();
  let shown = since;
  const count = (): void => {
    const now = performance.now();
    seconds += (now - since) / 1000;
    since = now;
  };
  const stepped = async (): Promise<void> => {
    if (performance.now() - shown < MILLISECONDS_BETWEEN_FRAMES) return;
    count();
    send({ event: "frame", frame: await frameOf(one) });
    shown = performance.now();
  };
  try {
    const { words } = await one.run(steps ?? Number.MAX_SAFE_INTEGER, signal, stepped);
    count();
    return { frame: await frameOf(one), why: one.isDone ? "done" : "paused", words };
  } catch (error) {
    if (!signal.aborted) throw error;
    count();
    return { frame: await frameOf(one), why: "paused", words: "" };
  }
}

const send = serve(self, {
  catalog: async () => catalogOfCards(),
  open: async ({ name, file }) => {
    const opened = await openImage(name, file);
    ({ image } = opened);
    return opened.told;
  },
  begin: async ({ choice, checkpoint }) => {
    running.abort();
    if (image === null) throw new Error("No image has been opened.");
    session = null;
    seconds = 0;
    session = await beginSession(choice, image, threads(), checkpoint);
    const { description, every, target } = session;
    return { target: await planeOf(target), description, every, frame: await frameOf(session) };
  },
  run: async ({ steps }) => run(begun(), steps),
  pause: async () => {
    running.abort();
    return null;
  },
  curves: async () => begun().curves(),
  representation: async () => begun().representation(),
  stored: async ({ step }) => begun().stored(step),
  judge: async () => begun().judge(running.signal.aborted ? new AbortController().signal : running.signal),
  hashes: async () => {
    const recipes = await begun().recipes();
    return recipes.map(({ name, recipe }) => ({
      name,
      sha256: (recipe.result as { readonly sha256: string }).sha256,
    }));
  },
  checkpoint: async () => begun().checkpoint(),
  save: async ({ kind, embedTarget }) => filesOf(begun(), kind, embedTarget),
  bring: async ({ file, name }) => {
    const told = await bringBack(file, name);
    brought = { file, told };
    return told;
  },
  verify: async ({ withImage }) => {
    if (brought === null) throw new Error("No file has been opened.");
    running = new AbortController();
    const given = withImage ? image : null;
    return verifyBrought(
      brought.file,
      given,
      (step, steps) => send({ event: "verifying", step, steps }),
      running.signal,
    );
  },
});

warnings.on((warning) => send({ event: "warning", text: warning.message }));
