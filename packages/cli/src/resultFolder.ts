// Where the results go, and how they get there: all of them or none. A folder holds the results of one run: with --overwrite, what an
// earlier run wrote there is cleared away (folderRecord.ts), and nothing else.

import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { systemCode, writeFileAtomic } from "@plenoptic-js/formats";
import { systemReason, UserError } from "./failure.ts";
import { clearRecorded, hashFile, RECORD_FILE, readRecord, recordOf } from "./folderRecord.ts";
import { whileWriting } from "./interrupt.ts";

/** A file: its bytes, or what makes them and writes them to a path. Of large files there is one in memory at a time. */
export type ResultFile = Uint8Array | ((path: string) => Promise<void>);

/** Files by name, in the order in which they appear. The last one vouches for the others. */
export type ResultFiles = ReadonlyMap<string, ResultFile>;

export interface FolderChoice {
  /** The folder to write to. */
  readonly path: string;
  /** Take `path-2`, `path-3` and so on when the folder is there already. */
  readonly numbered: boolean;
  /** Replace files of the same names, and clear away the others of an earlier run. */
  readonly overwrite: boolean;
}

/** The options `--out` and `--overwrite`. */
export type FolderOptions = {
  readonly out?: string | undefined;
  readonly overwrite?: true | undefined;
};

/** What `--overwrite` says in the help of a command. */
export const OVERWRITE_HELP =
  "write to a folder that has results already: removes what the earlier run wrote there, but no other files";

/** The folder that the options name, or the one of the given name. */
export function chooseFolder({ out, overwrite }: FolderOptions, otherwise: string): FolderChoice {
  return {
    path: resolve(out ?? otherwise),
    numbered: out === undefined && !overwrite,
    overwrite: overwrite === true,
  };
}

/**
 * Refuses, before anything is computed, a folder that the results could not be written to.
 *
 * @throws UserError
 */
export async function checkFolder(choice: FolderChoice, names: readonly string[]): Promise<void> {
  const { path } = choice;
  await inWords(path, async () => {
    let existing = path;
    while (!(await exists(existing)) && dirname(existing) !== existing) existing = dirname(existing);
    if (!(await stat(existing)).isDirectory()) {
      throw new UserError(
        `${existing} is a file, so no results can be written to ${path}; choose another folder with --out`,
      );
    }
    // A folder with another number comes beside this one.
    await tryWriting(existing === path && choice.numbered ? dirname(path) : existing);
    if (existing === path && !choice.numbered) await checkNothingLost(choice, names);
  });
}

/**
 * Writes a file to a new folder, as the results will be, and removes both. Rights alone do not tell: whoever is allowed everything
 * still makes no folder in /proc, or on a disk that is full or can only be read.
 */
async function tryWriting(folder: string): Promise<void> {
  const trial = join(folder, `.plenoptic-${randomUUID()}.tmp`);
  const clear = (): void => rmSync(trial, { recursive: true, force: true });
  process.on("exit", clear);
  try {
    await mkdir(trial);
    await writeFile(join(trial, "trial"), "plenoptic writes here");
  } catch (error) {
    const reason = systemCode(error) === "ENOENT" ? "no folder can be made in it" : systemReason(error);
    if (reason === undefined) throw error;
    throw new UserError(`nothing can be written in ${folder}: ${reason}; choose another folder with --out`, {
      cause: error,
    });
  } finally {
    await rm(trial, { recursive: true, force: true });
    process.off("exit", clear);
  }
}

/**
 * Writes all files and gives the folder they are in. Files are written to a folder beside their place first. A new
 * folder then appears as a whole; in a folder that is there already, files are moved one by one, the last one last.
 *
 * @param say prints a line
 * @throws UserError or FileError, leaving no file behind
 */
