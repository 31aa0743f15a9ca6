// Plans: the grid they make, and what is said of mistakes, with line and column.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Plan, PlanError, readPlan } from "../src/index.ts";
import { vocabulary } from "./vocabulary.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plenoptic-plan-"));
  await mkdir(join(folder, "photos"));
  for (const name of ["b.png", "a.png", "notes.txt", "c.JPG"]) await writeFile(join(folder, "photos", name), "");
  await mkdir(join(folder, "empty"));
});
afterAll(() => rm(folder, { recursive: true }));

const read = (text: string): Promise<Plan> => readPlan(text, "plan.yaml", folder, vocabulary);

/** Cells in a word each: image, words and seed. */
const told = ({ cells }: Plan): string[] =>
  cells.map(({ image, words, seed, replicate }) =>
    [
      image.label,
      ...words.map(([name, value]) => (value === null ? name : `${name}=${value}`)),
      seed ?? `r${replicate}`,
    ].join(" "),
  );

describe("a plan", () => {
  test("is a grid, the first list slowest", async () => {
    const plan = await read(
      "method: metamer\nimages: [house, gravel]\nmodel: { name: gaussian, std: [2, 4] }\nseeds: [0, 1]\n",
    );
    expect(told(plan)).toEqual([
      "house model=gaussian std=2 0",
      "house model=gaussian std=2 1",
      "house model=gaussian std=4 0",
      "house model=gaussian std=4 1",
      "gravel model=gaussian std=2 0",
      "gravel model=gaussian std=2 1",
      "gravel model=gaussian std=4 0",
      "gravel model=gaussian std=4 1",
    ]);
    expect(plan.varying).toEqual(["image", "std", "seed"]);
  });

  test("takes files, folders, patterns and shipped pictures, each image once", async () => {
    const plan = await read("method: metamer\nimages: [house, photos, photos/*.png, photos/a.png]\n");
    expect(told(plan)).toEqual(["house r0", "photos/a.png r0", "photos/b.png r0", "photos/c.JPG r0"]);
  });

  test("zips lists, and leaves combinations out", async () => {
    const zipped = await read(
      "method: metamer\nimages: house\nmodel: { name: gaussian, std: [1, 2] }\niterations: [10, 1e2]\nzip: [std, iterations]\n",
    );
    expect(told(zipped)).toEqual([
      "house model=gaussian std=1 iterations=10 r0",
      "house model=gaussian std=2 iterations=100 r0",
    ]);
    const without = await read(
      "method: metamer\nimages: [house, gravel]\nmodel: { name: gaussian, std: [1, 2] }\nexclude: [{ image: house, std: 2.0 }, { image: gravel, std: [1] }]\n",
    );
    expect(told(without)).toEqual(["house model=gaussian std=1 r0", "gravel model=gaussian std=2 r0"]);
  });

  test("has models with options of their own, flags, options of optimizers, ranges of seeds, files from its folder", async () => {
    const plan = await read(
      "method: metamer\nimages: house\nmodel:\n  - { name: gaussian, std: [1, 2] }\n  - ./mine.mjs\ncrop: true\noptimizer: { name: SGD, momentum: 0.5, betas: [[1, 2]] }\nseeds: 3-4\n",
    );
    const rest = "crop optimizer=SGD optimizer-option=momentum=0.5 optimizer-option=betas=1,2";
    expect(told(plan)).toEqual([
      `house model=gaussian std=1 ${rest} 3`,
      `house model=gaussian std=1 ${rest} 4`,
      `house model=gaussian std=2 ${rest} 3`,
      `house model=gaussian std=2 ${rest} 4`,
      `house model=${join(folder, "mine.mjs")} ${rest} 3`,
      `house model=${join(folder, "mine.mjs")} ${rest} 4`,
    ]);
    // Of the user's own, listings say what was written.
    expect(plan.cells[5].parameters.get("model")).toBe("./mine.mjs");
  });

  test("has replicates, whose seeds are derived", async () => {
    expect(told(await read("method: metamer\nimages: house\nseed: per-job\nreplicates: 3\n"))).toEqual([
      "house r0",
      "house r1",
      "house r2",
    ]);
  });

  test("may refer to what stands before", async () => {
    const plan = await read(
      "method: metamer\nimages: [house]\niterations: &n [1, 2]\npenalty-lambda: *n\nzip: [iterations, penalty-lambda]\n",
    );
    expect(told(plan)).toEqual(["house iterations=1 penalty-lambda=1 r0", "house iterations=2 penalty-lambda=2 r0"]);
  });
});

