// `npm test`: installs and builds what is missing, then the tests in Node, the table of hashes, and the tests in a
// browser. Arguments go to vitest and run only the matching Node tests: `npm test -- packages/tensor/test/math`.

import { findChromium } from "./chromium.mjs";
import { buildPages, ensureBuilt, ensureInstalled, fail, runNode, runNpm } from "./setup.mjs";

const VITEST = "node_modules/vitest/vitest.mjs";

/** The exit code of the browser tests; 0 where there is no Chromium to run them in, except in CI. */
function browserTests() {
  const chromium = findChromium();
  if (chromium !== undefined) {
    const options = { env: { ...process.env, CHROMIUM_PATH: chromium } };
    buildPages();
    const codes = ["vitest.browser.config.ts", "examples/metamer/vitest.config.ts", "apps/studio/vitest.config.ts"].map(
      (config) => runNode([VITEST, "run", "--config", config], options),
    );
    return Math.max(...codes);
  }
  console.log("Browser tests were NOT run: no Chromium found. Install one, or set CHROMIUM_PATH to it.");
  return process.env.CI ? 1 : 0;
}

ensureInstalled();
ensureBuilt();

const args = process.argv.slice(2);
if (args.length > 0) process.exit(runNode([VITEST, "run", ...args]));

const failures = [
  ["tests in Node", runNode([VITEST, "run"])],
  ["hashes", runNpm(["run", "--silent", "hashes"])],
  ["tests in the browser", browserTests()],
].filter(([, code]) => code !== 0);

if (failures.length > 0) fail(`npm test failed: ${failures.map(([name]) => name).join(", ")}.`);
console.log("npm test passed.");
