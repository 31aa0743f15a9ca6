// Nothing that is compiled grows unseen, nor does the heap while a synthesis runs.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { compareGrowth, type GrowthTable, measureGrowth } from "../src/growth/measure.ts";
import table from "../src/growth/table.json" with { type: "json" };

describe("what is compiled for the standard workloads", () => {
  test("has not grown; where that is meant, npm run growth -- --update", async () => {
    const { lines, hasGrown } = compareGrowth(table, await measureGrowth());
    expect(hasGrown, lines.join("\n")).toBe(false);
  });

  test("is said to have grown where a number is larger, or a workload is new or gone", () => {
    const known = table as GrowthTable;
    const [name] = Object.keys(known);
    const changed = (by: number): GrowthTable => ({
      ...known,
      [name]: { ...known[name], kernels: known[name].kernels + by },
    });
    expect(compareGrowth(known, known)).toEqual({ lines: [], hasGrown: false });
    expect(compareGrowth(known, changed(1))).toMatchObject({
      hasGrown: true,
      lines: [expect.stringMatching(/kernels: \d+ -> \d+/)],
    });
    expect(compareGrowth(known, changed(-1))).toMatchObject({
      hasGrown: false,
      lines: [expect.stringMatching(/kernels/)],
    });
    expect(compareGrowth(known, {}).hasGrown).toBe(true);
    expect(compareGrowth({}, known).hasGrown).toBe(true);
  });
});

describe("the heap of a synthesis", () => {
  /**
   * Bytes. 15 to 40 thousand were measured, and a look at the heap is off by some 150 thousand either way: the engine keeps code and lets
   * it go. One image kept a step would be 6.5 million.
   */
  const MOST_GROWTH = 500_000;

  test("grows by little in 200 steps", async () => {
    const child = fileURLToPath(new URL("./heapChild.ts", import.meta.url));
    const options = ["--expose-gc", "--import", "tsx", "--conditions=@plenoptic-js/source", child];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    expect(stdout).toMatch(/^-?\d+\n$/);
    expect(Number(stdout)).toBeLessThan(MOST_GROWTH);
  });
});
