// MADCompetition in the constrained mode, as its users see it: what it promises of every step, its files, and what it refuses.
// How it finds its steps is tested in constrainedDescent.test.ts.

import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../../src/index.ts";

afterAll(po.warnings.on(() => {}));

const SIDE = 16;
const { oneMinusSsim, mse } = po.metric;

const picture = (dtype: "float32" | "float64" = "float64"): po.Tensor => {
  const values = Float64Array.from({ length: SIDE * SIDE }, (_, i) => 0.2 + (0.6 * ((i * 7919) % 251)) / 250);
  return po.tensor(values, { shape: [1, 1, SIDE, SIDE], dtype });
};

type Options = Partial<po.MADCompetitionOptions>;
const make = (minmax: po.MinMax, options: Options = {}, image = picture()): po.MADCompetition =>
  new po.MADCompetition(image, oneMinusSsim, mse, minmax, { constrained: true, ...options });

const bits = (mad: po.MADCompetition): Promise<string> => po.hashTensor(mad.madImage);

describe("every recorded step", () => {
  test.each([
    ["min", "float64"],
    ["max", "float64"],
    ["min", "float32"],
    ["max", "float32"],
  ] as const)("%s, %s: improves the metric, holds the other, stays in the range", async (minmax, dtype) => {
    po.setSeed(0);
    const mad = make(minmax, {}, picture(dtype));
    await mad.setup({ initialNoise: 0.2 });
    const start = mad.initialImage as po.Tensor;
    expect(start.min().itemSync()).toBeGreaterThanOrEqual(0);
    expect(start.max().itemSync()).toBeLessThanOrEqual(1);
    expect(mad.referenceMetricTarget).toBe(mse(mad.image, start).itemSync());
    await mad.synthesize({ maxIter: 20, storeProgress: true });
    const { optimizedMetricLoss, referenceMetricLoss, losses, savedMadImage, numIter } = mad;
    expect(numIter).toBeGreaterThan(5);
    expect([losses, optimizedMetricLoss, referenceMetricLoss].map((series) => series.length)).toEqual(
      new Array(3).fill(numIter + 1),
    );
    const sign = minmax === "min" ? 1 : -1;
    for (let i = 0; i <= numIter; i++) {
      const image = savedMadImage.slice(0, i, i + 1).squeeze([0]);
      expect(oneMinusSsim(mad.image, image).itemSync()).toBe(optimizedMetricLoss[i]);
      expect(mse(mad.image, image).itemSync()).toBe(referenceMetricLoss[i]);
      expect(losses[i]).toBe(sign * optimizedMetricLoss[i]);
      expect(Math.abs(referenceMetricLoss[i] - referenceMetricLoss[0])).toBeLessThanOrEqual(
        1e-6 * referenceMetricLoss[0],
      );
      if (i > 0) expect(losses[i]).toBeLessThan(losses[i - 1]);
      expect(image.min().itemSync()).toBeGreaterThanOrEqual(0);
      expect(image.max().itemSync()).toBeLessThanOrEqual(1);
    }
    expect(mad.optimizer).toBeNull();
    expect(mad.learningRates.every((length) => length > 0)).toBe(true);
  });

  test("it stops of itself, says why with a number, and then does nothing more", async () => {
    po.setSeed(1);
    const mad = make("min");
    const summary = await mad.synthesize({ maxIter: 2000 });
    expect(["stationary", "blocked"]).toContain(summary.stopReason);
    expect(summary.stopText).toMatch(/gradient is \d/);
    const before = await bits(mad);
    const again = await mad.synthesize({ maxIter: 5 });
    expect([again.iterations, again.stopReason]).toEqual([0, summary.stopReason]);
    expect(await bits(mad)).toBe(before);
    expect(mad.losses.length).toBe(mad.numIter + 1);
  });
});

