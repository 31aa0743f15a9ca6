// MADCompetition with a weighted reference metric: reference numbers, the objective, the weight, the start, refusals and
// files. What it shares with other methods: everyMethod.test.ts.

import { PtTensor, type PtValue, readPt, writePt } from "@plenoptic-js/formats";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../../src/index.ts";
import { toTensor } from "../../../src/io/tensors.ts";
import { driftWords } from "../../../src/synthesis/mad/drift.ts";
import { type Float, picture } from "../methods.ts";

let warned: po.warnings.AnyWarning[] = [];
afterAll(po.warnings.on((warning) => warned.push(warning)));
beforeEach(() => {
  po.setSeed(0);
  warned = [];
});

type Metric = po.validate.MetricFunction;

const l2: Metric = (a, b) => a.sub(b).norm();
const l1: Metric = (a, b) => a.sub(b).abs().sum();
const { mse, oneMinusSsim } = po.metric;

function near(got: ArrayLike<number>, want: readonly number[], tolerance: number): void {
  expect(got.length).toBe(want.length);
  want.forEach((value, i) => {
    expect(Math.abs(got[i] - value), `entry ${i}: ${got[i]}, expected ${value}`).toBeLessThan(tolerance);
  });
}

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

describe("the start", () => {
  const make = (dtype: Float = "float64") =>
    new po.MADCompetition(picture(0, dtype), mse, oneMinusSsim, "min", { metricTradeoffLambda: 1 });

  test.each(["float64", "float32"] as const)(
    "is the image and normal noise of 0.1, not clipped (%s)",
    async (dtype) => {
      po.setSeed(5);
      const mad = make(dtype);
      expect([mad.initialImage, mad.referenceMetricTarget]).toEqual([null, null]);
      const setting = mad.setup();
      const generator = new po.TorchGenerator(5);
      for (let i = 0; i < 42; i++) generator.rand(144, dtype);
      const noise = generator.randn(144, dtype);
      // Drawn before the first await.
      expect(po.defaultGenerator().getState()).toEqual(generator.getState());
      await setting;
      const round = dtype === "float32" ? Math.fround : (x: number): number => x;
      const expected = Array.from(mad.image.dataSync(), (x, i) => round(x + round(noise[i] * round(0.1))));
      expect([...mad.madImage.dataSync()]).toEqual(expected);
      expect(Math.min(...expected)).toBeLessThan(0);
      expect(Math.max(...expected)).toBeGreaterThan(1);
      expect([...(mad.initialImage?.dataSync() ?? [])]).toEqual(expected);
      expect(mad.referenceMetricTarget).toBe(oneMinusSsim(mad.image, mad.madImage).itemSync());
      await mad.synthesize({ maxIter: 2 });
      expect([...(mad.initialImage?.dataSync() ?? [])]).toEqual(expected);
    },
  );

  test("has noise of another size, or one that is multiplied pixel by pixel", async () => {
    const noiseOf = async (initialNoise: number | po.Tensor): Promise<number[]> => {
      po.setSeed(2);
      const mad = make();
      await mad.setup({ initialNoise });
      return [...mad.madImage.sub(mad.image).dataSync()];
    };
    const [small, large] = [await noiseOf(0.1), await noiseOf(0.4)];
    near(
      large,
      small.map((x) => 4 * x),
      1e-15,
    );
    const columns = po.tensor(
      Float64Array.from({ length: 12 }, (_, i) => (i < 6 ? 0 : 0.1)),
      { shape: [12] },
    );
    near(
      await noiseOf(columns),
      small.map((x, i) => (i % 12 < 6 ? 0 : x)),
      1e-15,
    );
  });

  test("may be an image", async () => {
    const mad = make();
    const before = po.defaultGenerator().getState();
    await mad.setup({ initialImage: picture(8) });
    expect(po.defaultGenerator().getState()).toEqual(before);
    expect(mad.madImage.dataSync()).toEqual(picture(8).dataSync());
  });

  test.each<[object, RegExp]>([
    [{ initialNoise: 0 }, /initialNoise is 0; it must be a finite number above 0, or a tensor/],
    [{ initialImage: picture(0) }, /the reference metric is 0 for the initial image/],
    [{ initialNoise: -0.1 }, /initialNoise is -0\.1/],
    [{ initialNoise: Number.NaN }, /initialNoise is NaN/],
    [{ initialNoise: "0.1" }, /initialNoise is "0\.1"; it must be a finite number/],
    [
      { initialNoise: po.full([12], 0.1, { dtype: "float32" }) },
      /initialNoise is float32 \[12\]; it must be float64 and broadcast/,
    ],
    [
      { initialNoise: po.full([2, 1, 12, 12], 0.1, { dtype: "float64" }) },
      /float64 \[2, 1, 12, 12\]; it must be float64 and broadcast to the image's \[1, 1, 12, 12\]/,
    ],
    [{ initialNoise: 0.1, initialImage: picture(1) }, /give initialNoise or initialImage, not both/],
    [
      { initialImage: po.full([1, 1, 6, 6], 0.1, { dtype: "float64" }) },
      /the initial image is \[1, 1, 6, 6\]; it must be \[1, 1, 12, 12\]/,
    ],
    [{ initialImage: picture(1, "float32") }, /initial image is float32 and the image float64/],
  ])("%o is refused without a trace", async (options, message) => {
    const mad = make();
    const before = po.defaultGenerator().getState();
    await expect(mad.setup(options)).rejects.toThrow(message);
    expect(po.defaultGenerator().getState()).toEqual(before);
    expect(mad.losses).toHaveLength(0);
    await mad.setup({ initialImage: picture(1) });
  });

  test("is refused where the reference metric is no number for it", async () => {
    const strange: Metric = (a, b) => mse(a, b).div(b.sub(picture(1)).abs().sum().gt(0).cast("float64"));
    const mad = new po.MADCompetition(picture(), mse, strange, "min", { metricTradeoffLambda: 1 });
    await expect(mad.setup({ initialImage: picture(1) })).rejects.toThrow(
      /the reference metric is Infinity for the initial image; it must be a finite number there/,
    );
    expect(mad.madImage.size).toBe(0);
    await mad.setup();
  });
});

