// Files that are there whole or not at all: written beside their place, flushed, then moved onto it.

import { FileError } from "../errors.ts";
import { whatIs } from "../whatIs.ts";
import { nodeFiles } from "./node.ts";
import { systemCode } from "./systemCode.ts";

/**
 * Writes a file so that nobody, not even after a crash, sees half of it. A file that was there before stays until the
 * new one is complete. Node only. The folder must exist.
 *
 * @param bytes what is written; or its pieces, in order
 * @throws FileError with code `not-written` (and nothing left behind), or `unsupported` in a browser
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
  if (typeof path !== "string") throw new TypeError(`writeFileAtomic: the path is ${whatIs(path)}; it must be a text`);
  if (path === "") throw new FileError("not-written", '""', "the path is empty");
  const node = nodeFiles();
  if (node === undefined) {
    throw new FileError("unsupported", path, "a browser cannot write files; use toBytes() and offer a download");
  }
  const { fs, path: paths } = node;
  const folder = paths.dirname(path);
  // In the same folder, because a move between file systems is a copy, and a copy can stop half way.
  const temporary = paths.join(folder, `.${crypto.randomUUID()}.tmp`);
  let created = false;
  try {
    const handle = await fs.open(temporary, "wx");
    created = true;
    try {
      for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, path);
  } catch (cause) {
    if (created) await fs.rm(temporary, { force: true });
    throw new FileError("not-written", path, explain(cause, folder), { cause });
  }
  await syncFolder(folder, fs);
}

/** Makes the move itself survive a power cut. Some systems cannot flush a folder; the file is complete either way. */
async function syncFolder(folder: string, fs: typeof import("node:fs/promises")): Promise<void> {
  try {
    const handle = await fs.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    return;
  }
}

function explain(cause: unknown, folder: string): string {
  switch (systemCode(cause)) {
    case "ENOENT":
      return `the folder ${folder} does not exist`;
    case "ENOTDIR":
      return `${folder} is not a folder`;
    case "EISDIR":
    case "ENOTEMPTY":
    case "EEXIST":
      return "a folder of this name is in the way";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `you are not allowed to write in ${folder}`;
    case "ENAMETOOLONG":
      return "the name is too long; choose a shorter one";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full";
    default:
      return `could not be written (${cause instanceof Error ? cause.message : String(cause)})`;
  }
}
