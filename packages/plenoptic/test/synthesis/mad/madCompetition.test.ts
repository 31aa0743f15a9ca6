// MADCompetition with a weighted reference metric: reference numbers, the objective, the weight, and what it says. How it starts:
// start.test.ts; its files: file.test.ts; the other mode: constrained.test.ts; what it shares with other methods: everyMethod.test.ts.

import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../../src/index.ts";
import { driftWords } from "../../../src/synthesis/mad/drift.ts";
import { type Float, picture } from "../methods.ts";
import { near } from "./near.ts";

afterAll(po.warnings.on(() => {}));
beforeEach(() => po.setSeed(0));

type Metric = po.validate.MetricFunction;

const l2: Metric = (a, b) => a.sub(b).norm();
const l1: Metric = (a, b) => a.sub(b).abs().sum();
const { mse, oneMinusSsim } = po.metric;

describe("reference numbers: two pixels, L1 against L2", () => {
  const point = (a: number, b: number, dtype: Float = "float64") => po.tensor([a, b], { shape: [1, 1, 1, 2], dtype });
  const adam = () => po.optim.Adam({ lr: 1e-4, amsgrad: true });
  const made = (optimized: Metric, reference: Metric, minmax: po.MinMax, dtype: Float = "float64") =>
    new po.MADCompetition(point(0.5, 0.5, dtype), optimized, reference, minmax, { metricTradeoffLambda: 1e4 });

  test.each<[string, Metric, Metric, po.MinMax, number[]]>([
    ["min L2 with L1 fixed", l2, l1, "min", [0.575136746944, 0.425172102329]],
    ["min L1 with L2 fixed", l1, l2, "min", [0.623643168229, 0.500002581694]],
    ["max L2 with L1 fixed", l2, l1, "max", [0.650044668999, 0.499994297448]],
    ["max L1 with L2 fixed", l1, l2, "max", [0.587527212064, 0.412498664756]],
  ])("%s", async (_, optimized, reference, minmax, final) => {
    const mad = made(optimized, reference, minmax);
    await mad.setup({ initialImage: point(0.62, 0.47), optimizer: adam() });
    await mad.synthesize({ maxIter: 2000, stopCriterion: 1e-10 });
    near(mad.madImage.dataSync(), final, 1e-11);
    expect(Math.abs((mad.referenceMetricLoss.at(-1) as number) - (mad.referenceMetricTarget as number))).toBeLessThan(
      1e-4,
    );
  });

  test("the first losses, and the ideal that is reached", async () => {
    const mad = made(l2, l1, "min");
    await mad.setup({ initialImage: point(0.62, 0.47), optimizer: adam() });
    expect(mad.referenceMetricTarget).toBeCloseTo(0.15, 15);
    await mad.synthesize({ maxIter: 2000, stopCriterion: 1e-10 });
    near(mad.losses.slice(0, 4), [0.123693168769, 0.123971922359, 0.123701179484, 0.12372323665], 1e-12);
    near([mad.optimizedMetricLoss[mad.numIter]], [0.15 / Math.SQRT2], 5e-5);
  });

  // Near the corners of the diamond float32 goes to and fro by rounding.
  test.each<[string, Metric, Metric, po.MinMax, number[], number]>([
    ["min L2", l2, l1, "min", [0.3879509, 0.6099799], 1e-6],
    ["min L1", l1, l2, "min", [0.324391, 0.4999918], 1e-4],
    ["max L2", l2, l1, "max", [0.2778889, 0.4999966], 1e-6],
    ["max L1", l1, l2, "max", [0.3755983, 0.6241175], 1e-6],
  ])("seed 115, float32: %s", async (name, optimized, reference, minmax, final, tolerance) => {
    po.setSeed(115);
    const mad = made(optimized, reference, minmax, "float32");
    await mad.setup({ optimizer: adam() });
    near(mad.initialImage?.dataSync() ?? [], [0.33329117, 0.55535567], 6e-9);
    await mad.synthesize({ maxIter: 2000, stopCriterion: 1e-10 });
    near(mad.madImage.dataSync(), final, tolerance);
    if (name === "max L2") expect(mad.numIter).toBe(929);
  });

  test("max l2Norm against mse, from X, by default", async () => {
    const square = (values: number[]) => po.tensor(values, { shape: [1, 1, 2, 2], dtype: "float64" });
    const [X, Y] = [square([0.9, 0.2, -0.3, 1.5]), square([0.1, 0.4, 0.7, 1.0])];
    const mad = new po.MADCompetition(Y, po.loss.l2Norm, mse, "max", { metricTradeoffLambda: 10 });
    await mad.setup({ initialImage: X });
    await mad.synthesize({ maxIter: 4 });
    near(mad.losses, [-1.35524439894, -1.37005925426, -1.38149920268, -1.38944444287, -1.39396645714], 1e-11);
    // The reference prints the first value twice, and not the last one.
    near(mad.optimizedMetricLoss.slice(0, 4), [1.38924439894, 1.40726685413, 1.42512874283, 1.442559327], 1e-11);
    near(mad.referenceMetricLoss.slice(0, 4), [0.4825, 0.495099999682, 0.507747983414, 0.52024435298], 1e-11);
    near(mad.madImage.dataSync(), [0.938915036429, 0.1608726753, -0.338658100405, 1.53786108435], 1e-11);
    expect(mad.optimizedMetricLoss[4]).toBe(po.loss.l2Norm(Y, mad.madImage).itemSync());
    expect(mad.referenceMetricLoss[4]).toBe(mse(Y, mad.madImage).itemSync());
  });
});