describe("a mistake is told with its place, and the way out", () => {
  const start = "method: metamer\nimages: house\n";
  test.each<[string, string, RegExp]>([
    ["no YAML", "method: [metamer\nimages: x\n", /^plan\.yaml:\d+:\d+: this is no YAML: /],
    ["a tab", "method: metamer\n\timages: house\n", /^plan\.yaml:2:1: /],
    ["a name twice", `${start}images: gravel\n`, /^plan\.yaml:3:1: this is no YAML: the same name stands twice/],
    ["an empty plan", "", /^plan\.yaml:1:1: a plan begins with names and values/],
    ["no method", "images: house\n", /^plan\.yaml:1:1: a plan needs a method \(metamer\)/],
    [
      "a method that is misspelt",
      "method: metamr\nimages: house\n",
      /^plan\.yaml:1:9: there is no method "metamr"; did you mean "metamer"\?/,
    ],
    ["two methods", "method: [metamer, mad]\nimages: house\n", /^plan\.yaml:1:9: a plan has one method/],
    [
      "a misspelt option",
      `${start}iteratoins: 5\n`,
      /^plan\.yaml:3:1: a plan of metamer has no "iteratoins"; did you mean "iterations"\?/,
    ],
    [
      "an option in Python's spelling",
      `${start}penalty_lambda: 5\n`,
      /^plan\.yaml:3:1: .*did you mean "penalty-lambda"\?/,
    ],
    [
      "a value out of range",
      `${start}iterations: [5, -1]\n`,
      /^plan\.yaml:3:17: iterations is -1\. It must be a number above 0\./,
    ],
    ["a value that is none", `${start}iterations:\n`, /^plan\.yaml:3:\d+: iterations needs a value/],
    ["an empty list", `${start}iterations: []\n`, /^plan\.yaml:3:13: iterations needs a value/],
    [
      "a value with parts",
      `${start}iterations: { a: 1 }\n`,
      /^plan\.yaml:3:13: iterations is a value or a list of values/,
    ],
    [
      "an option of a model in the wrong place",
      `${start}std: 3\n`,
      /^plan\.yaml:3:1: std is an option of the model: write model: \{ name: \.\.\., std: \.\.\. \}/,
    ],
    [
      "a model's option that is misspelt",
      `${start}model: { name: gaussian, sdt: 3 }\n`,
      /^plan\.yaml:3:26: no model has an option "sdt"; did you mean "std"\?/,
    ],
    ["a model without a name", `${start}model: { std: 3 }\n`, /^plan\.yaml:3:8: a model needs its name/],
    [
      "an option that has no place",
      `${start}threads: 3\n`,
      /^plan\.yaml:3:1: threads has no place in a plan: each job has one/,
    ],
    ["a flag that is none", `${start}crop: 3\n`, /^plan\.yaml:3:7: crop is true or false, not 3/],
    ["no images", "method: metamer\niterations: 3\n", /^plan\.yaml:1:1: a plan needs images/],
    [
      "an image that is not there",
      "method: metamer\nimages: [house, huose]\n",
      /^plan\.yaml:2:17: there is no file "huose" .*did you mean "house"\?/,
    ],
    [
      "a path that is not there",
      "method: metamer\nimages: photos/z.png\n",
      /^plan\.yaml:2:9: there is no file photos\/z\.png/,
    ],
    [
      "a pattern that fits nothing",
      "method: metamer\nimages: photos/*.tiff\n",
      /^plan\.yaml:2:9: no file fits photos\/\*\.tiff/,
    ],
    [
      "a folder without images",
      "method: metamer\nimages: empty\n",
      /^plan\.yaml:2:9: the folder empty has no images in it/,
    ],
    ["the same said twice", `${start}image: gravel\n`, /^plan\.yaml:3:1: images and image say the same/],
    ["seeds that are none", `${start}seeds: [1, -2]\n`, /^plan\.yaml:3:12: seeds is per-job, a whole number/],
    ["a range that runs backwards", `${start}seeds: 4-2\n`, /^plan\.yaml:3:8: seeds is per-job/],
    ["a seed twice", `${start}seeds: [0-3, 2]\n`, /^plan\.yaml:3:14: seed 2 is there twice/],
    [
      "seeds and replicates",
      `${start}seeds: [1]\nreplicates: 2\n`,
      /^plan\.yaml:4:1: seeds and replicates go against each other/,
    ],
    ["replicates that are none", `${start}replicates: 0\n`, /^plan\.yaml:3:13: replicates is how many/],
    [
      "a zip of what is not there",
      `${start}iterations: [1, 2]\nzip: [iterations, sdt]\n`,
      /^plan\.yaml:4:19: nothing here is called "sdt"/,
    ],
    [
      "a zip of other lengths",
      `${start}iterations: [1, 2]\npenalty-lambda: [1, 2, 3]\nzip: [iterations, penalty-lambda]\n`,
      /^plan\.yaml:5:6: zip takes lists of one length, and iterations has 2 values, penalty-lambda 3/,
    ],
    ["a zip of one", `${start}iterations: [1, 2]\nzip: [iterations]\n`, /^plan\.yaml:4:6: zip takes two names or more/],
    [
      "an exclusion of nothing",
      `${start}iterations: [1, 2]\nexclude: [{ iterations: 3 }]\n`,
      /^plan\.yaml:4:11: this leaves out nothing/,
    ],
    [
      "an exclusion of all",
      `${start}iterations: [1, 2]\nexclude: [{ iterations: [1, 2] }]\n`,
      /exclude leaves out all stimuli/,
    ],
    [
      "an exclusion that is misspelt",
      `${start}iterations: [1, 2]\nexclude: [{ iteration: 1 }]\n`,
      /^plan\.yaml:4:13: nothing here is called "iteration"; did you mean "iterations"\?/,
    ],
    ["too many", `${start}seeds: 0-99999\niterations: [1, 2]\n`, /^plan\.yaml:1:1: these are 200000 stimuli/],
    ["a reference to nothing", `${start}iterations: *n\n`, /^plan\.yaml:3:\d+: /],
    [
      "references that make few lines many",
      `${start}a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n`,
      /a plan has at most 100000 parts/,
    ],
  ])("%s", async (_, text, words) => {
    const error = await read(text).then(
      () => null,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(PlanError);
    expect((error as PlanError).message).toMatch(words);
  });
});
