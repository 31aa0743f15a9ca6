// `plenoptic eigendistortion` from end to end, on small images.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { readNpy, readPng } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";
import { recipeText, significant } from "plenoptic-js/engine";
import { describe, expect, it } from "vitest";
import { memoryWords } from "../src/runEigendistortion.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const HEIGHT = 8;
const WIDTH = 9;
const PIXELS = HEIGHT * WIDTH;
const model = ["--model", "gaussian", "--kernel-size", "5", "--std", "1"];

function image(samples: readonly number[]): po.Tensor<"float64"> {
  const values = samples.map((value) => value / 255);
  return po.tensor(values, { shape: [1, 1, HEIGHT, WIDTH], dtype: "float64" });
}

async function readJson(path: string): Promise<ReturnType<typeof JSON.parse>> {
  return JSON.parse(await readFile(path, "utf8"));
}

describe("plenoptic eigendistortion", () => {
  it("writes what the library finds", async () => {
    const samples = await writeGray("photo.png", WIDTH, HEIGHT);
    const { code, out } = await run(
      "eigendistortion",
      "photo.png",
      ...model,
      "--k",
      "2",
      "--seed",
      "3",
      "--alpha",
      "0.5",
    );
    expect(code).toBe(0);
    expect(await readdir(".")).toEqual(["photo-eigendistortion", "photo.png"]);
    const indices = [0, 1, PIXELS - 2, PIXELS - 1];
    const images = indices.flatMap((i) => ["-16.png", ".npy", ".png"].map((ending) => `distorted-${i}${ending}`));
    const others = [
      "eigendistortions.npy",
      "eigendistortions.pt",
      "eigenvalues.csv",
      "eigenvalues.json",
      "recipe.json",
      "report.html",
    ];
    expect((await readdir("photo-eigendistortion")).sort()).toEqual(
      [...images, ...others, "plenoptic-files.json"].sort(),
    );

    po.setSeed(3);
    const target = image(samples);
    const eig = new po.Eigendistortion(target, new po.models.Gaussian(5, { std: 1 }));
    const { eigenvalues, residuals, verdicts, converged } = await eig.synthesize({ k: 2 });
    expect(out).toMatch(converged ? /^Converged: eigendistortions of photo\.png under gaussian/ : /^Not converged/);
    const all = readNpy(await readFile("photo-eigendistortion/eigendistortions.npy"));
    expect(all).toEqual({ dtype: "float64", shape: [4, 1, HEIGHT, WIDTH], data: await eig.eigendistortions!.data() });
    const last = eig.eigendistortions!.slice(0, 3, 4).reshape(target.shape);
    const distorted = readNpy(await readFile(`photo-eigendistortion/distorted-${PIXELS - 1}.npy`));
    expect(distorted.data).toEqual(await target.add(last.mul(0.5)).data());

    const lines = (await readFile("photo-eigendistortion/eigenvalues.csv", "utf8")).trimEnd().split("\n");
    expect(lines[0]).toBe("eigenindex,eigenvalue,residual,verdict,group");
    for (const [i, index] of indices.entries()) {
      const [at, value, residual, verdict] = lines[i + 1].split(",");
      expect([Number(at), Number(value), Number(residual), verdict]).toEqual([
        index,
        eigenvalues[i],
        residuals[i],
        verdicts[i],
      ]);
    }
    const told = await readJson("photo-eigendistortion/eigenvalues.json");
    expect(told).toMatchObject({ converged, eigenvalues: [{ eigenindex: 0 }, { eigenindex: 1 }, {}, {}] });
    expect(told.groups[0].eigenindex[0]).toBe(0);
    const loaded = new po.Eigendistortion(target, new po.models.Gaussian(5, { std: 1 }));
    await loaded.load("photo-eigendistortion/eigendistortions.pt");
    expect(await loaded.eigendistortions!.data()).toEqual(all.data);
    const inspected = await run("inspect", "photo-eigendistortion/eigendistortions.pt");
    expect(inspected.out).toContain("plenoptic.Eigendistortion");
    const recipe = await readJson("photo-eigendistortion/recipe.json");
    expect(recipe.result.sha256).toBe(await po.hashTensor(eig.eigendistortions!));
    expect(out).toContain(recipe.result.sha256);
  });

  it("records what the result depends on, in the recipe and in the PNG files", async () => {
    const samples = await writeGray("photo.png", WIDTH, HEIGHT);
    const search = ["--k", "1", "--method", "power", "--iterations", "20", "--stop", "0"];
    await run("eigendistortion", "photo.png", ...model, ...search, "--threads", "1", "--out", "made");
    const recipe = await readJson("made/recipe.json");
    expect(recipe).toMatchObject({
      recipe: 1,
      method: "Eigendistortion",
      image: { name: "photo.png", sha256: await po.hashTensor(image(samples)) },
      model: { name: "Gaussian", options: { kernelSize: [5, 5] } },
      calls: [{ call: "synthesize", options: { method: "power", k: 1, maxIter: 20, stopCriterion: 0 } }],
      result: { shape: [2, 1, HEIGHT, WIDTH], eigenindex: [0, PIXELS - 1], alpha: 5 },
      environment: { threads: 1 },
      command:
        "plenoptic eigendistortion photo.png --model gaussian --kernel-size 5 --std 1 --k 1 --method power --iterations 20 " +
        "--stop 0 --alpha 5 --seed 0 --dtype float64",
    });
    const png = readPng(await readFile("made/distorted-0.png"));
    expect(png.text?.get("plenoptic-recipe")).toBe(recipeText(recipe));
    expect(recipe.exports[0].file).toBe("distorted-0.png");
    // The command makes the same again.
    await run(...recipe.command.split(" ").slice(1), "--out", "again");
    expect((await readJson("again/recipe.json")).result.sha256).toBe(recipe.result.sha256);
  });

  it("says first whether it converged", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const open = await run("eigendistortion", "photo.png", ...model, "--iterations", "3", "--out", "open");
    expect(open.out).toMatch(/^Not converged: /);
    expect(open.out).toMatch(/More products \(--iterations\), or --method exact for a small image, may tell/);
    expect((await readJson("open/recipe.json")).result.converged).toBe(false);
    expect(await readFile("open/report.html", "utf8")).toContain("<p>Not converged: ");
    const exact = await run("eigendistortion", "photo.png", ...model, "--method", "exact", "--out", "exact");
    expect(exact.out).toMatch(/^Converged: /);
    expect(await readFile("exact/report.html", "utf8")).not.toContain("<p>Not converged: ");
  });

  it("says first that a model sees nothing", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    await writeFile("blind.mjs", "export default (x) => x.mul(0).mean([2, 3]);\n");
    const { out } = await run("eigendistortion", "photo.png", "--model", "./blind.mjs", "--out", "made");
    expect(out).toMatch(/^Nothing to tell apart: eigendistortions of photo\.png under blind\.mjs/);
    expect(await readFile("made/report.html", "utf8")).toContain("<p>Converged, but there is nothing to tell apart: ");
  });

  it("shortens a table that is long, and writes all of it", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const table = async (k: string): Promise<string[]> => {
      const { out } = await run("eigendistortion", "photo.png", ...model, "--k", k, "--out", `made-${k}`);
      return out
        .split("\n")
        .filter((line) =>
          /^ +(\d+ +[\d.e-]+ +[\d.e-]+ +(converged|zero|unresolved)|\(\d+ more: eigenvalues\.csv\))$/.test(line),
        );
    };
    expect(await table("10")).toHaveLength(20);
    const long = await table("30");
    expect(long).toHaveLength(21);
    expect(long[9]).toMatch(/^ +9 /);
    expect(long[10].trim()).toBe("(40 more: eigenvalues.csv)");
    expect(long[11]).toMatch(/^ +62 /);
    expect((await readFile("made-30/eigenvalues.csv", "utf8")).trimEnd().split("\n")).toHaveLength(61);
  });

  it("finds the largest only with randomized_svd", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const search = ["--method", "randomized_svd", "--k", "3", "--p", "4", "--q", "3"];
    const { code } = await run("eigendistortion", "photo.png", ...model, ...search, "--out", "made");
    expect(code).toBe(0);
    expect((await readJson("made/recipe.json")).result.eigenindex).toEqual([0, 1, 2]);
    expect((await readJson("made/recipe.json")).calls[0].options).toMatchObject({ p: 4, q: 3 });
    expect((await readdir("made")).filter((name) => /^distorted-\d+\.png$/.test(name))).toHaveLength(3);
  });

  it.each([
    [
      "of each, where nothing was clipped",
      "0.001",
      "1",
      /^ {2}PNG {6}distorted-0: none of 72 values had to be clipped; rounding changed/m,
      2,
    ],
    [
      "of each, where they differ",
      "20",
      "1",
      /^ {2}PNG {6}distorted-\d+: \d+ of 72 values lay below 0 and \d+ above 1, and were/m,
      2,
    ],
    [
      "of all, where there are many",
      "20",
      "3",
      /^ {2}PNG {6}in 6 of 6 images values lay outside of 0 to 1 and were clipped, /m,
      1,
    ],
  ])("tells what clipping did %s", async (_, alpha, k, line, count) => {
    await writeGray("photo.png", WIDTH, HEIGHT, 1);
    const { code, out } = await run(
      "eigendistortion",
      "photo.png",
      ...model,
      "--k",
      k,
      "--alpha",
      alpha,
      "--out",
      "made",
    );
    expect(code).toBe(0);
    expect(out).toMatch(line);
    // A smaller --alpha that is suggested has a line of its own.
    expect(out.match(/^ {2}PNG (?!.*--alpha)/gm)).toHaveLength(count);
    // The largest number in the line for all is that of the recipe's records.
    const most = /clipped, (\d+) in one at most/.exec(out)?.[1];
    if (most === undefined) return;
    const page = await readFile("made/report.html", "utf8");
    const each = [...page.matchAll(/(\d+) of 72 values lay below 0 and (\d+) above 1/g)].map(([, a, b]) => +a + +b);
    expect(each).toHaveLength(6);
    expect(Number(most)).toBe(Math.max(...each));
  });

  it("writes a page that stands alone", async () => {
    await writeGray("a<b.png", WIDTH, HEIGHT);
    await run("eigendistortion", "a<b.png", ...model, "--k", "2", "--out", "made");
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("<h1>What gaussian (kernel size 5, std 1) sees most and least in a&lt;b.png</h1>");
    expect(page).toContain((await readJson("made/recipe.json")).result.sha256);
    expect(page).not.toMatch(/<script|<link|(src|href)="(?!data:)/);
    // Both ends alone; the image with each, and without them; with each at three strengths; then all four.
    const titles = [...page.matchAll(/<svg[^>]*><title>([^<]*)<\/title>/g)].map(([, title]) =>
      title.replace(/,.*/, ""),
    );
    const [first, second, ...others] = [0, 1, PIXELS - 2, PIXELS - 1].map((i) => `Eigendistortion ${i}`);
    const added = [0, PIXELS - 1].map((i) => `Image + 5 × distortion ${i}`);
    const strengths = [0, PIXELS - 1].flatMap((i) => [1.25, 5, 20].map((x) => `Image + ${x} × distortion ${i}`));
    expect(titles).toEqual([first, others[1], ...added, "Image", ...strengths, first, second, ...others]);
  });

  it("speaks of one where one was looked for", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const search = ["--method", "randomized_svd", "--k", "1", "--q", "0"];
    const { out } = await run("eigendistortion", "photo.png", ...model, ...search, "--out", "made");
    expect(out).not.toMatch(/\d of 1 /);
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("<h2>The most noticeable</h2>");
    expect(page).toContain("the first picture in which you see the change");
    expect(page).not.toMatch(/the last|of each row/);
    // The verdict stands once.
    expect(page.match(/<p>(Not c|C)onverged: /g)).toHaveLength(1);
  });

  it("does not speak of what is seen least where only the most noticeable were looked for", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const { out } = await run(
      "eigendistortion",
      "photo.png",
      ...model,
      "--method",
      "randomized_svd",
      "--k",
      "3",
      "--out",
      "made",
    );
    expect(out).not.toMatch(/the least|seen least|as strongly|is blind/);
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("<h1>What gaussian (kernel size 5, std 1) sees most in photo.png</h1>");
    expect(page).toContain("so that the last one here is not the one that is seen least");
    expect(page).not.toMatch(/least noticeable|most and least|changes least|more of the last|as strongly as the last/);
    await run("eigendistortion", "photo.png", ...model, "--k", "3", "--out", "both");
    const both = await readFile("both/report.html", "utf8");
    expect(both).toContain("The most and the least noticeable");
    expect(both).toContain("and the more of the last");
  });

  it("takes models of the user's own, and says what is wrong with them", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    await writeFile("mine.mjs", "export default (x) => x.square();");
    const { code } = await run("eigendistortion", "photo.png", "--model", "./mine.mjs", "--out", "made");
    expect(code).toBe(0);
    expect((await readJson("made/recipe.json")).model).toMatchObject({ name: "mine.mjs", file: { name: "mine.mjs" } });
    await writeFile("steep.mjs", "export default (x) => x.sub(x).sqrt();");
    const steep = await run("eigendistortion", "photo.png", "--model", "./steep.mjs");
    expect([steep.code, steep.err]).toEqual([
      2,
      expect.stringMatching(/the model's derivative is not finite|derivative of output/),
    ]);
    expect(await readdir(".")).not.toContain("photo-eigendistortion");
  });

  it("explains itself", async () => {
    const { code, out } = await run("eigendistortion", "--help");
    expect(code).toBe(0);
    expect(out).toContain("Examples:\n  plenoptic eigendistortion house");
  });
});