describe("the objective", () => {
  test.each(["min", "max"] as const)("is what the formula says (%s)", async (minmax) => {
    const options = { metricTradeoffLambda: 3, penaltyLambda: 0.5 };
    const mad = new po.MADCompetition(picture(), mse, oneMinusSsim, minmax, options);
    expect(mad.objectiveFunction(picture(3)).size).toBe(0);
    await mad.setup();
    for (const x of [picture(3), picture(9).mul(1.5).sub(0.2).detach()]) {
      const gap = (mad.referenceMetricTarget as number) - oneMinusSsim(mad.image, x).itemSync();
      const sign = minmax === "min" ? 1 : -1;
      const expected =
        sign * mse(mad.image, x).itemSync() + 3 * gap * gap + 0.5 * po.regularize.penalizeRange(x).itemSync();
      expect(mad.objectiveFunction(x).itemSync()).toBeCloseTo(expected, 14);
    }
    // Of another image, the target stays the same.
    const [x, other] = [picture(3), picture(20)];
    const gap = (mad.referenceMetricTarget as number) - oneMinusSsim(other, x).itemSync();
    const first = (minmax === "min" ? 1 : -1) * mse(other, x).itemSync();
    expect(mad.objectiveFunction(x, other).itemSync()).toBeCloseTo(first + 3 * gap * gap, 14);
  });

  test("min makes the optimized metric smaller, max larger, and the reference metric stays", async () => {
    for (const minmax of ["min", "max"] as const) {
      const mad = new po.MADCompetition(picture(), oneMinusSsim, mse, minmax, { metricTradeoffLambda: 1e5 });
      await mad.synthesize({ maxIter: 200, stopCriterion: 0 });
      const [before, after] = [mad.optimizedMetricLoss[0], mad.optimizedMetricLoss[200]];
      if (minmax === "min") expect(after).toBeLessThan(0.2 * before);
      else expect(after).toBeGreaterThan(5 * before);
      const target = mad.referenceMetricTarget as number;
      expect(mad.referenceMetricLoss[0]).toBe(target);
      expect(Math.abs(mad.referenceMetricLoss[200] - target)).toBeLessThan(0.05 * target);
      expect(mad.objectiveFunction().shape).toEqual([]);
    }
  });

  test.each<[string, Metric]>([
    ["[]", (a, b) => mse(a, b).mean()],
    ["[1]", (a, b) => mse(a, b).reshape([1])],
    ["[1, 1]", mse],
    ["[1, 1, 1, 1]", (a, b) => a.sub(b).square().mean([-2, -1], { keepdims: true })],
  ])("a metric may give its number as %s", async (_, metric) => {
    const mad = new po.MADCompetition(picture(), metric, oneMinusSsim, "max", { metricTradeoffLambda: 1 });
    await mad.synthesize({ maxIter: 3 });
    const plain = new po.MADCompetition(picture(), mse, oneMinusSsim, "max", { metricTradeoffLambda: 1 });
    await plain.setup({ initialImage: mad.initialImage });
    await plain.synthesize({ maxIter: 3 });
    near(mad.losses, [...plain.losses], 1e-14);
    const loaded = new po.MADCompetition(picture(), metric, oneMinusSsim, "max", { metricTradeoffLambda: 1 });
    await loaded.load(await mad.toBytes());
    expect(loaded.losses).toEqual(mad.losses);
  });

  test("colour, and several images, with metrics that average over them", async () => {
    for (const shape of [
      [1, 3, 12, 12],
      [2, 1, 12, 12],
    ]) {
      const size = shape.reduce((product, n) => product * n, 1);
      const values = Float64Array.from({ length: size }, (_, i) => ((i * 7919) % 251) / 250);
      const image = po.tensor(values, { shape, dtype: "float32" });
      const mean =
        (metric: Metric): Metric =>
        (a, b) =>
          metric(a, b).mean();
      expect(() => new po.MADCompetition(image, mse, mean(oneMinusSsim), "min")).toThrow(
        /the metric gives float32 \[.*\]; it must give one number|must give one number.*Average over batch and channels/,
      );
      const mad = new po.MADCompetition(image, mean(mse), mean(oneMinusSsim), "min");
      await mad.synthesize({ maxIter: 4, storeProgress: 2 });
      expect(mad.madImage.shape).toEqual(shape);
      expect(mad.savedMadImage.shape).toEqual([3, ...shape]);
      expect(mad.losses[4]).toBeLessThan(mad.losses[0]);
    }
  });
});

