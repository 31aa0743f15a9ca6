// The page stays smooth while a metamer is made: nothing keeps its main thread from drawing and answering for more than
// 50 ms, the length from which on browsers call a task long (W3C, "Long Tasks API").

import { ISOLATED, launch } from "@plenoptic-js/proof/pages/chromium";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withPage } from "./chromium.ts";
import { tasksDuring } from "./tasks.ts";

const LONGEST_MS = 50;
const SECONDS = 20;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

it("a task that works too long is seen", () =>
  withPage(browser, ISOLATED, async (page) => {
    const tasks = await tasksDuring(browser, page, () =>
      page.evaluate((ms) => {
        // At least so long on the clock and so much work: on a busy machine the work takes longer.
        for (let turns = 0, start = performance.now(); performance.now() - start < 10 * ms || turns < 1e5; turns++);
      }, LONGEST_MS),
    );
    expect(tasks[0]).toBeGreaterThan(LONGEST_MS);
  }));

it(`a synthesis of ${SECONDS} seconds never blocks the page`, () =>
  withPage(browser, ISOLATED, async (page) => {
    await page.getByLabel("Iterations", { exact: true }).fill("100000");
    const tasks = await tasksDuring(browser, page, async () => {
      await page.getByRole("button", { name: "Start" }).click();
      await page.waitForTimeout(1000 * SECONDS);
      await page.getByRole("button", { name: "Stop" }).click();
      await page
        .locator("#hash")
        .filter({ hasText: /^[0-9a-f]{64}$/ })
        .waitFor();
    });
    // It worked and showed pictures all the time, so there was something to measure.
    expect(Number.parseInt((await page.locator("#iteration").textContent()) ?? "", 10)).toBeGreaterThan(SECONDS);
    expect(tasks.length).toBeGreaterThan(10 * SECONDS);
    expect(tasks[0]).toBeLessThanOrEqual(LONGEST_MS);
  }));
