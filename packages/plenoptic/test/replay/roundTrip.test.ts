// Results of all methods, optimizers, schedulers, models and starts, verified from their files alone.

import { optimizers, schedulers } from "@plenoptic-js/tensor/engine";
import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { modelCards } from "../../src/models/cards.ts";
import { Blocks } from "../synthesis/methods.ts";
import { gaussian, metamer, picture, recipeBytes } from "./results.ts";

afterAll(po.warnings.on(() => {}));

type Made = po.Metamer | po.MetamerCTF | po.MADCompetition | po.Eigendistortion;

async function expectIdentical(made: Made, given: po.replay.VerifyOptions = {}): Promise<po.replay.Verification> {
  const before = po.rand([2]).dataSync();
  po.setSeed(99);
  const found = await po.replay.verify(await made.toBytes(), given);
  expect(found.text).toMatch(/^identical: /);
  expect(found).toMatchObject({ verdict: "identical", reason: null, parting: null });
  // The generators of the program around are where they were.
  const after = po.rand([2]).dataSync();
  po.setSeed(99);
  expect(after).toEqual(po.rand([2]).dataSync());
  expect(before).not.toEqual(after);
  return found;
}

describe("a metamer", () => {
  test.each(Object.entries(optimizers))("by %s", async (_, { make, needs }) => {
    const made = await metamer(6, { optimizer: make(needs) });
    expect(await expectIdentical(made)).toMatchObject({ steps: 6 });
  });

  test.each(Object.entries(schedulers))("with %s", async (_, { make, needs }) => {
    await expectIdentical(
      await metamer(6, { optimizer: po.optim.SGD({ lr: 0.5, momentum: 0.5 }), scheduler: make(needs) }),
    );
  });

  test.each(modelCards)("under $className", async (card) => {
    const side = Math.max(
      16,
      card.leastSide(Object.fromEntries(Object.entries(card.options).map(([n, o]) => [n, o.default]))),
    );
    const model = card.create(Object.fromEntries(Object.entries(card.options).map(([n, o]) => [n, o.default])), [
      side,
      side,
    ]);
    po.setSeed(1);
    const image = picture(0, side);
    const made = new po.Metamer(image, model, card.loss ? { lossFunction: card.loss.create(model, image) } : {});
    await made.synthesize({ maxIter: 2 });
    await expectIdentical(made);
  });

  const models = {
    Gaussian: new po.models.Gaussian([3, 5], { std: [1, 2], padMode: "circular" }),
    Linear: new po.models.Linear({ kernelSize: 5, padMode: "reflect" }),
    CenterSurround: new po.models.CenterSurround(7, { onCenter: [true, false], amplitudeRatio: 1.5, surroundStd: 3 }),
    LinearNonlinear: new po.models.LinearNonlinear(7, { onCenter: false, padMode: "circular" }),
    LuminanceGainControl: new po.models.LuminanceGainControl(7, { luminanceScalar: 3 }),
    LuminanceContrastGainControl: new po.models.LuminanceContrastGainControl(7),
    OnOff: new po.models.OnOff(7, { applyMask: true, amplitudeRatio: 1.3 }),
    PortillaSimoncelli: new po.models.PortillaSimoncelli([32, 32], {
      nScales: 2,
      nOrientations: 3,
      spatialCorrWidth: 5,
    }),
  };
  test.each(Object.entries(models))("under %s with options of its own", async (_, model) => {
    po.setSeed(1);
    const made = new po.Metamer(picture(0, 32), model, { lossFunction: po.loss.l2Norm, penaltyLambda: 0.3 });
    await made.synthesize({ maxIter: 2 });
    await expectIdentical(made);
  });

  test("over several calls, a change of precision, loads and saves", async () => {
    const made = await metamer(3);
    await made.synthesize({ maxIter: 2, stopRtol: 1e-9, storeProgress: null });
    made.to("float32");
    await made.synthesize({ maxIter: 2 });
    po.setSeed(5);
    const again = new po.Metamer(picture(), gaussian());
    again.to("float32");
    await again.load(await made.toBytes());
    await again.synthesize({ maxIter: 3 });
    const image = picture();
    expect(await expectIdentical(again, { image })).toMatchObject({ steps: 10 });
    // The file has the image in the later precision only.
    expect(await po.replay.verify(await again.toBytes())).toMatchObject({ verdict: "cannot", reason: "image" });
  });

  test("of a start that was given: it is in the file, and not in the recipe", async () => {
    const start = picture(5).mul(0.9);
    const made = await metamer(3, { initialImage: start });
    await expectIdentical(made);
    const loaded = new po.Metamer(picture(), gaussian());
    await loaded.load(await made.toBytes());
    await loaded.synthesize({ maxIter: 1 });
    await expectIdentical(loaded);
    const recipe = await recipeBytes(made);
    const image = picture();
    expect(await po.replay.verify(recipe, { image })).toMatchObject({ verdict: "cannot", reason: "initial image" });
    expect(await po.replay.verify(recipe, { image, initialImage: start })).toMatchObject({ verdict: "identical" });
    expect(await po.replay.verify(recipe, { image, initialImage: image })).toMatchObject({
      verdict: "cannot",
      reason: "initial image",
    });
  });

  test("that ended with numbers that were not finite, and went on", async () => {
    po.setSeed(2);
    const steep = po.model("steep", (x) => x.sub(0.5).mul(40).exp());
    const made = new po.Metamer(picture(), steep);
    await made.setup({ optimizer: po.optim.SGD({ lr: 1e300 }) });
    await expect(made.synthesize({ maxIter: 5 })).rejects.toThrow(po.NonFiniteError);
    await expectIdentical(made, { model: steep });
  });

  test("that was interrupted: the steps that were made count", async () => {
    po.setSeed(3);
    const made = new po.Metamer(picture(), gaussian());
    const stop = new AbortController();
    const onProgress = ({ iteration }: po.Progress): void => {
      if (iteration === 4) stop.abort(new Error("enough"));
    };
    await expect(made.synthesize({ maxIter: 50, signal: stop.signal, onProgress })).rejects.toThrow("enough");
    expect(await expectIdentical(made)).toMatchObject({ steps: 4 });
  });

  test("of a model, a loss and a penalty of one's own: they must be given, and are checked by their graphs", async () => {
    const model = po.model("energy", (x) => po.avgPool2d(x.square(), 4));
    const lossFunction = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).abs().sum();
    const penaltyFunction = (x: po.Tensor): po.Tensor => x.square().mean();
    const made = new po.Metamer(picture(), model, { lossFunction, penaltyFunction });
    await made.synthesize({ maxIter: 3 });
    await expectIdentical(made, { model, lossFunction, penaltyFunction });
    const bytes = await made.toBytes();
    for (const [given, reason] of [
      [{ lossFunction, penaltyFunction }, "model"],
      [{ model, penaltyFunction }, "loss"],
      [{ model, lossFunction }, "penalty"],
      [{ model: gaussian(), lossFunction, penaltyFunction }, "model"],
      [{ model, lossFunction: po.loss.mse, penaltyFunction }, "loss"],
    ] as const) {
      expect(await po.replay.verify(bytes, given)).toMatchObject({ verdict: "cannot", reason });
    }
  });
});

