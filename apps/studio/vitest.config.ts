// Tests of the page as built by `npm run build`: Node serves it and drives a Chromium, the one that CHROMIUM_PATH names.

import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: where Vitest looks for its configuration
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["test/**/*.browser.test.ts"],
    environment: "node",
    pool: "forks",
    // One Chromium at a time: they would slow each other down.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
