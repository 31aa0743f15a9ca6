// What iterative methods say of models and metrics that cannot be used, where the reason is not plain from the place.

import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { Blocks, picture } from "./methods.ts";

const warned: string[] = [];
afterAll(po.warnings.on(({ code }) => warned.push(code)));

const identity = new po.models.Identity();

describe("a constant of another precision", () => {
  const weights = po.tensor(
    Float64Array.from({ length: 144 }, (_, i) => 1 + i),
    { shape: [1, 1, 12, 12] },
  );
  const weighted = (x: po.Tensor): po.Tensor => x.mul(weights);
  const distance = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).mul(weights).square().mean();

  test.each<[string, () => po.Metamer | po.MADCompetition]>([
    ["Metamer", () => new po.Metamer(picture(), weighted)],
    ["Metamer", () => new po.Metamer(picture(), identity, { lossFunction: distance })],
    ["MADCompetition", () => new po.MADCompetition(picture(), distance, po.metric.mse, "min")],
  ])("%s says that to() was asked, and how it can follow", async (name, make) => {
    for (const begins of [false, true]) {
      const object = make();
      if (begins) await object.setup();
      // Without a setup there is nothing that a loss would have to follow.
      if (!begins && name === "Metamer" && (object as po.Metamer).model === identity) continue;
      const message = new RegExp(
        `^${name}: to\\("float32"\\): .* cannot follow to float32: .*float64.*weights\\.cast\\(image\\.dtype\\)\\. Nothing was changed\\.$`,
      );
      expect(() => object.to("float32")).toThrow(message);
      expect(() => object.to("float32")).toThrow(po.DTypeError);
      expect(object.image.dtype).toBe("float64");
      await object.synthesize({ maxIter: 1 });
    }
  });
});

describe("arguments that are too many", () => {
  const extra = { maxIter: 5 } as never;
  test.each<[string, () => unknown]>([
    ["Metamer()", () => new po.Metamer(picture(), identity, {}, extra)],
    ["MetamerCTF()", () => new po.MetamerCTF(picture(), new Blocks(), {}, extra)],
    ["MADCompetition()", () => new po.MADCompetition(picture(), po.metric.mse, po.metric.ssim, "min", {}, extra)],
  ])("%s", (name, make) => {
    expect(make).toThrow(`${name}: an object with maxIter is one argument too many; it takes image`);
  });
});

