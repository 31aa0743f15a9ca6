// `npm run test:consumers [-- NAME...]`: the packages as their users get them. Packs the tarballs, installs them in a project
// of its own for each consumer (scripts/consumers/list.ts), and compares what each computes with what Node computes here.
// Not in CI: it downloads a dozen bundlers. Needs a Chromium for the pages.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { preview } from "vite";
import { findChromium } from "./chromium.mjs";
import { type Consumer, consumers } from "./consumers/list.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STEP_LIMIT = 300_000;

/** Runs a command and returns what it printed. */
function run(folder: string, command: string, args: readonly string[]): string {
  const path = [join(folder, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const { stdout, stderr, status, error } = spawnSync(command, args, {
    cwd: folder,
    env: { ...process.env, PATH: path },
    encoding: "utf8",
    timeout: STEP_LIMIT,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** The tarball of every package that is published, by name. */
function packAll(folder: string): Record<string, string> {
  const tarballs: Record<string, string> = {};
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => join(ROOT, parent, name)),
  );
  for (const packageFolder of folders) {
    const { name: packageName, private: isPrivate } = JSON.parse(
      readFileSync(join(packageFolder, "package.json"), "utf8"),
    ) as { name: string; private?: boolean };
    if (isPrivate) continue;
    const [{ filename }] = JSON.parse(run(packageFolder, "npm", ["pack", "--json", "--pack-destination", folder])) as [
      { filename: string },
    ];
    tarballs[packageName] = `file:${join(folder, filename)}`;
  }
  return tarballs;
}

function makeProject(folder: string, consumer: Consumer, tarballs: Record<string, string>): void {
  const { files, dependencies, manifest } = consumer;
  const json = { private: true, type: "module", dependencies: { ...tarballs, ...dependencies }, ...manifest };
  for (const [path, text] of Object.entries({ "package.json": JSON.stringify(json), ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  run(folder, "npm", ["install", "--no-fund", "--no-audit", "--loglevel=error", "--ignore-scripts=false"]);
}

/** The title that a page gives itself when it is done. */
async function titleOf(address: string): Promise<string> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("no Chromium found: install one, or set CHROMIUM_PATH to it");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    await page.goto(address);
    await page.waitForFunction("/^(result|failed)/.test(document.title)", undefined, { timeout: 60_000 });
    return await page.title();
  } finally {
    await browser.close();
  }
}

/** Opens a site that was built. */
async function openPage(folder: string): Promise<string> {
  const server = await preview({ root: folder, build: { outDir: "." }, preview: { port: 0 }, logLevel: "silent" });
  try {
    return await titleOf(server.resolvedUrls!.local[0]);
  } finally {
    await server.close();
  }
}

/** Opens a page as the development server of the project's own Vite gives it, from a cold start. */
async function openServed(folder: string): Promise<string> {
  const server = spawn(process.execPath, ["node_modules/vite/bin/vite.js", "--port", "0"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
  });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let printed = "";
      const listen = (data: Buffer): void => {
        printed += data.toString();
        const found = /Local: +(\S+)/.exec(printed)?.[1];
        if (found !== undefined) resolve(found);
      };
      server.stdout.on("data", listen);
      server.stderr.on("data", listen);
      server.on("exit", () => reject(new Error(`vite ended:\n${printed}`)));
    });
    return await titleOf(address);
  } finally {
    server.kill();
  }
}

/** Files of a site that are there twice, under two names. */
function twins(folder: string): string[] {
  const seen = new Map<string, string>();
  const found: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
    const other = seen.get(hash);
    if (other !== undefined) found.push(`${entry.name} is ${other} again`);
    seen.set(hash, entry.name);
  }
  return found;
}

/** What is wrong with a consumer; undefined where nothing is. */
async function tryConsumer(
  folder: string,
  consumer: Consumer,
  tarballs: Record<string, string>,
): Promise<string | undefined> {
  makeProject(folder, consumer, tarballs);
  let printed = "";
  for (const [command, ...args] of consumer.steps) printed += run(folder, command, args);
  if (consumer.typesOnly) return undefined;
  if (consumer.page !== undefined) {
    const again = twins(join(folder, consumer.page));
    if (again.length > 0) return again.join("; ");
    printed = await openPage(join(folder, consumer.page));
  }
  const expected = await expectedOf(consumer);
  const wrong = (shown: string): string | undefined => {
    const result = /result: (.*)/.exec(shown)?.[1];
    return result === expected ? undefined : `it computed ${result ?? JSON.stringify(shown.trim())}, not ${expected}`;
  };
  const built = wrong(printed);
  if (built !== undefined || consumer.serves !== true) return built;
  const served = wrong(await openServed(folder));
  return served && `the development server: ${served}`;
}

/** What Node computes here, from the sources, by the consumer's own program. */
async function expectedOf({ files }: Consumer): Promise<string> {
  const text = files["program.js"]
    .replace("module.exports = {", "export {")
    .replace(/^const po = .*$/m, 'import * as po from "plenoptic-js";');
  const path = join(ROOT, "scripts", `consumer-${process.pid}.mjs`);
  writeFileSync(path, text);
  try {
    const { result } = (await import(`${path}?${createHash("sha256").update(text).digest("hex")}`)) as {
      result(): Promise<string>;
    };
    return await result();
  } finally {
    rmSync(path);
  }
}

const wanted = process.argv.slice(2);
const chosen = consumers.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (chosen.length === 0) {
  console.error(
    `No consumer is called ${wanted.join(" or ")}; there are: ${consumers.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}

run(ROOT, process.execPath, ["node_modules/typescript/bin/tsc", "-b"]);
const work = mkdtempSync(join(tmpdir(), "consumers-"));
let failures = 0;
try {
  const tarballs = packAll(work);
  for (const consumer of chosen) {
    const folder = join(work, consumer.name.replaceAll(/[^\w.]+/g, "-"));
    mkdirSync(folder);
    const start = performance.now();
    let trouble: string | undefined;
    try {
      trouble = await tryConsumer(folder, consumer, tarballs);
    } catch (error) {
      trouble = String(error);
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${trouble === undefined ? "passed" : "FAILED"}  ${consumer.name} (${seconds} s)`);
    if (trouble !== undefined) console.log(trouble.replaceAll(/^/gm, "        "));
    if (trouble !== undefined) failures++;
    rmSync(folder, { recursive: true, force: true });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${chosen.length - failures} passed, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
