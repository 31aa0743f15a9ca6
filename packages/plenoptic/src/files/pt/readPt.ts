// Reads .pt files, as `torch.load` does in its safe mode: data comes out, and nothing in them is run.

import { checkOptions } from "@plenoptic-js/tensor/engine";
import { FileError } from "../errors.ts";
import { isLegacyContainer, readLegacyContainer } from "./legacyContainer.ts";
import { Budget, defaultLimits, type PtLimits } from "./limits.ts";
import type { PtValue } from "./values.ts";
import { readZipContainer } from "./zipContainer.ts";

export interface ReadPtOptions {
  /** What to call the file in messages; its path, as a rule. Default: "PT". */
  readonly name?: string;
  /** Limits to raise, or to lower. */
  readonly limits?: Partial<PtLimits>;
}

/** What a .pt file holds. */
export interface PtFile {
  readonly value: PtValue;
  /** How it was packed: a zip archive, or the stream that torch wrote before 1.6. */
  readonly container: "zip" | "stream";
  /** What was read otherwise than it was meant, in sentences; none for files of plenoptic 1.2 and later. */
  readonly warnings: readonly string[];
}

/**
 * Reads a .pt file. Tensors look into `bytes`, which must not change afterwards.
 *
 * @throws FileError when it is damaged, holds what is not read here, or asks for more than the limits allow
 */
export function readPt(bytes: Uint8Array, options: ReadPtOptions = {}): PtFile {
  checkOptions("readPt()", options, ["name", "limits"]);
  const { name = "PT", limits = {} } = options;
  checkOptions("readPt(): limits", limits, ["maxEntries", "maxInstructions", "maxNesting", "maxMemory"]);
  const budget = new Budget({ ...defaultLimits(bytes.length), ...limits }, name);
  // Not a Buffer: its slice() is no copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const placeholders = new Set<string>();
  const isZip = startsWith(plain, "PK\x03\x04");
  if (!isZip && !isLegacyContainer(plain)) throw new FileError("unsupported", name, describeOther(plain));
  const read = isZip ? readZipContainer : readLegacyContainer;
  const value = read(plain, name, budget, placeholders);
  return { value, container: isZip ? "zip" : "stream", warnings: warningsFor(placeholders) };
}

function warningsFor(placeholders: ReadonlySet<string>): string[] {
  if (placeholders.size === 0) return [];
  const list = [...placeholders].join(", ");
  return [`it names Python classes or functions (${list}), which are kept by name and are never run`];
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((char, i) => char.charCodeAt(0) === bytes[i]);
}

/** First bytes of files that people may take for .pt files. */
const otherKinds: readonly (readonly [start: string, what: string])[] = [
  ["version https://git-lfs", "this is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"],
  ["PK\x05\x06", "this is an empty zip archive, not a .pt file"],
  ["\x80", "this is a bare pickle, not a .pt file; write it again with torch.save"],
  ["\x93NUMPY", "this is a NumPy array (.npy), not a .pt file"],
  ["\x89HDF", "this is an HDF5 file, not a .pt file"],
  ["\x1f\x8b", "this is a gzip archive, not a .pt file; unpack it first"],
];

function describeOther(bytes: Uint8Array): string {
  if (bytes.length === 0) return "the file is empty";
  const known = otherKinds.find(([start]) => startsWith(bytes, start));
  if (known !== undefined) return known[1];
  const words = String.fromCharCode(...bytes.subarray(0, 256)).trim();
  if (/^<(!doctype|html|\?xml)/i.test(words)) return "this is a web page, not a .pt file; the download went wrong";
  if (!/[^\t\n\r -~]/.test(words)) return `this is text, not a .pt file: ${JSON.stringify(words.slice(0, 40))}`;
  return "this is not a .pt file: it begins neither like a zip archive nor like the stream of old torch versions";
}
