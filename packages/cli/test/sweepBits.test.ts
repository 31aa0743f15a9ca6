// A job of a sweep makes the bits of the single command with the same options, by the same recipe; and its own recipe runs alone.

import { copyFile, readFile, writeFile } from "node:fs/promises";
import {
  type Job,
  jobStates,
  type Planned,
  type PlannedJob,
  planJobs,
  readPlan,
  type Sweep,
  writeSweep,
} from "@plenoptic-js/runs";
import { replay } from "plenoptic-js";
import { beforeEach, describe, expect, test } from "vitest";
import { makeJob } from "../src/sweepJob.ts";
import { SweepRecipes } from "../src/sweepRecipes.ts";
import { sweepVocabulary } from "../src/sweepVocabulary.ts";
import { fakeTerminal } from "./fakeTerminal.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

async function planned(plan: string): Promise<Planned> {
  const terminal = fakeTerminal();
  const read = await readPlan(plan, "plan.yaml", process.cwd(), sweepVocabulary(terminal));
  return planJobs(read, new SweepRecipes(terminal).describe);
}

/** Plans a sweep of the folder `sweep`, and makes its jobs here. */
async function made(plan: string): Promise<{ sweep: Sweep; jobs: readonly PlannedJob[] }> {
  const all = await planned(plan);
  const sweep = writeSweep("sweep", plan, all);
  for (const job of sweep.jobs) await makeJob(sweep, job, { signal: new AbortController().signal, onShare: () => {} });
  return { sweep, jobs: all.jobs };
}

const resultOf = (sweep: Sweep, job: Job): string =>
  `${jobStates(sweep).find((state) => state.job.id === job.id)!.results}/result.pt`;

/** A file of a single command, beside that of a job. */
async function expectSame(sweep: Sweep, job: Job, single: string): Promise<void> {
  const found = await replay.compare(resultOf(sweep, job), single);
  expect(found.text).toMatch(/^the same bits, the same recipe/);
  expect(found).toMatchObject({ verdict: "identical", sameRecipe: true });
}

describe("a metamer", () => {
  test.each<[string, string, string[]]>([
    [
      "with what is usual",
      "model: { name: gaussian, kernel-size: 5, std: 1.5 }",
      ["--kernel-size", "5", "--std", "1.5"],
    ],
    [
      "with an optimizer, a scheduler, a stop rule and a penalty",
      "model: { name: linear, kernel-size: 5 }\noptimizer: { name: SGD, momentum: 0.5 }\nscheduler: { name: StepLR, stepSize: 3 }\n" +
        "learning-rate: 0.5\nstop-rtol: 0.9\npenalty-lambda: 0.3\ndtype: float32",
      [
        "--model",
        "linear",
        "--kernel-size",
        "5",
        "--optimizer",
        "SGD",
        "--optimizer-option",
        "momentum=0.5",
        "--scheduler",
        "StepLR",

        "--scheduler-option",
        "stepSize=3",
        "--learning-rate",
        "0.5",
        "--stop-rtol",
        "0.9",
        "--penalty-lambda",
        "0.3",
        "--dtype",
        "float32",
      ],
    ],
  ])("%s", async (_, options, flags) => {
    await writeGray("photo.png", 20, 16);
    const { sweep, jobs } = await made(
      `method: metamer\nimages: photo.png\n${options}\niterations: 60\nseeds: [3, 4]\n`,
    );
    expect(jobs).toHaveLength(2);
    for (const [i, seed] of ["3", "4"].entries()) {
      const { code } = await run(
        "metamer",
        "photo.png",
        ...flags,
        "--iterations",
        "60",
        "--seed",
        seed,
        "--out",
        `one${seed}`,
      );
      expect(code).toBe(0);
      await expectSame(sweep, jobs[i], `one${seed}/metamer.pt`);
    }
  });

  test("of a texture, from coarse to fine, cropped", async () => {
    await writeGray("photo.png", 70, 66);
    const options =
      'model: { name: portilla-simoncelli, scales: 1, orientations: 2, width: 3 }\ncoarse-to-fine: [together]\nscale-iterations: 1\nchange-scale-criterion: "off"\ncrop: true';
    const { sweep, jobs } = await made(`method: metamer\nimages: photo.png\n${options}\niterations: 3\nseed: 2\n`);
    const flags = [
      "--model",
      "portilla-simoncelli",
      "--scales",
      "1",
      "--orientations",
      "2",
      "--width",
      "3",
      "--coarse-to-fine",
      "together",
    ];
    const more = [
      "--scale-iterations",
      "1",
      "--change-scale-criterion",
      "off",
      "--crop",
      "--iterations",
      "3",
      "--seed",
      "2",
    ];
    expect(await run("metamer", "photo.png", ...flags, ...more, "--out", "one")).toMatchObject({ code: 0 });
    await expectSame(sweep, jobs[0], "one/metamer.pt");
  });

  test("of a preset, whose loss and start depend on the image", async () => {
    await writeGray("photo.png", 128, 112);
    const { sweep, jobs } = await made("method: metamer\nimages: photo.png\npreset: texture\niterations: 1\nseed: 5\n");
    const flags = ["--preset", "texture", "--iterations", "1", "--seed", "5"];
    expect(await run("metamer", "photo.png", ...flags, "--out", "one")).toMatchObject({ code: 0 });
    await expectSame(sweep, jobs[0], "one/metamer.pt");
  });

  test("under a model of the user's", async () => {
    await writeGray("photo.png", 16, 16);
    await writeFile("mine.mjs", "export default (x) => x.square();\n");
    const { sweep, jobs } = await made(
      "method: metamer\nimages: photo.png\nmodel: ./mine.mjs\niterations: 4\nseed: 1\n",
    );
    const flags = ["--model", "./mine.mjs", "--iterations", "4", "--seed", "1"];
    expect(await run("metamer", "photo.png", ...flags, "--out", "one")).toMatchObject({ code: 0 });
    await expectSame(sweep, jobs[0], "one/metamer.pt");
  });
});

