// The preset for layers of networks: what it sets up, and what the verdict says of its metamers by the criterion of the literature.

import { hashTensor } from "@plenoptic-js/tensor";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { likeness, ranksOf } from "../../src/synthesis/verdict/layerMatch.ts";

const { layers } = po.models;

/** Two convolutions with rectifiers, and four classes. */
function network(): po.models.Network {
  po.setSeed(3);
  const weights = (shape: number[]): po.Tensor => po.rand(shape, { dtype: "float64" }).sub(0.5).detach();
  return po.models.sequential([
    ["first.conv", layers.conv2d({ weight: weights([4, 3, 3, 3]), padding: 1 })],
    ["first.relu", (x) => x.relu()],
    ["second.conv", layers.conv2d({ weight: weights([6, 4, 3, 3]), padding: 1, stride: 2 })],
    ["second.relu", (x) => x.relu()],
    ["pool", (x) => x.mean([2, 3])],
    ["head", layers.linear({ weight: weights([4, 6]) })],
  ]);
}

const image = async (): Promise<po.Tensor<"float64">> => {
  const gray = (await po.data.house({ dtype: "float64" })).slice(2, 100, 116).slice(3, 100, 116);
  return gray.broadcastTo([1, 3, 16, 16]).detach();
};

describe("presets.deepMetamer", () => {
  test("is Adam from uniform noise, with a rate that is halved every 3000 steps", async () => {
    const target = await image();
    const net = network();
    po.setSeed(5);
    const metamer = await po.presets.deepMetamer(target, net, "first");
    expect(metamer.model).toBeInstanceOf(po.models.DeepNetFeatures);
    expect(metamer.optimizer?.name).toBe("Adam");
    expect(metamer.optimizer?.options).toMatchObject({ lr: 0.01, amsgrad: false });
    expect(metamer.scheduler?.name).toBe("StepLR");
    expect(metamer.scheduler?.options).toMatchObject({ stepSize: 3000, gamma: 0.5 });

    // The same by hand.
    po.setSeed(5);
    const own = new po.Metamer(target, new po.models.DeepNetFeatures(net, "first"));
    await own.setup({
      optimizer: po.optim.Adam({ lr: 0.01, amsgrad: false }),
      scheduler: po.optim.StepLR({ stepSize: 3000, gamma: 0.5 }),
    });
    await own.synthesize({ maxIter: 3 });
    await metamer.synthesize({ maxIter: 3 });
    expect(await hashTensor(own.metamer)).toBe(await hashTensor(metamer.metamer));
  });

  test("takes another rate, as the last stage of ResNet50 wants it, a transform and a start", async () => {
    const target = await image();
    const transform = po.models.normalize({ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] });
    const options = { learningRate: 0.03, stepSize: 5000, transform, initialImage: target };
    const metamer = await po.presets.deepMetamer(target, network(), ["first", "second"], options);
    expect(metamer.optimizer?.lr).toBe(0.03);
    expect(metamer.scheduler?.options).toMatchObject({ stepSize: 5000 });
    expect((metamer.model as po.models.DeepNetFeatures).transform).toBe(transform);
    await metamer.synthesize({ maxIter: 1 });
    expect(metamer.losses[0]).toBe(0);
  });

  test("refuses options that it does not have", async () => {
    await expect(po.presets.deepMetamer(await image(), network(), "first", { lr: 1 } as object)).rejects.toThrow(
      /no option "lr"/,
    );
  });
});