describe("the weight of the reference metric", () => {
  const constant =
    (scale: number): Metric =>
    (a, b) =>
      mse(a, b).mul(scale);
  const weightOf = (optimized: Metric, reference: Metric, dtype: Float = "float64"): number =>
    new po.MADCompetition(picture(0, dtype), optimized, reference, "min").metricTradeoffLambda as number;

  test.each([
    [1, 1, 1],
    [3, 1, 1],
    [3.17, 1, 10],
    [0.02, 1, 0.01],
    [1e-7, 1e5, 1e-12],
    [3e6, 1e-3, 1e9],
  ])("is by default the power of ten next to the ratio: %d to %d", (optimized, reference, expected) => {
    expect(weightOf(constant(optimized), constant(reference))).toBe(expected);
  });

  test("is rounded to float32 where the image is", () => {
    expect(weightOf(constant(0.01), constant(1), "float32")).toBe(0.009999999776482582);
  });

  test("is drawn from the image after those that the metrics are tried on, as in Python", () => {
    po.setSeed(9);
    weightOf(mse, oneMinusSsim);
    const generator = new po.TorchGenerator(9);
    const images = Array.from({ length: 43 }, () => generator.rand(144, "float64"));
    expect(po.defaultGenerator().getState()).toEqual(generator.getState());
    const other = po.tensor(images[42], { shape: [1, 1, 12, 12] });
    const seen: po.Tensor[] = [];
    po.setSeed(9);
    weightOf((a, b) => {
      if (!po.isTracing()) seen.push(b);
      return mse(a, b);
    }, oneMinusSsim);
    expect(seen.map((x) => [...x.dataSync()])).toEqual([[...other.dataSync()]]);
  });

  test("given, nothing is drawn for it", () => {
    po.setSeed(9);
    const mad = new po.MADCompetition(picture(), mse, oneMinusSsim, "min", { metricTradeoffLambda: 0 });
    const generator = new po.TorchGenerator(9);
    for (let i = 0; i < 42; i++) generator.rand(144, "float64");
    expect(po.defaultGenerator().getState()).toEqual(generator.getState());
    expect(mad.metricTradeoffLambda).toBe(0);
  });

  test("cannot be guessed where a metric is 0 or infinite for that image", () => {
    // Never for the images that the metrics are tried on: those are not the picture.
    const zeroFor: Metric = (a, b) => mse(a, b).mul(a.sub(picture()).abs().sum().gt(0).cast("float64"));
    const message =
      /no weight can be guessed: .*optimized metric is (0|0\.\d+) and the reference metric (0|0\.\d+)\. Give metricTradeoffLambda/;
    expect(() => weightOf(zeroFor, mse)).toThrow(message);
    expect(() => weightOf(mse, zeroFor)).toThrow(message);
    expect(() => new po.MADCompetition(picture(), mse, zeroFor, "min", { metricTradeoffLambda: 1 })).not.toThrow();
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "1" as never])("%s is refused", (metricTradeoffLambda) => {
    expect(() => new po.MADCompetition(picture(), mse, oneMinusSsim, "min", { metricTradeoffLambda })).toThrow(
      /metricTradeoffLambda is .*; it must be a finite number, 0 or more, or null/,
    );
  });
});