describe("layers of a network, in colour", () => {
  const network = 'model: { name: ./net.onnx, layer: "layer1,layer2", normalize: imagenet }';
  const flags = ["--model", "net.onnx", "--layer", "layer1", "--layer", "layer2", "--normalize", "imagenet"];
  beforeEach(async () => {
    const golden = new URL("../../networks/test/data/golden/nets/resnet_dynamic_17.onnx", import.meta.url);
    await copyFile(golden, "net.onnx");
    await writeGray("photo.png", 16, 16);
  });

  test("a metamer, verified without more to be said", async () => {
    const { sweep, jobs } = await made(`method: metamer\nimages: photo.png\n${network}\niterations: 3\nseed: 7\n`);
    const more = ["--iterations", "3", "--seed", "7", "--out", "one"];
    expect(await run("metamer", "photo.png", ...flags, ...more)).toMatchObject({ code: 0 });
    expect(jobs[0].recipe.image.shape).toEqual([1, 3, 16, 16]);
    await expectSame(sweep, jobs[0], "one/metamer.pt");
    expect(await run("verify", "sweep")).toMatchObject({ code: 0 });
  });

  test("eigendistortions, more of which there are in colour than pixels", async () => {
    const plan = `method: eigendistortion\nimages: photo.png\n${network}\nseed: 4\n`;
    const { sweep, jobs } = await made(`${plan}k: 1\n`);
    const more = ["--k", "1", "--seed", "4", "--out", "one"];
    expect(await run("eigendistortion", "photo.png", ...flags, ...more)).toMatchObject({ code: 0 });
    await expectSame(sweep, jobs[0], "one/eigendistortions.pt");
    await expect(planned(`${plan}k: 769\n`)).rejects.toThrow(/so 768 eigendistortions, and k is 769/);
  });

  test("a preset for networks has its start from the seed alone; one with a model of its own refuses a network", async () => {
    const plan = `method: metamer\nimages: photo.png\n${network}\niterations: 2\nseed: 7\n`;
    const { sweep, jobs } = await made(`${plan}preset: deep-metamer\n`);
    const more = ["--preset", "deep-metamer", "--iterations", "2", "--seed", "7", "--out", "one"];
    expect(await run("metamer", "photo.png", ...flags, ...more)).toMatchObject({ code: 0 });
    await expectSame(sweep, jobs[0], "one/metamer.pt");
    await expect(planned(`${plan}preset: texture\n`)).rejects.toThrow(/preset texture has its own model/);
  });
});

test.each<[string, string, string[]]>([
  ["with one metric held", "noise: 0.2", ["--noise", "0.2"]],
  ["with a weight", "weight: 100\npenalty-lambda: 0.5", ["--weight", "100", "--penalty-lambda", "0.5"]],
])("the four images of a MAD competition, %s", async (_, options, flags) => {
  await writeGray("photo.png", 20, 18);
  const { sweep, jobs } = await made(`method: mad\nimages: photo.png\n${options}\niterations: 3\nseed: 7\n`);
  expect(await run("mad", "photo.png", ...flags, "--iterations", "3", "--seed", "7", "--out", "one")).toMatchObject({
    code: 0,
  });
  expect(jobs.map(({ parameters }) => parameters.stimulus)).toEqual(["min-ssim", "max-ssim", "min-mse", "max-mse"]);
  for (const job of jobs) {
    expect(job.sharesStart).toBe(true);
    await expectSame(sweep, job, `one/${job.parameters.stimulus}.pt`);
  }
});

test("eigendistortions", async () => {
  await writeGray("photo.png", 12, 10);
  const { sweep, jobs } = await made(
    "method: eigendistortion\nimages: photo.png\nmodel: { name: gaussian, kernel-size: 5 }\nk: 2\nmethod: krylov\n".replace(
      "\nmethod: krylov",
      "",
    ) + "seed: 4\n",
  );
  const flags = ["--model", "gaussian", "--kernel-size", "5", "--k", "2", "--seed", "4"];
  expect(await run("eigendistortion", "photo.png", ...flags, "--out", "one")).toMatchObject({ code: 0 });
  await expectSame(sweep, jobs[0], "one/eigendistortions.pt");
});

