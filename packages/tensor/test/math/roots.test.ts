// Roots of unity are the nearest floats, and symmetric.

import { FRACTION, fixedRoots, fixedSqrt, toFixed } from "@plenoptic-js/proof/accuracy/exactRoots";
import { describe, expect, it } from "vitest";
import { rootsOfUnity } from "../../src/math/roots.ts";

const ONE = 1n << FRACTION;

/** Half the distance from |x| to the next float of this many bits, in fixed point. x is not 0. */
function halfUlp(x: number, precision: number): bigint {
  const magnitude = toFixed(Math.abs(x));
  return 1n << BigInt(magnitude.toString(2).length - precision - 1);
}

/** Whether x is a float of this many bits nearest to an exact value (known to 2^-200). */
function isNearest(x: number, exact: bigint, precision: number): boolean {
  if (x === 0) return Object.is(x, 0) && (exact >> 56n === 0n || exact >> 56n === -1n);
  const error = toFixed(x) - exact;
  return (error < 0n ? -error : error) <= halfUlp(x, precision) && (precision === 53 || Math.fround(x) === x);
}

describe("roots of unity", () => {
  it.each([1, 2, 4, 8, 16, 64, 512, 4096])("are the nearest floats for n = %i", (n) => {
    const exact = fixedRoots(n);
    for (const [type, precision] of [
      ["f64", 53],
      ["f32", 24],
    ] as const) {
      const { cos, sin } = rootsOfUnity(n, type);
      expect(cos.length).toBe(n);
      const wrong = exact.cos.flatMap((c, k) =>
        isNearest(cos[k], c, precision) && isNearest(sin[k], exact.sin[k], precision) ? [] : [k],
      );
      expect(wrong).toEqual([]);
    }
  });

  it("are the nearest floats for n = 3, 5, 6 and 12", () => {
    const root = (x: bigint): bigint => fixedSqrt(x << FRACTION);
    const third = root(3n) / 2n;
    const fifth = (root(5n) - ONE) / 4n;
    for (const [type, precision] of [
      ["f64", 53],
      ["f32", 24],
    ] as const) {
      expect(isNearest(rootsOfUnity(3, type).cos[1], -ONE / 2n, precision)).toBe(true);
      expect(isNearest(rootsOfUnity(3, type).sin[1], third, precision)).toBe(true);
      expect(isNearest(rootsOfUnity(6, type).cos[1], ONE / 2n, precision)).toBe(true);
      expect(isNearest(rootsOfUnity(12, type).cos[1], third, precision)).toBe(true);
      expect(isNearest(rootsOfUnity(5, type).cos[1], fifth, precision)).toBe(true);
      expect(isNearest(rootsOfUnity(5, type).cos[2], (-root(5n) - ONE) / 4n, precision)).toBe(true);
    }
  });

  it("are exactly symmetric for every n up to 130", () => {
    for (let n = 1; n <= 130; n++) {
      const { cos, sin } = rootsOfUnity(n, "f64");
      for (let k = 1; k < n; k++) {
        const mirrored = cos[n - k] === cos[k] && sin[n - k] === 0 - sin[k];
        const turned = n % 4 !== 0 || cos[k] === sin[(k + n / 4) % n];
        const refined = rootsOfUnity(3 * n, "f64").cos[3 * k] === cos[k];
        if (!(mirrored && turned && refined)) expect.fail(`root ${k} of ${n}`);
      }
      expect([cos[0], sin[0]]).toEqual([1, 0]);
      expect([...cos, ...sin].some((x) => Object.is(x, -0))).toBe(false);
    }
  });

  it("are the nearest floats for n = 7: 8 c^3 + 4 c^2 - 4 c - 1 changes sign within half an ulp", () => {
    const polynomial = (c: bigint): bigint =>
      8n * c * c * c + ((4n * c * c) << FRACTION) - ((4n * c) << (2n * FRACTION));
    for (const k of [1, 2, 3]) {
      const c = rootsOfUnity(7, "f64").cos[k];
      const [low, high] = [toFixed(c) - halfUlp(c, 53), toFixed(c) + halfUlp(c, 53)];
      const one = ONE << (2n * FRACTION);
      expect(polynomial(low) > one).not.toBe(polynomial(high) > one);
    }
  });

  it("are computed once", () => {
    expect(rootsOfUnity(48, "f32")).toBe(rootsOfUnity(48, "f32"));
  });

  it.each([0, -4, 2.5, Number.NaN, 2_000_000])("refuse n = %d", (n) => {
    expect(() => rootsOfUnity(n, "f64")).toThrow(`the count is ${n}`);
  });
});