describe("refusals", () => {
  const two: Metric = (a, b) => a.sub(b).square().mean([-1]);
  test.each<[string, () => unknown, RegExp]>([
    ["image", () => new po.MADCompetition(3 as never, mse, mse, "min"), /the image is 3; it must be a Tensor/],
    ["optimized metric", () => new po.MADCompetition(picture(), "mse" as never, mse, "min"), /the metric is "mse"/],
    ["reference metric", () => new po.MADCompetition(picture(), mse, null as never, "min"), /the metric is null/],
    ["metric of many numbers", () => new po.MADCompetition(picture(), two, mse, "min"), /must give one number/],
    [
      "similarity",
      () => new po.MADCompetition(picture(), mse, po.metric.ssim, "min"),
      /for two identical images|it must be negligible|oneMinusSsim/,
    ],
    [
      "negative metric",
      () => new po.MADCompetition(picture(), (a, b) => mse(a, b).neg(), mse, "min"),
      /a distance is a finite number, 0 or more/,
    ],
    [
      "metric without gradient",
      () => new po.MADCompetition(picture(), (a, b) => mse(a, b.detach()), mse, "min"),
      /no gradient can flow through the metric/,
    ],
    [
      "minmax",
      () => new po.MADCompetition(picture(), mse, mse, "maximum" as never),
      /minmax is "maximum"; it must be "min" or "max"/,
    ],
    [
      "penaltyLambda",
      () => new po.MADCompetition(picture(), mse, mse, "min", { penaltyLambda: -1 }),
      /MADCompetition: penaltyLambda is -1/,
    ],
    [
      "penaltyFunction",
      () => new po.MADCompetition(picture(), mse, mse, "min", { penaltyFunction: (x) => x }),
      /the penalty gives/,
    ],
    [
      "option",
      () => new po.MADCompetition(picture(), mse, mse, "min", { lambda: 1 } as never),
      /has no option "lambda"; its options are metricTradeoffLambda/,
    ],
    [
      "options",
      () => new po.MADCompetition(picture(), mse, mse, "min", 5 as never),
      /options are given as one object, not 5/,
    ],
  ])("another %s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe("a file is of its object", () => {
  type Parts = {
    image?: po.Tensor;
    optimized?: Metric;
    reference?: Metric;
    minmax?: po.MinMax;
  } & po.MADCompetitionOptions;
  const make = ({
    image = picture(),
    optimized = mse,
    reference = oneMinusSsim,
    minmax = "min",
    ...options
  }: Parts = {}) => new po.MADCompetition(image, optimized, reference, minmax, { metricTradeoffLambda: 1, ...options });
  const saved = async (): Promise<Uint8Array> => {
    const mad = make();
    await mad.synthesize({ maxIter: 3, stopCriterion: -1 });
    return mad.toBytes();
  };
  const dictOf = (bytes: Uint8Array) => readPt(bytes).value as Map<string, PtValue>;

  test.each<[string, Parts, RegExp]>([
    ["image", { image: picture(1) }, /the saved image differs/],
    [
      "weight",
      { metricTradeoffLambda: 2 },
      /weight of the reference metric \(metricTradeoffLambda\) is 1, that of this object 2/,
    ],
    ["penalty weight", { penaltyLambda: 0.2 }, /penalty weight \(penaltyLambda\) is 0\.1/],
    ["minmax", { minmax: "max" }, /saved minmax is min, that of this object max/],
    ["optimized metric", { optimized: (a, b) => mse(a, b).mul(2) }, /output of the optimized metric differs/],
    ["reference metric", { reference: (a, b) => oneMinusSsim(a, b).mul(2) }, /output of the reference metric differs/],
    ["penalty", { penaltyFunction: (x) => x.square().sum() }, /output of the penalty function differs/],
    [
      "metric of another name",
      { optimized: po.loss.l2Norm, reference: oneMinusSsim },
      /saved optimized metric is plenoptic\.metric\._naive\.mse/,
    ],
  ])("another %s is refused, or told", async (what, parts, message) => {
    const bytes = await saved();
    const strict = make(parts);
    const text = String(strict);
    await expect(strict.load(bytes)).rejects.toThrow(po.LoadError);
    if (!what.endsWith("name")) await expect(strict.load(bytes)).rejects.toThrow(message);
    expect(String(strict)).toBe(text);
    expect([strict.losses.length, strict.madImage.size, strict.initialImage]).toEqual([0, 0, null]);
    const tolerant = make(parts);
    warned = [];
    await tolerant.load(bytes, { raiseOnChecks: false });
    const told = warned.filter(({ name }) => name === "LoadWarning").map((warning) => warning.message);
    expect(told.join("\n")).toMatch(message);
    expect(tolerant.losses).toHaveLength(4);
    await tolerant.synthesize({ maxIter: 2, stopCriterion: -1 });
    expect(tolerant.numIter).toBe(5);
  });

  test("warnings come in Python's order; the file's values are kept, and this object's functions", async () => {
    const bytes = await saved();
    const penaltyFunction = (x: po.Tensor): po.Tensor => x.square().sum();
    const other = make({
      image: picture(1),
      optimized: po.loss.l2Norm,
      reference: mse,
      minmax: "max",
      metricTradeoffLambda: 7,
      penaltyLambda: 3,
      penaltyFunction,
    });
    warned = [];
    await other.load(bytes, { raiseOnChecks: false });
    const subjects = [
      /the saved image differs/,
      /metricTradeoffLambda/,
      /penaltyLambda/,
      /minmax/,
      /output of the optimized metric/,
      /output of the reference metric/,
      /output of the penalty function/,
      /the saved optimized metric is/,
      // The penalty has no name that could be compared.
      /the saved reference metric is/,
    ];
    const told = warned.filter(({ name }) => name === "LoadWarning");
    expect(told).toHaveLength(subjects.length);
    told.forEach(({ message }, i) => {
      expect(message).toMatch(subjects[i]);
      expect(message).toMatch(i < 4 ? /kept is that of the file$/ : /kept is that of this object$/);
    });
    expect([other.minmax, other.metricTradeoffLambda, other.penaltyLambda]).toEqual(["min", 1, 0.1]);
    expect(other.image.dataSync()).toEqual(picture().dataSync());
    expect(other.optimizedMetric).toBe(po.loss.l2Norm);
    // And it goes on with both.
    const target = other.referenceMetricTarget as number;
    const x = other.madImage;
    const gap = target - mse(other.image, x).itemSync();
    const expected = po.loss.l2Norm(other.image, x).itemSync() + gap * gap + 0.1 * penaltyFunction(x).itemSync();
    expect(other.objectiveFunction().itemSync()).toBeCloseTo(expected, 13);
    expect(other.losses.at(-1)).toBeCloseTo(expected, 13);
    await other.synthesize({ maxIter: 1 });
  });

  test("another dtype and another class are refused always", async () => {
    const bytes = await saved();
    const single = make({ image: picture(0, "float32") });
    await expect(single.load(bytes, { raiseOnChecks: false })).rejects.toThrow(/use to\("float64"\)/);
    const metamer = new po.Metamer(picture(), new po.models.Identity());
    await expect(metamer.load(bytes)).rejects.toThrow(/it holds a plenoptic\.MADCompetition/);
  });

  test.each<[string, PtValue, RegExp]>([
    ["_minmax", "both", /_minmax is the str "both"; it must be "min" or "max"/],
    ["_metric_tradeoff_lambda", "heavy", /_metric_tradeoff_lambda is the str "heavy"; it must be a number/],
    ["_reference_metric_target", "near", /_reference_metric_target is the str "near"/],
    ["_initial_image", 3n, /_initial_image is the int 3; it must be a tensor/],
    ["_mad_image", PtTensor.of("int32", [1], Int32Array.of(1)), /_mad_image is int32/],
    ["_optimized_metric_loss", null, /_optimized_metric_loss is None; it must be a list of numbers/],
    ["_reference_metric", "mse", /_reference_metric is the str "mse"; it must be a callable/],
  ])("a damaged %s is told", async (key, value, message) => {
    const dict = dictOf(await saved());
    dict.set(key, value);
    const mad = make();
    await expect(mad.load(writePt(dict))).rejects.toThrow(message);
    expect(mad.losses).toHaveLength(0);
  });

  test("the file has Python's series: the first value twice, and not the last", async () => {
    const mad = make();
    const series = async () => dictOf(await mad.toBytes()).get("_reference_metric_loss");
    expect(await series()).toEqual([]);
    await mad.setup();
    expect(await series()).toEqual([mad.referenceMetricLoss[0]]);
    await mad.synthesize({ maxIter: 3 });
    const [a, b, c] = mad.referenceMetricLoss;
    expect(await series()).toEqual([a, a, b, c]);
    const dict = dictOf(await mad.toBytes());
    expect(toTensor(dict.get("_initial_image") as PtTensor).dataSync()).toEqual(mad.initialImage?.dataSync());
    expect(dict.get("_reference_metric_target")).toBe(mad.referenceMetricTarget);
  });

  test("series that Python has left too short are NaN", async () => {
    const dict = dictOf(await saved());
    (dict.get("_optimized_metric_loss") as PtValue[]).pop();
    const mad = make();
    await mad.load(writePt(dict));
    expect(mad.optimizedMetricLoss).toHaveLength(4);
    expect(mad.optimizedMetricLoss[2]).toBeNaN();
    expect(mad.optimizedMetricLoss[3]).toBe(mse(mad.image, mad.madImage).itemSync());
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
