// How the studio can be used: by keyboard, by screen readers, on a phone, without motion.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { launch } from "@plenoptic-js/proof/pages/chromium";
import { serve } from "@plenoptic-js/proof/pages/serve";
import { afterAll, beforeAll, expect, it } from "vitest";
import { finished, makeButton, openStudio } from "./studio.ts";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const QUICK = "#method=metamer&image=house&model=gaussian&iterations=20&seed=0";

let studio: Awaited<ReturnType<typeof openStudio>>;

beforeAll(async () => {
  studio = await openStudio();
});

afterAll(() => studio.close());

it.each([
  ["light", 1400, 900],
  ["dark", 1400, 900],
  ["light", 390, 844],
] as const)("has no violations that axe knows: %s, %i x %i", async (colorScheme, width, height) => {
  // The page's policy refuses a script from elsewhere: this one is put past it.
  const page = await studio.open(QUICK, { colorScheme, viewport: { width, height }, bypassCSP: true });
  await page.evaluate(axe);
  const violations = async (): Promise<readonly string[]> => {
    const { violations } = await page.evaluate(() =>
      (
        globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        }
      ).axe.run(),
    );
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`);
  };
  expect(await violations()).toEqual([]);
  await makeButton(page).click();
  await finished(page);
  expect(await violations()).toEqual([]);
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(isTooWide).toBe(false);
  await page.context().close();
});

it("has threads on a host that sends no headers, by its service worker", async () => {
  const { address, close } = await serve(fileURLToPath(new URL("../dist/", import.meta.url)), {});
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(address.replace("127.0.0.1", "localhost"));
  await makeButton(page).and(page.locator(":enabled")).waitFor();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await browser.close();
  await close();
});

it("can be steered by keys alone", async () => {
  const page = await studio.open(QUICK);
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  // Until it has gone, keys are the dialog's.
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  await finished(page);
  await page.keyboard.press("[");
  await page.getByText(/^Step \d+$/).waitFor();
  await page.keyboard.press("a");
  await page.getByText("gray in between").waitFor();
  await page.keyboard.press("1");
  await page.getByRole("button", { name: "1 : 1" }).waitFor();
  await page.context().close();
});

it("alternates by itself at two changes a second, and only by hand where motion is to be reduced", async () => {
  const page = await studio.open(QUICK);
  await makeButton(page).click();
  await finished(page);
  await page.getByLabel("Alternating").check();
  const caption = page.locator(".places figcaption");
  await caption.filter({ hasText: "Metamer" }).waitFor();
  await caption.filter({ hasText: "Target" }).waitFor();
  await page.getByText("2 changes a second").waitFor();
  await page.context().close();

  const still = await studio.open(QUICK, { reducedMotion: "reduce" });
  await makeButton(still).click();
  await finished(still);
  await still.getByLabel("Alternating").check();
  await still.locator(".places figcaption").filter({ hasText: "Target" }).waitFor();
  await still.getByRole("button", { name: "Switch" }).click();
  await still.locator(".places figcaption").filter({ hasText: "Metamer" }).waitFor();
  await still.context().close();
});
