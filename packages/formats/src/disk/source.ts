// Bytes from wherever they are: a path, a URL, a Blob, or memory. Never more than a stated number of them.

import { BytePieces } from "../bytes/bytePieces.ts";
import { concatBytes } from "../bytes/concatBytes.ts";
import { FileError } from "../errors.ts";
import type { Global } from "../global.ts";
import { checkOptions } from "../options.ts";
import { whatIs } from "../whatIs.ts";
import { type NodeFiles, nodeFiles } from "./node.ts";
import { systemCode } from "./systemCode.ts";

/**
 * Where bytes come from. A string is a path in Node and an address relative to the page in a browser; a string that
 * starts with `http:`, `https:`, `data:`, `blob:` or `file:` is a URL everywhere.
 */
export type Source = string | Global<"URL"> | Global<"Blob"> | ArrayBuffer | Uint8Array;

export interface SourceBytes {
  /** The bytes. Those given in memory are not copied. */
  readonly bytes: Uint8Array;
  /** What to call the source in messages. */
  readonly name: string;
}

export interface SourcePieces {
  /** The bytes, in as many arrays as it takes. Those given in memory are not copied. */
  readonly bytes: BytePieces;
  readonly name: string;
}

const defaultMaxBytes = 256 * 1024 * 1024;

/**
 * Reads a source whole.
 *
 * @param options.maxBytes a source of more bytes is refused, unread where its size is known. Default: 256 MiB.
 * @throws FileError when there is no such file or address, when it is a folder, may not be read, or is too big
 */
export async function readSource(source: Source, options: { maxBytes?: number } = {}): Promise<SourceBytes> {
  checkOptions("readSource()", options, ["maxBytes"]);
  checkKind("readSource", source);
  const { parts, name } = await readParts(source, Math.min(options.maxBytes ?? defaultMaxBytes, LARGEST_ARRAY));
  return { bytes: parts.length === 1 ? parts[0] : concatBytes(parts), name };
}

/**
 * Reads a source that may be larger than an array can be.
 *
 * @param options as those of readSource
 * @throws FileError as readSource does
 */
export async function readSourcePieces(source: Source, options: { maxBytes?: number } = {}): Promise<SourcePieces> {
  checkOptions("readSourcePieces()", options, ["maxBytes"]);
  checkKind("readSourcePieces", source);
  const { parts, name } = await readParts(source, options.maxBytes ?? defaultMaxBytes);
  return { bytes: new BytePieces(parts), name };
}

/** One call reads less than 2 GiB, and arrays have an end. */
const PIECE = 0x40000000;
/** Bytes of an array, in every engine that runs this. */
const LARGEST_ARRAY = 0xffffffff;

function checkKind(caller: string, source: Source): void {
  if (typeof source === "string" || [URL, Blob, ArrayBuffer, Uint8Array].some((kind) => source instanceof kind)) return;
  const wanted = "a path, URL, Blob, ArrayBuffer or Uint8Array";
  throw new TypeError(`${caller}: the source is ${whatIs(source)}; it must be ${wanted}`);
}

async function readParts(source: Source, maxBytes: number): Promise<{ parts: readonly Uint8Array[]; name: string }> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
    if (bytes.length > maxBytes) throw tooBig("bytes in memory", maxBytes, bytes.length);
    return { parts: [bytes], name: "bytes in memory" };
  }
  if (source instanceof Blob) {
    const name = source instanceof File && source.name !== "" ? source.name : "blob";
    if (source.size > maxBytes) throw tooBig(name, maxBytes, source.size);
    const pieces = new Pieces(name, maxBytes);
    for (let at = 0; at < source.size; at += PIECE) {
      const buffer = await source
        .slice(at, at + PIECE)
        .arrayBuffer()
        .catch((cause) => {
          const problem = "could not be read; it may have changed since it was chosen";
          throw new FileError("unreadable", name, problem, { cause });
        });
      pieces.add(new Uint8Array(buffer));
    }
    return { parts: pieces.parts(), name };
  }
  const address = String(source);
  if (address === "") throw new FileError("not-found", '""', "the path is empty");
  const isUrl = /^(https?|data|blob|file):/i.test(address);
  const node = nodeFiles();
  if (node === undefined || (isUrl && !/^file:/i.test(address))) {
    const name = /^data:/i.test(address) ? "data URL" : address;
    return { parts: await fetchBytes(address, name, maxBytes), name };
  }
  const path = isUrl ? pathOf(address, node) : address;
  return { parts: await readPath(path, maxBytes, node), name: path };
}

