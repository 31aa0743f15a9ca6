// Which sizes a model takes, what is said of others, and `--crop`, which cuts out the middle.

import { readdir, readFile } from "node:fs/promises";
import { readNpy } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";
import { describe, expect, it } from "vitest";
import { fitToModel } from "../src/crop.ts";
import { chooseRegistered } from "../src/modelRegistry.ts";
import type { Target } from "../src/target.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

function target(width: number, height: number): Target {
  const values = Float64Array.from({ length: width * height }, (_, i) => i);
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

const texture = chooseRegistered("portilla-simoncelli", { nScales: 3, spatialCorrWidth: 5 });

describe("fitToModel", () => {
  it.each([
    [64, 48],
    [40, 40],
  ])("leaves %i x %i pixels alone", (width, height) => {
    const image = target(width, height);
    expect(fitToModel(image, texture, false)).toBe(image);
    expect(fitToModel(image, texture, true)).toBe(image);
  });

  it("names the sizes that fit, and offers --crop", () => {
    expect(() => fitToModel(target(65, 48), texture, false)).toThrow(
      "a.png is 65 x 48 pixels, and portilla-simoncelli (scales 3, orientations 4, width 5) needs sides that are multiples " +
        "of 8: the nearest are 64 or 72 wide, 48 high; add --crop to use the middle 64 x 48 pixels, or --resize 64x48 " +
        "to use all of it, scaled",
    );
  });

  it("says when an image is too small, whatever is cropped", () => {
    for (const crop of [false, true]) {
      expect(() => fitToModel(target(64, 39), texture, crop)).toThrow(
        /needs at least 40 x 40; choose a larger image or fewer --scales or a smaller --width$/,
      );
    }
    const pretrained = chooseRegistered("on-off", {});
    expect(() => fitToModel(target(8, 8), pretrained, false)).toThrow(/at least 16 x 16; choose a larger image$/);
  });

  it.each([
    [45, 50],
    [47, 41],
    [48, 63],
  ])("cuts the middle out of %i x %i pixels, where centerCrop would", async (width, height) => {
    const image = target(width, height);
    const cut = fitToModel(image, texture, true);
    expect([cut.width % 8, cut.height % 8]).toEqual([0, 0]);
    expect([width - cut.width < 8, height - cut.height < 8]).toEqual([true, true]);
    const whole = po.tensor(image.values, { shape: [height, width] });
    const row = Math.floor(height / 2) - cut.height / 2;
    const column = Math.floor(width / 2) - cut.width / 2;
    const middle = whole.slice(0, row, row + cut.height).slice(1, column, column + cut.width);
    expect(cut.values).toEqual(await middle.data());
    expect(cut.conversion).toBe(
      `gray as stored, cropped from ${width} x ${height} to the middle ${cut.width} x ${cut.height} pixels (from row ` +
        `${row}, column ${column} on)`,
    );
    const side = 40;
    const square = po.process.centerCrop(whole, side);
    const inner = po.process.centerCrop(po.tensor(cut.values, { shape: [cut.height, cut.width] }), side);
    expect(await inner.data()).toEqual(await square.data());
  });

  it.each([
    [2, 3],
    [3, 5],
    [2, 7],
    [4, 1],
  ])("allows what the model allows: %i scales, width %i", async (nScales, spatialCorrWidth) => {
    const { leastSide, sideStep, ...choice } = chooseRegistered("portilla-simoncelli", { nScales, spatialCorrWidth });
    const create = (height: number, width: number) => choice.create([height, width], "float64");
    expect((await create(leastSide, leastSide + sideStep)).options).toMatchObject({ nScales, spatialCorrWidth });
    await expect(create(leastSide - sideStep, leastSide)).rejects.toThrow(RangeError);
    await expect(create(leastSide + sideStep / 2, leastSide)).rejects.toThrow(RangeError);
  });
});

describe("--crop", () => {
  const small = ["--model", "portilla-simoncelli", "--scales", "2", "--orientations", "2", "--width", "3"];

  it("makes a texture metamer of the middle of an image, and says so in the recipe and the command", async () => {
    const samples = await writeGray("photo.png", 35, 25);
    const args = [...small, "--iterations", "3", "--out", "made"];
    const refused = await run("metamer", "photo.png", ...args);
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringContaining("add --crop to use the middle 32 x 24 pixels"),
    });
    expect(await readdir(".")).toEqual(["photo.png"]);

    const { code, err } = await run("metamer", "photo.png", ...args, "--crop");
    expect(code).toBe(0);
    expect(err).toContain("Target: photo.png, 32 x 24 pixels, gray as stored, divided by 255, cropped from 35 x 25");
    const recipe = JSON.parse(await readFile("made/recipe.json", "utf8"));
    expect(recipe.image.conversion).toContain("cropped from 35 x 25 to the middle 32 x 24 pixels");
    expect(recipe.options.lossFunction.name).toBe("portillaSimoncelliLossFactory");
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("--scales 2 --orientations 2 --width 3 --crop");
    expect(page).toContain("pixels+var_highpass");

    const image = po
      .tensor(
        samples.map((level) => level / 255),
        { shape: [1, 1, 25, 35], dtype: "float64" },
      )
      .slice(2, 0, 24)
      .slice(3, 1, 33);
    po.setSeed(0);
    const model = new po.models.PortillaSimoncelli([24, 32], { nScales: 2, nOrientations: 2, spatialCorrWidth: 3 });
    const lossFunction = po.loss.portillaSimoncelliLossFactory(model, image);
    const metamer = new po.Metamer(image, model, { lossFunction });
    await metamer.synthesize({ maxIter: 3, stopCriterion: 0 });
    expect(readNpy(await readFile("made/metamer.npy")).data).toEqual(await metamer.metamer.data());
  });

  it("represents the middle of an image", async () => {
    await writeGray("photo.png", 35, 25);
    const { code } = await run("represent", "photo.png", ...small, "--crop", "--out", "made");
    expect(code).toBe(0);
    const { image } = JSON.parse(await readFile("made/representation.json", "utf8"));
    expect(image).toMatchObject({ height: 24, width: 32, conversion: expect.stringContaining("cropped from 35 x 25") });
  });
});
