// What a new user meets: listeners that are async, starts that cannot move, classes given for objects, many eigendistortions.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { fillsSpace } from "../../src/synthesis/eigendistortion/wholeSpace.ts";

const picture = (shape: readonly number[], scale = 1, shift = 0): po.Tensor<"float64"> => {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: size }, (_, i) => shift + (scale * ((i * 37) % 101)) / 101);
  return po.tensor(values, { shape, dtype: "float64" });
};
const image = picture([1, 1, 4, 4]);
const half = (x: po.Tensor): po.Tensor => x.mul(0.5);

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
function collected(): po.warnings.AnyWarning[] {
  const all: po.warnings.AnyWarning[] = [];
  ends.push(po.warnings.on((warning) => all.push(warning)));
  return all;
}

describe("onProgress that returns a promise", () => {
  const refusing = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error("the listener failed");
  };

  test("is awaited before the next iteration", async () => {
    const order: string[] = [];
    const onProgress = async ({ iteration }: po.Progress): Promise<void> => {
      order.push(`begins ${iteration}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`ends ${iteration}`);
    };
    await new po.Metamer(image, half).synthesize({ maxIter: 2, onProgress });
    expect(order).toEqual(["begins 1", "ends 1", "begins 2", "ends 2"]);
  });

  test("ends the synthesis where it rejects", async () => {
    const metamer = new po.Metamer(image, half);
    await expect(metamer.synthesize({ maxIter: 5, onProgress: refusing })).rejects.toThrow("the listener failed");
    expect(metamer.numIter).toBe(1);
    await metamer.synthesize({ maxIter: 1 });
    expect(metamer.numIter).toBe(2);
  });

  test.each(["krylov", "exact", "power", "randomized_svd"] as const)("ends a search by %s too", async (method) => {
    const eig = new po.Eigendistortion(image, half);
    const many = { method, k: 1, onProgress: refusing };
    await expect(eig.synthesize(many)).rejects.toThrow("the listener failed");
    expect(eig.eigenvalues).toBeNull();
    await expect(eig.computeJacobian({ onProgress: refusing })).rejects.toThrow("the listener failed");
    expect(eig.jacobian).toBeNull();
  });
});

describe("a start from which nothing moves", () => {
  const codes = (all: readonly po.warnings.AnyWarning[]): string[] => all.map(({ code }) => code);

  test("is told where the gradient is 0, once", async () => {
    const metamer = new po.Metamer(image, (x) => x.sub(2).relu().add(x.mul(0)));
    const target = new po.Metamer(image.add(2), (x) => x.sub(2).relu(), { penaltyLambda: 0 });
    await metamer.setup();
    await target.setup({ initialImage: image.mul(0.5).detach() });
    const all = collected();
    await target.synthesize({ maxIter: 2 });
    await target.synthesize({ maxIter: 1 });
    expect(codes(all)).toEqual(["no-gradient"]);
    expect(all[0].message).toMatch(
      /^synthesize: the gradient is exactly 0 at the starting image, though the loss is 0\.\d+/,
    );
  });

  test("is told where it is a metamer already, and not elsewhere", async () => {
    const there = new po.Metamer(image, half);
    await there.setup({ initialImage: image });
    const all = collected();
    await there.synthesize({ maxIter: 1 });
    expect(all[0].message).toMatch(/^synthesize: the loss and its gradient are 0 .* already/);
    await new po.Metamer(image, half).synthesize({ maxIter: 1 });
    expect(codes(all)).toEqual(["no-gradient"]);
  });
});

test("a competition refuses an image that lies outside of its range as a whole, before it draws", async () => {
  const far = picture([1, 1, 16, 16], 100, 50);
  const { oneMinusSsim, mse } = po.metric;
  collected();
  const mad = new po.MADCompetition(far, oneMinusSsim, mse, "min", { constrained: true });
  const state = po.defaultGenerator().getState().join();
  await expect(mad.setup()).rejects.toThrow(
    /^MADCompetition: all 256 values of the image lie outside of \[0, 1\]; give allowedRange the range/,
  );
  expect(po.defaultGenerator().getState().join()).toBe(state);
  await expect(mad.setup({ initialImage: far })).rejects.toThrow(/values of the initial image lie outside/);
});

test("a class is no model", () => {
  const { OnOff } = po.models;
  const given = OnOff as unknown as po.ModelLike;
  expect(() => new po.Eigendistortion(image, given)).toThrow(
    /^the model is OnOff, which is a class: make a model of it, new OnOff\(\.\.\.\)$/,
  );
  expect(() => new po.Metamer(image, given)).toThrow(TypeError);
  // Functions of every kind are models.
  expect(
    () =>
      new po.Metamer(image, function named(x) {
        return x.mul(2);
      }),
  ).not.toThrow();
});

test("a loaded synthesis refuses another optimizer or scheduler with the way out, which works", async () => {
  const metamer = new po.Metamer(image, half);
  await metamer.synthesize({ maxIter: 1 });
  const bytes = await metamer.toBytes();
  const loaded = new po.Metamer(image, half);
  await loaded.load(bytes);
  const optimizer = po.optim.SGD({ lr: 0.1 });
  await expect(loaded.setup({ optimizer })).rejects.toThrow(
    "setup: the saved optimizer is Adam, and SGD cannot go on where it stopped; leave optimizer out to go on with it, or start anew " +
      "from its image, with setup({ initialImage, optimizer }) on a new object",
  );
  const scheduler = po.optim.StepLR({ stepSize: 3 });
  await expect(loaded.setup({ scheduler })).rejects.toThrow(
    /StepLR cannot go on; leave scheduler out, or start anew from/,
  );
  const anew = new po.Metamer(image, half);
  await anew.setup({ initialImage: loaded.metamer, optimizer, scheduler });
  await anew.synthesize({ maxIter: 1 });
  await loaded.synthesize({ maxIter: 1 });
  expect([anew.numIter, loaded.numIter]).toEqual([1, 2]);
});

test("saveImage names itself where the image has NaN", async () => {
  const path = join(tmpdir(), "never.png");
  await expect(po.saveImage(path, image.mul(Number.NaN))).rejects.toThrow(/^saveImage: value 0 is NaN/);
});

describe("eigendistortions", () => {
  test("many of a small image are taken from the whole space", async () => {
    expect(fillsSpace(576, 1, 1500)).toBe(true);
    expect(fillsSpace(577, 1, 1500)).toBe(false);
    expect(fillsSpace(1024, 64, 1500)).toBe(true);
    expect(fillsSpace(1024, 63, 1500)).toBe(false);
    expect(fillsSpace(2048, 128, 1500)).toBe(true);
    expect(fillsSpace(2049, 500, 1500)).toBe(false);
    expect(fillsSpace(1024, 64, 7)).toBe(false);
    const x = picture([1, 1, 20, 30]);
    const weights = po.tensor(
      Float64Array.from({ length: 600 }, (_, i) => (i + 1) / 600),
      { shape: [20, 30], dtype: "float64" },
    );
    const eig = new po.Eigendistortion(x, (y) => y.mul(weights));
    const { products, verdicts } = await eig.synthesize({ k: 38 });
    expect(products).toBe(600 + 76);
    expect(new Set(verdicts)).toEqual(new Set(["converged"]));
    const least = eig.eigenvalues!.dataSync()[75];
    expect(least).toBeCloseTo(1 / 360000, 12);
  });

  test("power counts what it has not resolved, in one warning", async () => {
    const x = picture([1, 1, 6, 6]);
    const weights = po.tensor(
      Float64Array.from({ length: 36 }, (_, i) => 1 + i / 36),
      { shape: [6, 6], dtype: "float64" },
    );
    const eig = new po.Eigendistortion(x, (y) => y.mul(weights));
    const all = collected();
    await eig.synthesize({ method: "power", k: 2, maxIter: 3 });
    const told = all.filter(({ code }) => code.startsWith("power-"));
    expect(told).toHaveLength(1);
    const fine = new po.Eigendistortion(x, half);
    await fine.synthesize({ method: "power", k: 1 });
    expect(all.filter(({ code }) => code.startsWith("power-"))).toHaveLength(1);
  });

  test("power tells of the largest one too", async () => {
    const x = picture([1, 1, 1, 3]);
    const weights = po.tensor(new Float64Array([1, 0.999, 0.1]), { shape: [3], dtype: "float64" });
    const eig = new po.Eigendistortion(x, (y) => y.mul(weights));
    const all = collected();
    await eig.synthesize({ method: "power", k: 1, maxIter: 20, stopCriterion: 0 });
    const { message } = all.find(({ code }) => code === "power-residual")!;
    expect(message).toMatch(
      /stopped with 1 of 2 eigenvalues that are none yet: the largest residual is [\d.e-]+, at (0\.99|1)/,
    );
  });
});
