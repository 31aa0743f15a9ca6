// Runs the command that the page names, as built, in Node.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PLENOPTIC = fileURLToPath(new URL("../../../cli/bin/plenoptic.js", import.meta.url));
const START = "npx plenoptic ";

export interface Made {
  /** SHA-256 of each result, in the order of their names. */
  readonly hashes: readonly string[];
  /** The files that it wrote, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Runs `command`, such as `npx plenoptic metamer house`, in `folder`. */
export async function runCommand(command: string, folder?: string): Promise<Made> {
  if (!command.startsWith(START)) throw new Error(`"${command}" does not start with "${START}"`);
  const out = await mkdtemp(join(tmpdir(), "plenoptic-page-"));
  try {
    const args = [PLENOPTIC, ...command.slice(START.length).split(" "), "--out", join(out, "made")];
    await promisify(execFile)(process.execPath, args, folder === undefined ? {} : { cwd: folder });
    const files = new Map<string, Uint8Array>();
    for (const name of (await readdir(join(out, "made"))).sort())
      files.set(name, await readFile(join(out, "made", name)));
    const recipes = [...files].filter(([name]) => /(^|\.)recipe\.json$/.test(name));
    const hashes = recipes.map(([, bytes]) => JSON.parse(new TextDecoder().decode(bytes)).result.sha256 as string);
    return { hashes, files };
  } finally {
    await rm(out, { recursive: true });
  }
}
