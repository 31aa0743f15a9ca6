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
      /\nThe optimized metric: 0\.4 at first, 0\.32 at last \(limit 10 %\)\. The reference metric: 0\.8 at first, 0\.8 at/,
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

describe("four that are not all good", () => {
  test("where a metric was not held, its values are told, and no gap", async () => {
    const weights = { minA: 1e-3, maxA: 1e-3, minB: 1e3, maxB: 1e3 };
    const given = { initialImage: start, metricTradeoffLambda: weights, penaltyLambda: 0 };
    const four = await po.MADCompetition.all(image, squares, l1, given);
    for (const name of ["minA", "maxA"] as const) await four[name].synthesize({ maxIter: 40, stopCriterion: null });
    for (const name of ["minB", "maxB"] as const) await four[name].synthesize({ maxIter: 2, stopCriterion: null });
    const { text, images } = await po.MADCompetition.summaryOfAll(four, { heldWithin: 0.1, leastChange: 0.001 });
    expect([images.minA.verdict, images.maxA.verdict]).toEqual(["not held", "not held"]);
    expect([images.minB.verdict, images.maxB.verdict]).not.toContain("not held");
    const [, first, second] = text.split("\n");
    const [least, most] = [four.minA, four.maxA].map((mad) => Number(mad.referenceMetricLoss[40].toPrecision(4)));
    expect(first).toContain(`l1 was to stay at 0.8, and is ${least} for the least and ${most} for the most`);
    expect(first).not.toMatch(/equally far|sees as you do here/);
    // The other pair was held.
    expect(second).toMatch(/^Least and most l1: for squares both images are equally far .* sees as you do here/);
  });

  test("a wide limit takes different values for equal, and the text gives both", async () => {
    const weights = { minA: 1e-3, maxA: 1e-3, minB: 1e3, maxB: 1e3 };
    const given = { initialImage: start, metricTradeoffLambda: weights, penaltyLambda: 0 };
    const four = await po.MADCompetition.all(image, squares, l1, given);
    for (const mad of Object.values(four)) await mad.synthesize({ maxIter: 40, stopCriterion: null });
    const { text, verdict, images } = await po.MADCompetition.summaryOfAll(four, { heldWithin: 50, leastChange: 1e-6 });
    expect(verdict).toBe("apart");
    const [least, most] = [images.minA, images.maxA].map(({ reference }) => Number(reference.last.toPrecision(4)));
    const values = `(${least} and ${most})`;
    const [first, second] = text.split("\n");
    expect(first).toContain(`at equal l1 up to the limit of 5000 % ${values}, squares goes from`);
    expect(second).toContain(
      `for l1 both images are equally far from the reference image up to the limit of 5000 % ${values};`,
    );
    const one = images.maxA.text;
    expect(one).toMatch(/^Apart: l1 stayed within the limit of 5000 %, and/);
    expect(one).toContain(`equally far from the reference image up to the limit of 5000 % (${most} and 0.8); for`);
  });

  test("before a step nothing was made", async () => {
    const four = await po.MADCompetition.all(image, squares, l1, { initialImage: start });
    const none = await po.MADCompetition.summaryOfAll(four);
    expect(none.text).toMatch(/^Not all apart: nothing was made yet, and all four are still what they began with\./);
    expect(none.text).not.toMatch(/times as much|equally/);
    await four.minA.synthesize({ maxIter: 200 });
    const one = await po.MADCompetition.summaryOfAll(four, { leastChange: 0.05 });
    expect(one.text.split("\n").slice(1)).toEqual([
      "Least and most squares: the most was not made yet, so there is nothing to compare.",
      "Least and most l1: neither was made yet, so there is nothing to compare.",
      "Settled, or at their own end: 1 of 4; not most squares, least l1, most l1.",
    ]);
  });

  test("four that do not belong together are refused", async () => {
    const make = async (x = image, initialImage = start): Promise<po.MADFour> =>
      po.MADCompetition.all(x, squares, l1, { initialImage });
    const four = await make();
    const told = (other: Partial<po.MADFour>): Promise<unknown> =>
      po.MADCompetition.summaryOfAll({ ...four, ...other });
    const shifted = await make(po.tensor([0, 0.1], { shape: [1, 1, 1, 2], dtype: "float64" }));
    const farther = await make(image, po.tensor([0.7, 0.2], { shape: [1, 1, 1, 2], dtype: "float64" }));
    for (const [wrong, words] of [
      [{ minA: four.maxA }, /minA has minmax "max", and must have "min"; give the four of one MADCompetition\.all\(\)/],
      [{ maxB: four.maxA }, /maxB has other metrics: it must optimize and hold the two metrics of minA, swapped/],
      [{ maxA: four.maxB }, /maxA has other metrics: it must optimize and hold the two metrics of minA;/],
      [{ minB: shifted.minB }, /minB has another reference image than minA/],
      [{ maxA: farther.maxA }, /minA and maxA began at different values of the metric that is held, 0\.8 and 0\.9/],
      [{ minB: farther.minB }, /minB and maxB began at different values .*, 0\.53 and 0\.4,/],
    ] as const) {
      await expect(told(wrong)).rejects.toThrow(RangeError);
      await expect(told(wrong)).rejects.toThrow(words);
    }
    // Made anew, of the same: those belong together.
    expect(await told({ maxB: (await make()).maxB })).toBeDefined();
  });
});

describe("the constrained mode", () => {
  test("that ended by itself is not too short to judge", async () => {
    const mad = await held("min");
    const { settling, stopped, text } = await mad.summary();
    expect(["stationary", "blocked"]).toContain(stopped.reason);
    expect(stopped.numIter).toBeLessThan(settling.window);
    expect(text).toContain(`\nAt its own end, after ${stopped.numIter} iteration`);
    expect(text).not.toMatch(/Too short/);
    // One that was cut off is.
    expect((await (await held("min", 1)).summary()).text).toMatch(/Too short to say whether it had settled/);
  });

  test("is not advised to use the constrained mode", async () => {
    const three = po.tensor([0, 0, 0], { shape: [1, 1, 1, 3], dtype: "float64" });
    const mad = new po.MADCompetition(three, l1, squares, "max", { constrained: true });
    await mad.setup({ initialImage: po.tensor([0.6, 0.2, 0.1], { shape: [1, 1, 1, 3], dtype: "float64" }) });
    await mad.synthesize({ maxIter: 3 });
    const { verdict, drift, text } = await mad.summary({ heldWithin: 0 });
    expect(drift).toBeGreaterThan(0);
    expect(verdict).toBe("not held");
    expect(text).toMatch(/holds it as well as rounding lets it: ask for a larger heldWithin, or use float64\./);
    expect(text).not.toMatch(/use the constrained mode|larger weight/);
  });
});
