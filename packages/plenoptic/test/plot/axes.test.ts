// Axes: where ticks are and how they are labelled.

import { describe, expect, it } from "vitest";
import { makeAxis } from "../../src/plot/axes.ts";

const labels = (kind: "linear" | "log", domain: readonly [number, number]): string[] =>
  makeAxis({ kind, domain }, 200, 0, 36).ticks.map(({ label }) => label);

describe("logarithmic axes", () => {
  it("label decades as 1e-3", () => {
    expect(labels("log", [2e-5, 0.5])).toEqual(["1e-4", "1e-3", "1e-2", "1e-1"]);
    expect(labels("log", [0.5, 2e3])).toEqual(["1e0", "1e1", "1e2", "1e3"]);
  });

  it("thin decades out evenly when there are many", () => {
    expect(labels("log", [1e-12, 1])).toEqual(["1e-12", "1e-9", "1e-6", "1e-3", "1e0"]);
  });

  it("find ticks inside one decade, and inside a sliver", () => {
    expect(labels("log", [0.0015, 0.007])).toEqual(["2e-3", "5e-3"]);
    expect(labels("log", [0.0131, 0.0139]).length).toBeGreaterThanOrEqual(2);
  });

  it("place equal ratios at equal distances, with a margin at both ends", () => {
    const { scale } = makeAxis({ kind: "log", domain: [1e-4, 1] }, 200, 0, 36);
    expect(scale(1e-4)).toBeCloseTo(192, 9);
    expect(scale(1)).toBeCloseTo(8, 9);
    expect(scale(1e-2)).toBeCloseTo(100, 9);
  });

  it("widen a single value", () => {
    expect(makeAxis({ kind: "log", domain: [0.3, 0.3] }, 200, 0, 36).scale(0.3)).toBeCloseTo(100, 9);
  });

  it("survive the whole range of float64", () => {
    const axis = makeAxis({ kind: "log", domain: [5e-324, 1.7e308] }, 200, 0, 36);
    expect(axis.ticks.length).toBeGreaterThan(1);
    for (const { value } of axis.ticks) expect(Number.isFinite(axis.scale(value))).toBe(true);
    for (const single of [5e-324, 1.7e308]) {
      const { scale } = makeAxis({ kind: "log", domain: [single, single] }, 200, 0, 36);
      expect(Number.isFinite(scale(single))).toBe(true);
    }
  });
});

describe("linear axes", () => {
  it("keep to whole numbers where asked", () => {
    const axis = makeAxis({ kind: "linear", domain: [0, 2], whole: true, format: "d" }, 0, 400, 64);
    expect(axis.ticks.map(({ label }) => label)).toEqual(["0", "1", "2"]);
  });

  it("widen a single value", () => {
    expect(makeAxis({ kind: "linear", domain: [4, 4] }, 0, 100, 36).scale(4)).toBe(0);
  });

  it("write very small and very large numbers with exponents, and 0 as it is", () => {
    expect(labels("linear", [-4e-16, 4e-16])).toEqual(["\u22124e-16", "\u22122e-16", "0", "2e-16", "4e-16"]);
    expect(labels("linear", [0, 4e7])).toEqual(["0", "1e7", "2e7", "3e7", "4e7"]);
    expect(labels("linear", [0, 0.004])).toEqual(["0.000", "0.001", "0.002", "0.003", "0.004"]);
  });
});
