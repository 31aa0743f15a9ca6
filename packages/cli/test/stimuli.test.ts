// The PNG files of the commands: in both encodings and depths, with what is recorded of them, verified, made again, and looked at.

import { readFile, writeFile } from "node:fs/promises";
import { readPng, writePng } from "@plenoptic-js/formats";
import { tensor } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import { beforeEach, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();
beforeEach(() => writeGray("photo.png", 32, 32));

const small = ["--kernel-size", "5", "--std", "1", "--iterations", "9"];
const form = ["--encoding", "srgb", "--colour-chunk", "--pixels-per-degree", "48.5"];

async function made(...args: string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return out;
}

const recipeOf = async (file: string): Promise<po.replay.ReadResult["recipe"]> =>
  JSON.parse(await readFile(file, "utf8")) as po.replay.ReadResult["recipe"];

it("a metamer: the loss of what was written is that of the decoded file, and the recipe, the page and the words have it", async () => {
  const out = await made("metamer", "photo.png", ...small, "--encoding", "linear", "--out", "m");
  const { exports = [] } = await recipeOf("m/recipe.json");
  const model = new po.models.Gaussian(5, { std: 1 });
  const target = await po.loadImages("photo.png", { dtype: "float64" });
  const loss = (x: po.Tensor): Promise<unknown> => po.metric.mse(model.forward(x), model.forward(target)).item();
  expect(exports.map(({ bits, encoding }) => [bits, encoding])).toEqual([
    [8, "linear"],
    [16, "linear"],
  ]);
  for (const { file, measures } of exports) {
    const read = await po.loadImages(`m/${file}`, { dtype: "float64" });
    expect(measures!.loss.written).toBeCloseTo(Number(await loss(read)), 14);
    const exact = await po.io.loadArray("m/metamer.npy");
    expect(measures!.loss.exact).toBeCloseTo(Number(await loss(exact)), 14);
  }
  expect(out).toMatch(/\n {2}written {2}loss \S+, of what was written \S+ \(8 bits\) and \S+ \(16 bits\)\n/);
  const page = await readFile("m/report.html", "utf8");
  expect(page).toMatch(
    /metamer-16\.png[\s\S]{0,80}differs from the exact values by at most [^;]*; loss \S+, of the exact values/,
  );
});

it.each([
  ["metamer", [...small], ["metamer.png", "metamer-16.png"], "recipe.json"],
  ["mad", ["--iterations", "2", "--direction", "max"], ["max-ssim.png", "max-ssim-16.png"], "max-ssim.recipe.json"],
  [
    "eigendistortion",
    ["--model", "gaussian", "--kernel-size", "5", "--method", "power", "--iterations", "2"],
    ["distorted-0.png", "distorted-1023-16.png"],
    "recipe.json",
  ],
])("%s in sRGB is verified, and its recipe says all of it", async (command, args, files, recipeFile) => {
  await made(command, "photo.png", ...args, ...form, "--embed-target", "--out", "m");
  const recipe = await recipeOf(`m/${recipeFile}`);
  for (const one of recipe.exports!) {
    expect(one).toMatchObject({ encoding: "srgb", colourChunk: true, pixelsPerDegree: 48.5 });
    expect(Object.keys(one.measures ?? {}).length).toBeGreaterThan(0);
  }
  expect(recipe.command).toContain(" --encoding srgb --colour-chunk --pixels-per-degree 48.5");
  for (const file of files) {
    const bytes = await readFile(`m/${file}`);
    expect(bytes.includes("sRGB", 0, "latin1")).toBe(true);
    expect(await made("verify", `m/${file}`)).toMatch(/identical: .*the pixels of the file/);
    const looked = await made("inspect", `m/${file}`);
    expect(looked).toMatch(/encoding +sRGB, \d+ bits; programs that manage colours are told so\n/);
    expect(looked).toMatch(/pixels per degree +48\.5\n/);
    expect(looked).toMatch(/pixels +those that were written\n/);
    expect(looked).toMatch(/Target inside\n {2}image {2}float64 \[1, 1, 32, 32\]\n/);
    expect(looked).toMatch(/command +plenoptic \S+ photo\.png/);
    // No states of generators.
    expect(looked.length).toBeLessThan(6000);
    const { stimulus, recipe: said, pixels } = JSON.parse(await made("inspect", "--json", `m/${file}`));
    expect(stimulus.pixels).toBe(pixels.sha256);
    expect(said.result).toEqual(recipe.result);
  }
});

it("the usual files tell programs that manage colours nothing", async () => {
  await made("metamer", "photo.png", ...small, "--out", "m");
  for (const file of ["m/metamer.png", "m/metamer-16.png"]) {
    const bytes = await readFile(file);
    for (const type of ["sRGB", "gAMA", "cHRM", "iCCP", "pHYs"]) expect(bytes.includes(type, 0, "latin1")).toBe(false);
  }
  expect((await recipeOf("m/recipe.json")).command).not.toMatch(/--encoding|--colour|--pixels-per/);
});

it("run writes the files as they were", async () => {
  await made("metamer", "photo.png", ...small, ...form, "--out", "m");
  await made("run", "m/recipe.json", "--image", "photo.png", "--out", "again");
  const [first, again] = [readPng(await readFile("m/metamer.png")), readPng(await readFile("again/result.png"))];
  expect(again.data).toEqual(first.data);
  expect((await recipeOf("again/recipe.json")).exports![0]).toMatchObject({ encoding: "srgb", pixelsPerDegree: 48.5 });
});

it("inspect sees a pixel that was changed, and refuses images of others with a way out", async () => {
  const image = tensor(new Float64Array(64).fill(0.25), { shape: [8, 8], dtype: "float64" });
  await po.saveImage("mine.png", image, { pixelsPerDegree: 30 });
  expect(await made("inspect", "mine.png")).toMatch(
    /pixels per degree {2}30\n[\s\S]*pixels +those that were written\n/,
  );
  const { text, ...pixels } = readPng(await readFile("mine.png"));
  pixels.data[3] ^= 1;
  await writeFile("changed.png", writePng(pixels, { text: text! }));
  expect(await made("inspect", "changed.png")).toMatch(/pixels +others than were written \(SHA-256 [0-9a-f]{64}\)\n/);
  await writeFile("bare.png", writePng(pixels, { text: new Map() }));
  const { code, err } = await run("inspect", "bare.png");
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/neither a recipe nor a record .* plenoptic compare bare\.png bare\.png/),
  ]);
  await writeFile("lying.png", writePng(pixels, { text: new Map([["plenoptic-stimulus", '{"bits":9}']]) }));
  expect(await run("inspect", "lying.png")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no record of a stimulus: /),
  });
});

it.each([
  [["--encoding", "rec709"], /linear, srgb/],
  [["--pixels-per-degree", "-3"], /pixels-per-degree/],
])("refuses %j", async (args, message) => {
  const { code, err } = await run("metamer", "photo.png", ...args);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
});
