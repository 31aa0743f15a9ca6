// What finished syntheses held is given back, and those alive share a few memories. Longer: memory.slow.test.ts.

import { existsSync } from "node:fs";
import { it } from "vitest";
import { checkInChild } from "./inChild.ts";

it.skipIf(!existsSync("/proc/self/status"))("many syntheses take no more memory than some, 2 threads", () =>
  checkInChild({ threads: 2, alive: 100, small: 140, large: 6 }),
);
