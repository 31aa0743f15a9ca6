// The Chromium that CHROMIUM_PATH names, and the headers that make a page cross-origin isolated.

import { type Browser, chromium } from "playwright";

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
