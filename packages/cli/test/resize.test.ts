// `--resize`: which sizes it takes, what it makes, and that the command in a recipe makes the same again.

import { readdir, readFile } from "node:fs/promises";
import { readNpy } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";
import { describe, expect, it } from "vitest";
import { resized, resizeOption } from "../src/resize.ts";
import type { Target } from "../src/target.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

function target(width: number, height: number): Target & { readonly values: Float64Array } {
  const values = new po.TorchGenerator(1).rand(width * height, "float64") as Float64Array;
  return {
    typed: "photo.png",
    name: "a.png",
    stem: "a",
    conversion: "gray as stored",
    channels: 1,
    width,
    height,
    values,
  };
}

describe("sizes", () => {
  it.each([
    ["30", 60, 40, 30, 20],
    ["30", 40, 60, 20, 30],
    ["60", 30, 20, 60, 40],
    ["8", 64, 3, 8, 1],
    ["30x10", 60, 40, 30, 10],
    ["30X10", 60, 40, 30, 10],
  ])("%s of %i x %i pixels is %i x %i", async (text, width, height, newWidth, newHeight) => {
    const made = await resized(target(width, height), resizeOption(text));
    expect([made.width, made.height, made.values.length]).toEqual([newWidth, newHeight, newWidth * newHeight]);
    expect(made.conversion).toBe(
      `gray as stored, resized from ${width} x ${height} to ${newWidth} x ${newHeight} (triangle weights, antialiased)`,
    );
    const whole = po.tensor(target(width, height).values, { shape: [height, width] });
    expect(made.values).toEqual(await po.process.resize(whole, [newHeight, newWidth]).data());
  });

  it.each(["0", "-3", "3.5", "x", "3x", "x3", "3x0", "3x4x5", "20000", "half", ""])("%j is refused", (text) => {
    expect(() => resizeOption(text)).toThrow(
      /such as 256, or width and height, such as 256x192; from 1 to 16384 pixels/,
    );
  });
});

describe("--resize", () => {
  it("is recorded, and the command of the recipe makes the same again, cropped after it", async () => {
    await writeGray("photo.png", 70, 51);
    const small = ["--model", "portilla-simoncelli", "--scales", "2", "--orientations", "2", "--width", "3"];
    const args = ["photo.png", ...small, "--iterations", "2", "--resize", "35"];
    const refused = await run("metamer", ...args, "--out", "made");
    expect(refused.err).toContain("is 35 x 26 pixels");
    expect(refused.err).toContain("or --resize 36x28 to use all of it, scaled");
    const { code, err } = await run("metamer", ...args, "--crop", "--out", "made");
    expect(code).toBe(0);
    expect(err).toContain(
      "Target: photo.png, 32 x 24 pixels, gray as stored, divided by 255, resized from 70 x 51 to 35 x 26 (triangle weights, " +
        "antialiased), cropped from 35 x 26 to the middle 32 x 24 pixels",
    );
    const recipe = JSON.parse(await readFile("made/recipe.json", "utf8"));
    expect(recipe.image.conversion).toContain("resized from 70 x 51 to 35 x 26");
    expect(recipe.command).toContain("plenoptic metamer photo.png --resize 35 --model");
    const again = await run(...(recipe.command as string).split(" ").slice(1), "--out", "again");
    expect(again.code).toBe(0);
    expect(JSON.parse(await readFile("again/recipe.json", "utf8")).result.sha256).toBe(recipe.result.sha256);
  });

  it("works for every command that takes an image", async () => {
    const samples = await writeGray("photo.png", 48, 36);
    const size = ["--resize", "24x20"];
    const runs: [string, ...string[]][] = [
      ["mad", "--iterations", "1", "--direction", "min"],
      ["eigendistortion", "--model", "center-surround", "--method", "randomized_svd"],
      ["represent", "--model", "center-surround"],
      ["pyramid", "--kind", "laplacian", "--height", "2"],
    ];
    for (const [command, ...options] of runs) {
      const { code, err } = await run(command, "photo.png", ...options, ...size, "--out", command);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(err).toContain(
        "photo.png, 24 x 20 pixels, gray as stored, divided by 255, resized from 48 x 36 to 24 x 20",
      );
    }
    for (const [folder, file] of [
      ["mad", "min-ssim.recipe.json"],
      ["eigendistortion", "recipe.json"],
    ]) {
      const recipe = JSON.parse(await readFile(`${folder}/${file}`, "utf8"));
      expect(recipe.command).toContain(`plenoptic ${folder} photo.png --resize 24x20 --`);
    }
    const whole = po.tensor(
      Float64Array.from(samples, (level) => level / 255),
      { shape: [1, 1, 36, 48] },
    );
    const [fine] = new po.process.LaplacianPyramid({ nScales: 2 }).forward(po.process.resize(whole, [20, 24]));
    expect(readNpy(await readFile("pyramid/level_0.npy")).data).toEqual(await fine.data());
  });

  it("brings two images to one size, to compare them", async () => {
    await writeGray("a.png", 40, 30);
    await writeGray("b.png", 20, 15);
    const refused = await run("compare", "a.png", "b.png");
    expect(refused.err).toContain("add --resize 20x15 to scale both");
    const { code, out } = await run("compare", "a.png", "b.png", "--resize", "20", "--metric", "mse");
    expect(code).toBe(0);
    expect(out).toContain(
      "a.png and b.png, 20 x 15 pixels\n  a.png: gray as stored, divided by 255, resized from 40 x 30 to 20 x 15",
    );
    expect(out).toMatch(/b\.png: gray as stored, divided by 255$/m);
    expect(await readdir(".")).toEqual(["a.png", "b.png"]);
  });
});
