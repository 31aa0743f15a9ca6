// The texture preset: what it sets up, and that it makes a texture.

import { hashTensor } from "@plenoptic-js/tensor";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const crop = async (): Promise<po.Tensor<"float64">> => {
  const image = await po.data.gravel({ dtype: "float64" });
  return image.slice(2, 0, 64).slice(3, 0, 64).detach();
};

describe("presets.texture", () => {
  test("is the texture model, its loss, L-BFGS as the field uses it, and a start near the mean", async () => {
    const image = await crop();
    po.setSeed(5);
    const metamer = await po.presets.texture(image, { nScales: 3 });
    expect(metamer.model).toBeInstanceOf(po.models.PortillaSimoncelli);
    expect((metamer.model as po.models.PortillaSimoncelli).nScales).toBe(3);
    expect(metamer.optimizer?.options).toEqual({
      lr: 1,
      maxIter: 10,
      maxEval: 10,
      toleranceGrad: 1e-7,
      toleranceChange: 1e-9,
      historySize: 100,
      lineSearchFn: "strong_wolfe",
    });
    const start = metamer.metamer;
    expect(Math.abs(start.mean().itemSync() - image.mean().itemSync())).toBeLessThan(0.005);
    const spread = start.max().itemSync() - start.min().itemSync();
    expect(spread).toBeGreaterThan(0.09);
    expect(spread).toBeLessThanOrEqual(0.1);

    // The same by hand.
    po.setSeed(5);
    const model = new po.models.PortillaSimoncelli([64, 64], { nScales: 3 });
    const lossFunction = po.loss.portillaSimoncelliLossFactory(model, image);
    const own = new po.Metamer(image, model, { lossFunction });
    const optimizer = po.optim.LBFGS({ maxIter: 10, maxEval: 10, lineSearchFn: "strong_wolfe" });
    await own.setup({ initialImage: po.presets.textureStart(image), optimizer });
    await own.synthesize({ maxIter: 2 });
    await metamer.synthesize({ maxIter: 2 });
    expect(await hashTensor(own.metamer)).toBe(await hashTensor(metamer.metamer));
  });

  test("lessens the loss 200 times in 40 steps, to another image", async () => {
    po.setSeed(0);
    const image = await crop();
    const metamer = await po.presets.texture(image, { nScales: 3 });
    await metamer.synthesize({ maxIter: 40, stopCriterion: 0 });
    expect(metamer.losses.at(-1)).toBeLessThan(metamer.losses[0] / 200);
    expect(po.loss.mse(metamer.metamer, image).itemSync()).toBeGreaterThan(0.005);
  });

  test("starts from an image that it is given", async () => {
    const image = await crop();
    const metamer = await po.presets.texture(image, { initialImage: image, nScales: 2 });
    expect(metamer.losses[0]).toBeLessThan(1e-10);
  });

  test("warns of no start of its own, and of the image once, by public names", async () => {
    const messages: string[] = [];
    const off = po.warnings.on(({ message }) => messages.push(message));
    const dark = (await crop()).mul(0.01);
    const metamer = await po.presets.texture(dark, { nScales: 2 });
    expect(metamer.metamer.min().itemSync()).toBeLessThan(0);
    await new po.Metamer(dark, (x) => x.square()).setup({ initialImage: po.presets.textureStart(dark) });
    expect(messages).toEqual([]);
    const below = dark.sub(0.01).detach();
    await po.presets.texture(below, { nScales: 2, initialImage: dark });
    off();
    expect(messages).toEqual([
      expect.stringMatching(/^presets.texture: the image has values from -0\.0.*should lie in \[0, 1\]/),
    ]);
  });

  test("refuses images that do not fit, and says which do", async () => {
    const image = await crop();
    await expect(po.presets.texture(image.slice(3, 0, 60), { nScales: 3 })).rejects.toThrow(/nearest sizes.*width/);
    await expect(po.presets.texture(image.reshape([64, 64]))).rejects.toThrow(/\[64, 64\]; it must be \[batch/);
    await expect(po.presets.texture(image, { scales: 3 } as object)).rejects.toThrow(/no option "scales"/);
  });
});
