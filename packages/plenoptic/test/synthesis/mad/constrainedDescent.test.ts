// Constrained MAD competition on a photograph, 1 - SSIM against MSE: what holds at every step, how it ends, and going on.

import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../../src/index.ts";
import type { ConstrainedProblem, ConstrainedStep } from "../../../src/synthesis/mad/constrained.ts";
import { ConstrainedDescent } from "../../../src/synthesis/mad/constrainedDescent.ts";

afterAll(po.warnings.on(() => {}));

type Float = "float32" | "float64";
type Metric = (a: po.Tensor, b: po.Tensor) => po.Tensor;

const SIDE = 24;
const dissimilarity: Metric = (a, b) => po.metric.oneMinusSsim(a, b);
const mse: Metric = (a, b) => po.metric.mse(a, b);

const DIRECTIONS = [
  ["least 1 - SSIM", dissimilarity, mse, "min"],
  ["most 1 - SSIM", dissimilarity, mse, "max"],
  ["least MSE", mse, dissimilarity, "min"],
  ["most MSE", mse, dissimilarity, "max"],
] as const;

async function crop<D extends Float>(dtype: D): Promise<{ image: po.Tensor<D>; start: po.Tensor<D> }> {
  const image = (await po.data.acanthus({ dtype }))
    .slice(2, 100, 100 + SIDE)
    .slice(3, 100, 100 + SIDE)
    .detach();
  po.setSeed(3);
  const noise = po.randn(image.shape, { dtype }).mul(0.04);
  return { image, start: image.add(noise).clip(0, 1).detach() };
}

const problemOf = (
  image: po.Tensor,
  optimized: Metric,
  reference: Metric,
  minmax: "min" | "max",
): ConstrainedProblem => ({
  optimized: (x) => optimized(image, x).reshape([]),
  reference: (x) => reference(image, x).reshape([]),
  penalty: (x) => po.regularize.penalizeRange(x),
  minmax,
  allowedRange: [0, 1],
});

function stepOf(descent: ConstrainedDescent): ConstrainedStep {
  const step = descent.step();
  let next = step.next();
  while (!next.done) next = step.next();
  return next.value;
}

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  test.each(DIRECTIONS)("%s: what holds at every step", async (_, optimized, reference, minmax) => {
    const { image, start } = await crop<Float>(dtype);
    const descent = new ConstrainedDescent(start, problemOf(image, optimized, reference, minmax), null);
    const target = reference(image, start).itemSync();
    let steps = 0;
    for (; steps < 60; steps++) {
      const before = descent.terms;
      const image0 = descent.image;
      const step = stepOf(descent);
      expect(step).toMatchObject(before);
      const x = descent.image;
      if (step.stop !== null) {
        expect(x).toBe(image0);
        expect(step.pixelChangeNorm).toBe(0);
        expect(step.stop.text).toContain(step.stop.projectedGradient.toExponential(2));
        break;
      }
      // As the metrics themselves say, outside of the descent.
      const { loss, optimizedMetric, referenceMetric, penalty } = descent.terms;
      expect(optimizedMetric).toBe(optimized(image, x).itemSync());
      expect(referenceMetric).toBe(reference(image, x).itemSync());
      expect(loss).toBe(minmax === "min" ? optimizedMetric : -optimizedMetric);
      expect(loss).toBeLessThan(before.loss);
      expect(Math.abs(referenceMetric - target)).toBeLessThanOrEqual(1e-6 * target);
      expect(penalty).toBe(0);
      expect(step.pixelChangeNorm).toBe(x.sub(image0).norm().itemSync());
      const values = x.dataSync();
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThanOrEqual(1);
    }
    expect(steps).toBeGreaterThan(10);
    const first = optimized(image, start).itemSync();
    const last = descent.terms.optimizedMetric;
    expect(minmax === "min" ? first / last : last / first).toBeGreaterThan(1.5);
  });
});

test("it ends where no direction improves, and says by how little", async () => {
  const { image, start } = await crop("float64");
  const descent = new ConstrainedDescent(start, problemOf(image, dissimilarity, mse, "max"), null);
  let step = stepOf(descent);
  const before = step.gradientNorm;
  for (let i = 0; i < 200 && step.stop === null; i++) step = stepOf(descent);
  expect(step.stop?.reason).toBe("stationary");
  expect(step.stop?.projectedGradient).toBe(step.gradientNorm);
  expect(step.gradientNorm).toBeLessThan(1e-4 * before);
  // Asked again, it says the same.
  expect(stepOf(descent)).toEqual(step);
});