test("the texture preset, whose start is drawn again", async () => {
  po.setSeed(0);
  const made = await po.presets.texture(picture(0, 32), { nScales: 2, nOrientations: 2, spatialCorrWidth: 3 });
  await made.synthesize({ maxIter: 2 });
  await expectIdentical(made);
  po.setSeed(0);
  const image = picture(0, 32);
  const start = po.presets.textureStart(image);
  const other = new po.Metamer(image, new po.models.Identity());
  await other.setup({ initialImage: start });
  await other.synthesize({ maxIter: 2 });
  expect(await po.replay.verify(await recipeBytes(other), { image })).toMatchObject({ verdict: "identical" });
});

test.each([1, 2])("member %i of several", async (member) => {
  const model = gaussian();
  const all = await po.several([4, 5, 6], () => new po.Metamer(picture(), model));
  await all.synthesize({ maxIter: 12 });
  await expectIdentical(all.members[member]);
});

describe("from coarse to fine", () => {
  test.each(["together", "separate"] as const)("%s, under PortillaSimoncelli", async (coarseToFine) => {
    po.setSeed(0);
    const model = new po.models.PortillaSimoncelli([32, 32], { nScales: 2, nOrientations: 2, spatialCorrWidth: 3 });
    const made = new po.MetamerCTF(picture(0, 32), model, { lossFunction: po.loss.l2Norm, coarseToFine });
    await made.synthesize({ maxIter: 9, changeScaleCriterion: null, ctfItersToCheck: 2 });
    await expectIdentical(made);
  });

  test("under a model of one's own", async () => {
    const made = new po.MetamerCTF(picture(0), new Blocks(), { lossFunction: po.loss.l2Norm });
    await made.synthesize({ maxIter: 7, changeScaleCriterion: 0.5, ctfItersToCheck: 2 });
    await expectIdentical(made, { model: new Blocks() });
  });
});

describe("a MAD competition", () => {
  const { mse, oneMinusSsim, nlpd } = po.metric;

  test.each([
    ["with a weight", { metricTradeoffLambda: 3 }],
    ["with a weight that was guessed", {}],
    ["constrained", { constrained: true }],
    ["constrained, without bounds", { constrained: true, allowedRange: null }],
  ] as const)("%s", async (_, options) => {
    po.setSeed(7);
    const made = new po.MADCompetition(picture(0, 16), mse, oneMinusSsim, "max", options);
    await made.synthesize({ maxIter: 4 });
    await expectIdentical(made);
    // Without the file's initial image: it is drawn again.
    const image = picture(0, 16);
    expect(await po.replay.verify(await recipeBytes(made), { image })).toMatchObject({ verdict: "identical" });
  });

  test("all four of one start, from their recipes alone", async () => {
    po.setSeed(1);
    const image = picture(0, 40);
    const four = await po.MADCompetition.all(image, nlpd, mse);
    for (const made of Object.values(four)) {
      await made.synthesize({ maxIter: 3 });
      expect(await po.replay.verify(await recipeBytes(made), { image })).toMatchObject({ verdict: "identical" });
    }
    await expectIdentical(four.maxB);
  });

  test("of a metric of one's own", async () => {
    const mine = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).abs().mean();
    const made = new po.MADCompetition(picture(), mine, mse, "min", { metricTradeoffLambda: 1 });
    await made.synthesize({ maxIter: 3 });
    await expectIdentical(made, { optimizedMetric: mine });
    expect(await po.replay.verify(await made.toBytes())).toMatchObject({ verdict: "cannot", reason: "metric" });
  });
});

describe("eigendistortions", () => {
  test.each(["krylov", "exact", "power", "randomized_svd"] as const)("by %s", async (method) => {
    po.setSeed(2);
    const made = new po.Eigendistortion(picture(0, 12), gaussian());
    await made.synthesize({ method, k: 2, ...(method === "power" && { maxIter: 20 }) });
    await expectIdentical(made);
  });

  test("found twice, after others have drawn, and in float32", async () => {
    po.setSeed(2);
    const made = new po.Eigendistortion(picture(0, 12), gaussian());
    await made.synthesize({ k: 1 });
    po.rand([5]);
    made.to("float32");
    await made.synthesize({ k: 2 });
    await expectIdentical(made, { image: picture(0, 12) });
  });
});
