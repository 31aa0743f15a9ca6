// The files that docs/browser.md shows are right: they pass the type checker, Vite makes a site of them as they are, and
// the site makes the metamer that Node makes.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright";
import ts from "typescript";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ISOLATED, launch } from "./chromium.ts";
import { runCommand } from "./command.ts";
import { serve } from "./server.ts";

const GUIDE = fileURLToPath(new URL("../../../docs/browser.md", import.meta.url));
const BASE = fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url));
/** Inside the project, so that imports are found; folders of this name are not committed. */
const FOLDER = fileURLToPath(new URL("./dist/guide/", import.meta.url));
const COMMAND = "npx plenoptic metamer house --model gaussian --std 3 --seed 0 --iterations 100";

let browser: Browser;
let expected: string;
const names: string[] = [];

beforeAll(async () => {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const guide = await readFile(GUIDE, "utf8");
  // Files are the blocks whose first line is a comment with a name.
  for (const [, text, name] of guide.matchAll(/^```\w+\n((?:\/\/|<!--) ([\w.]+\.\w+)(?: -->)?\n[\s\S]*?)^```$/gm)) {
    await writeFile(join(FOLDER, name), text);
    names.push(name);
  }
  browser = await launch();
  expected = (await runCommand(COMMAND)).hash;
});

afterAll(async () => {
  await browser.close();
  await rm(FOLDER, { recursive: true });
});

it("shows a page, its worker, and a configuration of Vite", () => {
  expect(names).toEqual(["index.html", "page.ts", "worker.ts", "vite.config.ts"]);
});

it("has the right types", () => {
  const { config } = ts.readConfigFile(BASE, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, FOLDER);
  const sources = names.filter((name) => name.endsWith(".ts")).map((name) => join(FOLDER, name));
  const program = ts.createProgram(sources, { ...options, noEmit: true });
  const problems = ts.getPreEmitDiagnostics(program).map(({ messageText, file }) => ({
    file: file?.fileName,
    problem: ts.flattenDiagnosticMessageText(messageText, "\n"),
  }));
  expect(problems).toEqual([]);
});

it("makes the metamer that Node makes, with the two headers and without", async () => {
  await build({ root: FOLDER, configFile: join(FOLDER, "vite.config.ts"), logLevel: "warn" });
  for (const [headers, threads] of [
    [{}, 1],
    [ISOLATED, availableParallelism()],
  ] as const) {
    const site = await serve(join(FOLDER, "dist"), headers);
    const page = await browser.newPage();
    await page.goto(site.address);
    const status = page.locator("#status").filter({ hasText: "pixels" });
    expect(await status.textContent()).toBe(`${expected}, 65536 pixels, threads: ${threads}`);
    await page.close();
    await site.close();
  }
});
