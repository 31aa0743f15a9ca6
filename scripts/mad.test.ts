// What docs/mad.md says of the two ways to a MAD competition, on small squares of the photographs.

import { expect, it } from "vitest";
import { advantage, contests } from "./mad/contests.ts";

it("constrained is never worse by more than 1 %, and better in most", async () => {
  let [all, better] = [0, 0];
  for await (const contest of contests({ side: 32, weightedIterations: 400, constrainedSteps: 400 })) {
    const { photograph, direction, largestChange } = contest;
    all++;
    expect(largestChange, `${photograph}, ${direction.name}`).toBeLessThanOrEqual(1e-6);
    const gain = advantage(contest);
    if (gain === null) continue;
    expect(gain, `${photograph}, ${direction.name}`).toBeGreaterThanOrEqual(-0.01);
    if (gain > 0) better++;
  }
  expect(all).toBe(12);
  expect(better).toBeGreaterThanOrEqual(8);
});
