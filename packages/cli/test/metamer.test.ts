// The command from end to end, on small images.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { readNpy, readPng } from "@plenoptic-js/formats";
import { makePng } from "@plenoptic-js/proof/files/makePng";
import { tensor } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import { recipeText } from "plenoptic-js/engine";
import { describe, expect, it } from "vitest";
import { runCommand } from "../src/program.ts";
import { fakeTerminal } from "./fakeTerminal.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const HEIGHT = 12;
const WIDTH = 16;
const FILES = [
  "history.csv",
  "metamer-16.png",
  "metamer.npy",
  "metamer.png",
  "metamer.pt",
  "plenoptic-files.json",
  "recipe.json",
  "report.html",
];
const small = ["--kernel-size", "5", "--std", "1", "--iterations", "8"];

/** Values of the gray test image, 0 to 255. */
const samples = Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i * 37) % 256);

async function writeGray(path = "photo.png"): Promise<void> {
  await writeFile(path, makePng({ width: WIDTH, height: HEIGHT, depth: 8, colourType: 0, samples }));
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = fakeTerminal();
  const code = await runCommand(args, terminal);
  return { code, out: terminal.out.text, err: terminal.err.text };
}

async function readRecipe(folder: string): Promise<ReturnType<typeof JSON.parse>> {
  return JSON.parse(await readFile(`${folder}/recipe.json`, "utf8"));
}

/** What the library itself makes of the test image with these settings. */
async function makeByHand(dtype: "float64" | "float32", seed: number): Promise<po.Metamer> {
  const image = tensor(
    samples.map((value) => value / 255),
    { dtype },
  ).reshape([1, 1, HEIGHT, WIDTH]);
  po.setSeed(seed);
  const metamer = new po.Metamer(image, new po.models.Gaussian(5, { std: 1 }));
  await metamer.synthesize({ maxIter: 8, stopCriterion: 0 });
  return metamer;
}

