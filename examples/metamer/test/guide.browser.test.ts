// The files that docs/browser.md shows are right: they pass the type checker, Vite makes a site of them as they are, and
// the site makes the metamer that Node makes.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ISOLATED, launch } from "@plenoptic-js/proof/pages/chromium";
import { runCommand } from "@plenoptic-js/proof/pages/runCommand";
import { serve } from "@plenoptic-js/proof/pages/serve";
import type { Browser, Download } from "playwright";
import * as po from "plenoptic-js";
import ts from "typescript";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";

const GUIDE = fileURLToPath(new URL("../../../docs/browser.md", import.meta.url));
const BASE = fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url));
/** Inside the project, so that imports are found; folders of this name are not committed. */
const FOLDER = fileURLToPath(new URL("./dist/guide/", import.meta.url));
const COMMAND = "npx plenoptic metamer house --model gaussian --std 3 --seed 0 --iterations 100";

let browser: Browser;
let expected: string;
const names: string[] = [];

/** A page that uses what is said of files. What it makes is made again here. */
const FILES_PAGE = `<!doctype html>
<input type="file"><p id="status"></p>
<script type="module">
  import * as po from "plenoptic-js";
  import { openImages, saveAll } from "../files.ts";
  const made = ${makeMetamer};
  const status = document.querySelector("#status");
  await saveAll(await made(po));
  status.textContent = "saved";
  document.querySelector("input").onchange = async ({ target }) => {
    status.textContent = "opened " + await po.hashTensor((await openImages(target.files[0])).get("metamer"));
  };
</script>
`;

async function makeMetamer(library: typeof po): Promise<po.Metamer> {
  library.setSeed(0);
  const image = library.process.centerCrop(await library.data.house({ dtype: "float64" }), 32);
  const metamer = new library.Metamer(image, new library.models.Gaussian(5, { std: 1 }));
  await metamer.synthesize({ maxIter: 3, stopCriterion: 0 });
  return metamer;
}

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
  expected = (await runCommand(COMMAND)).hashes[0];
});

afterAll(async () => {
  await browser.close();
  await rm(FOLDER, { recursive: true });
});

it("shows a page, its worker, a configuration of Vite, and files", () => {
  expect(names).toEqual(["index.html", "page.ts", "worker.ts", "vite.config.ts", "files.ts"]);
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

it("saves and opens files", async () => {
  const root = join(FOLDER, "files");
  await mkdir(root);
  await writeFile(join(root, "index.html"), FILES_PAGE);
  await build({ root, configFile: join(FOLDER, "vite.config.ts"), logLevel: "warn", build: { target: "es2022" } });
  const site = await serve(join(root, "dist"), {});
  const page = await browser.newPage({ acceptDownloads: true });
  const downloads: Download[] = [];
  page.on("download", (download) => downloads.push(download));
  await page.goto(site.address);
  await page.locator("#status").filter({ hasText: "saved" }).waitFor();
  await expect.poll(() => downloads.length).toBe(3);

  const metamer = await makeMetamer(po);
  const saved = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const download of downloads) {
    saved.set(download.suggestedFilename(), new Uint8Array(await readFile(await download.path())));
  }
  expect([...saved.keys()].sort()).toEqual(["images.npz", "metamer.png", "metamer.pt"]);
  const images = await po.io.loadArrays(saved.get("images.npz")!);
  expect(await images.get("metamer")!.data()).toEqual(await metamer.metamer.data());
  expect(await images.get("image")!.data()).toEqual(await metamer.image.data());
  const { bytes } = await po.encodeImage(metamer.metamer, { bits: 16 });
  expect(saved.get("metamer.png")).toEqual(bytes);
  const whole = await po.io.loadFile(saved.get("metamer.pt")!);
  expect(whole.has("metamer")).toBe(true);

  await page
    .locator("input")
    .setInputFiles(await downloads.find((d) => d.suggestedFilename() === "images.npz")!.path());
  const status = page.locator("#status").filter({ hasText: "opened" });
  expect(await status.textContent()).toBe(`opened ${await po.hashTensor(metamer.metamer)}`);
  await page.close();
  await site.close();
});
