// Sizes that are suggested: never larger than the scale allows, quick to transform, and of nearly the same shape.

import { expect, it } from "vitest";
import { advisedSize } from "../src/advisedSize.ts";

it.each<[size: [number, number], scale: number, advised: [number, number]]>([
  // 2000 x 2496 would be larger; 13 divides it.
  [[2048, 2560], 0.9766, [1920, 2400]],
  [[2736, 3648], 1, [2688, 3584]],
  [[512, 512], 1, [512, 512]],
  [[20, 4000], 1, [16, 3200]],
  [[15, 4000], 1, [0, 0]],
])("%j times %d: %j", (size, scale, advised) => {
  expect(advisedSize(size, scale)).toEqual(advised);
});

it("has no prime factor above 7, and no longer side than the largest multiples of 16, for all sizes", () => {
  for (let side = 16; side < 9000; side += 37) {
    const [height, width] = advisedSize([side, 6000], 0.97);
    if (Math.floor((side * 0.97) / 16) === 0) {
      expect([height, width]).toEqual([0, 0]);
      continue;
    }
    expect(height).toBeLessThanOrEqual(Math.floor((side * 0.97) / 16) * 16);
    expect(width).toBeLessThanOrEqual(Math.floor((6000 * 0.97) / 16) * 16);
    expect([height % 16, width % 16]).toEqual([0, 0]);
    for (const n of [height, width]) {
      let rest = n;
      for (const factor of [2, 3, 5, 7]) while (rest % factor === 0) rest /= factor;
      expect(rest).toBe(1);
    }
  }
});
