// Both directions of the exchange: a synthesis begun in one library and continued in the other must give what an
// uninterrupted one gives.

import { join } from "node:path";
import { type Answer, type Peer, RequestError } from "@plenoptic-js/proof/peer/peer";
import * as po from "plenoptic-js";
import { type Case, start, target } from "./cases.ts";
import { fresh, imageOf, loaded, ownSeries, type Synthesis, storedOf, timingOf } from "./objects.ts";

export interface Outcome {
  readonly name: string;
  /** What is wrong; null: nothing. */
  readonly failure: string | null;
  /** The largest relative difference that was seen. */
  readonly difference: number;
}

/** Relative to the largest value of an image, and to each value of a history. */
const TOLERANCE = 1e-8;
const ITERATIONS = 3;

const synthesize = (object: Synthesis, { options }: Case): Promise<unknown> =>
  object.synthesize({ maxIter: ITERATIONS, storeProgress: true, stopCriterion: -1, ...options?.ours });

/** All exchanges of one case, with files in `folder`. */
export async function* exchange(peer: Pick<Peer, "ask">, one: Case, folder: string): AsyncGenerator<Outcome> {
  const request = (action: string, files: Answer): Promise<Answer> =>
    peer.ask({
      do: action,
      ...one.theirs,
      class: one.className,
      image: target.numbers,
      start: start.numbers,
      synthesize: { max_iter: ITERATIONS, store_progress: true, stop_criterion: -1, ...one.options?.theirs },
      ...files,
    });
  const path = (name: string): string => join(folder, `${one.name.replaceAll(/\W+/g, "-")}-${name}.pt`);

  const ours = { begun: path("begun-here"), continued: path("continued-in-python") };
  const { className } = one;
  const whole = fresh(className);
  await whole.setup({ ...one.ours(), initialImage: start.image });
  await synthesize(whole, one);
  // With all that a file of ours can hold.
  await whole.save(ours.begun, { withModel: true });
  const begun = await imageOf(whole).data();
  await synthesize(whole, one);

  yield await outcome(`${one.name}: torch.load reads our file`, async () => {
    const { image } = await request("read", { file: ours.begun });
    return farthest("the image", image as readonly number[], begun, "all");
  });
  if (one.continuesInPython) {
    yield await outcome(`${one.name}: begun here, continued in Python`, async () => {
      await request("go on", ours);
      return differenceOf(await loaded(className, ours.continued), whole);
    });
  }
  yield await outcome(`${one.name}: begun in Python, continued here`, async () => {
    const theirs = { begun: path("begun-in-python"), continued: path("whole-in-python") };
    await request("make", theirs);
    const object = await loaded(className, theirs.begun);
    await synthesize(object, one);
    return differenceOf(object, await loaded(className, theirs.continued));
  });
}

/** Runs one check; requests that Python refuses and files that do not load are failures, not the end. */
export async function outcome(name: string, check: () => Promise<number>): Promise<Outcome> {
  try {
    const difference = await check();
    return { name, failure: null, difference };
  } catch (error) {
    const expected = [Difference, RequestError, po.LoadError, po.FileError];
    if (!(error instanceof Error) || !expected.some((kind) => error instanceof kind)) throw error;
    return { name, failure: error.message, difference: Number.NaN };
  }
}

class Difference extends Error {}

/** The largest relative difference between two syntheses. Throws where one is too large. */
function differenceOf(got: Synthesis, wanted: Synthesis): number {
  const [scales, wantedScales] = [timingOf(got), timingOf(wanted)];
  if (scales !== wantedScales) throw new Difference(`scales are ${scales}, expected ${wantedScales}`);
  // With L-BFGS, Python notes penalty, gradient and metrics of the last trial point of an iteration, we those of its first.
  const evaluatesOften = wanted.optimizer?.kind === "lbfgs" || got.optimizer?.kind === "lbfgs";
  const series = ownSeries(wanted);
  return Math.max(
    farthest("losses", got.losses, wanted.losses),
    farthest("pixelChangeNorm", got.pixelChangeNorm, wanted.pixelChangeNorm),
    evaluatesOften ? 0 : farthest("gradientNorm", got.gradientNorm, wanted.gradientNorm),
    evaluatesOften ? 0 : farthest("penalties", got.penalties, wanted.penalties),
    ...Object.entries(ownSeries(got)).map(([name, values]) => farthest(name, values, series[name])),
    farthest("the stored images", storedOf(got).dataSync(), storedOf(wanted).dataSync(), "all"),
  );
}

/** @param scale what differences are relative to: each value, or the largest of all */
export function farthest(
  what: string,
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  scale: "each" | "all" = "each",
): number {
  if (got.length !== wanted.length) throw new Difference(`${got.length} values in ${what}, expected ${wanted.length}`);
  const largest = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (got[i] === wanted[i]) continue;
    const difference = Math.abs(got[i] - wanted[i]) / (scale === "all" ? largest : Math.abs(wanted[i]));
    if (!(difference <= TOLERANCE)) throw new Difference(`${what}[${i}] is ${got[i]}, expected ${wanted[i]}`);
    worst = Math.max(worst, difference);
  }
  return worst;
}
