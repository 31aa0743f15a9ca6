// `npm run engines [-- NAME...]`: the table of hashes in Deno, Bun and Firefox, each of which must be there. What they are is pinned in
// scripts/engines/package.json; Firefox is the system's, or the one that FIREFOX_PATH names. `node-arm64` runs only when it is named: an
// emulated processor, for which NODE_ARM64 names a Node and QEMU_AARCH64 the emulator, with what it takes.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";
import { alias } from "../vitest.config.ts";

const FOLDER = fileURLToPath(new URL("./engines/", import.meta.url));
const BIN = join(FOLDER, "node_modules/.bin");
const OUT = join(FOLDER, "dist");
const PROGRAM = join(OUT, "program.mjs");
/** Milliseconds that an engine may take, on a machine that has much else to do; an emulator twenty times as much. */
const LIMIT = 300_000;
const GOOD = /^same bits in \d+ cases$/;

/** The last line that a command prints. */
function lastLine(command: string, args: readonly string[], limit = LIMIT): string {
  const path = [BIN, process.env.PATH].join(delimiter);
  const result: SpawnSyncReturns<string> = spawnSync(command, args, {
    encoding: "utf8",
    timeout: limit,
    env: { ...process.env, PATH: path },
  });
  if (result.error) throw result.error;
  const line = result.stdout.trim().split("\n").at(-1) ?? "";
  return result.status === 0
    ? line
    : `${command} ended with ${result.status ?? result.signal}: ${line} ${result.stderr}`;
}

/** What a page says that runs the program, in a Firefox without a window. */
async function inFirefox(): Promise<string> {
  const module = pathToFileURL(join(FOLDER, "node_modules/puppeteer-core/lib/puppeteer/puppeteer-core.js")).href;
  const { default: puppeteer } = (await import(module)) as { default: Puppeteer };
  const server = createServer((request, response) => {
    const isProgram = request.url === "/program.mjs";
    response.setHeader("Content-Type", isProgram ? "text/javascript" : "text/html");
    response.end(
      isProgram ? readFileSync(PROGRAM) : '<title></title><script type="module" src="/program.mjs"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const executablePath = process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr";
  const browser = await puppeteer.launch({ browser: "firefox", headless: true, executablePath });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const end = performance.now() + LIMIT;
    for (;;) {
      const title = await page.title();
      if (title !== "" || performance.now() > end) return title || `nothing after ${LIMIT} ms`;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    await browser.close();
    server.close();
  }
}

/** What is used of it here; its own types are not there where it is not installed. */
interface Puppeteer {
  launch(options: { browser: "firefox"; headless: boolean; executablePath: string }): Promise<{
    newPage(): Promise<{ goto(address: string): Promise<unknown>; title(): Promise<string> }>;
    close(): Promise<void>;
  }>;
}

const engines: Readonly<Record<string, () => string | Promise<string>>> = {
  deno: () => lastLine("deno", ["run", "--allow-all", PROGRAM]),
  bun: () => lastLine("bun", [PROGRAM]),
  firefox: inFirefox,
  "node-arm64": () => {
    const { NODE_ARM64, QEMU_AARCH64 = "qemu-aarch64" } = process.env;
    if (NODE_ARM64 === undefined) throw new Error("set NODE_ARM64 to a Node for arm64");
    const [emulator, ...args] = QEMU_AARCH64.split(" ");
    return lastLine(emulator, [...args, NODE_ARM64, PROGRAM], 20 * LIMIT);
  },
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in engines));
if (unknown.length > 0) {
  console.error(`there is no engine ${unknown.join(", ")}; there are ${Object.keys(engines).join(", ")}`);
  process.exit(1);
}
// One file that needs nothing else.
await build({
  configFile: false,
  logLevel: "warn",
  resolve: { alias },
  publicDir: false,
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    lib: { entry: join(FOLDER, "program.ts"), formats: ["es"], fileName: () => "program.mjs" },
    rolldownOptions: { external: /^node:/, output: { codeSplitting: false } },
  },
});
for (const name of named.length > 0 ? named : ["deno", "bun", "firefox"]) {
  const start = performance.now();
  let words: string;
  try {
    words = await engines[name]();
  } catch (error) {
    words = error instanceof Error ? error.message : String(error);
  }
  console.log(`${name}: ${words} (${Math.round((performance.now() - start) / 1000)} s)`);
  if (!GOOD.test(words)) process.exitCode = 1;
}
rmSync(OUT, { recursive: true });
// A server of an engine that did not start would keep the process.
process.exit();
