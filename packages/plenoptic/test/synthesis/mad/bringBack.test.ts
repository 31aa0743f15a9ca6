// The two searches in one number: back to the surface, and for the multiplier.

import { describe, expect, test } from "vitest";
import { bringBack } from "../../../src/synthesis/mad/bringBack.ts";
import { findMultiplier } from "../../../src/synthesis/mad/multiplier.ts";

function search(
  f: (x: number) => number,
  target: number,
  slope: number,
): { found: boolean; at: number; count: number } {
  let [at, count] = [0, 0];
  const evaluate = (x: number): number => {
    at = x;
    count++;
    return f(x);
  };
  const steps = bringBack(f(0), evaluate, { target, aim: 1e-11, accept: 1e-9, slope });
  let next = steps.next();
  while (!next.done) next = steps.next();
  return { found: next.value, at, count };
}

describe("bringing back", () => {
  test.each([
    ["a line", (x: number) => 1 + 2 * x, 3, 2],
    ["a parabola", (x: number) => (1 + x) * (1 + x), 4, 2],
    ["a bend", (x: number) => 1 + x + 5 * Math.max(0, x - 0.3), 3, 1],
    ["a slope that is wrong by far", (x: number) => x, 1, 20],
    ["one that is wrong the other way", (x: number) => x, 1, 0.05],
  ])("%s", (_, f, target, slope) => {
    const { found, at, count } = search(f, target, slope);
    expect(found).toBe(true);
    expect(Math.abs(f(at) - target)).toBeLessThanOrEqual(1e-11);
    expect(count).toBeLessThanOrEqual(12);
  });

  test("what already has the value stays where it is", () => {
    expect(search((x) => 1 + x, 1, 1)).toEqual({ found: true, at: 0, count: 0 });
  });

  test.each([
    ["a value out of reach", (x: number) => Math.min(x, 0.5), 1],
    ["a jump over it", (x: number) => (x < 0.5 ? x : x + 2), 1],
    ["a function that is not defined there", (x: number) => (x < 0.5 ? x : Number.NaN), 1],
    ["a plain", () => 0, 1],
  ])("%s is not found, after few evaluations", (_, f, target) => {
    const { found, count } = search(f, target, 1);
    expect(found).toBe(false);
    expect(count).toBeLessThanOrEqual(13);
  });
});

describe("the multiplier", () => {
  /** Sums for gradients g and n, and pixels that lie at their lower bound. */
  const sumsOf = (g: readonly number[], n: readonly number[], atBound: readonly boolean[]) => (m: number) => {
    let [gn, nn, along] = [0, 0, 0];
    g.forEach((_, i) => {
      const way = m * n[i] - g[i];
      if (atBound[i] && way < 0) return;
      gn += g[i] * n[i];
      nn += n[i] * n[i];
      along += way * n[i];
    });
    return { gn, nn, along };
  };

  test("makes the way orthogonal to the normal", () => {
    const sums = sumsOf([1, 2, -1], [1, 0.5, 2], [false, false, false]);
    expect(Math.abs(sums(findMultiplier(sums, 1e-14, 0)).along)).toBeLessThan(1e-14);
  });

  test("pixels that would leave their bound do not count", () => {
    const g = [1, 2, -1, 3, -0.5, 0.7];
    const n = [1, 0.5, 2, -1, 0.3, 1.5];
    for (let held = 0; held < 64; held++) {
      const sums = sumsOf(
        g,
        n,
        g.map((_, i) => ((held >> i) & 1) === 1),
      );
      const m = findMultiplier(sums, 1e-14, 0);
      const { along, nn } = sums(m);
      if (nn > 0) expect(Math.abs(along)).toBeLessThan(1e-12);
    }
  });

  test("where nothing can move, any will do", () => {
    expect(findMultiplier(sumsOf([1], [0], [false]), 1e-14, 0.25)).toBe(0.25);
  });
});
