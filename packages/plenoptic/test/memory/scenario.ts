// Many syntheses: all alive at once, then one after the other, small and large. What they hold must not grow with their number.
// Nothing here uses Node: it runs in a process (child.ts) and in a browser's worker (memoryWorker.ts).

import { hashTensor, setSeed, setThreads } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";

export interface Size {
  readonly threads: number;
  /** Syntheses of 64 x 64 pixels that are alive together. */
  readonly alive: number;
  /** Syntheses of 64 x 64 and of 512 x 512 pixels that run one after the other, evenly mixed. */
  readonly small: number;
  readonly large: number;
}

/** In MiB. */
export interface Memory {
  readonly resident: number;
  readonly reserved: number;
}

export interface Report {
  /** With all of the first part alive. */
  readonly alive: Memory;
  /** After the 50th of those that run one after the other, and after the last. */
  readonly early: Memory;
  readonly last: Memory;
}

/** After how many of those that run one after the other memory is looked at first. */
const EARLY = 50;

const model = new po.models.Gaussian(15, { std: 2 });

async function made(side: number, seed: number): Promise<po.Metamer> {
  setSeed(seed);
  const metamer = new po.Metamer(po.rand([1, 1, side, side], { dtype: "float64" }), model);
  await metamer.synthesize({ maxIter: 1, stopCriterion: 0 });
  return metamer;
}

async function aFewMore(metamer: po.Metamer): Promise<string> {
  await metamer.synthesize({ maxIter: 2, stopCriterion: 0 });
  return hashTensor(metamer.metamer);
}

/** Runs all of it. `look` measures, after a collection of garbage if that can be had. */
export async function runScenario(
  { threads, alive, small, large }: Size,
  look: () => Promise<Memory>,
): Promise<Report> {
  setThreads(threads);
  let all: po.Metamer[] = [];
  for (let i = 0; i < alive; i++) all.push(await made(64, i));
  const whileAlive = await look();
  // They go on where they were, to the bits of those that never had to wait.
  for (let i = 0; i < alive; i += Math.ceil(alive / 7)) {
    const [waited, fresh] = [await aFewMore(all[i]), await aFewMore(await made(64, i))];
    if (waited !== fresh) throw new Error(`synthesis ${i} of ${alive} went on to other bits`);
  }
  all = [];
  let early = whileAlive;
  const count = small + large;
  for (let i = 0; i < count; i++) {
    const isLarge = Math.floor(((i + 1) * large) / count) > Math.floor((i * large) / count);
    await made(isLarge ? 512 : 64, i);
    if (i + 1 === EARLY) early = await look();
  }
  return { alive: whileAlive, early, last: await look() };
}
