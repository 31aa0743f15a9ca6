// Syntheses of several seeds: each is what it is alone, in its own file; and what they share.

import { madeSoFar } from "@plenoptic-js/tensor/engine";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { Blocks, picture, type Synthesis } from "./methods.ts";

const SEEDS = [0, 3, 4294967295, 1];

const stop = po.warnings.on(() => {});
afterAll(stop);
beforeEach(() => po.setSeed(9));

const gaussian = new po.models.Gaussian(5, { std: 1.5 });
const searching = () => po.optim.LBFGS({ maxIter: 5, maxEval: 12, lineSearchFn: "strong_wolfe" });

interface Kind {
  readonly name: string;
  make(): Synthesis | Promise<Synthesis>;
  readonly options: po.SynthesizeOptions;
}

const KINDS: readonly Kind[] = [
  {
    name: "Metamer, Adam by default, set up by nobody",
    make: () => new po.Metamer(picture(), gaussian),
    options: { maxIter: 23, stopCriterion: null },
  },
  {
    name: "Metamer, L-BFGS with a search, each with its own end",
    make: async () => {
      const metamer = new po.Metamer(picture(), { forward: (x) => x.square().add(x).exp() });
      await metamer.setup({ optimizer: searching() });
      return metamer;
    },
    options: { maxIter: 60, stopCriterion: 1e-7, stopItersToCheck: 2 },
  },
  {
    name: "MetamerCTF, a scheduler",
    make: async () => {
      const metamer = new po.MetamerCTF(picture(), new Blocks(), { lossFunction: po.loss.l2Norm });
      await metamer.setup({ scheduler: po.optim.StepLR({ stepSize: 3, gamma: 0.5 }) });
      return metamer;
    },
    options: { maxIter: 15, stopCriterion: null },
  },
  {
    name: "MADCompetition, constrained",
    make: () => new po.MADCompetition(picture(), po.metric.oneMinusSsim, po.metric.mse, "max", { constrained: true }),
    options: { maxIter: 12 },
  },
];

describe.each(KINDS)("$name", ({ make, options }) => {
  test("each has the file of a single run, to the byte", async () => {
    const together = await po.several(SEEDS, make);
    const summaries = await together.synthesize(options);
    for (const [i, seed] of SEEDS.entries()) {
      po.setSeed(seed);
      const alone = await make();
      expect(await alone.synthesize(options)).toEqual(summaries[i]);
      expect(await together.members[i].toBytes()).toEqual(await alone.toBytes());
    }
  });
});

test("members of L-BFGS end after numbers of iterations of their own", async () => {
  const { make, options } = KINDS[1];
  const summaries = await (await po.several(SEEDS, make)).synthesize(options);
  expect(new Set(summaries.map(({ iterations }) => iterations)).size).toBeGreaterThan(1);
  expect(summaries.every(({ stopReason }) => stopReason === "converged")).toBe(true);
});

test("all of them are compiled once", async () => {
  const image = po.tensor(
    Float64Array.from({ length: 20 * 21 }, (_, i) => ((i * 37) % 101) / 100),
    { shape: [1, 1, 20, 21] },
  );
  const make = () => new po.Metamer(image, gaussian);
  const first = await po.several([0], make);
  await first.synthesize({ maxIter: 2 });
  const before = madeSoFar();
  const others = await po.several([1, 2, 3, 4, 5, 6], make);
  await others.synthesize({ maxIter: 2 });
  expect(madeSoFar().compiled).toBe(before.compiled);
});

test("they take turns of ten iterations, and one that is done takes none", async () => {
  const order: number[] = [];
  const three = await po.several([5, 6, 7], () => new po.Metamer(picture(), gaussian));
  await three.members[1].synthesize({ maxIter: 3, stopCriterion: null });
  const onProgress = ({ seed }: po.OfSeed) => void (order[order.length - 1] === seed || order.push(seed));
  await three.synthesize({ maxIter: 25, stopCriterion: null, onProgress });
  expect(order).toEqual([5, 6, 7, 5, 6, 7, 5, 6, 7]);
  expect(three.members.map(({ numIter }) => numIter)).toEqual([25, 28, 25]);
});