test("the bounds hold pixels: without them the MSE grows beyond what is possible within", async () => {
  const { image, start } = await crop("float64");
  const within = problemOf(image, mse, dissimilarity, "max");
  const held = new ConstrainedDescent(start, within, null);
  const free = new ConstrainedDescent(start, { ...within, allowedRange: null }, null);
  for (let i = 0; i < 100; i++) {
    stepOf(held);
    stepOf(free);
  }
  expect(held.image.dataSync().filter((v) => v === 0 || v === 1).length).toBeGreaterThan(SIDE);
  expect(free.terms.optimizedMetric).toBeGreaterThan(1);
});

test.each(DIRECTIONS)(
  "%s: a snapshot goes on to the bits of an uninterrupted run",
  async (_, optimized, reference, minmax) => {
    const { image, start } = await crop("float64");
    const problem = problemOf(image, optimized, reference, minmax);
    const once = new ConstrainedDescent(start, problem, null);
    let parts = new ConstrainedDescent(start, problem, null);
    for (let i = 0; i < 16; i++) {
      const step = stepOf(once);
      expect(stepOf(parts)).toEqual(step);
      if (i === 0 || i === 3 || i === 13) parts = new ConstrainedDescent(parts.image, problem, parts.snapshot());
    }
    expect(await po.hashTensor(parts.image)).toBe(await po.hashTensor(once.image));
  },
);

test("while a step runs, the image is the one before it", async () => {
  const { image, start } = await crop("float64");
  const descent = new ConstrainedDescent(start, problemOf(image, mse, dissimilarity, "min"), null);
  const step = descent.step();
  let turns = 0;
  while (!step.next().done) {
    turns++;
    expect(await po.hashTensor(descent.image)).toBe(await po.hashTensor(start));
  }
  expect(turns).toBeGreaterThan(2);
  expect(await po.hashTensor(descent.image)).not.toBe(await po.hashTensor(start));
});

test("what cannot be held is refused", async () => {
  const { image } = await crop("float64");
  const problem = problemOf(image, dissimilarity, mse, "min");
  expect(() => new ConstrainedDescent(image, problem, null)).toThrow(/reference metric of the starting image is 0/);
  const undefinedBelow: Metric = (_, x) => x.sub(2).sqrt().sum();
  expect(() => new ConstrainedDescent(image, problemOf(image, mse, undefinedBelow, "min"), null)).toThrow(/not finite/);
});

test("a trial that is not finite is taken back", () => {
  // The optimized metric grows up to where it is no longer defined.
  const image = po.tensor([0.5, 0.5], { shape: [1, 1, 1, 2], dtype: "float64" });
  const edge: Metric = (_, x) => x.slice(3, 1, 2).neg().add(0.9).sqrt().sum();
  const first: Metric = (_, x) => x.slice(3, 0, 1).sum();
  const descent = new ConstrainedDescent(image, problemOf(image, edge, first, "min"), null);
  let step = stepOf(descent);
  for (let i = 0; i < 300 && step.stop === null; i++) step = stepOf(descent);
  const [a, b] = descent.image.dataSync();
  expect(a).toBeCloseTo(0.5, 9);
  expect(b).toBeGreaterThan(0.8999);
  expect(b).toBeLessThanOrEqual(0.9);
  expect(step.stop).not.toBeNull();
});

test("where no step can be brought back, it says so", () => {
  // The reference metric jumps as soon as the second pixel grows.
  const image = po.tensor([0.5, 0.3], { shape: [1, 1, 1, 2], dtype: "float64" });
  const second: Metric = (_, x) => x.slice(3, 1, 2).sum();
  const jump: Metric = (_, x) =>
    x
      .slice(3, 0, 1)
      .add(x.slice(3, 1, 2).gt(0.3).cast("float64").mul(3))
      .sum();
  const descent = new ConstrainedDescent(image, problemOf(image, second, jump, "max"), null);
  const { stop } = stepOf(descent);
  expect(stop?.reason).toBe("blocked");
  expect(stop?.text).toMatch(/none of \d+ trial steps could be brought back .* gradient is 1$/);
  expect(stop?.projectedGradient).toBe(1);
  expect([...descent.image.dataSync()]).toEqual([0.5, 0.3]);
});
