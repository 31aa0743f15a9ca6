// Both directions of the exchange: a synthesis begun in one library and continued in the other must give what an
// uninterrupted one gives.

import { join } from "node:path";
import * as po from "plenoptic-js";
import { type Case, type EigenCase, small, start, target } from "./cases.ts";
import { type Answer, type Peer, RequestError } from "./peer.ts";

export interface Outcome {
  readonly name: string;
  /** What is wrong; null: nothing. */
  readonly failure: string | null;
  /** The largest relative difference that was seen. */
  readonly difference: number;
}

/** Relative to the largest value of an image, and to each value of a history. */
const TOLERANCE = 1e-6;
const ITERATIONS = 3;

const fresh = (): po.Metamer => new po.Metamer(target.image, new po.models.Gaussian([7, 7]));

const synthesize = (metamer: po.Metamer): Promise<unknown> =>
  metamer.synthesize({ maxIter: ITERATIONS, storeProgress: true, stopCriterion: -1 });

async function loaded(file: string): Promise<po.Metamer> {
  const metamer = fresh();
  await metamer.load(file);
  return metamer;
}

/** All exchanges of one case, with files in `folder`. */
export async function* exchange(peer: Pick<Peer, "ask">, one: Case, folder: string): AsyncGenerator<Outcome> {
  const request = (action: string, files: Answer): Promise<Answer> =>
    peer.ask({
      do: action,
      ...one.theirs,
      image: target.numbers,
      start: start.numbers,
      iterations: ITERATIONS,
      ...files,
    });
  const path = (name: string): string => join(folder, `${one.name.replaceAll(/\W+/g, "-")}-${name}.pt`);

  const ours = { begun: path("begun-here"), continued: path("continued-in-python") };
  const whole = fresh();
  await whole.setup({ ...one.ours(), initialImage: start.image });
  await synthesize(whole);
  await whole.save(ours.begun);
  const begun = await whole.metamer.data();
  await synthesize(whole);

  yield await outcome(`${one.name}: torch.load reads our file`, async () => {
    const { metamer } = await request("read", { file: ours.begun });
    return farthest("metamer", metamer as readonly number[], begun, "all");
  });
  if (one.continuesInPython) {
    yield await outcome(`${one.name}: begun here, continued in Python`, async () => {
      await request("go on", ours);
      return differenceOf(await loaded(ours.continued), whole);
    });
  }
  yield await outcome(`${one.name}: begun in Python, continued here`, async () => {
    const theirs = { begun: path("begun-in-python"), continued: path("whole-in-python") };
    await request("make", theirs);
    const metamer = await loaded(theirs.begun);
    await synthesize(metamer);
    return differenceOf(metamer, await loaded(theirs.continued));
  });
}

/** What Python says of eigendistortions: values in its own order, vectors one after the other. */
interface Pairs {
  readonly eigenindex: readonly number[];
  readonly eigenvalues: readonly number[];
  readonly eigendistortions: readonly number[];
}

/** Both directions for eigendistortions, which are found in one library and read in the other. */
export async function* exchangeEigendistortions(
  peer: Pick<Peer, "ask">,
  { ours, theirs }: EigenCase,
  folder: string,
): AsyncGenerator<Outcome> {
  const request = async (action: string, file: string): Promise<Pairs> =>
    (await peer.ask({ do: action, options: theirs, image: small.numbers, file })) as unknown as Pairs;
  const path = (name: string): string => join(folder, `eigendistortions-${ours.method}-${name}.pt`);
  const made = new po.Eigendistortion(small.image, new po.models.Gaussian([7, 7]));
  po.setSeed(0);
  await made.synthesize(ours);

  yield await outcome(`Eigendistortion, ${ours.method}: found here, read in Python`, async () => {
    await made.save(path("here"));
    const read = await request("read eigendistortions", path("here"));
    // In our order, which decreases.
    return differenceOfPairs(await pairsOf(made), read, read.eigenvalues);
  });
  yield await outcome(`Eigendistortion, ${ours.method}: found in Python, read here`, async () => {
    const found = await request("find eigendistortions", path("python"));
    const loaded = new po.Eigendistortion(small.image, new po.models.Gaussian([7, 7]));
    await loaded.load(path("python"));
    const decreasing = [...found.eigenvalues].sort((a, b) => b - a);
    const difference = differenceOfPairs(await pairsOf(loaded), found, decreasing);
    // The largest is the same by all methods.
    const largest = [await loaded.eigenvalues!.data(), await made.eigenvalues!.data()].map(([value]) => value);
    return Math.max(difference, farthest("largest eigenvalue", [largest[0]], [largest[1]]));
  });
}

async function pairsOf({ eigenindex, eigenvalues, eigendistortions }: po.Eigendistortion): Promise<Pairs> {
  const [index, values, vectors] = [eigenindex!, eigenvalues!, eigendistortions!];
  return {
    eigenindex: Array.from(await index.data()),
    eigenvalues: Array.from(await values.data()),
    eigendistortions: Array.from(await vectors.data()),
  };
}

/** Index by index, value by value; each vector against that of the same value. */
function differenceOfPairs(here: Pairs, python: Pairs, inOrder: readonly number[]): number {
  const n = small.image.size;
  const rows = inOrder.map((value) => python.eigenvalues.indexOf(value));
  const sorted = rows.flatMap((row) => python.eigendistortions.slice(row * n, (row + 1) * n));
  return Math.max(
    farthest("eigenindex", here.eigenindex, python.eigenindex),
    farthest("eigenvalues", here.eigenvalues, inOrder, "all"),
    farthest("eigendistortions", here.eigendistortions, sorted, "all"),
  );
}

/** Runs one check; requests that Python refuses and files that do not load are failures, not the end. */
async function outcome(name: string, check: () => Promise<number>): Promise<Outcome> {
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
function differenceOf(got: po.Metamer, wanted: po.Metamer): number {
  // With L-BFGS, Python notes penalty and gradient of the last trial point of an iteration, we those of its first.
  const evaluatesOften = wanted.optimizer?.kind === "lbfgs" || got.optimizer?.kind === "lbfgs";
  return Math.max(
    farthest("losses", got.losses, wanted.losses),
    farthest("pixelChangeNorm", got.pixelChangeNorm, wanted.pixelChangeNorm),
    evaluatesOften ? 0 : farthest("gradientNorm", got.gradientNorm, wanted.gradientNorm),
    evaluatesOften ? 0 : farthest("penalties", got.penalties, wanted.penalties),
    farthest("savedMetamer", got.savedMetamer.dataSync(), wanted.savedMetamer.dataSync(), "all"),
  );
}

/** @param scale what differences are relative to: each value, or the largest of all */
function farthest(
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
