// `plenoptic compare`: the numbers are those of the library, as a table and as JSON; what is refused.

import { readdir } from "node:fs/promises";
import * as po from "plenoptic-js";
import { describe, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const { metric } = po;

const imageOf = (samples: readonly number[], height: number, width: number) =>
  po.tensor(
    samples.map((level) => level / 255),
    { shape: [1, 1, height, width], dtype: "float64" },
  );

/** The metrics of the table and their cells. */
const rowsOf = (out: string): string[][] =>
  out
    .trimEnd()
    .split("\n")
    .slice(5)
    .map((line) => line.split(/ {2,}/));

describe("plenoptic compare", () => {
  it("prints what the library computes, with all digits as JSON", async () => {
    const a = imageOf(await writeGray("a.png", 170, 161), 161, 170);
    const b = imageOf(await writeGray("b.png", 170, 161, 5), 161, 170);
    const { code, out, err } = await run("compare", "a.png", "b.png", "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { metrics, ...rest } = JSON.parse(out);
    expect(rest).toMatchObject({ images: [{ name: "a.png" }, { name: "b.png" }], width: 170, height: 161 });
    expect(metrics).toEqual([
      { metric: "mse", value: metric.mse(a, b).itemSync(), direction: "lower", range: [0, null], identical: 0 },
      { metric: "ssim", value: metric.ssim(a, b).itemSync(), direction: "higher", range: [-1, 1], identical: 1 },
      { metric: "ms-ssim", value: metric.msSsim(a, b).itemSync(), direction: "higher", range: [0, 1], identical: 1 },
      { metric: "nlpd", value: metric.nlpd(a, b).itemSync(), direction: "lower", range: [1e-5, null], identical: 1e-5 },
    ]);
  });

  it("prints a table", async () => {
    const a = imageOf(await writeGray("a.png", 40, 33), 33, 40);
    const b = imageOf(await writeGray("b.png", 40, 33, 5), 33, 40);
    const { out } = await run("compare", "a.png", "b.png");
    expect(out).toMatch(
      /^a\.png and b\.png, 40 x 33 pixels\n {2}a\.png: gray as stored, divided by 255\n {2}b\.png: gray .*\n\nmetric +value +identical +range +direction\n/,
    );
    const [mse, ssim, nlpd] = rowsOf(out);
    expect(mse).toEqual(["mse", expect.anything(), "0", "from 0", "lower is more similar"]);
    expect(Number(mse[1])).toBeCloseTo(metric.mse(a, b).itemSync(), 6);
    expect(ssim).toEqual(["ssim", expect.anything(), "1", "-1 to 1", "higher is more similar"]);
    expect(nlpd).toEqual(["nlpd", expect.anything(), "1e-5", "from 1e-5", "lower is more similar"]);
    expect(await readdir(".")).toEqual(["a.png", "b.png"]);
  });

  it("states the values of identical images truly", async () => {
    await writeGray("a.png", 161, 161);
    const { metrics } = JSON.parse((await run("compare", "a.png", "a.png", "--json")).out);
    expect(metrics).toHaveLength(4);
    for (const { value, identical } of metrics) expect(value).toBeCloseTo(identical, 12);
  });

  it.each([
    [10, ["mse"]],
    [11, ["mse", "ssim"]],
    [32, ["mse", "ssim"]],
    [33, ["mse", "ssim", "nlpd"]],
    [160, ["mse", "ssim", "nlpd"]],
    [161, ["mse", "ssim", "ms-ssim", "nlpd"]],
  ])("leaves out metrics that were not made for sides of %i pixels, without a warning", async (side, names) => {
    await writeGray("a.png", side, 170);
    const { out, err } = await run("compare", "a.png", "a.png");
    expect(rowsOf(out).map(([name]) => name)).toEqual(names);
    expect(err).toBe("");
  });

  it("computes those it is asked for, once each, in order, and warns", async () => {
    await writeGray("a.png", 20, 10);
    const { out, err } = await run("compare", "a.png", "a.png", "--metric", "SSIM, mse,ssim");
    expect(rowsOf(out).map(([name]) => name)).toEqual(["ssim", "mse"]);
    expect(err).toMatch(/^warning: ssim: the window is 11x11 pixels/);
  });

  it.each([
    [
      ["a.png", "b.png"],
      /a\.png is 20 x 10 pixels and b\.png 10 x 20; .* the same size, so crop one of them, or add --resize 20x10 to scale both/,
    ],
    [["a.png", "a.png", "--metric", "nlpd"], /the images are 20 x 10 pixels, and nlpd needs at least 33 on both sides/],
    [["a.png", "a.png", "--metric", "mssim"], /There is no metric "mssim"; did you mean "ssim"\?/],
    [["a.png", "a.png", "--metric", ""], /There is no metric "" \(mse, ssim, ms-ssim, nlpd\)/],
    [["a.png"], /missing required argument 'b'/],
    [["a.png", "c.png"], /c\.png: there is no such file/],
  ])("refuses %j", async (args, message) => {
    await writeGray("a.png", 20, 10);
    await writeGray("b.png", 10, 20);
    const { code, out, err } = await run("compare", ...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(message);
  });
});
