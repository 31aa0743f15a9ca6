// MADCompetition before its first step: where it starts, and what it refuses.

import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../../src/index.ts";
import { type Float, picture } from "../methods.ts";
import { near } from "./near.ts";

afterAll(po.warnings.on(() => {}));
beforeEach(() => po.setSeed(0));

type Metric = po.validate.MetricFunction;

const { mse, oneMinusSsim } = po.metric;

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
