// What must hold for the card of every metric: that it says of the function what the function does.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import type { MetricCard } from "../../src/metric/card.ts";
import { savedName } from "../../src/synthesis/saving/dictionary/names.ts";

function noise(side: number, seed: number): po.Tensor {
  return po.tensor(new po.TorchGenerator(seed).rand(side * side, "float64"), { shape: [1, 1, side, side] });
}

/** How many warnings something gives. */
function warningsOf(run: () => unknown): number {
  let count = 0;
  const off = po.warnings.on(() => count++);
  try {
    run();
  } finally {
    off();
  }
  return count;
}

export function checkMetricCard(card: MetricCard): void {
  const { compute, direction, distance, functionName, identical, leastSide, pythonName, range, usualSide } = card;
  const [low, high] = [range[0], range[1] ?? Number.POSITIVE_INFINITY];
  const side = Math.max(usualSide, 16);
  // Apart from 0 and 1, so that noise can be added.
  const image = noise(side, 1).mul(0.5).add(0.25);
  const noisier = (by: number): po.Tensor => image.add(noise(side, 2).sub(0.5).mul(by));
  const measure = (a: po.Tensor, b: po.Tensor): number => compute(a, b).itemSync();

  describe(`the card of ${functionName}`, () => {
    test("has the value for identical images, of the metric and of its distance", () => {
      for (const one of [image, noise(side, 3)]) {
        expect(Math.abs(measure(one, one) - identical)).toBeLessThanOrEqual(1e-12 * identical);
        const apart = direction === "lower" ? identical : 1 - identical;
        expect(Math.abs(distance.compute(one, one).itemSync() - apart)).toBeLessThanOrEqual(1e-12 * apart);
      }
    });

    test("knows which way is up", () => {
      const values = [0, 0.05, 0.2, 0.5].map((by) => measure(image, noisier(by)));
      const distances = [0, 0.05, 0.2, 0.5].map((by) => distance.compute(image, noisier(by)).itemSync());
      for (let i = 1; i < values.length; i++) {
        if (direction === "lower") expect(values[i]).toBeGreaterThan(values[i - 1]);
        else expect(values[i]).toBeLessThan(values[i - 1]);
        expect(distances[i]).toBeGreaterThan(distances[i - 1]);
      }
    });

    test("has a range that holds all values", () => {
      const [black, white] = [po.zeros(image.shape, { dtype: "float64" }), po.ones(image.shape, { dtype: "float64" })];
      const pairs = [
        [image, image],
        [image, image.neg().add(1)],
        [noise(side, 4), noise(side, 5)],
        [black, white],
        [black, black],
        [image, white],
      ];
      for (const [a, b] of pairs) {
        expect(measure(a, b)).toBeGreaterThanOrEqual(low * (1 - 1e-12 * Math.sign(low)));
        expect(measure(a, b)).toBeLessThanOrEqual(high);
      }
      expect([low, high]).toContain(identical);
    });

    test("knows the smallest image, and from where on none is too small", () => {
      const use = (of: number): unknown => compute(noise(of, 6), noise(of, 7)).itemSync();
      expect(use(leastSide)).toEqual(expect.any(Number));
      if (leastSide > 1) expect(() => use(leastSide - 1)).toThrow(/must|at least/);
      expect(warningsOf(() => use(usualSide))).toBe(0);
      if (usualSide > leastSide) expect(warningsOf(() => use(usualSide - 1))).toBe(1);
    });

    test("has a distance that can compete, and that recipes describe", () => {
      po.setSeed(0);
      const imageShape = [1, 1, side, side];
      expect(() => po.validate.validateMetric(distance.compute, { imageShape, imageDtype: "float64" })).not.toThrow();
      const all: Readonly<Record<string, unknown>> = { ...po.metric, [functionName]: compute };
      const named = all[distance.name];
      if (named === undefined) {
        expect(distance.name).toBe(`1 - ${functionName}`);
        expect(distance.compute(image, noisier(0.1)).itemSync()).toBe(1 - measure(image, noisier(0.1)));
      } else {
        const inFull = named as (a: po.Tensor, b: po.Tensor, options?: object) => po.Tensor;
        const options = Object.keys(distance.options).length === 0 ? [] : [distance.options];
        expect(named).toBe(distance.compute);
        expect(inFull(image, noisier(0.1), ...options).itemSync()).toBe(
          distance.compute(image, noisier(0.1)).itemSync(),
        );
      }
    });

    test("has the name under which it is saved", () => {
      if (pythonName === null) expect(savedName(compute)).not.toMatch(/^plenoptic/);
      else expect(savedName(compute)).toBe(pythonName);
    });
  });
}
