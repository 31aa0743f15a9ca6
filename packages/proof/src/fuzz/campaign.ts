// Fuzzing in processes of their own, with limits of time and memory.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Finding, Tally } from "./tries.ts";

export interface Run {
  readonly reader: string;
  readonly seed: number;
  /** The numbers of the inputs: from this one up to before that one. */
  readonly from: number;
  readonly to: number;
}

export interface CampaignResult {
  readonly tallies: readonly Tally[];
  /** Where the process ended before its time, or did not go on: the input it was at. */
  readonly stopped?: Finding;
}

/** Milliseconds after which a process that is still at the same input hangs, on a machine that has much else to do. */
const HANGS = 60_000;
/** Between two looks at it. */
const LOOK = 500;
/** Mebibytes of JavaScript's own heap. Arrays lie outside, and are limited together with all else, below. */
const HEAP = 512;
/** Kibibytes of private memory that the system gives the process, where it has such a limit. */
const DATA = 2 * 1024 * 1024;

const CHILD = new URL("./child.ts", import.meta.url);

/** Other than for fuzzing: the program of the process, and when it hangs. */
interface FuzzOptions {
  readonly child?: URL;
  readonly hangs?: number;
}

/** Does these runs in one process. */
export async function fuzz(runs: readonly Run[], options: FuzzOptions = {}): Promise<CampaignResult> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  try {
    return await watched(join(folder, "progress"), runs, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function watched(progress: string, runs: readonly Run[], options: FuzzOptions): Promise<CampaignResult> {
  const { child = CHILD, hangs = HANGS } = options;
  const node = ["--conditions=@plenoptic-js/source", "--import", "tsx", `--max-old-space-size=${HEAP}`];
  const args = [...node, fileURLToPath(child), progress, JSON.stringify(runs)];
  const started =
    process.platform === "win32"
      ? spawn(process.execPath, args)
      : spawn("/bin/sh", ["-c", `ulimit -d ${DATA}; exec "$@"`, "sh", process.execPath, ...args]);
  let out = "";
  let errors = "";
  started.stdout.on("data", (text) => (out += text));
  started.stderr.on("data", (text) => (errors += text));
  let at = "";
  let since = performance.now();
  let hung = false;
  const timer = setInterval(() => {
    const now = String(progressOf(progress));
    // Before the first input it only starts.
    if (now !== at || now === "undefined") [at, since] = [now, performance.now()];
    else if (performance.now() - since > hangs) hung = started.kill("SIGKILL");
  }, LOOK);
  return new Promise((resolve, reject) => {
    started.on("error", reject);
    started.on("close", (code, signal) => {
      clearInterval(timer);
      const tallies = out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Tally);
      if (code === 0 && tallies.length === runs.length) return resolve({ tallies });
      const place = progressOf(progress);
      if (place === undefined) return reject(new Error(`the process did not begin: ${errors}`));
      const { reader, seed } = runs[place[0]];
      const how = hung
        ? `it takes more than ${hangs} ms`
        : `the process ended with ${signal ?? code}: ${errors.slice(-2000)}`;
      resolve({ tallies, stopped: { reader, seed, index: place[1], problem: how } });
    });
  });
}

/** Which run a process is at, and which input. */
function progressOf(file: string): readonly [run: number, index: number] | undefined {
  try {
    const bytes = readFileSync(file);
    return bytes.length < 8 ? undefined : [bytes.readInt32LE(0), bytes.readInt32LE(4)];
  } catch {
    return undefined;
  }
}