describe("how far the reference metric went", () => {
  const start = { initialImage: picture(4) };
  const short = (x: number): string => String(Number(x.toPrecision(4)));

  test("is said with a weight, after every call", async () => {
    const mad = new po.MADCompetition(picture(), mse, oneMinusSsim, "max", { metricTradeoffLambda: 0.5 });
    await mad.setup(start);
    expect((await mad.synthesize({ maxIter: 0 })).stopText).toBe("maxIter was reached: 0 iterations");
    for (const numIter of [2, 4]) {
      const { stopText } = await mad.synthesize({ maxIter: 2 });
      const [first, now] = [mad.referenceMetricLoss[0], mad.referenceMetricLoss[numIter]];
      const part = Number((100 * Math.abs(now / first - 1)).toPrecision(3));
      expect(part).toBeGreaterThan(0.001);
      expect(stopText).toBe(
        `maxIter was reached: 2 iterations; the reference metric is off by ${part} %: ${short(now)}, and was to stay at ${short(first)}`,
      );
    }
  });

  test("is told in numbers where it was to stay at 0, as a file of Python's may say", () => {
    expect(driftWords(2e-5, 0)).toBe("off by 2e-5");
    expect([driftWords(0.9, 1), driftWords(1.1, 1)]).toEqual(["off by 10 %", "off by 10 %"]);
  });

  test("is not said where it is held", async () => {
    const mad = new po.MADCompetition(picture(), mse, oneMinusSsim, "max", { constrained: true });
    await mad.setup(start);
    expect((await mad.synthesize({ maxIter: 1 })).stopText).toBe("maxIter was reached: 1 iteration");
  });
});

test("its text and its recipe", async () => {
  const mad = new po.MADCompetition(picture(), mse, oneMinusSsim, "max", { metricTradeoffLambda: 0.5 });
  expect(String(mad)).toBe(
    [
      "MADCompetition",
      "  image: Tensor float64 [1, 1, 12, 12]",
      "  optimizedMetric: mse",
      "  referenceMetric: oneMinusSsim",
      "  minmax: max",
      "  metricTradeoffLambda: 0.5",
      "  penaltyFunction: penalizeRange",
      "  penaltyLambda: 0.1",
    ].join("\n"),
  );
  await mad.setup({ initialNoise: 0.2 });
  expect(String(mad)).not.toContain("Loss");
  await mad.synthesize({ maxIter: 2 });
  const short = (x: number): string => String(Number(x.toPrecision(4)));
  const [optimized, reference] = [mad.optimizedMetricLoss, mad.referenceMetricLoss];
  const lines = String(mad).split("\n");
  expect(lines).toContain(
    `  optimizedMetricLoss: ${short(optimized[0])} at first, ${short(optimized[2])} after 2 iterations`,
  );
  const drift = Number((Math.abs(reference[2] / reference[0] - 1) * 100).toPrecision(3));
  expect(drift).toBeGreaterThan(0.001);
  expect(lines).toContain(
    `  referenceMetricLoss: ${short(reference[0])} at first, ${short(reference[2])} after 2 iterations: off by ${drift} %`,
  );
  const recipe = await mad.recipe();
  expect(recipe).toMatchObject({
    method: "MADCompetition",
    model: null,
    options: { minmax: "max", metricTradeoffLambda: 0.5, penaltyLambda: 0.1 },
    calls: [
      { call: "setup", options: { initialNoise: 0.2, initialImage: null } },
      { call: "synthesize", options: { maxIter: 2 } },
    ],
    result: { iterations: 2 },
  });
  const given = new po.MADCompetition(picture(), mse, oneMinusSsim, "max", { metricTradeoffLambda: 0.5 });
  await given.setup({ initialImage: picture(4) });
  expect(await given.recipe()).toMatchObject({ calls: [{ options: { initialImage: { dtype: "float64" } } }] });
});
