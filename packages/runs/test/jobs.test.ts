// Jobs: what decides their ids, their seeds and their names.

import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { type Described, type JobRecipe, jobId, type Planned, planJobs, readPlan, settledHash } from "../src/index.ts";
import { derivedSeed } from "../src/seeds.ts";
import { vocabulary } from "./vocabulary.ts";

const hash = (digit: string): string => digit.repeat(64);

const recipe = (change: Partial<JobRecipe> = {}): JobRecipe => ({
  recipe: 1,
  numerics: 1,
  method: "Metamer",
  image: { dtype: "float64", shape: [1, 1, 8, 8], sha256: hash("a"), name: "house", conversion: "gray" },
  model: { name: "Gaussian", options: { std: 2 }, fingerprint: hash("b") },
  options: { lossFunction: { name: "mse", fingerprint: hash("c") }, penaltyLambda: 0.1 },
  random: { seed: 3 },
  calls: [{ call: "synthesize", options: { maxIter: 5 } }],
  command: "plenoptic metamer house",
  versions: {},
  ...change,
});

describe("an id", () => {
  const before = jobId(recipe());

  test.each<[string, Partial<JobRecipe>]>([
    ["names of images, and how they were read", { image: { ...recipe().image, name: "b", conversion: "c" } }],
    [
      "names of models, and their files",
      { model: { name: "mine.mjs", options: null, fingerprint: hash("b"), file: { name: "x", sha256: "y" } } },
    ],
    [
      "names of functions",
      { options: { lossFunction: { name: "other", fingerprint: hash("c") }, penaltyLambda: 0.1 } },
    ],
    ["the command and versions", { command: "else", versions: { "plenoptic-js": "9" } }],
    ["the states of generators, which follow from the seed", { random: { seed: 3, torch: "x" } }],
  ])("does not depend on %s", (_, change) => {
    expect(jobId(recipe(change))).toBe(before);
  });

  test.each<[string, Partial<JobRecipe>]>([
    ["the numeric contract", { numerics: 2 }],
    ["the method", { method: "MetamerCTF" }],
    ["the image", { image: { ...recipe().image, sha256: hash("d") } }],
    ["the size", { image: { ...recipe().image, shape: [1, 1, 4, 16] } }],
    ["the precision", { image: { ...recipe().image, dtype: "float32" } }],
    ["the model", { model: { ...recipe().model!, fingerprint: hash("d") } }],
    ["an option", { options: { ...recipe().options, penaltyLambda: 0.2 } }],
    ["the loss", { options: { ...recipe().options, lossFunction: { name: "mse", fingerprint: hash("d") } } }],
    ["the calls", { calls: [{ call: "synthesize", options: { maxIter: 6 } }] }],
    ["the seed", { random: { seed: 4 } }],
    [
      "a start",
      { calls: [{ call: "setup", options: { initialImage: { drawn: { kind: "texture" } } } }, ...recipe().calls] },
    ],
  ])("depends on %s", (_, change) => {
    expect(jobId(recipe(change))).not.toBe(before);
  });

  test("is one of those that were given out before", () => {
    // Folders of sweeps are known by it: it may change with the numeric contract only.
    expect(before).toBe("1d541258d65057d14b5e3a3ab4cd604ba575bc663225baf93edba5c2967eea80");
  });
});

/** Describes cells as an image and a list of words, at no cost. */
const describeCell =
  (start: string | null = "8x8") =>
  async (cell: Parameters<Parameters<typeof planJobs>[1]>[0]): Promise<Described[]> => {
    const calls: JobRecipe["calls"] = [{ call: "synthesize", options: { words: cell.words.map((word) => [...word]) } }];
    const made = recipe({ image: { ...recipe().image, sha256: cell.image.label }, calls });
    return [
      {
        settled: settledHash(made),
        start,
        told: [],
        given: { image: cell.image.source },
        recipe: (seed) => ({ ...made, random: { seed } }),
      },
    ];
  };

const planned = async (text: string, start: string | null = "8x8"): Promise<Planned> =>
  planJobs(await readPlan(text, "plan.yaml", tmpdir(), vocabulary), describeCell(start));

describe("seeds", () => {
  test("of jobs are their own, and stay where a plan grows", async () => {
    const text = (images: string, std: string): string =>
      `method: metamer\nimages: ${images}\nmodel: { name: gaussian, std: ${std} }\nreplicates: 20\n`;
    const { jobs } = await planned(text("[house, gravel]", "[1, 2]"));
    expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(80);
    expect(jobs.every(({ sharesStart }) => !sharesStart)).toBe(true);
    const more = await planned(text("[gravel, house]", "[3, 2, 1]"));
    const ids = new Set(more.jobs.map(({ id }) => id));
    expect(jobs.every(({ id }) => ids.has(id))).toBe(true);
  });

  test("two that meet are told apart", () => {
    const first = derivedSeed("x", 0, new Set());
    const second = derivedSeed("x", 0, new Set([first]));
    expect(second).not.toBe(first);
    expect(derivedSeed("x", 0, new Set([first]))).toBe(second);
    expect(derivedSeed("x", 1, new Set())).not.toBe(first);
  });

  test("that are given are shared, which is told", async () => {
    const { jobs } = await planned("method: metamer\nimages: [house, gravel]\nseeds: [0, 1]\n");
    expect(jobs.map(({ seed, sharesStart }) => [seed, sharesStart])).toEqual([
      [0, true],
      [1, true],
      [0, true],
      [1, true],
    ]);
    const alone = await planned("method: metamer\nimages: [house]\nseeds: [0, 1]\n");
    expect(alone.jobs.some(({ sharesStart }) => sharesStart)).toBe(false);
    // Where nothing is drawn, nothing is shared.
    const none = await planned("method: metamer\nimages: [house, gravel]\nseeds: [0]\n", null);
    expect(none.jobs.some(({ sharesStart }) => sharesStart)).toBe(false);
  });
});

describe("names", () => {
  test("are of what varies, and end in the first digits of the id", async () => {
    const { jobs, varying } = await planned(
      "method: metamer\nimages: [house, gravel]\nmodel: { name: gaussian, std: 2.5 }\nseeds: [0, 1]\n",
    );
    expect(varying).toEqual(["image", "seed"]);
    expect(jobs[0].name).toBe(`house_seed-0-${jobs[0].id.slice(0, 12)}`);
    const [only] = (await planned("method: metamer\nimages: house\n")).jobs;
    expect(only.name).toBe(`house-${only.id.slice(0, 12)}`);
  });

  test("are fit for every file system", async () => {
    const { jobs } = await planned('method: metamer\nimages: house\noptimizer: ["../a b/\u00e4:*?", CON]\n');
    for (const { name } of jobs) expect(name).toMatch(/^[A-Za-z0-9][\w.-]*$/);
  });

  test("what is there twice is made once", async () => {
    const { jobs, repeated } = await planned("method: metamer\nimages: house\niterations: [5, 5]\nseed: 1\n");
    expect(jobs).toHaveLength(1);
    expect(repeated).toBe(1);
  });
});
