// `npm run pictures`, second part: the studio as its guide shows it. Needs a Chromium, and the page as `npm run build` makes it.

import { fileURLToPath } from "node:url";
import { ISOLATED, launch } from "@plenoptic-js/proof/pages/chromium";
import { serve } from "@plenoptic-js/proof/pages/serve";
import { findChromium } from "./chromium.mjs";

const PAGE = fileURLToPath(new URL("../apps/studio/dist/", import.meta.url));
const FOLDER = fileURLToPath(new URL("../docs/images/", import.meta.url));

process.env.CHROMIUM_PATH ??= findChromium();
const { address, close } = await serve(PAGE, ISOLATED);
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
await page.goto(`${address}#method=metamer&image=house&model=gaussian&iterations=600&seed=0`);
await page.getByRole("button", { name: "Make it" }).and(page.locator(":enabled")).click();
await page.locator(".verdict").waitFor();
await page.screenshot({ path: `${FOLDER}studio.png` });
console.log("docs/images/studio.png");
await browser.close();
await close();