test("a job runs alone, by plenoptic run; and its command makes the same", async () => {
  await writeGray("photo.png", 16, 16);
  const { sweep, jobs } = await made(
    "method: metamer\nimages: photo.png\nmodel: { name: gaussian, kernel-size: 5 }\niterations: 5\n",
  );
  const file = `sweep/jobs/${jobs[0].name}.json`;
  const ran = await run("run", file, "--image", "photo.png", "--out", "alone");
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.out).toMatch(/^Made\n {2}SHA-256 /);
  await expectSame(sweep, jobs[0], "alone/result.pt");
  const { command } = JSON.parse(await readFile(file, "utf8")) as { command: string };
  expect(await run(...command.split(" ").slice(1), "--out", "again")).toMatchObject({ code: 0 });
  await expectSame(sweep, jobs[0], "again/metamer.pt");
  expect(await run("verify", file, "--image", "photo.png")).toMatchObject({ code: 4 });
});

describe("how files are made is the plan's, and no part of the job", () => {
  const stimuli = "encoding: srgb\ncolour-chunk: true\npixels-per-degree: 32\nwith-model: true\n";
  const flags = ["--encoding", "srgb", "--colour-chunk", "--pixels-per-degree", "32", "--with-model"];
  /** What is recorded of PNG files, whatever they are called. */
  const records = (recipe: { readonly exports?: readonly { readonly file: string }[] }) =>
    recipe.exports!.map((one) => ({ ...one, file: null }));

  test("of a metamer", async () => {
    await writeGray("photo.png", 20, 16);
    await writeFile("mine.mjs", "export default (x) => x.square();\n");
    const plan = "method: metamer\nimages: photo.png\nmodel: ./mine.mjs\niterations: 4\nseed: 1\n";
    const { sweep, jobs } = await made(`${plan}${stimuli}`);
    const own = ["--model", "./mine.mjs", "--iterations", "4", "--seed", "1", "--out", "one"];
    expect(await run("metamer", "photo.png", ...own, ...flags)).toMatchObject({ code: 0 });
    const file = resultOf(sweep, jobs[0]);
    const [ours, single] = [await replay.read(file), await replay.read("one/metamer.pt")];
    expect(records(ours.recipe)).toEqual(records(single.recipe));
    expect(ours.recipe.exports).toMatchObject([{ encoding: "srgb", colourChunk: true, pixelsPerDegree: 32 }, {}]);
    // The model is in the file.
    expect(ours.functions?.model).toBeDefined();
    expect(await run("verify", file)).toMatchObject({ code: 0 });
    const outcome = JSON.parse(await readFile(file.replace("result.pt", "outcome.json"), "utf8")) as {
      readonly quantisedLoss: number;
    };
    expect(outcome.quantisedLoss).toBe(single.recipe.exports![0].measures!.loss.written);
    expect(jobs[0].recipe.command).toContain(" --encoding srgb --colour-chunk --pixels-per-degree 32");
    const other = await planned(plan);
    expect(other.jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
  });

  test("of a competition, whose derived seeds stay as they are", async () => {
    await writeGray("photo.png", 20, 18);
    const plan = "method: mad\nimages: photo.png\niterations: 1\n";
    const [with_, without] = [await planned(`${plan}${stimuli}`), await planned(plan)];
    expect(with_.jobs.map(({ id, seed }) => [id, seed])).toEqual(without.jobs.map(({ id, seed }) => [id, seed]));
  });

  test("of eigendistortions: the image with each, at its strength", async () => {
    await writeGray("photo.png", 12, 10);
    const plan =
      "method: eigendistortion\nimages: photo.png\nmodel: { name: gaussian, kernel-size: 5 }\nk: 1\nalpha: 3\nseed: 4\n";
    const { sweep, jobs } = await made(`${plan}${stimuli}`);
    const own = [
      "--model",
      "gaussian",
      "--kernel-size",
      "5",
      "--k",
      "1",
      "--alpha",
      "3",
      "--seed",
      "4",
      "--out",
      "one",
    ];
    expect(await run("eigendistortion", "photo.png", ...own, ...flags)).toMatchObject({ code: 0 });
    const file = resultOf(sweep, jobs[0]);
    const [ours, single] = [await replay.read(file), await replay.read("one/eigendistortions.pt")];
    expect(ours.recipe.exports).toEqual(single.recipe.exports);
    expect(ours.recipe.result!.alpha).toBe(3);
    for (const name of ["distorted-0.png", "eigenvalues.csv"]) {
      const [a, b] = [file.replace("result.pt", name), `one/${name}`];
      if (name.endsWith(".png")) expect((await replay.read(a)).pixels).toEqual((await replay.read(b)).pixels);
      else expect(await readFile(a, "utf8")).toBe(await readFile(b, "utf8"));
    }
    expect(await run("verify", file.replace("result.pt", "distorted-0.png"), "--image", "photo.png")).toMatchObject({
      code: 0,
    });
  });
});
