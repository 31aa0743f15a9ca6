// What is said where something is not as the caller thinks: a load that was not awaited, a start that does not fit, an error under
// the name of what the caller made.

import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const warned: string[] = [];
afterAll(po.warnings.on((warning) => warned.push(`${warning.code}: ${warning.message}`)));
beforeEach(() => {
  warned.length = 0;
});

const image = po.rand([1, 1, 16, 16], { dtype: "float64" });
const model = new po.models.Gaussian(5);

describe("load() without await", () => {
  test("an iterative synthesis refuses to go on, and load() is not disturbed", async () => {
    const saved = new po.Metamer(image, model);
    await saved.synthesize({ maxIter: 3 });
    const bytes = await saved.toBytes();
    const other = new po.Metamer(image, model);
    const loading = other.load(bytes);
    expect(() => other.to("float32")).toThrow(/to\(\) was called while load\(\)/);
    await expect(other.synthesize({ maxIter: 1 })).rejects.toThrow(
      /synthesize\(\) was called while load\(\) is at work; .*forget `await`/,
    );
    await expect(other.setup()).rejects.toThrow(/setup\(\) was called while load\(\)/);
    await expect(other.load(bytes)).rejects.toThrow(/load\(\) was called while load\(\)/);
    await expect(other.toBytes()).rejects.toThrow(/save\(\) was called while load\(\)/);
    await loading;
    expect(other.numIter).toBe(3);
    await other.synthesize({ maxIter: 1 });
    expect(other.numIter).toBe(4);
  });

  test("a load that fails leaves an object that can be used", async () => {
    const other = new po.Metamer(image, model);
    await expect(other.load(new Uint8Array(3))).rejects.toThrow();
    await other.synthesize({ maxIter: 1 });
    expect(other.numIter).toBe(1);
  });

  test("an eigendistortion refuses too", async () => {
    const saved = new po.Eigendistortion(image, model);
    await saved.synthesize({ k: 1 });
    const bytes = await saved.toBytes();
    const other = new po.Eigendistortion(image, model);
    const loading = other.load(bytes);
    await expect(other.synthesize({ k: 1 })).rejects.toThrow(
      /synthesize\(\) was called while load\(\).*forget `await`/,
    );
    await loading;
    expect(other.eigenvalues?.size).toBe(2);
  });
});

test("learning rates of our own files are kept", async () => {
  const scheduler = (): po.optim.Scheduler => po.optim.ExponentialLR({ gamma: 0.5 });
  const saved = new po.Metamer(image, model);
  await saved.setup({ scheduler: scheduler() });
  await saved.synthesize({ maxIter: 3 });
  const other = new po.Metamer(image, model);
  await other.load(await saved.toBytes());
  expect(Array.from(other.learningRates)).toEqual([0.01, 0.005, 0.0025]);
  await other.setup({ scheduler: scheduler() });
  await other.synthesize({ maxIter: 1 });
  expect(other.learningRates.at(-1)).toBe(0.00125);
});

test("a start that the model cannot compare with the image is named", async () => {
  const metamer = new po.Metamer(image, model);
  const initialImage = po.rand([1, 1, 12, 12], { dtype: "float64" });
  await expect(metamer.setup({ initialImage })).rejects.toThrow(
    /^Metamer: the initial image is \[1, 1, 12, 12\] and the image \[1, 1, 16, 16\]; .*Give initialImage the shape of the image/,
  );
  expect(warned).toEqual([]);
  await metamer.synthesize({ maxIter: 1 });
  expect(metamer.metamer.shape).toEqual([1, 1, 16, 16]);
});

