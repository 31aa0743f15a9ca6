// Many more syntheses, at every number of threads.

import { existsSync } from "node:fs";
import { describe, it } from "vitest";
import { checkInChild } from "./inChild.ts";

describe.skipIf(!existsSync("/proc/self/status"))("hundreds of syntheses take no more memory than some", () => {
  it.each([1, 2, 4])("300 alive, 400 small and 20 large in a row, %i threads", (threads) =>
    checkInChild({ threads, alive: 300, small: 400, large: 20 }),
  );

  it("1000 small and 60 large in a row, 2 threads", () =>
    checkInChild({ threads: 2, alive: 10, small: 1000, large: 60 }));
});
