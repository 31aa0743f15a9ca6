// The built page in a Chromium.

import { fileURLToPath } from "node:url";
import { serve } from "@plenoptic-js/proof/pages/serve";
import type { Browser, Page } from "playwright";

/** The folder of the built page. */
export const BUILT = fileURLToPath(new URL("../dist/", import.meta.url));

/** Opens the page, served with these headers, and hands it to `use`. An error in the page makes it fail. */
export async function withPage(
  browser: Browser,
  headers: Readonly<Record<string, string>>,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const served = await serve(BUILT, headers);
  try {
    await withAddress(browser, served.address, use);
  } finally {
    await served.close();
  }
}

/** The same, wherever the page is. */
export async function withAddress(
  browser: Browser,
  address: string,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await browser.newPage();
  const errors: Error[] = [];
  page.on("pageerror", (error) => errors.push(error));
  try {
    await page.goto(address);
    await page.getByRole("button", { name: "Start" }).and(page.locator(":enabled")).waitFor();
    await use(page);
    if (errors.length > 0) throw errors[0];
  } finally {
    await page.close();
  }
}
