// Synthetic images beyond the golden cases, and the pictures that come with the package.

import { describe, expect, test } from "vitest";
import * as po from "../src/index.ts";
import { atan2 } from "../src/process/atan2.ts";

describe("atan2", () => {
  test("is within an ulp or two of the platform's, and exact where it must be", () => {
    for (let i = -40; i <= 40; i++) {
      for (const y of [-3.5, -1e-9, -1e-300, 1e-12, 0.25, 1, 77, 1e6]) {
        const x = i * 0.37;
        expect(Math.abs(atan2(y, x) - Math.atan2(y, x))).toBeLessThanOrEqual(5e-16 * Math.abs(Math.atan2(y, x)));
      }
    }
    for (const [y, x] of [
      [0, 1],
      [-0, 1],
      [0, -1],
      [-0, -1],
      [0, 0],
      [-0, -0],
      [1, 0],
      [-1, -0],
    ] as const) {
      expect(atan2(y, x)).toBe(Math.atan2(y, x));
    }
  });
});

describe("synthetic images", () => {
  test("the centre of a polar radius with a negative exponent is finite", () => {
    const { shape, dtype } = po.data.polarRadius(5, { exponent: -1 });
    expect([shape, dtype]).toEqual([[5, 5], "float32"]);
    const values = po.data.polarRadius(5, { exponent: -1 }).dataSync();
    expect(values[12]).toBe(0);
    expect(values[13]).toBe(1);
  });

  test("a disk without an edge is one where the radii meet", () => {
    const values = Array.from(po.data.disk(11, { outerRadius: 3, innerRadius: 3 }).dataSync());
    expect(values.every((v) => v === 0 || v === 0.5 || v === 1)).toBe(true);
    expect(values.filter((v) => v === 0.5)).toHaveLength(4);
  });

  test("angles are in [-pi, pi)", () => {
    for (const phase of [0, 2, -3]) {
      for (const value of po.data.polarAngle([7, 9], { phase }).dataSync()) {
        expect(value).toBeGreaterThanOrEqual(-Math.fround(Math.PI));
        expect(value).toBeLessThan(Math.fround(Math.PI));
      }
    }
  });

  test("what makes no sense is refused", () => {
    expect(() => po.data.disk([3, 4, 5] as never)).toThrow(/disk: the size is \[3, 4, 5\]/);
    expect(() => po.data.disk(0)).toThrow(/positive integer/);
    expect(() => po.data.polarAngle(4, { direction: "left" as never })).toThrow(/"left"/);
    expect(() => po.data.polarRadius(4, { origin: Number.NaN })).toThrow(/origin is NaN/);
    expect(() => po.data.disk(4, { radius: 2 } as never)).toThrow(/its options are outerRadius, innerRadius/);
  });
});

describe("photographs", () => {
  const { house, boats, acanthus, sheep, brick, gravel, grass } = po.data;

  test.each(Object.entries({ house, boats, acanthus, sheep, brick, gravel, grass }))("%s", async (_, photograph) => {
    const image = await photograph();
    expect([image.shape, image.dtype]).toEqual([[1, 1, 256, 256], "float32"]);
    const values = await image.data();
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean).toBeGreaterThan(0.1);
    expect(mean).toBeLessThan(0.9);
  });

  test("in float64 the values are whole 255ths", async () => {
    const values = await (await sheep({ dtype: "float64" })).data();
    expect(values.every((v) => v * 255 === Math.round(v * 255))).toBe(true);
  });
});