function tooBig(name: string, maxBytes: number, size?: number): FileError {
  return new FileError("too-big", name, `${size ?? "too many"} bytes; at most ${maxBytes} bytes are read`);
}

function pathOf(address: string, node: NodeFiles): string {
  try {
    return node.url.fileURLToPath(address);
  } catch (cause) {
    throw new FileError("not-found", address, "this file URL does not name a file on this machine", { cause });
  }
}

async function readPath(path: string, maxBytes: number, node: NodeFiles): Promise<readonly Uint8Array[]> {
  let handle: Awaited<ReturnType<typeof node.fs.open>> | undefined;
  try {
    handle = await node.fs.open(path, "r");
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new FileError("not-a-file", path, "this is a folder, not a file");
    if (stat.size > maxBytes) throw tooBig(path, maxBytes, stat.size);
    const pieces = new Pieces(path, maxBytes);
    // The size is only a hint: pipes have none, and files grow.
    for (let left = stat.size + 1; ; ) {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(Math.min(Math.max(left, 65536), PIECE)));
      if (bytesRead === 0) return pieces.parts();
      left -= bytesRead;
      pieces.add(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    throw error instanceof FileError ? error : explain(path, error);
  } finally {
    await handle?.close();
  }
}

function explain(path: string, cause: unknown): FileError {
  switch (systemCode(cause)) {
    case "ENOENT":
    case "ENOTDIR":
      return new FileError("not-found", path, "there is no such file", { cause });
    case "EISDIR":
      return new FileError("not-a-file", path, "this is a folder, not a file", { cause });
    case "EACCES":
    case "EPERM":
      return new FileError("no-permission", path, "you are not allowed to read this file", { cause });
    default: {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return new FileError("unreadable", path, `could not be read (${reason})`, { cause });
    }
  }
}

async function fetchBytes(address: string, name: string, maxBytes: number): Promise<readonly Uint8Array[]> {
  try {
    const response = await fetch(address);
    if (!response.ok) {
      const code = response.status === 404 || response.status === 410 ? "not-found" : "unreadable";
      throw new FileError(code, name, `the server answered ${response.status} ${response.statusText}`.trimEnd());
    }
    const pieces = new Pieces(name, maxBytes);
    const reader = response.body?.getReader();
    for (;;) {
      const step = await reader?.read();
      if (step?.value === undefined) return pieces.parts();
      try {
        pieces.add(step.value);
      } catch (error) {
        await reader?.cancel();
        throw error;
      }
    }
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FileError("unreadable", name, `could not be fetched (${reason})`, { cause });
  }
}

/** Bytes that arrive piece by piece, up to a limit. */
class Pieces {
  readonly #name: string;
  readonly #maxBytes: number;
  readonly #pieces: Uint8Array[] = [];
  /** The last ones, of less than a piece together. */
  #small: Uint8Array[] = [];
  #smallBytes = 0;
  #total = 0;

  constructor(name: string, maxBytes: number) {
    this.#name = name;
    this.#maxBytes = maxBytes;
  }

  add(piece: Uint8Array): void {
    this.#total += piece.length;
    if (this.#total > this.#maxBytes) throw tooBig(this.#name, this.#maxBytes);
    if (this.#smallBytes + piece.length > PIECE) this.#joinSmall();
    this.#small.push(piece);
    this.#smallBytes += piece.length;
  }

  #joinSmall(): void {
    if (this.#small.length > 0) this.#pieces.push(this.#small.length === 1 ? this.#small[0] : concatBytes(this.#small));
    this.#small = [];
    this.#smallBytes = 0;
  }

  /** All of it, in few arrays. */
  parts(): readonly Uint8Array[] {
    this.#joinSmall();
    return this.#pieces;
  }
}