describe("what eigendistortion says of its work", () => {
  const search = { method: "krylov", k: 1000 } as const;

  it("tells how much memory many vectors of many pixels take", () => {
    const words = memoryWords(search, 65536, 2 ** 40);
    expect(words).toMatch(/^2000 eigendistortions of 65536 pixels take about 5\.0 GiB of memory$/);
    expect(memoryWords(search, 65536, 2 ** 30)).toMatch(/this machine has 1\.0 GiB; choose a smaller --k$/);
    expect(memoryWords({ ...search, k: 1 }, 65536, 2 ** 30)).toBeNull();
  });

  it("names the stages in its progress", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const { err } = await run("eigendistortion", "photo.png", ...model, "--method", "exact", "--out", "made");
    expect(err).toMatch(/^ *\d+ % {3}Jacobian/m);
    expect(err).toMatch(/^ *\d+ % {3}decomposition/m);
    // How long a search takes is not known beforehand.
    const searched = await run("eigendistortion", "photo.png", ...model, "--iterations", "3", "--out", "searched");
    expect(searched.err).toMatch(/^ *\d+ % {3}the most noticeable {3}relative residual \d/m);
    for (const text of [err, searched.err]) expect(text).not.toMatch(/steps|left/);
  });

  it("tells what was done, what residuals are, and by what they were judged", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const exact = await run("eigendistortion", "photo.png", ...model, "--method", "exact", "--out", "exact");
    expect(exact.out.split("\n")[0]).toMatch(/, from the whole Jacobian, \d+ s$/);
    const loose = ["--iterations", "8", "--stop", "0.01", "--out", "loose"];
    const { out } = await run("eigendistortion", "photo.png", ...model, ...loose);
    const [, limit] = /residual is \|\|F v - lambda v\|\|.* at most ([\d.e-]+),/.exec(out) ?? [];
    const { eigenvalues } = await readJson("loose/eigenvalues.json");
    expect(limit).toBe(significant(0.01 * eigenvalues[0].eigenvalue));
    for (const { residual, verdict } of eigenvalues) {
      if (residual > Number(limit) * 1.01) expect(verdict).toBe("unresolved");
      if (verdict !== "unresolved") expect(residual).toBeLessThanOrEqual(Number(limit) * 1.01);
    }
    expect(await readFile("loose/report.html", "utf8")).toContain("The residual is ||F v - lambda v||");
  });

  it("names a smaller alpha where many values are clipped, which clips few", async () => {
    await writeGray("photo.png", WIDTH, HEIGHT);
    const large = await run("eigendistortion", "photo.png", ...model, "--method", "exact", "--out", "large");
    const [, alpha] = /many values were clipped.*; --alpha ([\d.]+) clips few/.exec(large.out) ?? [];
    expect(Number(alpha)).toBeGreaterThan(0);
    expect(Number(alpha)).toBeLessThan(5);
    const fitting = await run(
      "eigendistortion",
      "photo.png",
      ...model,
      "--method",
      "exact",
      "--out",
      "fitting",
      "--alpha",
      alpha,
    );
    expect(fitting.out).not.toContain("--alpha");
    const { exports } = await readJson("fitting/recipe.json");
    for (const { clippedBelow, clippedAbove } of exports) {
      // One in a hundred, and those that were at an end.
      expect(clippedBelow + clippedAbove).toBeLessThanOrEqual(3);
    }
  });

  it("takes a flat image", async () => {
    await writeFile("flat.pgm", `P2 48 40 255\n${new Array(48 * 40).fill(128).join(" ")}\n`);
    const few = ["--iterations", "3", "--out", "made"];
    const { code, out } = await run("eigendistortion", "flat.pgm", "--model", "on-off", ...few);
    expect(code).toBe(0);
    expect(out).toContain("eigendistortions of flat.pgm under on-off");
  });
});
