// The built page in a Chromium.

import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { serve } from "./server.ts";

/** The folder of the built page. */
export const BUILT = fileURLToPath(new URL("../dist/", import.meta.url));

export const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH;
  if (!executablePath) throw new Error("Set CHROMIUM_PATH to a Chromium, or run `npm test`, which looks for one.");
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"],
  });
}

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