describe("a loss that is not finite", () => {
  const failure = async (metamer: po.Metamer, maxIter = 3): Promise<string> => {
    const error: unknown = await metamer.synthesize({ maxIter }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(po.NonFiniteError);
    return (error as Error).message;
  };

  test("because of the target", async () => {
    const model = (x: po.Tensor): po.Tensor => x.div(x.sub(picture(0)));
    const message = await failure(new po.Metamer(picture(0), model));
    expect(message).toMatch(
      /the loss is NaN before the first step\. The starting image is kept\. 144 of 144 values of the target's representation are not finite \((Infinity|NaN)\): no image can match it\. Look for/,
    );
    expect(message).not.toMatch(/learning rate/);
  });

  test("because of the starting image", async () => {
    const metamer = new po.Metamer(picture(0), (x) => x.sub(0.004).sqrt().mul(x.detach().mul(0).add(1)));
    await metamer.setup({ initialImage: picture(1).sub(0.5).detach() });
    const message = await failure(metamer);
    expect(message).toMatch(
      /before the first step\. .* \d+ of 144 values of the (target|present image)'s representation are not finite \(NaN\)/,
    );
  });

  test("because of the loss, or the penalty", async () => {
    const loss = (x: po.Tensor, y: po.Tensor): po.Tensor => x.sub(y).square().mean().mul(-1).log();
    expect(await failure(new po.Metamer(picture(0), identity, { lossFunction: loss }))).toMatch(
      /Both representations are finite, but not the loss of them\./,
    );
    const penaltyFunction = (x: po.Tensor): po.Tensor => x.square().mean().mul(-1).log();
    expect(await failure(new po.Metamer(picture(0), identity, { penaltyFunction }))).toMatch(
      /1 of 1 values of the penalty of the present image are not finite \(NaN\)\./,
    );
  });

  test("later on, a smaller learning rate is advised", async () => {
    const metamer = new po.Metamer(picture(0), (x) => x.mul(60).exp());
    await metamer.setup({ initialImage: picture(1).detach(), optimizer: po.optim.Adam({ lr: 20 }) });
    expect(await failure(metamer, 30)).toMatch(
      /after [1-9]\d* iterations?\. .*A smaller learning rate often helps, in a new Metamer: setup\(\{ initialImage: metamer\.metamer, optimizer \}\)/,
    );
  });
});

describe("a metric that is not finite", () => {
  const nanBelow = (level: number) => (a: po.Tensor, b: po.Tensor) =>
    a.sub(b).square().mean().mul(b.sub(level).sqrt().mean().mul(0).add(1));

  test("is refused with the words that help", () => {
    for (const make of [
      () => new po.MADCompetition(picture(), nanBelow(0.5), po.metric.mse, "min"),
      () => new po.MADCompetition(picture(), po.metric.mse, nanBelow(0.5), "min"),
    ]) {
      expect(make).toThrow(
        /the metric gives NaN for two random images; .*Look for a division by 0, a logarithm or root of 0/,
      );
    }
  });

  test.each(["optimized", "reference"] as const)("at the initial image alone: the %s", async (which) => {
    // Random images are above 0, noisy ones need not be.
    const metrics = which === "optimized" ? [nanBelow(0), po.metric.mse] : [po.metric.mse, nanBelow(0)];
    for (const options of [{ metricTradeoffLambda: 1 }, { constrained: true, allowedRange: null }]) {
      const mad = new po.MADCompetition(picture(), metrics[0], metrics[1], "min", options);
      await expect(mad.setup({ initialNoise: 1 })).rejects.toThrow(
        `MADCompetition: the ${which} metric is NaN for the initial image; it must be a finite number there`,
      );
      expect([mad.initialImage, mad.madImage.size]).toEqual([null, 0]);
    }
  });
});

describe("all four of a competition", () => {
  test("do not warn of noise of their own", async () => {
    warned.length = 0;
    po.setSeed(0);
    const four = await po.MADCompetition.all(picture(), po.metric.mse, po.metric.oneMinusSsim, {
      metricTradeoffLambda: 1,
      initialNoise: 0.5,
    });
    const start = four.minA.initialImage as po.Tensor;
    expect(Math.max(...start.dataSync())).toBeGreaterThan(1);
    expect(warned).toEqual([]);
    for (const mad of Object.values(four)) expect(mad.initialImage).toBe(start);
    // One that is given is told of, once.
    await po.MADCompetition.all(picture(), po.metric.mse, po.metric.oneMinusSsim, { initialImage: start });
    expect(warned.filter((code) => code === "image-range")).toHaveLength(1);
  });

  test("check each metric once, and draw as if each had checked its own", async () => {
    let calls = 0;
    const counted = (a: po.Tensor, b: po.Tensor): po.Tensor => {
      calls++;
      return po.metric.mse(a, b);
    };
    const options = { metricTradeoffLambda: 1 };
    po.setSeed(3);
    new po.MADCompetition(picture(), counted, po.metric.oneMinusSsim, "min", options);
    const once = calls;
    expect(once).toBeGreaterThan(0);
    for (const [first, second, minmax] of [
      [counted, po.metric.oneMinusSsim, "max"],
      [po.metric.oneMinusSsim, counted, "min"],
      [po.metric.oneMinusSsim, counted, "max"],
    ] as const) {
      new po.MADCompetition(picture(), first, second, minmax, options);
    }
    po.randn([1, 1, 12, 12], { dtype: "float64" });
    const after = po.defaultGenerator().getState();
    expect(calls).toBe(4 * once);
    calls = 0;
    po.setSeed(3);
    const making = po.MADCompetition.all(picture(), counted, po.metric.oneMinusSsim, options);
    expect(po.defaultGenerator().getState()).toEqual(after);
    const made = calls;
    await making;
    expect(made).toBeLessThan(2 * once + 4);
  });
});
