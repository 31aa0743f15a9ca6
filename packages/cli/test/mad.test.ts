// `plenoptic mad` from end to end, on small images.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { readNpy, readPng } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";
import { recipeText } from "plenoptic-js/engine";
import { describe, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const HEIGHT = 24;
const WIDTH = 28;
const STEMS = ["min-ssim", "max-ssim", "min-mse", "max-mse"];
const ENDINGS = ["-16.png", ".csv", ".npy", ".png", ".pt", ".recipe.json"];
const few = ["--iterations", "6"];

async function image(samples: readonly number[]): Promise<po.Tensor<"float64">> {
  const values = samples.map((value) => value / 255);
  return po.tensor(values, { shape: [1, 1, HEIGHT, WIDTH], dtype: "float64" });
}

async function readRecipe(path: string): Promise<ReturnType<typeof JSON.parse>> {
  return JSON.parse(await readFile(path, "utf8"));
}

describe("plenoptic mad", () => {
  it("writes the four images that the library makes", async () => {
    const samples = await writeGray("photo.png", WIDTH, HEIGHT);
    const { code, out, err } = await run("mad", "photo.png", ...few, "--seed", "3");
    expect([code, err]).toEqual([0, expect.stringContaining("min-ssim: 1 - SSIM ")]);
    expect(await readdir(".")).toEqual(["photo-mad", "photo.png"]);
    const files = STEMS.flatMap((stem) => ENDINGS.map((ending) => stem + ending));
    expect((await readdir("photo-mad")).sort()).toEqual(
      [...files, "initial.npy", "plenoptic-files.json", "report.html"].sort(),
    );

    po.setSeed(3);
    const four = await po.MADCompetition.all(await image(samples), po.metric.oneMinusSsim, po.metric.mse);
    for (const [i, mad] of Object.values(four).entries()) {
      await mad.synthesize({ maxIter: 6, stopCriterion: 0 });
      const stem = `photo-mad/${STEMS[i]}`;
      expect(readNpy(await readFile(`${stem}.npy`)).data, stem).toEqual(await mad.madImage.data());
      const hash = await po.hashTensor(mad.madImage);
      expect((await readRecipe(`${stem}.recipe.json`)).result.sha256).toBe(hash);
      expect(out).toContain(hash);
      const lines = (await readFile(`${stem}.csv`, "utf8")).trimEnd().split("\n");
      expect(lines[0]).toBe(
        "iteration,objective,penalty,gradient_norm,pixel_change_norm,optimized_metric,reference_metric",
      );
      expect(lines).toHaveLength(mad.numIter + 2);
      const [last, loss, , , , optimized, reference] = lines.at(-1)!.split(",").map(Number);
      const { losses, optimizedMetricLoss, referenceMetricLoss, numIter } = mad;
      expect([last, loss, optimized, reference]).toEqual([
        numIter,
        losses[numIter],
        optimizedMetricLoss[numIter],
        referenceMetricLoss[numIter],
      ]);
    }
    expect(readNpy(await readFile("photo-mad/initial.npy")).data).toEqual(await four.minA.initialImage!.data());
  });

  it("records what the result depends on, in the recipes and in the PNG files", async () => {
    const samples = await writeGray("photo.png", WIDTH, HEIGHT);
    await run("mad", "photo.png", ...few, "--noise", "0.05", "--stop-rtol", "1e-9", "--out", "made");
    const recipe = await readRecipe("made/max-mse.recipe.json");
    expect(recipe).toMatchObject({
      recipe: 1,
      method: "MADCompetition",
      image: { name: "photo.png", sha256: await po.hashTensor(await image(samples)) },
      model: null,
      options: {
        minmax: "max",
        constrained: true,
        allowedRange: [0, 1],
        optimizedMetric: { name: "mse", options: {} },
        referenceMetric: { name: "oneMinusSsim", options: { weighted: false, pad: false } },
      },
      random: { seed: 0 },
      result: { stopReason: "maxIter", iterations: 6 },
      exports: [{ file: "max-mse.png" }, { file: "max-mse-16.png" }],
      command:
        "plenoptic mad photo.png --optimized ssim --reference mse --allowed-range 0,1 --noise 0.05 --seed 0 --iterations 6 " +
        "--stop off --stop-rtol 1e-9 --dtype float64",
    });
    expect(recipe.options.optimizedMetric.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    const [setup, synthesize] = recipe.calls;
    expect(setup.options.initialImage).toMatchObject({ file: "initial.npy", dtype: "float64" });
    expect(synthesize.options).toMatchObject({ maxIter: 6, stopRtol: 1e-9 });
    expect((await readRecipe("made/min-ssim.recipe.json")).calls[0].options).toMatchObject({ initialNoise: 0.05 });
    const png = readPng(await readFile("made/max-mse-16.png"));
    expect(png.text?.get("plenoptic-recipe")).toBe(recipeText(recipe));
  });

  it("writes saved syntheses that load and go on", async () => {
    const samples = await writeGray("photo.png", WIDTH, HEIGHT);
    await run("mad", "photo.png", ...few, "--out", "made");
    const mad = new po.MADCompetition(await image(samples), po.metric.oneMinusSsim, po.metric.mse, "min", {
      constrained: true,
    });
    await mad.load("made/min-ssim.pt");
    expect(mad.numIter).toBe(6);
    await mad.synthesize({ maxIter: 1, stopCriterion: 0 });
    const inspected = await run("inspect", "made/min-ssim.pt");
    expect(inspected.out).toContain("MADCompetition");
  });

  it("makes one image with --direction, weighing with --weight", async () => {
    const samples = await writeGray("photo.png", WIDTH, HEIGHT);
    const args = ["--optimized", "mse", "--reference", "nlpd", "--direction", "max", "--weight", "10"];
    const small = await run("mad", "photo.png", ...args);
    expect([small.code, small.err]).toEqual([2, expect.stringMatching(/28 x 24 pixels, and NLPD needs at least 33/)]);
    args[3] = "ssim";
    const { code } = await run("mad", "photo.png", ...args, ...few, "--penalty-lambda", "0.5", "--out", "made");
    expect(code).toBe(0);
    expect(await readdir("made")).toContain("max-mse.recipe.json");
    expect((await readdir("made")).filter((name) => name.endsWith(".npy"))).toEqual(["initial.npy", "max-mse.npy"]);
    po.setSeed(0);
    const given = { metricTradeoffLambda: 10, penaltyLambda: 0.5 };
    const { maxA: mad } = await po.MADCompetition.all(
      await image(samples),
      po.metric.mse,
      po.metric.oneMinusSsim,
      given,
    );
    await mad.synthesize({ maxIter: 6, stopCriterion: 0 });
    const recipe = await readRecipe("made/max-mse.recipe.json");
    expect(recipe.result.sha256).toBe(await po.hashTensor(mad.madImage));
    expect(recipe.options).toMatchObject({ metricTradeoffLambda: 10, penaltyLambda: 0.5 });
    expect(recipe.command).toContain("--direction max --weight 10 --penalty-lambda 0.5");
  });

  it("says with --weight how far the other metric went: in the terminal and on the page", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const { out, err } = await run("mad", "photo.png", "--weight", "10", ...few, "--out", "made");
    const page = await readFile("made/report.html", "utf8");
    const table = out.split("\n").filter((line) => / off by /.test(line));
    expect(table.map((line) => line.trim().split(/ {2,}/)[0])).toEqual(STEMS);
    for (const [i, stem] of STEMS.entries()) {
      // The first two images hold MSE, the others SSIM.
      const held = i < 2 ? "MSE" : "1 - SSIM";
      const drift = table[i]
        .match(/ (\S.* off by [\d.e-]+ %)$/)![1]
        .split(/ {2,}/)
        .at(-1)!;
      expect(drift).toMatch(new RegExp(`^${held} off by `));
      const [part] = drift.match(/[\d.e-]+ %/)!;
      const told = `${held} is off by ${part}: `;
      expect(err).toMatch(new RegExp(`${stem}: .*all 6 iterations were made; ${told}.*and was to stay at`));
      expect(page).toContain(told);
    }
    const held = await run("mad", "photo.png", ...few, "--out", "held");
    expect(held.out + held.err).not.toContain("off by");
  });

  it("begins with what the library says of all four", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const { out } = await run(
      "mad",
      "photo.png",
      "--iterations",
      "1",
      "--noise",
      "3",
      "--weight",
      "1",
      "--out",
      "made",
    );
    expect(out).toMatch(/^Not all apart: MAD competition of photo\.png.*\n {2}The optimized metric hardly moved for /);
    expect(out).toMatch(/\n {2}Settled, or at their own end: \d of 4/);
    expect(out).not.toContain("1 times as much");
    const loose = await run("mad", "photo.png", ...few, "--weight", "1e-6", "--out", "loose");
    expect(loose.out).toMatch(/^Not held: .* was to stay at .* so these two do not say which metric sees as you do/s);
    expect(await readFile("loose/report.html", "utf8")).not.toContain("sees as you do in this row");
  });

  it("judges by the limits that are asked for, and says them", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const one = ["mad", "photo.png", ...few, "--direction", "max", "--weight", "1e-6"];
    const strict = await run(...one, "--out", "strict");
    expect(strict.out).toMatch(/^Not held: .*, more than 1 %/s);
    const limits = ["--held-within", "1000", "--least-change", "0.001"];
    const loose = await run(...one, ...limits, "--out", "loose");
    expect(loose.out).toMatch(/^Apart: .*at last \(limit 0\.1 %\)\. .* \(limit 1e5 %\)\./s);
    const recipe = await readRecipe("loose/max-ssim.recipe.json");
    expect(recipe.command).toMatch(new RegExp(`${limits.join(" ")}$`));
    const all = await run("mad", "photo.png", ...few, "--least-change", "1e9", "--out", "all");
    expect(all.out).toMatch(/^Not all apart/);
  });

  it("writes a page that stands alone, with the images and the losses of all four", async () => {
    await writeGray("a<b.png", WIDTH, HEIGHT);
    await run("mad", "a<b.png", ...few, "--out", "made");
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("<h1>a&lt;b.png: 1 - SSIM against MSE</h1>");
    for (const text of ["Reference image", "min MSE"]) expect(page).toContain(text);
    // The four in a square: a row for each metric, the other one held.
    const rows = page.split('<div class="figures">').map((row) => [...row.matchAll(/<svg[^>]*><title>([^<:]*): /g)]);
    const titles = rows.filter((row) => row.length > 0).map((row) => row.map(([, title]) => title));
    expect(titles).toEqual([
      ["Least 1 - SSIM", "Most 1 - SSIM"],
      ["Least MSE", "Most MSE"],
    ]);
    for (const stem of STEMS) {
      expect(page).toContain((await readRecipe(`made/${stem}.recipe.json`)).result.sha256);
    }
    expect(page).not.toMatch(/<script|<link|(src|href)="(?!data:)/);
  });

  it("gives the same files again, to the last byte, whatever the number of threads", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const args = ["--direction", "min", ...few];
    await run("mad", "photo.png", ...args, "--threads", "1", "--out", "one");
    await run("mad", "photo.png", ...args, "--threads", "1", "--out", "two");
    await run("mad", "photo.png", ...args, "--threads", "2", "--out", "three");
    for (const name of await readdir("one"))
      expect(await readFile(`two/${name}`), name).toEqual(await readFile(`one/${name}`));
    expect(await readFile("three/min-ssim.npy")).toEqual(await readFile("one/min-ssim.npy"));
  });

  it("takes metrics of the user's own, from a file", async () => {
    const samples = await writeGray("photo.png", WIDTH, HEIGHT);
    await writeFile("my metric.mjs", "export const metric = (a, b) => a.sub(b).abs().mean();\n");
    const { code } = await run(
      "mad",
      "photo.png",
      "--optimized",
      "my metric.mjs",
      "--direction",
      "min",
      ...few,
      "--out",
      "made",
    );
    expect(code).toBe(0);
    const recipe = await readRecipe("made/min-my-metric.recipe.json");
    expect(recipe.options.optimizedMetric).toMatchObject({ name: "my metric.mjs", file: { name: "my metric.mjs" } });
    expect(recipe.command).toContain("--optimized 'my metric.mjs'");
    po.setSeed(0);
    const l1 = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).abs().mean();
    const { minA: mad } = await po.MADCompetition.all(await image(samples), l1, po.metric.mse);
    await mad.synthesize({ maxIter: 6, stopCriterion: 0 });
    expect(recipe.result.sha256).toBe(await po.hashTensor(mad.madImage));
  });

  it.each([
    ["0", true],
    ["1e-3", false],
  ])("says with --weight %s whether the other metric is held at all", async (weight, warns) => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const { code, err } = await run("mad", "photo.png", ...few, "--direction", "min", "--weight", weight);
    expect(code).toBe(0);
    expect(/note: with --weight 0 the other metric is not held at all; leave --weight out to hold it/.test(err)).toBe(
      warns,
    );
  });

  it.each([[], ["--weight", "10"]])("makes a direction alone what it is among the four %j", async (...weight) => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    await run("mad", "photo.png", ...few, ...weight, "--out", "four");
    for (const direction of ["min", "max"]) {
      await run("mad", "photo.png", ...few, ...weight, "--direction", direction, "--out", direction);
      for (const name of ["initial.npy", `${direction}-ssim.npy`, `${direction}-ssim.csv`])
        expect(await readFile(`${direction}/${name}`), name).toEqual(await readFile(`four/${name}`));
      // Their recipes tell of different commands, and else are the same.
      const saved = `${direction}-ssim.pt`;
      const { code, out } = await run("verify", `${direction}/${saved}`, `four/${saved}`);
      expect(out).toMatch(/: the same bits, the same recipe: /);
      expect(code).toBe(0);
    }
  });

  it("refuses metrics that cannot disagree", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    await writeGray("one.png", 1, 1);
    await writeFile("same.mjs", "export const makeMetric = ({ po }) => po.metric.mse;\n");
    await writeFile("twice.mjs", "export const makeMetric = ({ po }) => (a, b) => po.metric.mse(a, b).mul(2);\n");
    const told = async (...args: string[]): Promise<string> => {
      const { code, err } = await run("mad", ...args, ...few, "--out", "made");
      expect(code).toBe(2);
      return err;
    };
    expect(await told("photo.png", "--optimized", "./same.mjs")).toMatch(
      /the two metrics cannot disagree: they are the same; choose another/,
    );
    expect(await told("photo.png", "--optimized", "./twice.mjs")).toMatch(/cannot disagree: they change together here/);
    expect(await told("photo.png", "--optimized", "./twice.mjs", "--weight", "1")).toMatch(/change together here/);
    expect(await told("one.png")).toMatch(/the image has one pixel, .*choose a larger image/);
    expect(await readdir(".")).not.toContain("made");
  });

  it("advises a smaller --weight where numbers are no longer finite, and nothing for programs", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const { code, err } = await run("mad", "photo.png", ...few, "--weight", "1e300", "--out", "made");
    expect(code).toBe(2);
    expect(err).toMatch(/Nothing was written\. A smaller --weight often helps; otherwise look for a division by 0/);
    expect(err).not.toMatch(/setup\(|learning/);
  });

  it("stops after --max-seconds, and records the iterations made", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const limit = ["--direction", "max", "--iterations", "100000", "--max-seconds", "0.001"];
    const { code } = await run("mad", "photo.png", ...limit, "--out", "made");
    expect(code).toBe(0);
    const recipe = await readRecipe("made/max-ssim.recipe.json");
    expect(recipe.result.stopReason).toBe("maxSeconds");
    expect(recipe.command).toContain(`--iterations ${recipe.result.iterations} `);
    expect(recipe.command).not.toContain("max-seconds");
  });

  it("explains itself", async () => {
    const { code, out } = await run("mad", "--help");
    expect(code).toBe(0);
    expect(out).toMatch(/ssim +1 - SSIM/);
    expect(out).toContain("Examples:\n  plenoptic mad house");
  });
});
