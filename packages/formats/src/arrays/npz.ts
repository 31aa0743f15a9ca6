// NumPy's .npz files: a zip archive with one .npy file for each array. Format: `numpy.savez` and
// `numpy.savez_compressed`.

import { FileError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { PtTensor } from "../tensors/tensor.ts";
import { ZipArchive } from "../zip/zipReader.ts";
import { writeZip } from "../zip/zipWriter.ts";
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

/**
 * The arrays of an `.npz` file, by name, in the order of the file, with the element types they have there. Arrays look
 * into `bytes` where those are not compressed.
 *
 * @throws FileError when the file is damaged, holds something else than arrays of numbers, or unpacks to too much
 */
export function readNpz(bytes: Uint8Array, options: ReadNpzOptions = {}): Map<string, PtTensor> {
  checkOptions("readNpz()", options, ["name"]);
  const { name = "NPZ" } = options;
  // Not a Buffer: its slice() is no copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const archive = openArchive(plain, name);
  const arrays = new Map<string, PtTensor>();
  for (const entry of archive.names()) {
    if (!entry.endsWith(ending) || entry === ending) {
      const problem = `it holds ${JSON.stringify(entry)}, which is no array`;
      throw new FileError("unsupported", name, `${problem}: in .npz files every name ends in ${ending}`);
    }
    const array = entry.slice(0, -ending.length);
    arrays.set(array, readNpyTensor(archive.read(entry), { name: `${name}, array ${JSON.stringify(array)}` }));
  }
  return arrays;
}

function openArchive(bytes: Uint8Array, name: string): ZipArchive {
  const start = String.fromCharCode(...bytes.subarray(0, 6));
  if (start.startsWith("PK\x05\x06")) throw new FileError("damaged", name, "it holds no arrays");
  if (!start.startsWith("PK\x03\x04")) {
    const what = start === "\x93NUMPY" ? "this is a single array (.npy), not an .npz file" : "this is not an .npz file";
    throw new FileError("damaged", name, bytes.length === 0 ? "the file is empty" : what);
  }
  return new ZipArchive(bytes, name, maxEntries, Math.max(unpackedAtLeast, unpackedRatio * bytes.length));
}

/**
 * An `.npz` file that `numpy.load` reads. Nothing is compressed. Equal arrays give equal bytes.
 *
 * @throws RangeError for names that a folder could not have, for types that NumPy has not, and for 4 GiB or more
 */
export function writeNpz(arrays: ReadonlyMap<string, PtTensor>): Uint8Array {
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