export async function writeResults(
  choice: FolderChoice,
  results: ResultFiles,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<string> {
  const { path, overwrite } = choice;
  const write = async (): Promise<string> => {
    const isNew = choice.numbered || !(await exists(path));
    const staging = join(isNew ? dirname(path) : path, `.plenoptic-${randomUUID()}.tmp`);
    // Should the process end here and now.
    const clear = (): void => rmSync(staging, { recursive: true, force: true });
    process.on("exit", clear);
    try {
      await makeFolder(staging);
      const hashes = new Map<string, string>();
      for (const [name, file] of results) {
        signal.throwIfAborted();
        const at = join(staging, name);
        await (typeof file === "function" ? file(at) : writeFileAtomic(at, file));
        hashes.set(name, await hashFile(at));
      }
      signal.throwIfAborted();
      await writeFileAtomic(join(staging, RECORD_FILE), recordOf(hashes));
      if (isNew) return await moveFolder(staging, choice);
      await checkNothingLost(choice, [...results.keys()]);
      if (overwrite) {
        const changed = await clearRecorded(path);
        const left = changed.filter((name) => !results.has(name));
        if (left.length > 0) say(`note: ${left.join(", ")} of an earlier run was changed since, and stays in ${path}`);
      }
      await moveFiles(staging, path, [RECORD_FILE, ...results.keys()]);
      await rmdir(staging);
      return path;
    } catch (error) {
      await rm(staging, { recursive: true, force: true });
      throw error;
    } finally {
      process.off("exit", clear);
    }
  };
  return inWords(path, () => whileWriting(write));
}

/** What the system refuses, as a UserError that says what to do. */
async function inWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw new UserError(`no results can be written to ${path}: ${reason}; choose another folder with --out`, {
      cause: error,
    });
  }
}

/**
 * Makes a folder and those above it. Node's own way to do that never ends where a file system refuses new folders as if the
 * one above were missing, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await exists(path)) return;
  await makeFolder(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // Someone else may have made it in between.
    if (systemCode(error) === "EEXIST") return;
    throw new UserError(
      `the folder ${path} could not be made (${systemReason(error) ?? systemCode(error)}); choose another folder with --out`,
      { cause: error },
    );
  }
}

/** The path of the choice; of one that may be numbered, the first that is free. */
export async function freeFolder({ path, numbered }: FolderChoice): Promise<string> {
  for (let number = 1; ; number++) {
    const to = number === 1 ? path : `${path}-${number}`;
    if (!numbered || !(await exists(to))) return to;
  }
}

/** Whether a folder has all of these files as a run left them there. */
export async function hasFiles(path: string, names: readonly string[]): Promise<boolean> {
  const recorded = await readRecord(path);
  for (const name of names) {
    const at = join(path, name);
    if (!recorded.has(name) || !(await exists(at)) || (await hashFile(at)) !== recorded.get(name)) return false;
  }
  return true;
}

/** Whether a folder has all of a result, of this hash. */
export async function hasResult(path: string, sha256: string, recipe = "recipe.json"): Promise<boolean> {
  if ((await readRecord(path)).size === 0) return false;
  try {
    const { result } = JSON.parse(await readFile(join(path, recipe), "utf8"));
    return result?.sha256 === sha256;
  } catch {
    return false;
  }
}

/** A path as it is written from the current folder, where it lies in it. */
export function fromHere(path: string): string {
  const short = relative("", path);
  return short.startsWith("..") ? path : short || ".";
}

/** A folder has results, and of another run than this. */
export function otherResults(path: string, first = ""): UserError {
  const which = first === "" ? "" : ` (${first}, ...)`;
  return new UserError(
    `${path} has the results of an earlier run already${which}; choose another --out, or replace them with --overwrite`,
  );
}

async function checkNothingLost({ path, overwrite }: FolderChoice, names: readonly string[]): Promise<void> {
  if (overwrite) return;
  const recorded = await readRecord(path);
  if (recorded.size > 0) throw otherResults(path, recorded.keys().next().value);
  for (const name of names) {
    if (await exists(join(path, name))) {
      throw new UserError(`${join(path, name)} is there already; choose another --out, or replace it with --overwrite`);
    }
  }
}

async function moveFolder(staging: string, { path, numbered }: FolderChoice): Promise<string> {
  for (let number = 1; ; number++) {
    const to = number === 1 ? path : `${path}-${number}`;
    if (numbered && (await exists(to))) continue;
    try {
      await rename(staging, to);
      return to;
    } catch (error) {
      // Another run may have been quicker.
      if (!numbered || !(await exists(to))) throw error;
    }
  }
}

async function moveFiles(staging: string, folder: string, names: readonly string[]): Promise<void> {
  // Without the old voucher, a mixture of old and new files cannot be taken for a result.
  await rm(join(folder, names.at(-1)!), { force: true });
  for (const name of names) await rename(join(staging, name), join(folder, name));
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return false;
    throw error;
  }
}
