// Reads .pt files, as `torch.load` does in its safe mode: data comes out, and nothing in them is run.

import { checkOptions } from "../options.ts";
import { otherKindError } from "../otherKinds.ts";
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
  if (!isZip && !isLegacyContainer(plain))
    throw otherKindError(
      plain,
      name,
      "a .pt file",
      ": it begins neither like a zip archive nor like the old stream of torch",
    );
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
