// `--with-model`: .pt files that hold their model. Said before anything is written, shown by inspect, and enough for verify and run.

import { rm, writeFile } from "node:fs/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const MINE = `
export default (image) => image.reshape([1, 1, 8, 4, 8, 4]).square().mean([3, 5]);
`;
const METRIC = `
export default (a, b) => a.sub(b).square().square().sum();
`;

beforeEach(async () => {
  await writeGray("photo.png", 32, 32);
  await writeFile("mine.mjs", MINE);
  await writeFile("metric.mjs", METRIC);
});

/** Makes it, and takes the code away. */
async function made(...args: string[]): Promise<string> {
  const { code, err } = await run(...args, "--with-model", "--out", "made");
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  await rm("mine.mjs");
  await rm("metric.mjs");
  return err;
}

/** How large the model is said to be, and which step that is said before. */
const SAID = /Model in the \.pt file: 3 graphs, \d+ nodes, 0 bytes of constants; the file is \d+ bytes larger for it/;

describe("--with-model", () => {
  it("a metamer under a model of one's own is verified, and made again, without it", async () => {
    const err = await made("metamer", "photo.png", "--model", "./mine.mjs", "--iterations", "4");
    expect(err).toMatch(SAID);
    expect(await run("verify", "made/metamer.pt")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^made\/metamer\.pt: identical: 4 steps/),
    });
    const again = await run("run", "made/metamer.pt", "--out", "again");
    expect(again.code).toBe(0);
    expect(again.out).toContain("Made, with the bits that the recipe tells");
    // And what that wrote holds it too.
    expect(await run("verify", "again/result.pt")).toMatchObject({ code: 0 });
    // What has no place for a model still needs it.
    const png = await run("verify", "made/metamer.png", "--image", "photo.png");
    expect(png.code).toBe(4);
    expect(png.out).toContain("--model FILE");
  });

  it("inspect shows it", async () => {
    await made("metamer", "photo.png", "--model", "./mine.mjs", "--iterations", "2");
    const { out } = await run("inspect", "made/metamer.pt");
    expect(out).toMatch(
      /\nModel\n {2}model +\S+ +float64 \[1, 1, 32, 32\] -> float64 \[1, 1, 8, 8\] +\d+ nodes, 0 bytes of constants: /,
    );
    expect(out).toMatch(/\n {2}loss +mse +float64 \[1, 1, 8, 8\], float64 \[1, 1, 8, 8\] -> float64 \[\]/);
    expect(out).toMatch(/\n {2}penalty +penalizeRange /);
    expect(out).toMatch(/\n {2}together +3 graphs, \d+ nodes, .*fixed shapes and dtypes; no code is needed\n/);
    const { model } = JSON.parse((await run("inspect", "made/metamer.pt", "--json")).out);
    expect(model.size.graphs).toBe(3);
    expect(model.functions[0].graphs[0].ops.square).toBe(1);
  });

  it("from coarse to fine, a graph for each scale", async () => {
    await writeGray("large.png", 64, 64);
    const model = ["--model", "portilla-simoncelli", "--scales", "2", "--width", "5"];
    const err = await made("metamer", "large.png", ...model, "--coarse-to-fine", "together", "--iterations", "2");
    const graphs = Number(/Model in the \.pt file: (\d+) graphs/.exec(err)?.[1]);
    expect(graphs).toBeGreaterThan(6);
    expect(await run("verify", "made/metamer.pt")).toMatchObject({ code: 0 });
  });

  it("metrics of a competition, and eigendistortions", async () => {
    const mad = await made(
      "mad",
      "photo.png",
      "--optimized",
      "./metric.mjs",
      "--reference",
      "mse",
      "--iterations",
      "2",
    );
    expect(mad).toContain("Model in the .pt file: 3 graphs");
    const each = await run("verify", "made/min-metric.pt", "made/max-mse.pt", "--each");
    expect(each.out.match(/identical/g)).toHaveLength(2);
    expect(each.code).toBe(0);
    await writeFile("mine.mjs", MINE);
    await writeFile("metric.mjs", METRIC);
    await made("eigendistortion", "photo.png", "--model", "./mine.mjs", "--k", "1", "--overwrite");
    expect(await run("verify", "made/eigendistortions.pt")).toMatchObject({ code: 0 });
  });

  it("is left out unless it is asked for", async () => {
    await run("metamer", "photo.png", "--model", "./mine.mjs", "--iterations", "2", "--out", "made");
    const { out } = await run("inspect", "made/metamer.pt");
    expect(out).not.toContain("\nModel\n");
    expect((await run("verify", "made/metamer.pt")).out).toContain("must be given: --model FILE");
  });
});