describe("10 iterations are", () => {
  const whole = async (minmax: po.MinMax, dtype: "float32" | "float64"): Promise<po.MADCompetition> => {
    po.setSeed(2);
    const mad = make(minmax, {}, picture(dtype));
    await mad.synthesize({ maxIter: 10 });
    return mad;
  };

  test.each([
    ["min", "float64"],
    ["max", "float32"],
  ] as const)("5 and 5, and 5, saved, loaded and 5, bit for bit (%s, %s)", async (minmax, dtype) => {
    const once = await whole(minmax, dtype);
    po.setSeed(2);
    const parts = make(minmax, {}, picture(dtype));
    await parts.synthesize({ maxIter: 5 });
    const file = await parts.toBytes();
    await parts.synthesize({ maxIter: 5 });
    expect(await bits(parts)).toBe(await bits(once));
    const loaded = make(minmax, {}, picture(dtype));
    await loaded.load(file);
    // Saved again before it goes on, it has lost nothing.
    const again = make(minmax, {}, picture(dtype));
    await again.load(await loaded.toBytes());
    for (const mad of [loaded, again]) {
      await mad.synthesize({ maxIter: 5 });
      expect(await bits(mad)).toBe(await bits(once));
      expect(mad.losses).toEqual(once.losses);
      expect(mad.referenceMetricLoss).toEqual(once.referenceMetricLoss);
    }
  });

  test("the same on two threads", async () => {
    const one = await bits(await whole("min", "float64"));
    po.setThreads(2);
    try {
      expect(await bits(await whole("min", "float64"))).toBe(one);
    } finally {
      po.setThreads(1);
    }
  });
});

describe("its file", () => {
  test("opens in the weighted mode as in Python, with the weight that stands in it, and here when one insists", async () => {
    po.setSeed(3);
    const mad = make("min");
    await mad.synthesize({ maxIter: 3 });
    const file = await mad.toBytes();
    const raw = await po.io.loadFile(file);
    const metricTradeoffLambda = raw.get("metric_tradeoff_lambda") as number;
    expect(metricTradeoffLambda).toBeGreaterThan(0);
    const weighted = new po.MADCompetition(picture(), oneMinusSsim, mse, "min", { metricTradeoffLambda });
    await expect(weighted.load(file)).rejects.toThrow(/made in the constrained mode.*constrained: true/);
    await weighted.load(file, { raiseOnChecks: false });
    expect(await bits(weighted)).toBe(await bits(mad));
    const before = weighted.madImage;
    await weighted.synthesize({ maxIter: 2 });
    expect(weighted.madImage.sub(before).abs().max().itemSync()).toBeGreaterThan(0);
  });

  test("of the weighted mode is refused, and the object stays as it was", async () => {
    const weighted = new po.MADCompetition(picture(), oneMinusSsim, mse, "min", { metricTradeoffLambda: 10 });
    await weighted.setup();
    const file = await weighted.toBytes();
    const mad = make("min");
    await expect(mad.load(file)).rejects.toThrow(/weighted mode.*metricTradeoffLambda: 10/);
    expect(mad.madImage.size).toBe(0);
  });

  test("with another range, metric or direction fails its checks", async () => {
    const mad = make("min");
    await mad.setup();
    const file = await mad.toBytes();
    await expect(make("min", { allowedRange: [0, 2] }).load(file)).rejects.toThrow(/allowedRange is \[0,1\]/);
    await expect(make("max").load(file)).rejects.toThrow(/minmax is min/);
    const other = new po.MADCompetition(picture(), mse, oneMinusSsim, "min", { constrained: true });
    await expect(other.load(file)).rejects.toThrow(/optimized metric/);
  });

  test("before setup it can be saved and loaded too", async () => {
    const loaded = make("min");
    await loaded.load(await make("min").toBytes());
    await loaded.synthesize({ maxIter: 1 });
    expect(loaded.numIter).toBe(1);
  });

  test("says in its recipe how it was made", async () => {
    po.setSeed(4);
    const mad = make("max", { allowedRange: [-1, 2] });
    await mad.synthesize({ maxIter: 2 });
    const recipe = await mad.recipe();
    expect(recipe).toMatchObject({
      method: "MADCompetition",
      model: null,
      options: { minmax: "max", constrained: true, allowedRange: [-1, 2] },
    });
    expect(JSON.stringify(recipe?.calls)).toMatch(/"initialNoise":0.1.*"maxIter":2/);
  });
});

test("another precision in the middle, and on", async () => {
  po.setSeed(5);
  const mad = make("min");
  await mad.synthesize({ maxIter: 3 });
  mad.to("float32");
  const before = mad.madImage;
  expect(before.dtype).toBe("float32");
  await mad.synthesize({ maxIter: 3 });
  expect(mad.numIter).toBe(6);
  expect(mad.madImage.sub(before).abs().max().itemSync()).toBeGreaterThan(0);
});

