// The record that a run leaves of what it wrote to a folder, so that a later run can clear just that away. A file counts as
// written by the run if its name stands in the record and its bytes are still those; whatever else is there is the person's.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";

export const RECORD_FILE = "plenoptic-files.json";

/** The SHA-256 of a file, which is never in memory as a whole. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path) as AsyncIterable<Uint8Array>) hash.update(bytes);
  return hash.digest("hex");
}

/** The bytes of the record of files with these hashes. */
export function recordOf(hashOf: ReadonlyMap<string, string>): Uint8Array {
  const hashes = Object.fromEntries(hashOf);
  const about = "What one run of plenoptic wrote here. --overwrite removes these files as long as they are unchanged.";
  return new TextEncoder().encode(`${JSON.stringify({ about, sha256: hashes }, null, 2)}\n`);
}

/** The names and hashes in the record of a folder, in order; empty where there is none, or it cannot be understood. */
export async function readRecord(folder: string): Promise<ReadonlyMap<string, string>> {
  try {
    const { sha256 } = JSON.parse(await readFile(join(folder, RECORD_FILE), "utf8")) as { readonly sha256?: unknown };
    if (typeof sha256 !== "object" || sha256 === null) return new Map();
    const isPlain = ([name, hash]: [string, unknown]): boolean =>
      name !== "" && name !== "." && name !== ".." && basename(name) === name && typeof hash === "string";
    return new Map(Object.entries(sha256 as Record<string, string>).filter(isPlain));
  } catch {
    return new Map();
  }
}

/**
 * Removes what the recorded run wrote, and its record.
 *
 * @returns the names of files that it wrote but that were changed since; they stay
 */
export async function clearRecorded(folder: string): Promise<string[]> {
  const changed: string[] = [];
  // The last vouches for the others, so it goes first.
  for (const [name, hash] of [...(await readRecord(folder))].reverse()) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) continue;
    if (found.isFile() && (await hashFile(path)) === hash) await rm(path);
    else changed.push(name);
  }
  await rm(join(folder, RECORD_FILE), { force: true });
  return changed.reverse();
}

/** Clears, as above, the folders in a folder that are of earlier runs, and removes those that are empty then. */
export async function clearFolders(folder: string, isEarlier: (name: string) => boolean): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory() || !isEarlier(entry.name) || (await readRecord(path)).size === 0) continue;
    await clearRecorded(path);
    // What is the person's own stays.
    if ((await readdir(path)).length === 0) await rmdir(path);
  }
}
