// Runs the scenario in a Node process of its own, and holds what it took against what is promised.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import type { Report, Size } from "./scenario.ts";

/** MiB that resident memory may grow from the 50th synthesis to the last. */
const MOST_GROWTH = 64;
/** MiB of addresses that one memory reserves in V8, and a bit less. */
const ONE_MEMORY = 4096;

export async function checkInChild(size: Size): Promise<void> {
  const child = fileURLToPath(new URL("./child.ts", import.meta.url));
  const options = ["--expose-gc", "--import", "tsx", "--conditions=@plenoptic-js/source"];
  const cwd = fileURLToPath(new URL("../../../../", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...options, child, JSON.stringify(size)], { cwd });
  const report = JSON.parse(stdout) as Report;
  console.log(JSON.stringify({ ...size, ...report }, (_, x: unknown) => (typeof x === "number" ? Math.round(x) : x)));
  expect(report.last.resident - report.early.resident).toBeLessThan(MOST_GROWTH);
  expect(report.last.reserved - report.early.reserved).toBeLessThan(ONE_MEMORY);
  expect(report.last.reserved - report.alive.reserved).toBeLessThan(ONE_MEMORY);
}
