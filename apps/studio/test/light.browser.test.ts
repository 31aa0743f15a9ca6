// What the studio costs: how much is fetched before it can begin, how soon it begins.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeButton, openStudio } from "./studio.ts";

const BUILT = fileURLToPath(new URL("../dist/", import.meta.url));

/** As much as may be fetched, compressed, before a synthesis can start; pictures aside. */
const MOST_BYTES = 400_000;

let studio: Awaited<ReturnType<typeof openStudio>>;

beforeAll(async () => {
  studio = await openStudio();
});

afterAll(() => studio.close());

it("fetches little before a synthesis can start", async () => {
  const names = new Set<string>();
  const page = await studio.open("", {}, (response) => {
    const url = response.url();
    if (url.startsWith(studio.address) && !url.endsWith(".pgm")) names.add(url.slice(studio.address.length));
  });
  await makeButton(page).click();
  await page.locator("progress").waitFor();
  await page.context().close();
  const sizes = [...names].map((name) => gzipSync(readFileSync(join(BUILT, name === "" ? "index.html" : name))).length);
  expect(sizes.length).toBeGreaterThan(3);
  expect(sizes.reduce((all, size) => all + size, 0)).toBeLessThan(MOST_BYTES);
});

it("makes its first step within three seconds of a click", async () => {
  const page = await studio.open("#method=metamer&image=house&model=gaussian&iterations=2000");
  const began = performance.now();
  await makeButton(page).click();
  await page.waitForFunction(() => Number(document.querySelector("progress")?.value) > 0);
  expect(performance.now() - began).toBeLessThan(3000);
  await page.context().close();
});