describe("plenoptic metamer", () => {
  it.each(["float64", "float32"] as const)("writes what the library makes, in %s", async (dtype) => {
    await writeGray();
    const { code, out } = await run("metamer", "photo.png", ...small, "--seed", "3", "--dtype", dtype, "--out", "made");
    expect(code).toBe(0);
    expect(await readdir(".")).toEqual(["made", "photo.png"]);
    expect((await readdir("made")).sort()).toEqual(FILES);

    const byHand = await makeByHand(dtype, 3);
    const array = readNpy(await readFile("made/metamer.npy"));
    expect(array).toEqual({ dtype, shape: [1, 1, HEIGHT, WIDTH], data: await byHand.metamer.data() });
    const hash = await po.hashTensor(byHand.metamer);
    expect((await readRecipe("made")).result.sha256).toBe(hash);
    expect(out).toContain(hash);
    expect(out).toContain("made/report.html");
  });

  it("hashes dtype, shape and little-endian values", async () => {
    await writeGray();
    await run("metamer", "photo.png", ...small, "--out", "made");
    const { data } = readNpy(await readFile("made/metamer.npy"));
    const hash = createHash("sha256").update(`float64[1,1,${HEIGHT},${WIDTH}]`).update(new Uint8Array(data.buffer));
    expect((await readRecipe("made")).result.sha256).toBe(hash.digest("hex"));
  });

  it("writes two PNG files that hold the rounded values and the recipe", async () => {
    await writeGray();
    await run("metamer", "photo.png", ...small, "--out", "made");
    const { data } = readNpy(await readFile("made/metamer.npy"));
    const recipe = await readRecipe("made");
    const text = await readFile("made/recipe.json", "utf8");
    expect(text).toContain('  "method": "Metamer",\n');
    // The states of the generators, which are long, stand at the end.
    const longest = text.split("\n").findIndex((line) => line.length > 1000);
    expect(text.split("\n").findIndex((line) => line.startsWith('  "random": {'))).toBeLessThan(longest);
    expect(Object.keys(recipe).at(-1)).toBe("random");
    expect(text).toContain(`"shape": [1, 1, ${HEIGHT}, ${WIDTH}],\n`);
    await run("metamer", "photo.png", ...small, "--out", "again");
    expect(await readFile("again/recipe.json", "utf8")).toBe(text);
    const below = data.filter((value) => value < 0).length;
    const above = data.filter((value) => value > 1).length;
    for (const [index, [name, maxValue]] of (
      [
        ["metamer.png", 255],
        ["metamer-16.png", 65535],
      ] as const
    ).entries()) {
      const png = readPng(await readFile(`made/${name}`));
      expect(png).toMatchObject({ width: WIDTH, height: HEIGHT, channels: 1, maxValue });
      expect(png.text?.get("plenoptic-recipe")).toBe(recipeText(recipe));
      expect(recipe.exports[index]).toMatchObject({ file: name, clippedBelow: below, clippedAbove: above });
      png.data.forEach((stored, i) => {
        const clipped = Math.min(Math.max(data[i], 0), 1);
        expect(Math.abs(stored / maxValue - clipped)).toBeLessThanOrEqual(0.5 / maxValue + 1e-15);
      });
    }
  });

  it("takes any optimizer and scheduler, and writes them down", async () => {
    await writeGray();
    const chosen = [
      "--optimizer",
      "nadam",
      "--optimizer-option",
      "betas=[0.8, 0.99]",
      "--optimizer-option",
      "eps=.001",
    ];
    const schedule = ["--scheduler", "OneCycleLR", "--scheduler-option", "maxLr=5e-2", "--scheduler-option"].concat([
      "totalSteps=8",
      "--scheduler-option",
      "annealStrategy=linear",
      "--scheduler-option",
      "threePhase=true",
    ]);
    const made = await run("metamer", "photo.png", ...small, ...chosen, ...schedule, "--seed", "3", "--out", "made");
    expect([made.code, made.err]).toEqual([0, expect.any(String)]);

    const image = tensor(
      samples.map((value) => value / 255),
      { dtype: "float64" },
    ).reshape([1, 1, HEIGHT, WIDTH]);
    po.setSeed(3);
    const byHand = new po.Metamer(image, new po.models.Gaussian(5, { std: 1 }));
    const optimizer = po.optim.NAdam({ betas: [0.8, 0.99], eps: 0.001 });
    const cycle = { maxLr: 0.05, totalSteps: 8, annealStrategy: "linear", threePhase: true } as const;
    const scheduler = po.optim.OneCycleLR(cycle);
    await byHand.setup({ optimizer, scheduler });
    await byHand.synthesize({ maxIter: 8, stopCriterion: 0 });
    const recipe = await readRecipe("made");
    expect(recipe.result.sha256).toBe(await po.hashTensor(byHand.metamer));
    expect(recipe.calls[0].options.optimizer).toEqual({ name: "NAdam", ...optimizer.options });
    expect(recipe.calls[0].options.scheduler).toEqual({ name: "OneCycleLR", ...scheduler.options });

    // What the page says makes the same again.
    const page = await readFile("made/report.html", "utf8");
    const command =
      /plenoptic metamer (photo\.png [^<]*--dtype float64)/.exec(page)?.[1].replaceAll("&#39;", "'") ?? "";
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word);
    expect(words).toContain("betas=[0.8, 0.99]");
    expect(words.slice(words.indexOf("--learning-rate")).slice(0, 2)).toEqual(["--learning-rate", "0.01"]);
    expect((await run("metamer", ...words, "--out", "again")).code).toBe(0);
    expect((await readRecipe("again")).result.sha256).toBe(recipe.result.sha256);
  });

  it("runs L-BFGS at its own learning rate, and notes no scheduler where there is none", async () => {
    await writeGray();
    const options = ["--optimizer-option", "lineSearchFn=strong_wolfe", "--optimizer-option", "maxIter=3"];
    expect(
      (await run("metamer", "photo.png", ...small, "--optimizer", "lbfgs", ...options, "--out", "made")).code,
    ).toBe(0);
    const { optimizer, scheduler } = (await readRecipe("made")).calls[0].options;
    expect(optimizer).toMatchObject({ name: "LBFGS", lr: 1, maxIter: 3, lineSearchFn: "strong_wolfe" });
    expect(optimizer).toMatchObject({ historySize: 100 });
    expect(scheduler).toBe(null);
  });

  it("remembers as many steps as --history says, and says so again", async () => {
    await writeGray();
    const options = ["--optimizer", "lbfgs", "--history", "7", "--seed", "3"];
    const made = await run("metamer", "photo.png", ...small, ...options, "--out", "made");
    expect(made.code).toBe(0);
    const recipe = await readRecipe("made");
    expect(recipe.calls[0].options.optimizer).toMatchObject({ name: "LBFGS", historySize: 7 });
    const words = recipe.command.split(" ");
    expect(words[words.indexOf("--history") + 1]).toBe("7");
  });

  it("makes textures with --preset texture, cropping where the size does not fit", async () => {
    const side = 67;
    const texture = Array.from({ length: side * side }, (_, i) => (i * 7919 + (i >> 3) * 31) % 256);
    await writeFile("t.png", makePng({ width: side, height: side, depth: 8, colourType: 0, samples: texture }));
    const few = ["--scales", "2", "--orientations", "3", "--width", "5", "--iterations", "3", "--seed", "2"];
    const refused = await run("metamer", "t.png", "--preset", "texture", ...few);
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/multiples of 4.*add --crop/)]);
    const { code, out } = await run("metamer", "t.png", "--preset", "texture", "--crop", ...few, "--out", "made");
    expect([code, out]).toEqual([
      0,
      expect.stringContaining("portilla-simoncelli (scales 2, orientations 3, width 5)"),
    ]);

    const image = tensor(
      texture.map((value) => value / 255),
      { dtype: "float64" },
    ).reshape([1, 1, side, side]);
    po.setSeed(2);
    const own = await po.presets.texture(image.slice(2, 1, 65).slice(3, 1, 65).detach(), {
      nScales: 2,
      nOrientations: 3,
      spatialCorrWidth: 5,
    });
    await own.synthesize({ maxIter: 3, stopCriterion: 0 });
    const recipe = await readRecipe("made");
    expect(recipe.result.sha256).toBe(await po.hashTensor(own.metamer));
    expect(recipe.image.conversion).toMatch(/cropped from 67 x 67 to the middle 64 x 64/);
    expect(recipe.calls[0].options.optimizer.name).toBe("LBFGS");
    expect(recipe.calls[0].options.initialImage.made).toMatch(/the mean of the target/);
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("plenoptic metamer t.png --preset texture --scales 2");

    const other = await run("metamer", "t.png", "--preset", "texture", "--learning-rate", "0.1");
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/cannot be used with option/)]);
  });

  it("writes the history, exactly", async () => {
    await writeGray();
    await run("metamer", "photo.png", ...small, "--out", "made");
    const lines = (await readFile("made/history.csv", "utf8")).split("\n");
    expect(lines[0]).toBe("iteration,objective,loss,penalty,gradient_norm,pixel_change_norm");
    expect(lines.length).toBe(1 + 9 + 1);
    expect(lines.at(-1)).toBe("");
    const { losses, penalties, gradientNorm, pixelChangeNorm } = await makeByHand("float64", 0);
    for (let i = 0; i < 8; i++) {
      const loss = penalties[i] === 0 ? losses[i] : losses[i] - 0.1 * penalties[i];
      const numbers = [i, losses[i], loss, penalties[i], gradientNorm[i], pixelChangeNorm[i]];
      expect(lines[1 + i].split(",").map(Number)).toEqual(numbers);
    }
    expect(lines[9]).toBe(`8,${losses[8]},${losses[8] - 0.1 * penalties[8]},${penalties[8]},,`);
  });

  it("records all that the result depends on", async () => {
    await writeGray();
    const options = ["--penalty-lambda", "0.5", "--learning-rate", "0.02", "--stop", "1e-9", "--threads", "1"];
    await run("metamer", "photo.png", ...small, "--seed", "3", ...options, "--out", "made");
    const recipe = await readRecipe("made");
    const image = tensor(
      samples.map((value) => value / 255),
      { dtype: "float64" },
    ).reshape([1, 1, HEIGHT, WIDTH]);
    expect(recipe).toMatchObject({
      recipe: 1,
      numerics: po.NUMERICS_VERSION,
      method: "Metamer",
      image: { name: "photo.png", dtype: "float64", shape: [1, 1, HEIGHT, WIDTH], sha256: await po.hashTensor(image) },
      model: { name: "Gaussian", options: { kernelSize: [5, 5], std: [1], padMode: "reflect" } },
      options: { lossFunction: { name: "mse" }, penaltyFunction: { name: "penalizeRange" }, penaltyLambda: 0.5 },
      calls: [
        { call: "setup", options: { optimizer: { name: "Adam", lr: 0.02, amsgrad: true } } },
        { call: "synthesize", options: { maxIter: 8, stopCriterion: 1e-9, stopItersToCheck: 50 } },
      ],
      result: { iterations: 8, stopReason: "maxIter" },
      environment: { node: process.versions.node, threads: 1 },
    });
    expect(recipe.random.seed).toBe(3);
    po.setSeed(3);
    expect(Buffer.from(recipe.random.torch, "base64")).toEqual(Buffer.from(po.defaultGenerator().getState()));
  });

  it("gives the same files again, to the last byte", async () => {
    await writeGray();
    await run("metamer", "photo.png", ...small, "--out", "one");
    await run("metamer", "photo.png", ...small, "--out", "two");
    for (const name of FILES) expect(await readFile(`two/${name}`), name).toEqual(await readFile(`one/${name}`));
  });

  it("gives the same bits on two threads", async () => {
    await writeGray();
    await run("metamer", "photo.png", ...small, "--threads", "1", "--out", "one");
    await run("metamer", "photo.png", ...small, "--threads", "2", "--out", "two");
    expect(await readFile("two/metamer.npy")).toEqual(await readFile("one/metamer.npy"));
  });

  it("writes a page that stands alone and holds the recipe", async () => {
    await writeGray("a<b.png");
    const { out } = await run("metamer", "a<b.png", ...small, "--iterations", "2", "--out", "far");
    expect(out).toMatch(/^Near, not matched: metamer of a<b\.png .*\n {2}verdict {2}The model's responses /);
    expect(await readFile("far/report.html", "utf8")).toContain(
      "<h1>Not matched, but nearer than photographs: a&lt;b.png</h1>",
    );
    await run("metamer", "a<b.png", ...small, "--iterations", "1500", "--out", "made");
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("<h1>A metamer of a&lt;b.png</h1>");
    expect(page).toContain((await readRecipe("made")).result.sha256);
    expect(page).not.toMatch(/<script|<link|(src|href)="(?!data:)/);
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(6);
  });

  it.each([
    ["a row", "[-1]"],
    ["a table", `[${HEIGHT}, ${WIDTH}]`],
  ])("counts all responses on the page, where they are %s without a batch", async (_, shape) => {
    await writeGray();
    await writeFile("mine.mjs", `export default (image) => image.reshape(${shape});\n`);
    await run("metamer", "photo.png", "--model", "./mine.mjs", "--iterations", "2", "--out", "made");
    const page = await readFile("made/report.html", "utf8");
    const [pixels, responses] = [...page.matchAll(/Histogram of Target from [^<]*(?=<)/g)].map(([text]) => text);
    expect(pixels).toMatch(/from (\S+) to (?!\1\b)/);
    expect(responses).toBe(pixels);
  });

  it("names the folder after the image, and never replaces an earlier one", async () => {
    await writeGray();
    await run("metamer", "photo.png", ...small);
    await run("metamer", "photo.png", ...small, "--seed", "1");
    expect(await readdir(".")).toEqual(["photo-metamer", "photo-metamer-2", "photo.png"]);
    expect((await readRecipe("photo-metamer")).random.seed).toBe(0);
    expect((await readRecipe("photo-metamer-2")).random.seed).toBe(1);
  });

  it("replaces files of an earlier run with --overwrite, and only those", async () => {
    await writeGray();
    await mkdir("made");
    await writeFile("made/notes.txt", "mine");
    await run("metamer", "photo.png", ...small, "--out", "made");
    const again = await run("metamer", "photo.png", ...small, "--seed", "1", "--out", "made", "--overwrite");
    expect(again.code).toBe(0);
    expect((await readRecipe("made")).random.seed).toBe(1);
    expect((await readdir("made")).sort()).toEqual([...FILES, "notes.txt"].sort());
  });

  it("makes colour gray, and says so", async () => {
    const rgb = samples.flatMap((value) => [value, 255 - value, (value * 3) % 256]);
    await writeFile("colour.png", makePng({ width: WIDTH, height: HEIGHT, depth: 8, colourType: 2, samples: rgb }));
    const { code, err } = await run("metamer", "colour.png", ...small, "--out", "made");
    expect(code).toBe(0);
    expect(err).toContain("colour made gray (0.2125 R + 0.7154 G + 0.0721 B)");
    const gray = samples.map(
      (value) => 0.2125 * (value / 255) + 0.7154 * ((255 - value) / 255) + 0.0721 * (((value * 3) % 256) / 255),
    );
    const image = tensor(gray, { dtype: "float64" }).reshape([1, 1, HEIGHT, WIDTH]);
    expect((await readRecipe("made")).image.sha256).toBe(await po.hashTensor(image));
  });

  it("knows the pictures of the package by name; a file of that name goes first, a folder does not", async () => {
    await mkdir("house");
    const picture = await run("metamer", "house", "--iterations", "1", "--out", "one");
    expect(picture.err).toContain("Target: house, 256 x 256 pixels");
    await writeGray("boats");
    const file = await run("metamer", "boats", ...small, "--out", "two");
    expect(file.err).toContain(`Target: boats, ${WIDTH} x ${HEIGHT} pixels`);
  });

  it.each(["linear", "Identity"])("runs with the model %s", async (name) => {
    await writeGray();
    const { code } = await run("metamer", "photo.png", "--model", name, "--iterations", "3", "--out", "made");
    expect(code).toBe(0);
    expect((await readRecipe("made")).model.name.toLowerCase()).toBe(name.toLowerCase());
  });

  it("makes metamers from coarse to fine, as the library does", async () => {
    const side = 64;
    const texture = Array.from({ length: side * side }, (_, i) => (i * 7919 + (i >> 3) * 31) % 256);
    await writeFile("t.png", makePng({ width: side, height: side, depth: 8, colourType: 0, samples: texture }));
    const model = ["--model", "portilla-simoncelli", "--scales", "2", "--orientations", "2", "--width", "5"];
    const ctf = ["--coarse-to-fine", "together", "--change-scale-criterion", "off", "--scale-iterations", "1"];
    const { code } = await run("metamer", "t.png", ...model, ...ctf, "--iterations", "3", "--out", "made");
    expect(code).toBe(0);

    const image = tensor(
      texture.map((value) => value / 255),
      { dtype: "float64" },
    ).reshape([1, 1, side, side]);
    po.setSeed(0);
    const options = { nScales: 2, nOrientations: 2, spatialCorrWidth: 5 };
    const own = new po.models.PortillaSimoncelli([side, side], options);
    const byHand = new po.MetamerCTF(image, own, { lossFunction: po.loss.l2Norm, coarseToFine: "together" });
    await byHand.synthesize({ maxIter: 3, stopCriterion: 0, changeScaleCriterion: null, ctfItersToCheck: 1 });
    const recipe = await readRecipe("made");
    expect(recipe.result.sha256).toBe(await po.hashTensor(byHand.metamer));
    expect(recipe).toMatchObject({
      method: "MetamerCTF",
      options: { coarseToFine: "together", lossFunction: { name: "l2Norm" } },
      calls: [{ call: "setup" }, { call: "synthesize", options: { changeScaleCriterion: null, ctfItersToCheck: 1 } }],
    });
    expect(recipe.command).toContain("--coarse-to-fine together --change-scale-criterion off --scale-iterations 1");
    const lines = (await readFile("made/history.csv", "utf8")).trimEnd().split("\n");
    expect(lines[0]).toMatch(/,pixel_change_norm,scale,scales_loss$/);
    const cells = lines.slice(1).map((line) => line.split(","));
    const scales = cells.map((line) => line[6]);
    expect(scales).toEqual(["pixel_statistics", "residual_lowpass", "1", ""]);
    expect(cells.slice(0, -1).map((line) => Number(line[7]))).toEqual([...byHand.scalesLoss]);
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("scale residual_lowpass</th><td>from iteration 1 to 1; responses now differ by at most ");
    expect((await run("inspect", "made/metamer.pt")).out).toContain("MetamerCTF");
  });

  it("judges by the limits that are asked for, and says them", async () => {
    await writeGray();
    const plain = await run("metamer", "photo.png", ...small, "--out", "plain");
    expect(plain.out).not.toMatch(/^Matched/);
    const limits = [
      "--matched-below",
      "30",
      "--settled-change",
      "2",
      "--settled-gradient",
      "3",
      "--absolute-share",
      "0",
    ];
    const made = await run("metamer", "photo.png", ...small, "--stop", "1e-99", ...limits, "--out", "made");
    expect(made.out).toMatch(/^Matched: .*\n {2}verdict .* and 30 the limit\.\n/);
    expect(made.out).toMatch(
      / \(limit 0 %\)\. If it ends a longer run, that says little; --stop-rtol holds on any scale\./,
    );
    const [before, recipe] = [await readRecipe("plain"), await readRecipe("made")];
    expect(recipe.result.sha256).toBe(before.result.sha256);
    expect(recipe.result.verdict).toBe("matched");
    expect(recipe.command).toMatch(new RegExp(`${limits.join(" ")}$`));
    expect(before.command).toMatch(/--dtype float64$/);
    expect((await run("help", "metamer")).out.replaceAll(/\s+/g, " ")).toMatch(
      /--matched-below <x> of the verdict: matched: every group .* \(default: 0\.01\)/,
    );
  });

  it("stops by --stop-rtol, and after --max-seconds", async () => {
    await writeGray();
    const long = ["--kernel-size", "5", "--std", "1", "--iterations", "100000"];
    await run("metamer", "photo.png", ...long, "--stop-rtol", "0.5", "--out", "settled");
    const settled = await readRecipe("settled");
    expect(settled.result.stopReason).toBe("converged");
    expect(settled.calls[1].options.stopRtol).toBe(0.5);
    expect(settled.command).toContain("--iterations 100000 --stop off --stop-rtol 0.5 ");
    const { out } = await run("metamer", "photo.png", ...long, "--max-seconds", "0.01", "--out", "timed");
    const timed = await readRecipe("timed");
    expect(timed.result.stopReason).toBe("maxSeconds");
    expect(out).toContain(`in ${timed.result.iterations} iterations, where the time was up`);
    // The command that it prints makes the same again, in any time.
    const again = timed.command.split(" ").slice(1);
    expect(again).toContain(String(timed.result.iterations));
    await run(...again, "--out", "again");
    expect((await readRecipe("again")).result.sha256).toBe(timed.result.sha256);
  });

  it("writes a saved synthesis that goes on to the same bits", async () => {
    await writeGray();
    await run("metamer", "photo.png", ...small, "--seed", "3", "--out", "made");
    const whole = await makeByHand("float64", 3);
    const part = new po.Metamer(whole.image, new po.models.Gaussian(5, { std: 1 }));
    await part.load("made/metamer.pt");
    await part.synthesize({ maxIter: 2, stopCriterion: 0 });
    await whole.synthesize({ maxIter: 2, stopCriterion: 0 });
    expect(await po.hashTensor(part.metamer)).toBe(await po.hashTensor(whole.metamer));
  });

  it("stops early, and says so, when the loss no longer changes", async () => {
    await writeGray();
    const stop = ["--kernel-size", "5", "--iterations", "600", "--stop", "1"];
    const { out } = await run("metamer", "photo.png", ...stop, "--out", "made");
    expect((await readRecipe("made")).result).toMatchObject({ iterations: 51, stopReason: "converged" });
    expect(out).toContain("in 51 iterations, where the stop rule ended it");
  });
});

describe("plenoptic models", () => {
  it("lists each model with a line and its options", async () => {
    const { code, out, err } = await run("models");
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toMatch(/^gaussian +blurs.*\n +options: --kernel-size 31 --std 3$/m);
    expect(out).toMatch(/^linear +.*\n +options: --kernel-size 3$/m);
    expect(out).toMatch(/^identity +.*\n +options: none$/m);
  });
});

describe("plenoptic", () => {
  it("prints its version", async () => {
    const { version } = JSON.parse(await readFile(new URL("../../plenoptic/package.json", import.meta.url), "utf8"));
    expect(await run("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  it.each([[["--help"]], [["help", "metamer"]], [["metamer", "--help"]]])("explains itself: %j", async (args) => {
    const { code, out, err } = await run(...args);
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toMatch(/Examples:\n {2}plenoptic metamer house/);
    expect(await readdir(".")).toEqual([]);
  });
});
