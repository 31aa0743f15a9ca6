// The verdict of a metamer, on real runs, and its measure by hand.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { groupValues } from "../../src/synthesis/verdict/groups.ts";
import { nullDistances } from "../../src/synthesis/verdict/nullDistances.ts";
import { methods } from "./methods.ts";

/** Mean and spread in two groups, a third that is the same for every image, and one that is 0 for every photograph here. */
const groups: po.GroupedModel & po.Model = {
  name: "groups",
  forward: (x) =>
    po.stack([x.mean(), x.mul(2).mean(), x.sub(x.mean()).square().mean(), x.mean().mul(0).add(3)]).reshape([1, 1, 4]),
  convertToDict: (r) =>
    new Map([
      ["mean", r.slice(2, 0, 2)],
      ["none", r.slice(2, 0, 0)],
      ["variance", r.slice(2, 2, 3)],
      ["constant", r.slice(2, 3, 4)],
    ]),
  convertToTensor: (all) => po.concat([...all.values()], 2),
};

const flat = (value: number, height = 4, width = 6): po.Tensor<"float64"> =>
  po.full([1, 1, height, width], value, { dtype: "float64" });

describe("what different photographs are apart, by hand", () => {
  const image = po.tensor(
    Float64Array.from({ length: 16 }, (_, i) => 0.2 + (i % 4) / 10),
    { shape: [1, 1, 4, 4] },
  );
  const start = image.add(0.01).detach();

  async function judged(options: po.SummaryOptions): Promise<po.MetamerVerdict> {
    const metamer = new po.Metamer(image, groups);
    await metamer.setup({ initialImage: start });
    return metamer.summary(options);
  }

  test("minimum and median of all pairs, and the distance as a part of it", async () => {
    // Means 0.1, 0.2, 0.5, 0.9: the pairs are 0.1, 0.3, 0.4, 0.4, 0.7, 0.8 apart; the group holds the mean and its double.
    const photographs = [0.1, 0.2, 0.5, 0.9].map((value) => flat(value));
    const verdict = await judged({ photographs });
    expect(verdict.photographs).toMatchObject({ evaluations: 4, bytes: 4 * 4 * 8, stretchedTo: null });
    expect(verdict.groups.map(({ name }) => name).sort()).toEqual(["constant", "mean", "variance"]);
    const mean = verdict.groups.find(({ name }) => name === "mean")!;
    const root5 = Math.sqrt(5);
    expect(mean).toMatchObject({ numbers: 2, pairs: 6, nearness: "near", measuredBy: "photographs", unweighted: 0 });
    expect(mean.minimum).toBeCloseTo(0.1 * root5, 12);
    expect(mean.median).toBeCloseTo(0.4 * root5, 12);
    expect(mean.distance).toBeCloseTo(0.01 * root5, 12);
    expect(mean.share).toBeCloseTo(0.01 / 0.4, 12);
    expect(mean.relative).toBeCloseTo(0.01 / 0.35, 12);
    expect(verdict.verdict).toBe("near");
    expect(verdict.text).toMatch(/^Near, not matched: .*nearer to each other than those to any two of 4 photographs/);
    expect(verdict.text).toMatch(/\nTo be nearer than two unrelated photographs is little\.\n/);
    expect(verdict.text).toMatch(/\nThe photographs took 4 evaluations of the model and 0\.1 KiB\.\n/);
  });

  test("where photographs do not differ, the target's own size is the measure", async () => {
    const { groups, text } = await judged({ photographs: [flat(0.1), flat(0.9)] });
    const of = (wanted: string) => groups.find(({ name }) => name === wanted)!;
    expect(of("constant")).toMatchObject({ median: 0, measuredBy: "target", share: 0, nearness: "matched" });
    // The variance of all photographs is 0, that of the target not; the start has the same.
    expect(of("variance")).toMatchObject({ measuredBy: "target", nearness: "matched" });
    expect(text).toMatch(/the photographs do not differ; the parts are of the target's own size/);
  });

  test("a target that is near 0 in a group has no size to be compared with", async () => {
    const dark = po.zeros([1, 1, 4, 4], { dtype: "float64" });
    const metamer = new po.Metamer(dark, groups);
    await metamer.setup({ initialImage: dark.add(0.1).detach() });
    const verdict = await metamer.summary({ photographs: [flat(0.1), flat(0.5), flat(0.9)] });
    const mean = verdict.groups.find(({ name }) => name === "mean")!;
    expect(mean).toMatchObject({ relative: null, measuredBy: "photographs", nearness: "near" });
    expect(mean.share).toBeCloseTo(0.1 / 0.4, 12);
  });

  test("photographs are cut and mirrored to the size of the image, and nothing is drawn", async () => {
    const spy: po.Model = { name: "pixels", forward: (x) => x };
    const row = po.tensor(Float64Array.of(0.1, 0.2, 0.3), { shape: [1, 1, 1, 3] });
    const metamer = new po.Metamer(po.zeros([1, 1, 1, 7], { dtype: "float64" }), spy);
    await metamer.setup({ initialImage: po.zeros([1, 1, 1, 7], { dtype: "float64" }) });
    const before = po.defaultGenerator().getState();
    const dark = po.zeros([1, 1, 5, 9], { dtype: "float64" });
    const { groups } = await metamer.summary({ photographs: [row, dark] });
    // Mirrored without the edge twice: 3 2 | 1 2 3 | 2 1.
    const seen = [0.3, 0.2, 0.1, 0.2, 0.3, 0.2, 0.1];
    expect(groups[0].median).toBeCloseTo(Math.sqrt(seen.reduce((sum, x) => sum + x * x, 0)), 12);
    expect(po.defaultGenerator().getState()).toEqual(before);
  });

  test("photographs are stretched to an image of another range", async () => {
    const bright = po.full([1, 1, 4, 4], 200, { dtype: "float64" });
    const metamer = new po.Metamer(bright, groups, { penaltyLambda: 0 });
    await metamer.setup({ initialImage: bright.add(1).detach() });
    const verdict = await metamer.summary({ photographs: [flat(0), flat(1)] });
    expect(verdict.photographs.stretchedTo).toEqual([0, 200]);
    expect(verdict.groups.find(({ name }) => name === "mean")!.median).toBeCloseTo(200 * Math.sqrt(5), 9);
  });

  test("the same picture twice is no different photograph", async () => {
    const photographs = [flat(0.1), flat(0.5), flat(0.1, 9, 9), flat(0.5)];
    const { photographs: compared, groups, text } = await judged({ photographs });
    expect(compared.photographs).toEqual(["photograph 1", "photograph 2"]);
    expect(compared.repeated).toEqual([
      { name: "photograph 3", as: "photograph 1" },
      { name: "photograph 4", as: "photograph 2" },
    ]);
    const mean = groups.find(({ name }) => name === "mean")!;
    expect([mean.pairs, mean.minimum]).toEqual([1, expect.closeTo(0.4 * Math.sqrt(5), 12)]);
    expect(text).toContain("In this shape photograph 3 is the same picture as photograph 1, and was left out.");
    expect(text).toContain("Compared with 1 pair of 2 photographs");
    await expect(judged({ photographs: [flat(0.3), flat(0.3, 8, 8)] })).rejects.toThrow(
      /all 2 photographs are the same picture in the target's shape, \[1, 1, 4, 4\].*give two or more that differ/,
    );
  });

  test("no part is called one of the photographs' distance where they do not differ", async () => {
    const metamer = new po.Metamer(image, groups);
    await metamer.setup({ initialImage: image.mul(2).detach() });
    const { text } = await metamer.summary({ photographs: [flat(0.1), flat(1.4)] });
    expect(text.split("\n")[0]).toMatch(
      /^Not matched: in 1 of 3 groups .* though those to all photographs are the same: variance /,
    );
    expect(text.split("\n")[0]).toMatch(/, where 1 is the target's own size\.$/);
  });

  test.each([
    ["a NaN", [flat(0.1), flat(Number.NaN)], /photograph 2 has a value that is NaN; all values must be finite.*Leave/],
    ["an infinite value", [flat(-Infinity), flat(0.1)], /photograph 1 has a value that is -Infinity/],
    [
      "a range of 255",
      [flat(0.1), flat(200)],
      /photograph 2 has values from 200 to 200; .* values from 0 to 1, .* divide it by 255/,
    ],
    ["another range", [flat(-3), flat(0.1)], /photograph 1 has values from -3 to -3; .*subtract its smallest value/],
    ["one photograph", [flat(0.1)], /1 photographs were given; distances need at least 2/],
    ["no tensors", [1, 2], /one of the photographs is 1; each must be a tensor/],
    ["a picture alone", flat(0.1).reshape([4, 6]), /it must be a tensor \[photographs, channels, height, width\]/],
  ])("%s is refused", async (_, photographs, words) => {
    await expect(judged({ photographs: photographs as never })).rejects.toThrow(words);
  });
});

test("large responses: fewer photographs, two of them held at a time, and the same distances", async () => {
  const image = flat(0.3, 8, 8);
  const model: po.Model = { name: "pixels", forward: (x) => x };
  const target = await groupValues(model, image);
  const photographs = [0.1, 0.2, 0.5, 0.9].map((value, i) => ({ name: `photograph ${i}`, image: flat(value) }));
  const all = await nullDistances(model, image, target, photographs.slice(0, 3), undefined);
  expect(all).toMatchObject({ evaluations: 3, bytes: 3 * 64 * 8 });
  const scarce = await nullDistances(model, image, target, photographs, undefined, 2 * 64 * 8);
  expect(scarce).toMatchObject({ evaluations: 5, bytes: 2 * 64 * 8 });
  expect(scarce.photographs).toEqual(["photograph 0", "photograph 1", "photograph 2"]);
  expect(scarce.groups).toEqual(all.groups);
});

test("large responses: nothing of the photographs and responses before is held beside the first of a pair", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  // The first frees arrays beside what goes on, the second waits for that.
  const collect = (): void => {
    gc();
    gc();
  };
  const side = 512;
  const image = flat(0.3, side, side);
  const model = new po.models.Gaussian(5, { std: 1 });
  const target = await groupValues(model, image);
  const photographs = [0.1, 0.2, 0.5, 0.9].map((value, i) => ({ name: `photograph ${i}`, image: flat(value) }));
  const { signal } = new AbortController();
  const held: number[] = [];
  const arrays = (): number => process.memoryUsage().arrayBuffers / (8 * side * side);
  collect();
  const before = arrays();
  // Asked before every photograph.
  signal.throwIfAborted = () => {
    collect();
    held.push(arrays() - before);
  };
  await nullDistances(model, image, target, photographs, signal, 8 * side * side);
  expect(held.map(Math.round)).toEqual([0, 1, 1, 0, 1]);
});

describe("real runs", () => {
  const image = po.process
    .centerCrop(po.data.polarRadius([48, 48], { exponent: 0.5 }).div(6), 32)
    .reshape([1, 1, 32, 32]);
  const target = image.cast("float64").clip(0, 1).detach();
  const model = new po.models.Gaussian(9, { std: 2 });

  async function made(
    options: po.SynthesizeOptions,
    initialImage: po.Tensor | null = null,
  ): Promise<po.MetamerVerdict> {
    po.setSeed(1);
    const metamer = new po.Metamer(target, model);
    await metamer.setup({ initialImage, optimizer: po.optim.Adam({ lr: 0.02 }) });
    await metamer.synthesize(options);
    return metamer.summary();
  }

  test("one that came near says that it matched, and that the model cannot tell, not a person", async () => {
    const verdict = await made({ maxIter: 1500, stopCriterion: null });
    expect(verdict.verdict).toBe("matched");
    expect(verdict.groups).toHaveLength(1);
    expect(verdict.groups[0].share).toBeLessThan(0.01);
    expect(verdict.photographs.photographs).toHaveLength(7);
    expect(verdict.groups[0].pairs).toBe(21);
    expect(verdict.absoluteRule).toBeNull();
    expect(verdict.text).toMatch(/^Matched: the model responds to the two images alike: its responses are /);
    expect(verdict.text).toMatch(/This is about the model, not about you/);
    expect(verdict.text).toMatch(/\nThe photographs took 7 evaluations /);
    expect(verdict.text).not.toMatch(/is little/);
    expect(verdict.text).not.toMatch(/you cannot|a person cannot|indistinguishable/);
  });

  test("one that was stopped early says so in its first line", async () => {
    const verdict = await made({ maxIter: 3 }, po.zeros(target.shape, { dtype: "float64" }));
    expect(verdict.verdict).toBe("not matched");
    expect(verdict.stopped).toEqual({ reason: "maxIter", text: "maxIter was reached: 3 iterations", numIter: 3 });
    expect(verdict.settling.state).toBe("too short");
    expect(verdict.text.split("\n")[0]).toMatch(
      /^Not matched: .*no nearer to each other than those to two unrelated photographs/,
    );
    expect(verdict.text.split("\n")[1]).toMatch(/^Compared with .* Matched is below 0\.01, near below the minimum\.$/);
  });

  test("an absolute rule that ended it far above its scale proves nothing", async () => {
    const verdict = await made({ maxIter: 400, stopCriterion: 1e-2, stopItersToCheck: 20 });
    expect(verdict.stopped.reason).toBe("converged");
    expect(verdict.absoluteRule).toMatchObject({ stopCriterion: 1e-2, provesNothing: true, ended: true });
    expect(verdict.settling).toMatchObject({ state: "moving", window: 20 });
    expect(verdict.text).toMatch(/The rule that ended it proves nothing here: it asks for a change below 0\.01/);
    const later = await made({ maxIter: 5, stopCriterion: 1e-2 });
    expect(later.text).toMatch(
      /The absolute stop rule proves nothing here: .* If it ends a longer run, that says little/,
    );
    const fine = await made({ maxIter: 5, stopCriterion: 1e-9 });
    expect(fine.absoluteRule?.provesNothing).toBe(false);
    expect(fine.text).not.toMatch(/proves nothing/);
  });

  test("a rise is told, with limits that were asked for", async () => {
    po.setSeed(1);
    const metamer = new po.Metamer(target, model);
    await metamer.setup({ optimizer: po.optim.SGD({ lr: 1e8 }) });
    await metamer.synthesize({ maxIter: 3 });
    const verdict = await metamer.summary({ matchedBelow: 0.5 });
    expect([verdict.settling.state, verdict.limits.matchedBelow]).toEqual(["rose", 0.5]);
    expect(verdict.text).toMatch(/the objective did not fall: /);
  });

  test.each([
    [
      "a learning rate that moves no pixel",
      1e-30,
      3,
      /Stuck: no iteration changed the image, .* Try a larger learning rate\./,
    ],
    ["a learning rate of 0", 0, 1, /Stuck: no iteration changed the image, .* Try a larger learning rate\./],
  ])("%s is told as such", async (_, lr, maxIter, words) => {
    po.setSeed(1);
    const metamer = new po.Metamer(target, model);
    await metamer.setup({ optimizer: po.optim.SGD({ lr }) });
    await metamer.synthesize({ maxIter });
    const { settling, text } = await metamer.summary();
    expect(settling.state).toBe("stuck");
    expect(text).toMatch(words);
    expect(text).not.toMatch(/smaller learning rate/);
  });

  test("numbers that are no longer finite are told as what ended it, and an abort as one", async () => {
    po.setSeed(1);
    const metamer = new po.Metamer(target, model);
    await metamer.setup({ optimizer: po.optim.SGD({ lr: 1e200 }) });
    await expect(metamer.synthesize({ maxIter: 5 })).rejects.toThrow(po.NonFiniteError);
    const { stopped, text } = await metamer.summary();
    expect(stopped.reason).toBeNull();
    expect(text).toMatch(
      /Why it stopped: its numbers were no longer finite; what is judged is the image before that iteration\./,
    );
    const aborted = new po.Metamer(target, model);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    await expect(aborted.synthesize({ maxIter: 5, onProgress, signal: controller.signal })).rejects.toThrow();
    expect((await aborted.summary()).stopped.text).toBe(
      "the last call was ended from outside, by a signal or an error",
    );
  });

  test("a gradient of 0, and steps that end, have advice of their own", async () => {
    const flatModel: po.Model = {
      name: "flat",
      forward: (x) =>
        x
          .mean([2, 3])
          .mul(0)
          .add(x.mul(0).mean([2, 3])),
    };
    const resting = new po.Metamer(target, flatModel, { lossFunction: (a, b) => a.sub(b).sum().add(1) });
    await resting.synthesize({ maxIter: 2 });
    expect((await resting.summary({ matchedBelow: 0 })).text).toMatch(
      /Stuck: .* for the gradient is 0 there\. Start from another/,
    );
    po.setSeed(1);
    const ended = new po.Metamer(target, model);
    await ended.setup({
      optimizer: po.optim.SGD({ lr: 1 }),
      scheduler: po.optim.StepLR({ stepSize: 1, gamma: 1e-30 }),
    });
    await ended.synthesize({ maxIter: 3 });
    expect((await ended.summary()).text).toMatch(/Stuck: .* have become smaller than rounding/);
  });

  test("one iteration is one, and a change is a part of the last value", async () => {
    expect((await made({ maxIter: 1 })).text).toMatch(/settled: 1 iteration, and the window is 50\./);
    const steep = await made({ maxIter: 60, stopItersToCheck: 50 });
    expect(steep.settling.change).toBeGreaterThan(1);
    expect(steep.text).toMatch(/over the last 50 iterations the objective changed by [\d.]+ times its last value/);
    const one = await made({ maxIter: 4, stopCriterion: 0, stopItersToCheck: 1 });
    expect(one.text).toMatch(/over the last iteration the objective changed by /);
  });

  test("photographs are looked at once", async () => {
    let evaluations = 0;
    const counting: po.Model = {
      name: "counting",
      forward: (x) => {
        evaluations++;
        return x.mean([2, 3]);
      },
    };
    const metamer = new po.Metamer(target, counting);
    await metamer.synthesize({ maxIter: 2 });
    const first = await metamer.summary();
    const between = evaluations;
    expect(await metamer.summary()).toEqual(first);
    expect(evaluations).toBe(between + 1);
  });

  test("a photograph that is replaced in its list is looked at", async () => {
    const metamer = new po.Metamer(target, (x) => x.mean([2, 3]));
    await metamer.setup({ initialImage: target });
    const photographs = [flat(0.1), flat(0.2)];
    expect((await metamer.summary({ photographs })).groups[0].median).toBeCloseTo(0.1, 12);
    photographs[1] = flat(0.5);
    expect((await metamer.summary({ photographs })).groups[0].median).toBeCloseTo(0.4, 12);
  });

  test("an objective that has come to 0, and its gradient too, has settled, and no number is infinite", async () => {
    po.setSeed(1);
    const metamer = new po.Metamer(target, (x) => x.slice(2, 0, 1).slice(3, 16, 17));
    await metamer.setup({ optimizer: po.optim.SGD({ lr: 0.5 }), initialImage: target.mul(0.5).add(0.25).detach() });
    await metamer.synthesize({ maxIter: 50, stopCriterion: 0 });
    expect([metamer.losses[50], metamer.gradientNorm[49]]).toEqual([0, 0]);
    const { settling, text } = await metamer.summary();
    expect(settling).toEqual({ state: "settled", window: 50, change: 1, gradient: 0 });
    expect(text).toContain("Settled: the objective has come to 0, and so has its gradient.");
    expect(JSON.stringify(settling)).not.toMatch(/null/);
  });

  test.each([
    [
      3,
      "too short",
      /the window is 50\. So far the objective did not change at all, and is \d.* Try a larger learning/,
    ],
    [
      60,
      "flat",
      /\nFlat, and not settled: the objective did not change at all, and is \d.* Try a larger learning rate\.\n/,
    ],
  ] as const)(
    "an objective that does not change in %i iterations is not called one that rose",
    async (maxIter, state, words) => {
      po.setSeed(1);
      const lossFunction: typeof po.loss.mse = (a, b) => po.loss.mse(a, b).add(1);
      const metamer = new po.Metamer(target, (x) => x.mul(1e-9).add(1), { lossFunction });
      await metamer.setup({ optimizer: po.optim.SGD({ lr: 1e12 }) });
      await metamer.synthesize({ maxIter, stopCriterion: null });
      expect(new Set(metamer.losses).size).toBe(1);
      const { settling, text } = await metamer.summary();
      expect(settling.state).toBe(state);
      expect(text).toMatch(words);
      expect(text).not.toMatch(/smaller learning rate/);
    },
  );

  test("numbers that the loss leaves out are named", async () => {
    const texture = await po.presets.texture(po.process.centerCrop(await po.data.gravel({ dtype: "float64" }), 64), {
      nScales: 2,
    });
    await texture.synthesize({ maxIter: 2 });
    const verdict = await texture.summary();
    expect(verdict.groups).toHaveLength(11);
    const pixels = verdict.groups.find(({ name }) => name === "pixel_statistics")!;
    expect(pixels).toMatchObject({ numbers: 6, unweighted: 2 });
    expect(verdict.text).toMatch(
      /The loss does not look at 2 of 6 numbers of pixel statistics: nothing made them match/,
    );
  });
});

test.each([
  ["the target itself", 0, "exact", /^No metamer: the image is the target itself, pixel for pixel\. /],
  [
    "the target but for rounding",
    2e-16,
    "rounding",
    /^No metamer: the image is the target but for rounding: no pixel differs by more than 2\.22e-16\. /,
  ],
  [
    "what no file of 16 bits holds",
    5e-7,
    "practically",
    /^No metamer: the image is practically the target: no pixel differs by more than 5e-7, less than half a step of a picture of 16 bits\. /,
  ],
  ["an image that the model takes for it", 1e-4, null, /^Matched: /],
] as const)("%s is told by its pixels", async (_, added, same, words) => {
  const image = po.linspace(0.5, 0.9, 24, { dtype: "float64" }).reshape([1, 1, 4, 6]);
  const metamer = new po.Metamer(image, { name: "pixels", forward: (x) => x });
  await metamer.setup({ initialImage: image.add(added).detach() });
  const { imageGap, text, verdict } = await metamer.summary();
  expect(verdict).toBe("matched");
  expect(imageGap?.same).toBe(same);
  expect(imageGap?.most).toBeCloseTo(added, 15);
  expect(imageGap?.rms).toBeCloseTo(added, 15);
  expect(text).toMatch(words);
  expect(/^The images differ by at most [-\de.]+ at a pixel, root mean square [-\de.]+: less/m.test(text)).toBe(
    same !== "exact",
  );
  expect(imageGap?.isBelow8Bits).toBe(true);
  expect(text.includes("on a screen they are one")).toBe(same !== "exact");
  expect(/only looking tells/.test(text)).toBe(same !== "exact");
});

test("of a model that tells no photographs apart, matched says nothing, and the text says so", async () => {
  const image = po.linspace(0.1, 0.9, 24, { dtype: "float64" }).reshape([1, 1, 4, 6]);
  const metamer = new po.Metamer(image, { name: "blind", forward: (x) => x.mul(0).sum().reshape([1, 1]) });
  await metamer.setup({ initialImage: image.mul(0.5).detach() });
  const { text, verdict, blind } = await metamer.summary();
  expect([verdict, blind]).toEqual(["matched", true]);
  expect(text.split("\n")[0]).toBe(
    "Nothing to match: the model responded to the image it began with as to the target, and it tells none of 7 photographs apart. To a " +
      "model that sees no difference any image is a metamer.",
  );
});

test("a limit that lets everything pass does not make responses alike", async () => {
  const target = flat(0.3);
  const metamer = new po.Metamer(target, { name: "pixels", forward: (x) => x });
  await metamer.setup({ initialImage: flat(0.9) });
  const { verdict, text } = await metamer.summary({ matchedBelow: 1e9 });
  expect(verdict).toBe("matched");
  expect(text).toMatch(
    /^Matched: within the limit that was asked for, and not alike: its responses are \d[\d.]* apart, where 1 is .* and 1e9 the limit\.\n/,
  );
  expect(text).not.toMatch(/two images alike/);
});

test.each([
  // Rounding is no difference, and a penalty no loss.
  ["a constant but for rounding", (x: po.Tensor) => x.mean().div(3).mul(3).sub(x.mean()).add(1), 1.5, true],
  // All photographs have the same largest pixel here, and the start another.
  ["what photographs have in common", (x: po.Tensor) => x.max(), 0.5, false],
] as const)("whether there was anything to match: %s", async (_, forward, factor, blind) => {
  const image = po.linspace(0.1, 0.9, 24, { dtype: "float64" }).reshape([1, 1, 4, 6]);
  const metamer = new po.Metamer(image, { name: "own", forward: (x) => forward(x).reshape([1, 1]) });
  const optimizer = po.optim.Adam({ lr: 0.1 });
  await metamer.setup({ initialImage: image.mul(factor).detach(), optimizer });
  const photographs = [0.2, 0.4].map((x) => po.linspace(x, 1, 24, { dtype: "float64" }).reshape([1, 1, 4, 6]));
  const before = await metamer.summary({ photographs });
  expect([before.blind, before.verdict]).toEqual([blind, blind ? "matched" : "not matched"]);
  await metamer.synthesize({ maxIter: 1 });
  const [first, second] = (await metamer.summary({ photographs, matchedBelow: 1 })).text.split("\n");
  expect(first).toMatch(blind ? /^Nothing to match: / : /^Matched: .* where 1 is the target's own size/);
  if (!blind)
    expect(second).toBe("The model tells none of the 2 photographs apart, so that it is matched says little.");
});

test("scales that were not matched are told", async () => {
  const ctf = methods.find(({ name }) => name.startsWith("MetamerCTF, together"))!;
  const metamer = ctf.make() as po.MetamerCTF;
  await metamer.setup(ctf.start());
  await metamer.synthesize({ maxIter: 2, ...ctf.options });
  const verdict = await metamer.summary();
  expect(verdict.scalesLeft).toEqual(["lo", "mid"]);
  expect(verdict.text).toMatch(/The scales were not all matched: it ended at lo/);
  await metamer.synthesize({ maxIter: 4, ...ctf.options });
  const whole = await metamer.summary();
  expect(whole.scalesLeft).toEqual([]);
  expect(whole.text).toMatch(
    /Too short to say whether it had settled: only iterations with all scales count, \d of 6, and the window is /,
  );
});

test("before setup() there is nothing to judge; after load() nobody knows why it stopped; files have nothing of it", async () => {
  const { make, start } = methods[0];
  const metamer = make() as po.Metamer;
  await expect(metamer.summary()).rejects.toThrow(/summary\(\) has nothing to judge yet/);
  await metamer.setup(start());
  await metamer.synthesize({ maxIter: 2 });
  const bytes = await metamer.toBytes();
  const verdict = await metamer.summary();
  expect(await metamer.toBytes()).toEqual(bytes);
  const again = make() as po.Metamer;
  await again.load(bytes);
  const back = await again.summary();
  expect(back.groups).toEqual(verdict.groups);
  expect(back.stopped).toEqual({ reason: null, text: "files do not keep why a synthesis stopped", numIter: 2 });
  expect(back.absoluteRule).toBeNull();
});

describe("a large constant in the response hides nothing of the image", () => {
  const single: po.Model["forward"] = (x) => po.concat([x.reshape([-1]), po.full([1], 1e7, { dtype: "float32" })], 0);
  test.each([
    ["added, float32", "float32", (x: po.Tensor) => x.add(30000)],
    ["added, float64", "float64", (x: po.Tensor) => x.add(1e13)],
    ["beside it, float32", "float32", single],
  ] as const)("%s", async (_, dtype, forward) => {
    const target = po.process.centerCrop(await po.data.house({ dtype }), 32).detach();
    const metamer = new po.Metamer(target, { name: "constant", forward });
    await metamer.setup({ initialImage: po.full(target.shape, 0.5, { dtype }) });
    const { verdict, blind, groups, text } = await metamer.summary();
    const plain = new po.Metamer(target, { name: "pixels", forward: (x) => x });
    await plain.setup({ initialImage: po.full(target.shape, 0.5, { dtype }) });
    const wanted = await plain.summary();
    expect([verdict, blind]).toEqual([wanted.verdict, false]);
    expect(groups[0].measuredBy).toBe("photographs");
    expect(groups[0].share).toBeCloseTo(wanted.groups[0].share, 2);
    expect(text).not.toMatch(/^Matched|Nothing to match|do not differ|none of/m);
  });

  test("the image itself: a bright pixel beside others", async () => {
    const target = po.tensor([0.2, 0.4, 0.6, 1e6], { shape: [1, 1, 2, 2], dtype: "float32" });
    const metamer = new po.Metamer(target, { name: "pixels", forward: (x) => x });
    await metamer.setup({
      initialImage: target.add(po.tensor([0.2, 0, 0, 0], { shape: [1, 1, 2, 2], dtype: "float32" })).detach(),
    });
    // 0.2 is little beside a range of a million, but no rounding of 0.2.
    expect((await metamer.summary()).imageGap?.same).toBe("practically");
  });
});
