// Two pixels, and the distances L1 and L2 as metrics: everything can be seen from the geometry. Around the image the points of equal
// L1 are a diamond, those of equal L2 a circle. The diamond's corners are kinks.

import { expect, test } from "vitest";
import * as po from "../../../src/index.ts";
import { ConstrainedDescent } from "../../../src/synthesis/mad/constrainedDescent.ts";

const pixels = (a: number, b: number): po.Tensor<"float64"> =>
  po.tensor([a, b], { shape: [1, 1, 1, 2], dtype: "float64" });

const image = pixels(0.5, 0.5);
const l1 = (x: po.Tensor): po.Tensor => x.sub(image).abs().sum();
const l2 = (x: po.Tensor): po.Tensor => x.sub(image).square().sum().sqrt();

function run(optimized: (x: po.Tensor) => po.Tensor, reference: typeof optimized, minmax: "min" | "max") {
  const start = pixels(0.62, 0.47);
  const problem = { optimized, reference, penalty: l1, minmax, allowedRange: [0, 1] } as const;
  const descent = new ConstrainedDescent(start, problem, null);
  const { referenceMetric } = descent.terms;
  for (let i = 0; i < 200; i++) {
    const step = descent.step();
    let next = step.next();
    while (!next.done) next = step.next();
    if (next.value.stop !== null) return { descent, stop: next.value.stop };
    expect(Math.abs(descent.terms.referenceMetric - referenceMetric)).toBeLessThanOrEqual(1e-6 * referenceMetric);
  }
  throw new Error("it did not come to its end");
}

const [R1, R2] = [0.15, Math.sqrt(0.12 * 0.12 + 0.03 * 0.03)];

test.each([
  ["least L2 at equal L1: the middle of a side of the diamond", l2, l1, "min", [0.5 + R1 / 2, 0.5 - R1 / 2]],
  ["most L2 at equal L1: a corner of the diamond", l2, l1, "max", [0.5 + R1, 0.5]],
  ["least L1 at equal L2: the circle's point on an axis", l1, l2, "min", [0.5 + R2, 0.5]],
  [
    "most L1 at equal L2: the circle's point on a diagonal",
    l1,
    l2,
    "max",
    [0.5 + R2 / Math.SQRT2, 0.5 - R2 / Math.SQRT2],
  ],
] as const)("%s", (_, optimized, reference, minmax, place) => {
  const { descent, stop } = run(optimized, reference, minmax);
  const found = descent.image.dataSync();
  expect(Math.hypot(found[0] - place[0], found[1] - place[1])).toBeLessThanOrEqual(1e-4);
  expect(stop.text).toMatch(/gradient is \d/);
});
