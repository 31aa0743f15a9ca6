// NumPy's .npz files: a zip archive with one .npy file for each array. Format: `numpy.savez` and
// `numpy.savez_compressed`.

import { FileError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { otherKindError } from "../otherKinds.ts";
import type { PtTensor } from "../tensors/tensor.ts";
import { ZipArchive } from "../zip/zipReader.ts";
import { writeZip } from "../zip/zipWriter.ts";
import { isNpy } from "./npyHeader.ts";
import { readNpyTensor, writeNpyTensor } from "./npyTensor.ts";

const maxEntries = 100_000;

/** Compressed arrays may take this much, and as many times the file as below: what unpacks to more is no image data. */
const unpackedAtLeast = 64 * 1024 * 1024;
const unpackedRatio = 20;

const ending = ".npy";

export interface ReadNpzOptions {
  /** What to call the file in messages; its path, as a rule. Default: "NPZ". */
  readonly name?: string;
}

/** What an `.npz` file holds. */
export interface NpzFile {
  /** By name, in the order of the file, with the element types they have there. */
  readonly arrays: Map<string, PtTensor>;
  /** What else it holds, each with the reason why it is not among the arrays. */
  readonly leftOut: readonly string[];
}

/**
 * The arrays of numbers of an `.npz` file. They look into `bytes` where those are not compressed. Arrays of other things
 * (strings, Python objects, records, dates) and members that are no arrays are left out, and said.
 *
 * @throws FileError when the file is damaged, is something else, or unpacks to too much
 */
export function readNpz(bytes: Uint8Array, options: ReadNpzOptions = {}): NpzFile {
  checkOptions("readNpz()", options, ["name"]);
  const { name = "NPZ" } = options;
  // Not a Buffer: its slice() is no copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const archive = openArchive(plain, name);
  const arrays = new Map<string, PtTensor>();
  const leftOut: string[] = [];
  for (const entry of archive.names()) {
    // A folder.
    if (entry.endsWith("/")) continue;
    const array = entry.slice(0, -ending.length);
    // Also what macOS puts beside every file, under the same ending.
    const data = entry.endsWith(ending) && array !== "" ? archive.read(entry) : undefined;
    if (data === undefined || !isNpy(data)) {
      leftOut.push(`${entry} (no array)`);
      continue;
    }
    try {
      arrays.set(array, readNpyTensor(data, { name: `${name}, array ${JSON.stringify(array)}` }));
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== "unsupported") throw error;
      leftOut.push(`${array} (${error.message.slice(error.source.length + 2)})`);
    }
  }
  if (arrays.size === 0 && archive.has(`${rootOf(archive)}data.pkl`)) {
    throw new FileError("unsupported", name, "this is a .pt file of PyTorch, not an .npz file");
  }
  return { arrays, leftOut };
}

/** The folder of the first entry, with its slash. */
function rootOf(archive: ZipArchive): string {
  const [first = ""] = archive.names();
  return first.slice(0, first.indexOf("/") + 1);
}

function openArchive(bytes: Uint8Array, name: string): ZipArchive {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  if (start !== "PK\x03\x04" && start !== "PK\x05\x06") {
    if (isNpy(bytes)) throw new FileError("unsupported", name, "this is a single array (.npy), not an .npz file");
    throw otherKindError(bytes, name, "an .npz file");
  }
  return new ZipArchive(bytes, name, maxEntries, Math.max(unpackedAtLeast, unpackedRatio * bytes.length));
}

/**
 * An `.npz` file that `numpy.load` reads. Nothing is compressed. Equal arrays give equal bytes.
 *
 * @throws RangeError for names that a folder could not have, for types that NumPy has not, and for 4 GiB or more
 */
export function writeNpz(arrays: ReadonlyMap<string, PtTensor>): Uint8Array<ArrayBuffer> {
  const entries = [...arrays].map(([name, array]) => {
    checkName(name);
    try {
      return { name: `${name}${ending}`, data: writeNpyTensor(array) };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RangeError(`the array ${JSON.stringify(name)} cannot be in an .npz file: ${reason}`, { cause });
    }
  });
  return writeZip(entries);
}

/** People unpack such files, so no name may lead out of a folder. */
function checkName(name: string): void {
  const parts = name.split("/");
  if (/[\\\0]|\p{Surrogate}/u.test(name) || name.length > 1000 || parts.some((part) => /^\.{0,2}$/.test(part))) {
    throw new RangeError(`${JSON.stringify(name)} cannot be the name of an array in an .npz file`);
  }
}