describe("errors under the name of what was made", () => {
  const make = (size: readonly [number, number], options = {}) => new po.models.PortillaSimoncelli(size, options);
  test.each<[string, () => unknown, RegExp]>([
    ["no size", () => make(3 as never), /^PortillaSimoncelli: imageShape is 3/],
    ["a size that is not whole", () => make([32.5, 32]), /^PortillaSimoncelli: imageShape is \[32\.5, 32\]/],
    [
      "a small image",
      () => make([2, 2]),
      /^PortillaSimoncelli: nScales is 4.* 2 x 2 pixels has room for 0 at most; use a larger image/,
    ],
    [
      "too many scales",
      () => make([64, 64], { nScales: 5 }),
      /^PortillaSimoncelli: nScales is 5.*fewer scales or a larger image/,
    ],
    ["odd sides", () => make([113, 113]), /^PortillaSimoncelli: it only works with images whose sides/],
    ["NLPD", () => po.metric.nlpd(image, image), /^nlpd: an image of 16 x 16 pixels is too small/],
  ])("%s", (_, call, words) => {
    expect(call).toThrow(words);
    expect(warned).toEqual([]);
  });
});

describe("a warning comes once, under the name of what was called", () => {
  test("of a preset", async () => {
    const far = po.rand([1, 1, 112, 112], { dtype: "float64" }).add(0.5);
    await po.presets.texture(far, { nScales: 2, nOrientations: 2, spatialCorrWidth: 3 });
    expect(warned).toHaveLength(1);
    expect(warned[0]).toMatch(/^image-range: presets\.texture: the image has values/);
    await po.presets.texture(far, { nScales: 2, nOrientations: 2, spatialCorrWidth: 3, initialImage: far });
    expect(warned).toHaveLength(3);
    expect(warned[2]).toMatch(/^image-range: presets\.texture: the initial image has values/);
  });

  test("of a competition", async () => {
    const distance = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).abs().mean();
    const bytes = image.mul(255).detach();
    await po.MADCompetition.all(bytes, distance, po.metric.mse, { initialNoise: 10 });
    expect(warned).toHaveLength(2);
    expect(warned[0]).toMatch(/^image-range: MADCompetition\.all: the image has values/);
    expect(warned[1]).toMatch(
      /^start-clipped: MADCompetition: \d+ of 256 values of the image lie outside of \[0, 1\], and the start was moved into it; give allowedRange/,
    );
    warned.length = 0;
    await po.MADCompetition.all(bytes, distance, po.metric.mse, { initialNoise: 10, allowedRange: [0, 255] });
    expect(warned.filter((text) => text.startsWith("start-clipped"))).toEqual([]);
  });
});

test("a model that sees no change says so", async () => {
  const blind = new po.Eigendistortion(image, (x) => x.mul(0));
  const { words } = await blind.synthesize({ k: 1 });
  expect(words).toMatch(/^The derivative of the model at this image is 0/);
  expect(words).not.toMatch(/resolved/);
  expect(String(blind)).toMatch(/method: krylov; the derivative of the model at this image is 0/);
  expect(String(blind)).not.toMatch(/converged/);
});

describe("metrics that cannot disagree", () => {
  const twice = (a: po.Tensor, b: po.Tensor): po.Tensor => po.metric.mse(a, b).mul(2).mean();
  const once = (a: po.Tensor, b: po.Tensor): po.Tensor => po.metric.mse(a, b).mean();

  test("are refused by a whole competition, and where one is held", async () => {
    await expect(po.MADCompetition.all(image, once, once)).rejects.toThrow(/cannot disagree: they are the same/);
    await expect(po.MADCompetition.all(image, once, twice, { metricTradeoffLambda: 1 })).rejects.toThrow(
      /cannot disagree: they change together here/,
    );
    const held = new po.MADCompetition(image, once, twice, "min", { constrained: true });
    await expect(held.setup()).rejects.toThrow(po.validate.ValidationError);
    const dot = po.rand([1, 1, 1, 1], { dtype: "float64" });
    const other = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).abs().mean();
    await expect(po.MADCompetition.all(dot, once, other)).rejects.toThrow(/the image has one pixel.*larger image/);
    expect(warned).toEqual([]);
  });

  test("are warned of with a weight, as in Python", async () => {
    const mad = new po.MADCompetition(image, once, twice, "min", { metricTradeoffLambda: 1 });
    await mad.setup();
    expect(warned).toEqual([expect.stringMatching(/^metrics-agree: MADCompetition: the two metrics cannot disagree/)]);
  });
});
