// Tests in Node that take minutes (`npm run test:slow`): what is tried with many more draws, graphs and damaged files. Their last
// result stands in docs/reliability.md.

import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";
import { alias } from "./vitest.config.ts";

/** The last line: how many tests passed and failed. */
const summary: Reporter = {
  onTestRunEnd(modules, errors) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const failed = states.filter((state) => state === "failed").length;
    const broken = modules.filter((module) => module.state() === "failed" && module.errors().length > 0).length;
    const passed = states.filter((state) => state === "passed").length;
    console.log(`${passed} passed, ${failed + broken + errors.length} failed`);
  },
};

export default defineConfig({
  resolve: { alias },
  test: {
    include: ["packages/*/test/**/*.slow.test.ts"],
    environment: "node",
    pool: "forks",
    testTimeout: 1_800_000,
    reporters: ["default", summary],
  },
});
