// Figures that are given an object of another method say what they show, what they got, and which figure shows that.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

afterAll(po.warnings.on(() => {}));

let metamer: po.Metamer;
let mad: po.MADCompetition;
let eig: po.Eigendistortion;

beforeAll(async () => {
  po.setSeed(0);
  const image = po.rand([1, 1, 8, 8]);
  metamer = new po.Metamer(image, new po.models.Gaussian(3));
  mad = new po.MADCompetition(image, po.metric.mse, po.metric.oneMinusSsim, "min", { metricTradeoffLambda: 1 });
  eig = new po.Eigendistortion(image, new po.models.Gaussian(3));
  await metamer.setup();
  await mad.setup();
});

const { plot } = po;

describe("a figure of a synthesis", () => {
  test.each(["synthesisStatus", "synthesisLoss", "synthesisHistogram", "synthesisImshow", "synthesisNorms"] as const)(
    "%s",
    async (name) => {
      const figure = plot[name] as (given: unknown) => Promise<po.plot.Figure>;
      await expect(figure(eig)).rejects.toThrow(
        new TypeError(
          `${name} shows a Metamer or a MADCompetition, and was given an Eigendistortion; use ` +
            "plot.eigendistortionImshowAll(eigendistortion) for that",
        ),
      );
      for (const [given, words] of [
        [undefined, "undefined"],
        [null, "null"],
        ["metamer", '"metamer"'],
        [po.Metamer, "the function Metamer"],
        [metamer.image, "a Tensor"],
        [Promise.resolve(metamer), "a Promise (did you forget `await`?)"],
        [{ minA: mad, minB: mad }, "an object with minA, minB"],
      ] as const) {
        await expect(figure(given)).rejects.toThrow(
          new TypeError(`${name} shows a Metamer or a MADCompetition, and was given ${words}`),
        );
      }
    },
  );
});

test("a figure of eigendistortions", async () => {
  for (const [given, words] of [
    [metamer, "a Metamer; use plot.synthesisStatus(metamer) for that"],
    [mad, "a MADCompetition; use plot.synthesisStatus(mad) for that"],
  ] as const) {
    await expect(plot.eigendistortionImshowAll(given as never)).rejects.toThrow(
      new TypeError(`eigendistortionImshowAll shows an Eigendistortion, and was given ${words}`),
    );
  }
});

test.each(["madImshowAll", "madLossAll"] as const)("%s", async (name) => {
  const figure = plot[name] as (...given: unknown[]) => Promise<po.plot.Figure>;
  await expect(figure(metamer)).rejects.toThrow(
    `${name}: argument 1 must be a MADCompetition, and is a Metamer; call it as in ${name}(four.minA, four.minB, four.maxA, four.maxB)`,
  );
  await expect(figure(mad)).rejects.toThrow("argument 2 must be a MADCompetition, and is undefined");
  await expect(figure(mad, mad, eig, mad)).rejects.toThrow(
    "argument 3 must be a MADCompetition, and is an Eigendistortion",
  );
});

test("madLossAll before the first iteration says that there is none", async () => {
  const { minA, minB, maxA, maxB } = await po.MADCompetition.all(mad.image, po.metric.mse, po.metric.oneMinusSsim);
  await expect(plot.madLossAll(minA, minB, maxA, maxB)).rejects.toThrow(
    "madLossAll: no iteration has been run yet; call synthesize() of each of the four first",
  );
  await minA.synthesize({ maxIter: 1 });
  expect((await plot.madLossAll(minA, minB, maxA, maxB)).svg).toContain("<svg");
});
