// What the command holds while the verdict looks at photographs, counted in arrays of the image's size, with all garbage collected. The
// largest images fit only if it is no more.

import { mkdir } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, it, vi } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

afterEach(() => {
  vi.restoreAllMocks();
});

it("the target, the responses to it and to the metamer, and those to photographs that are to be compared", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  // So large that each evaluation takes longer than work goes on without a rest: before that, nothing is collected.
  const side = 1536;
  await writeGray("large.png", side, side);
  await mkdir("photographs");
  for (const i of [1, 2]) await writeGray(`photographs/${i}.png`, 48, 48, i);
  const arrays = (): number => {
    // The first frees arrays beside what goes on, the second waits for that.
    gc();
    gc();
    return process.memoryUsage().arrayBuffers / (8 * side * side);
  };
  const held: number[] = [];
  const before = arrays();
  // Asked before every photograph.
  vi.spyOn(AbortSignal.prototype, "throwIfAborted").mockImplementation(() => {
    if (/nullDistances/.test(new Error().stack ?? "")) held.push(arrays() - before);
  });
  const flags = ["--iterations", "1", "--threads", "1", "--null", "photographs"];
  const { code, out } = await run("metamer", "large.png", ...flags);
  expect(code).toBe(0);
  expect(out).toContain("The photographs took 2 evaluations");
  expect(held).toHaveLength(2);
  const [first, second] = held;
  expect(first).toBeGreaterThan(2.9);
  expect(first).toBeLessThan(3.5);
  expect(second - first).toBeCloseTo(1, 1);
});
