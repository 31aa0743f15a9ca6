// Z. Wang and E. P. Simoncelli, "Maximum differentiation (MAD) competition: a methodology for comparing computational models of
// perceptual quantities", Journal of Vision 8, 2008: images that SSIM calls equally good and MSE does not, and the other way round.

import { beforeAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { Output } from "./output.ts";

const STEPS = 400;
const dissimilarity = (a: po.Tensor, b: po.Tensor): po.Tensor => po.metric.oneMinusSsim(a, b);
const mse = (a: po.Tensor, b: po.Tensor): po.Tensor => po.metric.mse(a, b);
const number = (x: po.Tensor): number => x.itemSync();

beforeAll(() => po.setThreads(po.availableThreads()));

describe("SSIM against MSE", () => {
  const output = new Output("mad", [
    "noise",
    "1 - SSIM and MSE at first",
    "least 1 - SSIM",
    "most 1 - SSIM",
    "times",
    "least MSE",
    "most MSE",
    "times",
    "largest drift",
  ]);

  test.each([0.02, 0.05, 0.1])("noise of standard deviation %f", async (initialNoise) => {
    const image = await po.data.house({ dtype: "float64" });
    po.setSeed(0);
    const four = await po.MADCompetition.all(image, dissimilarity, mse, { initialNoise });
    const { minA, maxA, minB, maxB } = four;
    const start = minA.initialImage as po.Tensor;
    const first = { ssim: number(dissimilarity(image, start)), mse: number(mse(image, start)) };
    let drift = 0;
    for (const [name, mad] of Object.entries(four)) {
      await mad.synthesize({ maxIter: STEPS });
      const isA = name.endsWith("A");
      const held = isA ? number(mse(image, mad.madImage)) : number(dissimilarity(image, mad.madImage));
      drift = Math.max(drift, Math.abs(held / (isA ? first.mse : first.ssim) - 1));
    }
    const ssims = [minA, maxA].map((mad) => number(dissimilarity(image, mad.madImage)));
    const mses = [minB, maxB].map((mad) => number(mse(image, mad.madImage)));
    const factors = [ssims[1] / ssims[0], mses[1] / mses[0]];
    output.row([
      initialNoise,
      `${first.ssim.toPrecision(3)}, ${first.mse.toPrecision(3)}`,
      ...ssims,
      factors[0],
      ...mses,
      factors[1],
      drift.toExponential(0),
    ]);
    const [a, b, c, d] = [minA, minB, maxA, maxB].map((mad) => mad.madImage as po.Tensor);
    output.picture(String(initialNoise), [
      [image, start],
      [a, b],
      [c, d],
    ]);
    expect(drift).toBeLessThan(1e-4);
    expect(factors[0]).toBeGreaterThan(LEAST.ssim);
    expect(factors[1]).toBeGreaterThan(LEAST.mse);
  });
});

/** By how much the worst of two images that one metric calls equal is worse than the best, for the other. */
const LEAST = { ssim: 100, mse: 100 };
