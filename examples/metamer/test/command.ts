// Runs the command that the page names, as built, in Node.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PLENOPTIC = fileURLToPath(new URL("../../../packages/cli/bin/plenoptic.js", import.meta.url));
const START = "npx plenoptic ";

export interface Made {
  /** SHA-256 of the metamer. */
  readonly hash: string;
  /** The file metamer.png. */
  readonly png: Uint8Array;
}

/** Runs `command`, such as `npx plenoptic metamer house`, in `folder`. */
export async function runCommand(command: string, folder?: string): Promise<Made> {
  if (!command.startsWith(START)) throw new Error(`"${command}" does not start with "${START}"`);
  const out = await mkdtemp(join(tmpdir(), "plenoptic-page-"));
  try {
    const args = [PLENOPTIC, ...command.slice(START.length).split(" "), "--out", join(out, "made")];
    await promisify(execFile)(process.execPath, args, folder === undefined ? {} : { cwd: folder });
    const recipe = JSON.parse(await readFile(join(out, "made", "recipe.json"), "utf8"));
    return { hash: recipe.result.sha256, png: await readFile(join(out, "made", "metamer.png")) };
  } finally {
    await rm(out, { recursive: true });
  }
}
