// The built studio in a Chromium, as a person uses it.

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { launch } from "@plenoptic-js/proof/pages/chromium";
import type { Browser, BrowserContextOptions, Page, Response } from "playwright";
import { serveStudio } from "../../../packages/cli/src/studio.ts";

export interface Studio {
  readonly address: string;
  /** A page in a profile of its own: nothing is kept from another. */
  open(hash?: string, options?: BrowserContextOptions, onResponse?: (response: Response) => void): Promise<Page>;
  close(): Promise<void>;
}

/** The studio as `plenoptic studio` serves it. Mistakes of a page, what its policy refuses and requests to others end in `errors`. */
export async function openStudio(): Promise<Studio & { readonly errors: readonly string[] }> {
  const server: Server = await serveStudio(0);
  const address = `http://localhost:${(server.address() as AddressInfo).port}/`;
  const browser: Browser = await launch();
  const errors: string[] = [];
  return {
    address,
    errors,
    open: async (hash = "", options = {}, onResponse = () => undefined) => {
      const context = await browser.newContext({ acceptDownloads: true, ...options });
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      page.on("response", onResponse);
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(address) && !/^(blob|data):/.test(url)) errors.push(`a request to ${url}`);
      });
      await page.goto(`${address}${hash}`);
      await makeButton(page).and(page.locator(":enabled")).waitFor();
      return page;
    },
    close: async () => {
      await browser.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

export const makeButton = (page: Page) => page.getByRole("button", { name: /^Make it/ });

/** Waits until it is done, and gives the hashes. */
export async function finished(page: Page): Promise<readonly string[]> {
  await page.locator(".phase", { hasText: "Done." }).waitFor();
  await page.locator(".hashes code").first().waitFor();
  return page.locator(".hashes code").allTextContents();
}

/** What a button saves, by name. */
export async function saved(
  page: Page,
  button: string,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button, exact: true }).click(),
  ]);
  const parts: Uint8Array[] = [];
  for await (const part of await download.createReadStream()) parts.push(part as Uint8Array);
  return { name: download.suggestedFilename(), bytes: Buffer.concat(parts) };
}
