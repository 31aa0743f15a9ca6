// Gets a checkout ready: installs the pinned dependencies and builds the packages, each only when needed.
// Plain Node without dependencies, because it runs before anything is installed.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const OLDEST_NODE = [20, 19];

/** Stops with one plain line. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Runs a command from the project's root, output passed through. Returns its exit code. */
export function runCommand(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) fail(`Could not start ${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Runs a JavaScript file with this Node. */
export function runNode(args, options) {
  return runCommand(process.execPath, args, options);
}

/** Runs npm: through the npm that started us where there is one, else the one on the path (on Windows a .cmd file). */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith(".js") && existsSync(npm)) return runNode([npm, ...args], options);
  return runCommand("npm", args, { shell: process.platform === "win32", ...options });
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(
    `This project needs Node ${OLDEST_NODE.join(".")} or newer; this is ${process.versions.node}. See https://nodejs.org.`,
  );
}

function readLock(path) {
  return JSON.parse(readFileSync(`${root}/${path}`, "utf8")).packages;
}

/** Why node_modules does not hold what package-lock.json asks for; undefined when it does. */
function missingInstall() {
  // npm keeps its own account of what it put there. Versions are compared, not times: a checkout changes times.
  const installedLock = "node_modules/.package-lock.json";
  if (!existsSync(`${root}/${installedLock}`)) return "first run";
  const installed = readLock(installedLock);
  for (const [path, wanted] of Object.entries(readLock("package-lock.json"))) {
    if (!path.startsWith("node_modules/") || wanted.optional) continue;
    const name = path.slice("node_modules/".length);
    const found = installed[path];
    if (found === undefined) return `${name} is missing`;
    // Our own packages are links, which have no version here.
    if (found.version !== wanted.version) return `${name} is ${found.version}, wanted ${wanted.version}`;
  }
  return undefined;
}

/** `npm ci`, when node_modules is missing or holds other versions than the lockfile. */
export function ensureInstalled() {
  checkNode();
  const reason = missingInstall();
  if (reason === undefined) return;
  console.log(`Installing dependencies (${reason}) …`);
  if (runNpm(["ci", "--no-fund", "--no-audit", "--loglevel=error"]) !== 0) {
    fail("npm ci failed. Its messages above say why; without a network nothing can be installed.");
  }
}

/** `tsc -b`, which looks itself for what is out of date, and the bundles for Node, which take a second or two. */
export function ensureBuilt() {
  console.log("Building (tsc -b, bundles) …");
  const code = runNode(["node_modules/typescript/bin/tsc", "-b"]) || runNode(["scripts/bundles.mjs"]);
  if (code !== 0) fail("The build failed. The messages above name the files and lines.");
}

/** The pages, the example's and the studio, from the built packages. */
export function buildPages() {
  for (const page of ["examples/metamer", "apps/studio"]) {
    const code = runNode(["node_modules/vite/bin/vite.js", "build", page, "--logLevel", "warn"]);
    if (code !== 0) fail(`The page ${page} could not be built. The messages above say why.`);
  }
}
