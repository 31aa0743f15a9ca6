// The verdict of a MAD competition, where the answer is known: in a plane of two pixels, the sum of squares and the sum of sizes.

import { describe, expect, test } from "vitest";
import * as po from "../../../src/index.ts";

const image = po.tensor([0, 0], { shape: [1, 1, 1, 2], dtype: "float64" });
const l1: po.validate.MetricFunction = (a, b) => a.sub(b).abs().sum();
const squares: po.validate.MetricFunction = (a, b) => a.sub(b).square().sum();
const start = po.tensor([0.6, 0.2], { shape: [1, 1, 1, 2], dtype: "float64" });

async function held(minmax: po.MinMax, maxIter = 200): Promise<po.MADCompetition> {
  const mad = new po.MADCompetition(image, squares, l1, minmax, { constrained: true });
  await mad.setup({ initialImage: start });
  await mad.synthesize({ maxIter });
  return mad;
}

describe("one image", () => {
  test("least squares at equal size: 0.4 and 0.4, so 0.32, where it began at 0.4", async () => {
    const verdict = await (await held("min")).summary();
    expect(verdict).toMatchObject({ verdict: "apart", minmax: "min" });
    expect(verdict.optimized.first).toBeCloseTo(0.4, 12);
    expect(verdict.optimized.last).toBeCloseTo(0.32, 6);
    expect(verdict.reference.first).toBeCloseTo(0.8, 12);
    expect(verdict.drift).toBeLessThan(1e-6);
    expect(verdict.atBounds).toEqual({ range: [0, 1], isKept: true, first: 0, last: 0 });
    expect(verdict.text).toMatch(
      /^Apart: the reference metric stayed, and the optimized metric became 1\.25 times smaller\./,
    );
    expect(verdict.text).toMatch(
      /\nThe optimized metric: 0\.4 at first, 0\.32 at last\. The reference metric: 0\.8 at first, 0\.8 at/,
    );
    expect(verdict.text).toMatch(/for the reference metric this image and the initial one are equally far/);
  });

  test("most squares at equal size: 0.8 and 0, half of the pixels at a bound", async () => {
    const verdict = await (await held("max")).summary({ names: ["squares", "size"] });
    expect(verdict.optimized.last).toBeCloseTo(0.64, 6);
    expect(verdict.atBounds).toMatchObject({ first: 0, last: 0.5 });
    expect(verdict.text).toMatch(/^Apart: size stayed, and squares became 1\.6 times larger\./);
    expect(verdict.text).toMatch(/50 % of the pixels lie at the bounds 0 and 1, 0 % at first/);
  });

  test("limits decide: a fifth is too little where half is asked for", async () => {
    const verdict = await (await held("min")).summary({ leastChange: 0.5 });
    expect(verdict.verdict).toBe("not apart");
    expect(verdict.text).toMatch(
      /^Not apart: the optimized metric did not become smaller by 50 % or more: 0\.4 at first/,
    );
  });

  test("without a step nothing is apart", async () => {
    const mad = new po.MADCompetition(image, squares, l1, "min", { constrained: true });
    await mad.setup({ initialImage: start });
    const verdict = await mad.summary();
    expect([verdict.verdict, verdict.drift, verdict.stopped.text]).toEqual([
      "not apart",
      0,
      "no iteration has been run yet",
    ]);
  });

  test("a metric that was not held says so in its first line", async () => {
    const mad = new po.MADCompetition(image, squares, l1, "min", { metricTradeoffLambda: 1e-3, penaltyLambda: 0 });
    await mad.setup({ initialImage: start });
    await mad.synthesize({ maxIter: 40, stopCriterion: null });
    const verdict = await mad.summary();
    const [first, last] = [mad.referenceMetricLoss[0], mad.referenceMetricLoss[40]];
    expect(verdict.verdict).toBe("not held");
    expect(verdict.drift).toBe(Math.abs(last / first - 1));
    expect(verdict.atBounds?.isKept).toBe(false);
    expect(verdict.text).toMatch(/^Not held: the reference metric is off by \d[\d.]* %, more than 1 %/);
    expect(verdict.text).not.toMatch(/What that means/);
  });

  test("before setup() there is nothing to judge", async () => {
    const mad = new po.MADCompetition(image, squares, l1, "min", { constrained: true });
    await expect(mad.summary()).rejects.toThrow(/summary\(\) has nothing to judge yet/);
  });
});

test("all four: what each metric can be while the other stays, and what that means", async () => {
  const four = await po.MADCompetition.all(image, squares, l1, { initialImage: start });
  for (const mad of Object.values(four)) await mad.synthesize({ maxIter: 200 });
  const { verdict, gaps, images, text } = await po.MADCompetition.summaryOfAll(four, { leastChange: 0.05 });
  expect(verdict).toBe("apart");
  // Squares at size 0.8: from 0.4, 0.4 to 0.8, 0. Sizes at squares 0.4: from one pixel alone to two that are equal.
  expect(gaps[0]).toMatchObject({ varied: "squares", held: "l1" });
  for (const [found, wanted] of [
    [gaps[0].at, 0.8],
    [gaps[0].least, 0.32],
    [gaps[0].most, 0.64],
    [gaps[1].at, 0.4],
    [gaps[1].least, Math.sqrt(0.4)],
    [gaps[1].most, 2 * Math.sqrt(0.2)],
  ]) {
    expect(found).toBeCloseTo(wanted, 5);
  }
  expect(images.minB.text).toMatch(/^Apart: squares stayed, and l1 became /);
  expect(text).toMatch(
    /^Apart: at equal l1, squares goes from 0\.32 to 0\.64; at equal squares, l1 goes from 0\.6325 to 0\.8944\./,
  );
  expect(text).toMatch(/for l1 both images are equally far from the reference image \(0\.8\); .* 2 times as much/);
  const strict = await po.MADCompetition.summaryOfAll(four, { leastChange: 0.5 });
  expect(strict.text).toMatch(
    /^Not all apart: the optimized metric hardly moved for least squares, least l1, most l1\./,
  );
});
