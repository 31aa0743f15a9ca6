// Checkpoints in one process: what is refused, when they are written, what a run goes on from; and that no bit depends on them.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { CheckpointTimes } from "../../src/synthesis/frame/checkpointTimes.ts";
import { picture, type Synthesis } from "../synthesis/methods.ts";
import { callOf, METHODS, made, type Scenario, uninterrupted } from "./scenario.ts";

let folder: string;
let path: string;
let warned: string[];
let quiet: () => void;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  path = join(folder, "m.pt");
  warned = [];
  quiet = po.warnings.on((warning) => warned.push(warning.message));
});
afterEach(() => {
  quiet();
  rmSync(folder, { recursive: true });
});

const gaussian = (): po.Metamer => {
  po.setSeed(0);
  return new po.Metamer(picture(), new po.models.Gaussian(5, { std: 1.5 }));
};
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(file));
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe("a call with a checkpoint", () => {
  test("makes the bits of one without, and leaves the file that save() writes", async () => {
    const summary = await gaussian().synthesize({ maxIter: 10, checkpoint: { path, every: 3 } });
    const plain = gaussian();
    expect(await plain.synthesize({ maxIter: 10 })).toEqual(summary);
    expect(same(bytesOf(path), await plain.toBytes())).toBe(true);
    expect(readdirSync(folder)).toEqual(["m.pt"]);
    expect((await po.replay.verify(path)).verdict).toBe("identical");
  });

  test("tells what is written, and a run that goes on from it what it has", async () => {
    const news: po.CheckpointNews[] = [];
    const onCheckpoint = (one: po.CheckpointNews): void => void news.push(one);
    const told = () => news.splice(0).map(({ kind, iteration }) => `${kind} ${iteration}`);
    const boom = (at: number) => (progress: po.Progress) => {
      if (progress.iteration === at) throw new Error("boom");
    };
    const checkpoint = { path, every: 4, resume: true, onCheckpoint };
    await expect(gaussian().synthesize({ maxIter: 10, checkpoint, onProgress: boom(6) })).rejects.toThrow("boom");
    // The one at the end keeps what came after the last.
    expect(told()).toEqual(["nothing 0", "written 4", "written 6"]);
    const seen: number[] = [];
    const summary = await gaussian().synthesize({
      maxIter: 10,
      checkpoint,
      onProgress: ({ iteration }) => seen.push(iteration),
    });
    expect(told()).toEqual(["resumed 6", "written 8", "written 10"]);
    expect(seen).toEqual([7, 8, 9, 10]);
    expect(summary).toMatchObject({ iterations: 10, numIter: 10, stopReason: "maxIter" });
    // It is done: nothing is left to do, or to write.
    expect(await gaussian().synthesize({ maxIter: 10, checkpoint })).toEqual(summary);
    expect(told()).toEqual(["resumed 10"]);
    // And more may be asked for.
    const more = gaussian();
    await more.synthesize({ maxIter: 12, checkpoint });
    const plain = gaussian();
    await plain.synthesize({ maxIter: 12 });
    expect(same(await more.toBytes(), await plain.toBytes())).toBe(true);
  });

  test("a signal that aborts keeps what was done, and the same object goes on too", async () => {
    const controller = new AbortController();
    const metamer = gaussian();
    const onProgress = ({ iteration }: po.Progress): void => {
      if (iteration === 5) controller.abort(new Error("enough"));
    };
    const { signal } = controller;
    const checkpoint = { path, every: 1000 };
    await expect(metamer.synthesize({ maxIter: 9, signal, onProgress, checkpoint })).rejects.toThrow("enough");
    expect((await po.replay.read(path)).recipe.result!.iterations).toBe(5);
    await metamer.synthesize({ maxIter: 4 });
    const other = gaussian();
    await other.synthesize({ maxIter: 9, checkpoint: { path, resume: true } });
    expect(await po.hashTensor(metamer.metamer)).toBe(await po.hashTensor(other.metamer));
    expect((await other.recipe())?.calls).toHaveLength(2);
  });

  test("a loss that settled before the end has settled again", async () => {
    const rules = { maxIter: 100, stopRtol: 0.5, stopItersToCheck: 4 };
    const plain = gaussian();
    const summary = await plain.synthesize(rules);
    expect(summary.stopReason).toBe("converged");
    await gaussian().synthesize({ ...rules, checkpoint: { path, every: 1 } });
    const again = gaussian();
    expect(await again.synthesize({ ...rules, checkpoint: { path, resume: true } })).toEqual(summary);
    expect(same(await again.toBytes(), await plain.toBytes())).toBe(true);
  });

  test("a limit of time counts what an earlier process took", async () => {
    const slow = async (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 30));
    const limit = { maxIter: Number.POSITIVE_INFINITY, maxSeconds: 0.2, onProgress: slow };
    const first = await gaussian().synthesize({ ...limit, checkpoint: { path, every: 1 } });
    expect(first.stopReason).toBe("maxSeconds");
    const second = await gaussian().synthesize({ ...limit, checkpoint: { path, resume: true } });
    expect(second).toEqual(first);
  });
});