describe("the verdict of a metamer of a network", () => {
  test("is by all three measures and by class, beside unrelated photographs; other layers are shown", async () => {
    po.setSeed(5);
    const metamer = await po.presets.deepMetamer(await image(), network(), "second", { learningRate: 0.03 });
    await metamer.synthesize({ maxIter: 400, stopCriterion: 0 });
    const { network: found, text, photographs } = await metamer.summary();
    expect(found?.layers.map(({ name, wanted }) => [name, wanted])).toEqual([
      ["first", false],
      ["second", true],
      ["pool", false],
      ["head", false],
    ]);
    const second = found!.layers[1];
    for (const key of ["spearman", "pearson", "snr"] as const) {
      expect(second[key]).toBeGreaterThan(second.unrelated[key]);
    }
    expect(found).toMatchObject({ isMetamer: true, pairs: 21 });
    expect(photographs.photographs).toHaveLength(7);
    expect(found?.classes?.target).toEqual(found?.classes?.metamer);
    expect(text).toMatch(
      /By the criterion for metamers of networks \(Feather et al\. 2023\) it is one: second Spearman 0\.\d/,
    );
    expect(text).toMatch(/Other layers, Spearman: first [-\d.]+, pool [\d.]+, head [\d.]+\./);
    // Photographs are looked at once.
    expect((await metamer.summary()).network).toEqual(found);
  });

  test("is none where the layer is no more alike than unrelated photographs are, or the class is another", async () => {
    po.setSeed(5);
    const metamer = await po.presets.deepMetamer(await image(), network(), "second");
    await metamer.synthesize({ maxIter: 1 });
    const { network: found, text } = await metamer.summary();
    expect(found?.isMetamer).toBe(false);
    expect(text).toMatch(/it is none: second Spearman .*: not above \(21 pairs\)/);
  });

  test("is none where the network takes it for something else, though the layer is matched", async () => {
    // The first value hardly counts in the layer, and decides the class.
    const small = po.tensor(
      Array.from({ length: 3 * 256 }, (_, i) => (i === 0 ? 1e-6 : 1)),
      { shape: [1, 3, 16, 16], dtype: "float64" },
    );
    const one = po.models.sequential([
      ["layer", (x) => x.mul(small)],
      [
        "classes",
        (x) => {
          const first = x.reshape([1, -1]).slice(1, 0, 1).mul(1e6);
          return po.concat<po.Tensor>([first, first.mul(0).add(0.5)], 1);
        },
      ],
    ]);
    const with0 = async (value: number): Promise<po.Tensor> => {
      const values = Float64Array.from(await (await image()).data());
      values[0] = value;
      return po.tensor(values, { shape: [1, 3, 16, 16] });
    };
    const options = { learningRate: 1e-9, initialImage: await with0(0.1) };
    const metamer = await po.presets.deepMetamer(await with0(0.9), one, "layer", options);
    await metamer.synthesize({ maxIter: 1 });
    const { network: found, text } = await metamer.summary();
    expect(found?.layers[0]).toMatchObject({ name: "layer", wanted: true, above: true });
    expect(found).toMatchObject({ isMetamer: false, classes: { target: [0], metamer: [1] } });
    expect(text).toContain("it is none: layer Spearman");
    expect(text).toContain("The network takes the target for class 0, and the other for 1.");
  });

  test("has no classes where the results are pictures, and is null for other models", async () => {
    const target = await image();
    const pictures = po.models.sequential([
      ["blur", (x) => po.avgPool2d(x, 2)],
      ["again", (x) => x.square()],
    ]);
    const metamer = await po.presets.deepMetamer(target, pictures, "blur");
    await metamer.synthesize({ maxIter: 1 });
    const { network: found, text } = await metamer.summary();
    expect(found?.classes).toBeNull();
    expect(text).toContain("Its results are no classes to compare.");
    const other = new po.Metamer(target, (x) => x.square());
    await other.synthesize({ maxIter: 1 });
    expect((await other.summary()).network).toBeNull();
  });
});

describe("how alike two responses are", () => {
  const seen = (...values: number[]) => {
    const numbers = Float64Array.from(values);
    return { values: numbers, ranks: ranksOf(numbers) };
  };

  test("equal values share their rank", () => {
    expect(ranksOf(Float64Array.of(3, 0, 0, 7, 0))).toEqual(Float64Array.of(3, 1, 1, 4, 1));
  });

  test("Spearman sees order only, Pearson straight lines, decibels the difference", () => {
    // By hand: about the means 1.5 and 5.25, the sums of products are 25.5, 5 and 162.75.
    const found = likeness(seen(0, 1, 2, 3), seen(0, 1, 4, 16));
    expect(found.spearman).toBeCloseTo(1, 14);
    expect(found.pearson).toBeCloseTo(25.5 / Math.sqrt(5 * 162.75), 14);
    expect(found.snr).toBeCloseTo(10 * Math.log10(14 / 173), 12);
    expect(likeness(seen(1, 2), seen(1, 2)).snr).toBe(Number.POSITIVE_INFINITY);
    expect(likeness(seen(1, 1), seen(1, 2)).pearson).toBeNaN();
    expect(likeness(seen(1, 2, 3), seen(3, 2, 1)).spearman).toBeCloseTo(-1, 14);
  });
});
