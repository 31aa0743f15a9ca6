// Networks that are dropped give back what they held.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** MiB that the process may grow from the 100th network to the last. */
const MOST_GROWTH = 64;
/** MiB of addresses that one memory reserves in V8, and a bit less. */
const ONE_MEMORY = 4096;

it.skipIf(!existsSync("/proc/self/status"))("a thousand networks take no more memory than a hundred", async () => {
  const child = fileURLToPath(new URL("./manyChild.ts", import.meta.url));
  const flags = ["--expose-gc", "--import", "tsx", "--conditions=@plenoptic-js/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, child, "1000"]);
  const { early, last } = JSON.parse(stdout) as Record<"early" | "last", { resident: number; reserved: number }>;
  expect(last.resident - early.resident).toBeLessThan(MOST_GROWTH);
  expect(last.reserved - early.reserved).toBeLessThan(ONE_MEMORY);
});

it("a table of a long axis takes little memory, though it has a few elements for each", async () => {
  const child = fileURLToPath(new URL("./longAxisChild.ts", import.meta.url));
  // As objects the taps took more than 200 MB.
  const flags = ["--max-old-space-size=150", "--import", "tsx", "--conditions=@plenoptic-js/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, child]);
  expect(stdout).toBe("read\n");
});