describe("in the middle of a step", () => {
  /** A signal that is aborted when it is asked for the k-th time: between any two evaluations. */
  class Asked {
    asked = 0;
    readonly #most: number;
    constructor(most: number) {
      this.#most = most;
    }
    get aborted(): boolean {
      return ++this.asked > this.#most;
    }
    throwIfAborted(): void {
      if (this.asked > this.#most) throw new Error("ended");
    }
  }
  const signalOf = (asked: Asked) => ({ signal: asked as unknown as AbortSignal });

  test.each([
    { method: "Metamer", optimizer: "LBFGS" },
    { method: METHODS[1], optimizer: "LBFGS" },
    { method: METHODS.at(-1) as string, optimizer: null },
  ])("a signal ends the step of $method after the evaluation at hand, and it is made again", async (one) => {
    const scenario: Scenario = { ...one, steps: 4, every: 1000 };
    const wanted = await uninterrupted(scenario);
    const whole = new Asked(Number.POSITIVE_INFINITY);
    await (await made(scenario)).synthesize({ ...callOf(scenario, path), ...signalOf(whole) });
    // More often than once a step.
    expect(whole.asked).toBeGreaterThan(3 * scenario.steps);
    for (let k = 1; k < whole.asked; k += 2) {
      const file = join(folder, `${k}.pt`);
      const ended = await made(scenario);
      const run = ended.synthesize({ ...callOf(scenario, file), ...signalOf(new Asked(k)) });
      await expect(run).rejects.toThrow("ended");
      expect(existsSync(file)).toBe(ended.numIter > 0);
      const other = await made(scenario);
      await other.synthesize(callOf(scenario, file));
      expect(same(await other.toBytes(), wanted), `after ${k} questions`).toBe(true);
      // The object that was ended goes on, too.
      await ended.synthesize({ ...callOf(scenario, file), maxIter: scenario.steps - ended.numIter, checkpoint: null });
      expect(ended.losses).toEqual(other.losses);
    }
  });
});

describe("several calls", () => {
  const program = async (one: po.CheckpointOptions, two: po.CheckpointOptions, boomAt = 0): Promise<Synthesis> => {
    const metamer = gaussian();
    await metamer.synthesize({ maxIter: 4, checkpoint: one });
    metamer.to("float32");
    const onProgress = ({ iteration }: po.Progress): void => {
      if (iteration === boomAt) throw new Error("boom");
    };
    await metamer.synthesize({ maxIter: 6, checkpoint: two, onProgress });
    return metamer;
  };
  const ways = (name: string) => ({ path: join(folder, name), every: 1, resume: true });

  test("each has a file, and a program that is run again goes on in the one that was ended", async () => {
    const wanted = await (await program(ways("1.pt"), ways("2.pt"))).toBytes();
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    await expect(program(ways("1.pt"), ways("2.pt"), 3)).rejects.toThrow("boom");
    const again = await program(ways("1.pt"), ways("2.pt"));
    expect(same(await again.toBytes(), wanted)).toBe(true);
    expect(warned).toEqual([]);
  });

  test("where they share one, the earlier one is made again, and said to be", async () => {
    const wanted = await (await program(ways("1.pt"), ways("2.pt"))).toBytes();
    await expect(program(ways("m.pt"), ways("m.pt"), 3)).rejects.toThrow("boom");
    const again = await program(ways("m.pt"), ways("m.pt"));
    expect(same(await again.toBytes(), wanted)).toBe(true);
    expect(warned).toEqual([expect.stringContaining("is of a later call, so this one is done again")]);
  });

  test("of several seeds each has a file", async () => {
    const make = () => new po.Metamer(picture(), new po.models.Gaussian(5, { std: 1.5 }));
    const several = await po.several([3, 8], make);
    await several.synthesize({ maxIter: 5, checkpoint: { path, every: 2 } });
    expect(readdirSync(folder).sort()).toEqual(["m-seed-3.pt", "m-seed-8.pt"]);
    expect(same(bytesOf(join(folder, "m-seed-8.pt")), await several.members[1].toBytes())).toBe(true);
  });

  test("a recipe that is run again goes on, and makes what it says", async () => {
    const first = await program(ways("1.pt"), ways("2.pt"));
    const file = await first.toBytes();
    const where = { path: join(folder, "again.pt"), every: 1, resume: true };
    const onProgress = ({ step }: po.replay.ReplayStep): void => {
      if (step === 7) throw new Error("boom");
    };
    // The file has it in the later precision only.
    const given = { image: picture(), checkpoint: where };
    await expect(po.replay.run(file, { ...given, onProgress })).rejects.toThrow("boom");
    const steps: number[] = [];
    const again = await po.replay.run(file, { ...given, onProgress: ({ step }) => steps.push(step) });
    expect(steps).toEqual([8, 9, 10]);
    expect(same(await (again as po.Metamer).toBytes(), file)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["1.pt", "2.pt", "again-2.pt", "again.pt"]);
  });
});

describe("what is refused", () => {
  const refused = async (metamer: Synthesis, options: po.SynthesizeOptions): Promise<string> => {
    const error = await metamer.synthesize({ maxIter: 3, ...options }).then(
      () => new Error("it was not refused"),
      (reason: Error) => reason,
    );
    expect(metamer.numIter).toBe(0);
    return error.message;
  };

  test("at the start: what cannot be written, and a file that would be lost", async () => {
    const at = (name: string) => ({ checkpoint: { path: join(folder, name) } });
    const metamer = gaussian();
    mkdirSync(join(folder, "folder.pt"));
    writeFileSync(join(folder, "file"), "");
    expect(await refused(metamer, at("no/m.pt"))).toMatch(/the folder .*no does not exist/);
    expect(await refused(metamer, at("file/m.pt"))).toMatch(/file is not a folder/);
    expect(await refused(metamer, at("folder.pt"))).toMatch(/a folder of this name is in the way/);
    expect(await refused(metamer, at("file"))).toMatch(/is there already; go on from it with .*resume: true/);
    if (process.platform === "linux") {
      expect(await refused(metamer, { checkpoint: { path: "/proc/m.pt" } })).toMatch(/\/proc/);
    }
    // Nothing was drawn or set up.
    expect(metamer.isSetUp).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(["file", "folder.pt"]);
  });

  test("what makes no sense", async () => {
    const metamer = gaussian();
    const asked = (checkpoint: object) => refused(metamer, { checkpoint: checkpoint as po.CheckpointOptions });
    expect(await asked({})).toMatch(/checkpoint.path is undefined; it must be the path of a .pt file/);
    for (const every of [0, 1.5, "2", { seconds: 0 }, { steps: 3 }, { seconds: 1, more: 1 }, null]) {
      expect(await asked({ path, every })).toMatch(
        /checkpoint.every is .*whole number of iterations, 1 or more, or \{ seconds \}/,
      );
    }
    expect(await asked({ path, resume: 1 })).toMatch(/checkpoint.resume is 1/);
    expect(await asked({ path, onCheckpoint: 1 })).toMatch(/must be a function/);
    expect(await asked({ path, when: 1 })).toMatch(/when/);
  });

  test("what is kept of another run, by the setting that is another one", async () => {
    await gaussian().synthesize({ maxIter: 5, checkpoint: { path } });
    const before = bytesOf(path);
    const goesOn = { checkpoint: { path, resume: true } };
    const image = picture();
    const model = new po.models.Gaussian(5, { std: 1.5 });
    const seeded = (make: () => Synthesis): Synthesis => {
      po.setSeed(0);
      return make();
    };
    const others: readonly (readonly [RegExp, () => Synthesis, po.SynthesizeOptions?])[] = [
      [/its image is another one/, () => new po.Metamer(picture(1), model)],
      [/its model, by its graph, is another one/, () => new po.Metamer(image, new po.models.Gaussian(5, { std: 2 }))],
      [/its lossFunction is another one/, () => new po.Metamer(image, model, { lossFunction: po.loss.l2Norm })],
      [/its penaltyLambda is 0.1, and here 0.2/, () => new po.Metamer(image, model, { penaltyLambda: 0.2 })],
      [/its stopItersToCheck is 50, and here 7/, gaussian, { stopItersToCheck: 7 }],
      [/its storeProgress is 0, and here 2/, gaussian, { storeProgress: 2 }],
      [/its number of iterations \(maxIter\) is 5, and here 3/, gaussian],
    ];
    for (const [words, make, options] of others) {
      expect(await refused(seeded(make), { maxIter: 3, ...options, ...goesOn })).toMatch(words);
    }
    po.setSeed(1);
    const otherSeed = new po.Metamer(image, model);
    expect(await refused(otherSeed, goesOn)).toMatch(/its state of the generators is another one.*setSeed\(\)/);
    const adam = seeded(gaussian);
    await adam.setup({ optimizer: po.optim.SGD({ lr: 0.1 }) });
    expect(await refused(adam, goesOn)).toMatch(/its optimizer is another one/);
    writeFileSync(join(folder, "text.pt"), "no file of a synthesis");
    expect(await refused(gaussian(), { checkpoint: { path: join(folder, "text.pt"), resume: true } })).toMatch(
      /text\.pt/,
    );
    expect(same(bytesOf(path), before)).toBe(true);
  });
});

describe("when it is written", () => {
  /** The times at which it was due, of a run whose steps and files take so many seconds. */
  const due = (every: ConstructorParameters<typeof CheckpointTimes>[0], step: number, write: number, steps: number) => {
    let now = 0;
    let spent = 0;
    const times = new CheckpointTimes(every, 0, () => now);
    const at: number[] = [];
    for (let i = 1; i <= steps; i++) {
      now += step;
      if (!times.isDue(i, () => 1e6)) continue;
      at.push(i);
      now += write;
      spent += write;
      times.written(i, write, 1e6);
    }
    return { at, share: spent / now };
  };

  test("every so many iterations, or seconds", () => {
    expect(due({ steps: 4 }, 1, 100, 12).at).toEqual([4, 8, 12]);
    expect(due({ seconds: 3 }, 1, 0, 10).at).toEqual([3, 6, 9]);
  });

  test.each([0.001, 0.1, 2, 30])(
    "at most 5 % of the time, where a file takes %d s, and not more often than every 10 s",
    (write) => {
      const { at, share } = due(null, 1, write, 5000);
      expect(share).toBeLessThanOrEqual(0.05);
      // And not much less, unless that would be too often.
      expect(at.length).toBeGreaterThan(write < 0.2 ? 300 : (0.04 * 5000) / write - 1);
      expect(at.every((i, k) => k === 0 || i - at[k - 1] >= 10)).toBe(true);
    },
  );
});

test("a synthesis that is being saved makes no step until that is done", async () => {
  const metamer = gaussian();
  let saved: Promise<Uint8Array> | undefined;
  await metamer.synthesize({
    maxIter: 12,
    onProgress: ({ iteration }) => {
      // Nobody waits for it here.
      if (iteration === 5) saved = metamer.toBytes();
    },
  });
  const plain = gaussian();
  await plain.synthesize({ maxIter: 5 });
  expect(same((await saved) as Uint8Array, await plain.toBytes())).toBe(true);
});
