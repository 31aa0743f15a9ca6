// Numbers that agree to so much, entry by entry.

import { expect } from "vitest";

export function near(got: ArrayLike<number>, want: readonly number[], tolerance: number): void {
  expect(got.length).toBe(want.length);
  want.forEach((value, i) => {
    expect(Math.abs(got[i] - value), `entry ${i}: ${got[i]}, expected ${value}`).toBeLessThan(tolerance);
  });
}
