// Results from the literature (`npm run test:literature`): minutes each. What they found stands in docs/reproduced.md, and is written, with
// the pictures, to literature-output/.

import { defineConfig } from "vitest/config";
import { alias } from "./vitest.config.ts";

export default defineConfig({
  resolve: { alias },
  test: {
    include: ["packages/plenoptic/test/literature/*.literature.ts"],
    environment: "node",
    pool: "forks",
    fileParallelism: false,
    testTimeout: 1_800_000,
  },
});