test("the global generators stay as they were", async () => {
  const draw = () => [po.defaultGenerator().rand(3), po.globalNumpy().getState()];
  po.setSeed(9);
  const expected = draw();
  po.setSeed(9);
  await (await po.several([1, 2], () => new po.Metamer(picture(), gaussian))).synthesize({ maxIter: 1 });
  expect(draw()).toEqual(expected);
  po.setSeed(9);
  const refused = () => {
    throw new Error("no");
  };
  await expect(po.several([1], refused)).rejects.toThrow("no");
  expect(draw()).toEqual(expected);
});

test("an abort stops all of them, and they go on to the same bits", async () => {
  const make = () => new po.Metamer(picture(), gaussian);
  const options = { maxIter: 20, stopCriterion: null };
  const some = await po.several([1, 2, 3], make);
  const controller = new AbortController();
  let done = 0;
  const onProgress = () => void (++done === 14 && controller.abort(new Error("enough")));
  await expect(some.synthesize({ ...options, signal: controller.signal, onProgress })).rejects.toThrow("enough");
  expect(some.members.map(({ numIter }) => numIter)).toEqual([10, 4, 0]);
  for (const member of some.members) await member.synthesize({ ...options, maxIter: 20 - member.numIter });
  const whole = await po.several([1, 2, 3], make);
  await whole.synthesize(options);
  for (const [i, { metamer }] of some.members.entries()) {
    expect(metamer.dataSync()).toEqual(whole.members[i].metamer.dataSync());
  }
});

test("one that fails does not stop the others", async () => {
  const seeds = [0, 1, 2];
  const some = await po.several(seeds, async (seed) => {
    const metamer = new po.Metamer(picture(), gaussian);
    await metamer.setup({ optimizer: po.optim.SGD({ lr: seed === 1 ? 1e300 : 0.1 }) });
    return metamer;
  });
  const failing = some.synthesize({ maxIter: 30, stopCriterion: null });
  await expect(failing).rejects.toThrow(po.NonFiniteError);
  await expect(failing).rejects.toThrow(/^seed 1: /);
  expect(some.members[0].numIter).toBe(30);
  expect(some.members[1].numIter).toBeLessThan(30);
  expect(some.members[2].numIter).toBe(30);
});

test("a listener that throws ends all of them", async () => {
  const some = await po.several([1, 2, 3], () => new po.Metamer(picture(), gaussian));
  const onProgress = ({ seed, iteration }: po.OfSeed & { readonly iteration: number }) => {
    if (seed === 2 && iteration === 4) throw new RangeError("the listener's");
  };
  const options = { maxIter: 30, stopCriterion: null, onProgress };
  await expect(some.synthesize(options)).rejects.toThrow("the listener's");
  expect(some.members.map(({ numIter }) => numIter)).toEqual([10, 4, 0]);
});

describe("refusals", () => {
  const make = () => new po.Metamer(picture(), gaussian);
  test.each<[string, unknown, RegExp]>([
    ["no seeds", [], /seeds are \[\]; they must be an array of whole numbers/],
    ["no array", 3, /seeds are 3; they must be an array/],
    ["a fraction", [0, 1.5], /seeds\[1\] is 1\.5; it must be a whole number from 0 to 4294967295/],
    ["below 0", [-1], /seeds\[0\] is -1/],
    ["too large", [4294967296], /seeds\[0\] is 4294967296/],
    ["one twice", [1, 2, 1], /seed 1 is there twice/],
  ])("%s", async (_, seeds, words) => {
    await expect(po.several(seeds as number[], make)).rejects.toThrow(words);
  });

  test("what makes no synthesis", async () => {
    await expect(po.several([1], "no" as never)).rejects.toThrow(/make is "no"; it must be a function/);
    await expect(po.several([1], () => 3 as never)).rejects.toThrow(/make has given 3; it must give a synthesis/);
    const one = make();
    await expect(po.several([1, 2], () => one)).rejects.toThrow(/one object twice/);
  });

  test("unknown options", async () => {
    const some = await po.several([1], make);
    await expect(some.synthesize({ maxIters: 3 } as never)).rejects.toThrow(/maxIters.*did you mean.*maxIter/i);
    await expect(some.synthesize({ onProgress: 3 } as never)).rejects.toThrow(/onProgress is 3; it must be a function/);
  });
});