describe("all four", () => {
  test("begin with one image, and end where their names say", async () => {
    po.setSeed(6);
    const four = await po.MADCompetition.all(picture(), oneMinusSsim, mse, { initialNoise: 0.1 });
    expect(Object.keys(four)).toEqual(["minA", "maxA", "minB", "maxB"]);
    const starts = await Promise.all(Object.values(four).map((mad) => po.hashTensor(mad.initialImage as po.Tensor)));
    expect(new Set(starts).size).toBe(1);
    for (const mad of Object.values(four)) {
      expect(mad.constrained).toBe(true);
      await mad.synthesize({ maxIter: 10 });
    }
    const last = (mad: po.MADCompetition): number => mad.optimizedMetricLoss.at(-1) as number;
    expect(last(four.minA)).toBeLessThan(last(four.maxA));
    expect(last(four.minB)).toBeLessThan(last(four.maxB));
    expect([four.minA.optimizedMetric, four.minB.optimizedMetric]).toEqual([oneMinusSsim, mse]);
  });

  test("are weighted where weights are given: one, or one for each", async () => {
    const one = await po.MADCompetition.all(picture(), oneMinusSsim, mse, { metricTradeoffLambda: 10 });
    expect(Object.values(one).map((mad) => mad.metricTradeoffLambda)).toEqual([10, 10, 10, 10]);
    const weights = { minA: 1, maxA: 2, minB: 3, maxB: 4 };
    const each = await po.MADCompetition.all(picture(), oneMinusSsim, mse, { metricTradeoffLambda: weights });
    expect(Object.values(each).map((mad) => mad.metricTradeoffLambda)).toEqual([1, 2, 3, 4]);
  });
});

describe("refuses", () => {
  test.each([[{ minAA: 3 }], [{ minA: 1 }], ["x"]])("weights %j of all four", async (metricTradeoffLambda) => {
    const all = po.MADCompetition.all(picture(), oneMinusSsim, mse, { metricTradeoffLambda } as unknown as object);
    await expect(all).rejects.toThrow(/a number for each of minA, maxA, minB, maxB/);
  });

  test("the four in another order, in figures", async () => {
    const four = await po.MADCompetition.all(picture(), oneMinusSsim, mse);
    const { minA, maxA, minB, maxB } = four;
    await expect(po.plot.madImshowAll(minA, maxA, minB, maxB)).rejects.toThrow(/argument 2 makes its metric large/);
    await expect(po.plot.madLossAll(minA, minB, maxB, maxA)).rejects.toThrow(/call it as in/);
    await expect(po.plot.madImshowAll(four as never, minB, maxA, maxB)).rejects.toThrow(
      /argument 1 must be a MADCompetition, and is /,
    );
    expect((await po.plot.madImshowAll(minA, minB, maxA, maxB)).svg).toContain("<svg");
  });

  test.each([
    [{ metricTradeoffLambda: 1 }, /constrained mode has no weight/],
    [{ allowedRange: [1, 0] }, /allowedRange is \[1, 0\]; it must be two numbers, the lower one first/],
    [{ allowedRange: [0, Number.NaN] }, /allowedRange/],
    [{ constrained: 1 }, /constrained is 1; it must be true or false/],
    [{ constrained: false, allowedRange: [0, 1] }, /allowedRange is for constrained: true/],
    [{ penaltyLambda: 1 }, /leave out penaltyLambda/],
    [{ range: [0, 1] }, /range/],
  ])("%j", (options, message) => {
    expect(() => make("min", options as unknown as Options)).toThrow(message);
  });

  test("an optimizer, which it does not use", async () => {
    const mad = make("min");
    await expect(mad.setup({ optimizer: po.optim.Adam() })).rejects.toThrow(/has a method of its own/);
    await mad.setup();
  });

  test("a start on which the reference metric is 0", async () => {
    const mad = make("min");
    await expect(mad.setup({ initialImage: picture() })).rejects.toThrow(/reference metric of the starting image is 0/);
    expect(mad.madImage.size).toBe(0);
    await mad.setup();
  });
});
