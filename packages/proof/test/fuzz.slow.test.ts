// Damaged inputs for every reader of files, in processes of their own: 200,000 for each, and 20,000 for each decoder. How far they
// came is printed, and stands in docs/reliability.md.

import { expect, it } from "vitest";
import { fuzz } from "../src/fuzz/campaign.ts";
import { readers } from "../src/fuzz/readers/index.ts";
import { problemsOf, tableOf } from "../src/fuzz/report.ts";

it.each(readers.map(({ name, count }) => [name, count] as const))("%s, %i damaged inputs", async (reader, count) => {
  const result = await fuzz([{ reader, seed: 20261130, from: 0, to: count }]);
  console.log(tableOf(result));
  expect(problemsOf(result)).toEqual([]);
  const [{ accepted, refused }] = result.tallies;
  // Every stage is come to, anywhere or within.
  const reached = Object.entries(refused.within).filter(([stage, n]) => n + refused.anywhere[stage] > 0);
  expect(reached.map(([stage]) => stage)).toEqual(Object.keys(refused.within));
  const tried = [...Object.values(accepted), ...Object.values(refused).flatMap((stages) => Object.values(stages))];
  expect(tried.reduce((sum, n) => sum + n, 0)).toBe(count);
});
