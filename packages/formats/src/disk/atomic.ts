// Files that are there whole or not at all: written beside their place, flushed, then moved onto it.

import { FileError } from "../errors.ts";
import { whatIs } from "../whatIs.ts";
import { type NodeFiles, nodeFiles } from "./node.ts";
import { systemCode } from "./systemCode.ts";

/**
 * Writes a file so that nobody, not even after the process died in the middle, sees half of it. A file that was there before stays until
 * the new one is complete. Node only. The folder must exist.
 *
 * @param bytes what is written; or its pieces, in order, each of which is asked for when those before it are written
 * @throws FileError with code `not-written` (and nothing left behind), or `unsupported` in a browser; what the pieces throw
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | Iterable<Uint8Array>): Promise<void> {
  const { fs, path: paths } = placeOf("writeFileAtomic", path);
  const folder = paths.dirname(path);
  // In the same folder, because a move between file systems is a copy, and a copy can stop half way.
  const temporary = paths.join(folder, `${prefixOf(paths.basename(path))}${crypto.randomUUID()}.tmp`);
  let created = false;
  /** What the pieces threw: nothing of the disk. */
  let own: { readonly reason: unknown } | undefined;
  const pieces = bytes instanceof Uint8Array ? [bytes] : bytes;
  try {
    const handle = await fs.open(temporary, "wx");
    created = true;
    try {
      const next = pieces[Symbol.iterator]();
      for (;;) {
        let piece: IteratorResult<Uint8Array>;
        try {
          piece = next.next();
        } catch (reason) {
          own = { reason };
          throw reason;
        }
        if (piece.done === true) break;
        await handle.writeFile(piece.value);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, path);
  } catch (cause) {
    if (created) await fs.rm(temporary, { force: true });
    if (own !== undefined) throw own.reason;
    throw new FileError("not-written", path, explain(cause, folder), { cause });
  }
  await syncFolder(folder, fs);
}

/**
 * Refuses, before there is anything to write, a path that no file could be written to: tries it beside the place, and leaves nothing.
 * At once, so that nothing happens meanwhile.
 *
 * @returns whether a file is there already
 * @throws FileError as writeFileAtomic does
 */
export function checkWritable(path: string): boolean {
  const { sync, path: paths } = placeOf("checkWritable", path);
  const folder = paths.dirname(path);
  const trial = paths.join(folder, `${prefixOf(paths.basename(path))}${crypto.randomUUID()}.tmp`);
  let created = false;
  try {
    const there = sync.statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new FileError("not-written", path, "a folder of this name is in the way");
    const handle = sync.openSync(trial, "wx");
    created = true;
    try {
      // An empty file fits on a full disk.
      sync.writeSync(handle, "a trial");
    } finally {
      sync.closeSync(handle);
    }
    return there !== undefined;
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError("not-written", path, explain(cause, folder), { cause });
  } finally {
    if (created) sync.rmSync(trial, { force: true });
  }
}

/** Removes what processes that died while they wrote this file have left beside it. Nobody else may be writing it now. */
export async function clearUnfinished(path: string): Promise<void> {
  const { fs, path: paths } = placeOf("clearUnfinished", path);
  const folder = paths.dirname(path);
  const prefix = prefixOf(paths.basename(path));
  for (const name of await fs.readdir(folder).catch(() => [])) {
    const isOurs =
      name.startsWith(prefix) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length));
    if (isOurs) await fs.rm(paths.join(folder, name), { force: true });
  }
}

/** How the names of unfinished files begin. Short, because names have an end. */
const prefixOf = (name: string): string => `.${Array.from(name).slice(0, 40).join("")}.`;

/** Node's modules for a path that could be that of a file. */
function placeOf(caller: string, path: string): NodeFiles {
  if (typeof path !== "string") throw new TypeError(`${caller}: the path is ${whatIs(path)}; it must be a text`);
  if (path === "") throw new FileError("not-written", '""', "the path is empty");
  const node = nodeFiles();
  if (node !== undefined) return node;
  throw new FileError("unsupported", path, "a browser cannot write files; use toBytes() and offer a download");
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
