// Tests in Chromium, on a cross-origin isolated page, so that SharedArrayBuffer and threads are there.
// `npm test` finds the Chromium and names it in CHROMIUM_PATH.

import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { rendererMemory } from "./packages/proof/src/pages/rendererMemory.ts";
import { alias } from "./vitest.config.ts";

const executablePath = process.env.CHROMIUM_PATH;
if (!executablePath) throw new Error("Set CHROMIUM_PATH to a Chromium, or run `npm test`, which looks for one.");

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Whoever measures memory has garbage collected first.
  "--js-flags=--expose-gc",
];

export default defineConfig({
  resolve: { alias },
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  },
  test: {
    include: ["packages/*/test/**/*.browser.test.ts"],
    testTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      commands: { rendererMemory },
      instances: [{ browser: "chromium" }],
      provider: playwright({ launchOptions: { executablePath, args } }),
    },
  },
});
