// Properties of the steerable pyramid and the texture model beyond their golden cases.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const noise = (shape: readonly number[]): po.Tensor =>
  po.tensor(
    new po.TorchGenerator(4).rand(
      shape.reduce((a, b) => a * b, 1),
      "float64",
    ),
    { shape },
  );

const largest = async (x: po.Tensor): Promise<number> => x.abs().max().item();

describe("SteerablePyramidFreq", () => {
  test.each([
    [{ height: 3, order: 3 }],
    [{ height: 2, order: 1, isComplex: true }],
    [{ height: 3, order: 2, downsample: false }],
    [{ height: 2, order: 5, tightFrame: true }],
  ])("reconstructs an image to 2e-5: %j", async (options) => {
    const image = noise([1, 1, 64, 64]);
    const pyramid = new po.process.SteerablePyramidFreq([64, 64], options);
    const back = pyramid.reconPyr(pyramid.forward(image));
    expect(await largest(back.sub(image))).toBeLessThan(2e-5);
  });
});

describe("PortillaSimoncelli", () => {
  const model = new po.models.PortillaSimoncelli([64, 64], { nScales: 2, nOrientations: 3, spatialCorrWidth: 5 });

  test("takes its representation apart and puts it together again", async () => {
    await po.validate.validateConvertTensorDict(model, {
      imageShape: [1, 1, 64, 64],
      imageDtype: "float64",
      nChecks: 2,
    });
  });

  test("gives every scale's part when asked for it", () => {
    po.validate.validateCoarseToFine(model, { imageShape: [1, 1, 64, 64], imageDtype: "float64" });
  });

  test("the loss falls in a synthesis", async () => {
    const image = noise([1, 1, 64, 64]);
    const lossFunction = po.loss.portillaSimoncelliLossFactory(model, image);
    const metamer = new po.Metamer(image, model, { lossFunction });
    const { loss } = await metamer.synthesize({ maxIter: 10 });
    expect(loss).toBeLessThan(metamer.losses[0]);
  });

  test.each([
    ["flat", po.full([1, 1, 64, 64], 0.5, { dtype: "float64" })],
    ["two-valued", noise([1, 1, 64, 64]).gt(0.5).cast("float64")],
  ])("is finite, with a finite gradient, for a %s image", async (_name, image) => {
    const x = image.detach();
    const statistics = model.forward(x);
    const all = [statistics, po.gradient(statistics.sum(), x)];
    for (const values of all) expect((await values.data()).every(Number.isFinite)).toBe(true);
  });

  test.each([
    // Of the multiples of 8, those below 7 * 8 cannot hold the lags.
    [[100, 64], 3, /height 96 or 104, width 64\. /],
    [[50, 70], 3, /height 56, width 64 or 72\. /],
    [[256, 120], 4, /height 256, width 112 or 128\. /],
  ] as const)("names the sizes that fit: %j with %i scales", (imageShape, nScales, message) => {
    expect(() => new po.models.PortillaSimoncelli(imageShape, { nScales })).toThrow(message);
    const sides = [...message.source.matchAll(/\d+/g)].map(([side]) => Number(side));
    for (const side of sides) {
      expect(new po.models.PortillaSimoncelli([side, side], { nScales }).imageShape).toEqual([side, side]);
    }
  });
});
