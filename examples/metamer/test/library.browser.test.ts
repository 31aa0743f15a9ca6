// The library by itself on a page's main thread, without a worker: between two iterations it gives way often enough that
// the page gets its turn every 16 ms, once a frame. (It cannot interrupt an iteration: what it does not keep is said in
// docs/browser.md.)

import { fileURLToPath } from "node:url";
import { launch } from "@plenoptic-js/proof/pages/chromium";
import type { Browser, Page } from "playwright";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { define } from "../vite.config.ts";
import { tasksDuring, total } from "./tasks.ts";

const LONGEST_MS = 16;
const SECONDS = 10;
/**
 * The share of the page's work that may lie in longer tasks: now and then one collects garbage or waits for the browser's
 * compiler, which no giving way shortens. Without giving way it would be all of it.
 */
const MOST_IN_LONGER = 0.02;

let browser: Browser;
let script: string;

beforeAll(async () => {
  const entry = fileURLToPath(new URL("./library.ts", import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ["iife"], name: "library" },
      rolldownOptions: { transform: { define } },
    },
  });
  script = (built as Rolldown.RolldownOutput[])[0].output[0].code;
  browser = await launch();
});

afterAll(() => browser.close());

declare global {
  interface Window {
    /** Of library.ts. */
    prepare(): Promise<(seconds: number) => Promise<number>>;
    synthesize(seconds: number): Promise<number>;
  }
}

async function prepared(): Promise<Page> {
  const page = await browser.newPage();
  await page.addScriptTag({ content: script });
  await page.evaluate(async () => {
    window.synthesize = await window.prepare();
  });
  return page;
}

it(`gives way every ${LONGEST_MS} ms`, async () => {
  const page = await prepared();
  let iterations = 0;
  const tasks = await tasksDuring(browser, page, async () => {
    iterations = await page.evaluate((seconds) => window.synthesize(seconds), SECONDS);
  });
  expect(iterations).toBeGreaterThan(SECONDS);
  expect(total(tasks)).toBeGreaterThan(1000);
  expect(total(tasks.filter((ms) => ms > LONGEST_MS)) / total(tasks)).toBeLessThanOrEqual(MOST_IN_LONGER);
  await page.close();
});
