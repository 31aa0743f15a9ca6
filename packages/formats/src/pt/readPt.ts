// Reads .pt files, as `torch.load` does in its safe mode: data comes out, and nothing in them is run.

import { BytePieces } from "../bytes/bytePieces.ts";
import { FileError } from "../errors.ts";
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

/** Enough to tell what a file is. */
const BEGINNING = 4096;
/** torch has not written streams since 1.6. */
const LARGEST_STREAM = 0x7fffffff;

/** What a .pt file holds. */
export interface PtFile {
  readonly value: PtValue;
  /** How it was packed: a zip archive, or the stream that torch wrote before 1.6. */
  readonly container: "zip" | "stream";
  /** What was read otherwise than it was meant, in sentences; none for files of plenoptic 1.2 and later. */
  readonly warnings: readonly string[];
}

/**
 * Reads a .pt file. Tensors look into `bytes`, which must not change afterwards. A file may come in pieces (readSourcePieces).
 *
 * @throws FileError when it is damaged, holds what is not read here, or asks for more than the limits allow
 */
export function readPt(bytes: Uint8Array | BytePieces, options: ReadPtOptions = {}): PtFile {
  checkOptions("readPt()", options, ["name", "limits"]);
  const { name = "PT", limits = {} } = options;
  checkOptions("readPt(): limits", limits, ["maxEntries", "maxInstructions", "maxNesting", "maxMemory"]);
  const budget = new Budget({ ...defaultLimits(bytes.length), ...limits }, name);
  const pieces = bytes instanceof BytePieces ? bytes : new BytePieces([bytes]);
  const start = pieces.slice(0, Math.min(pieces.length, BEGINNING));
  const placeholders = new Set<string>();
  const isZip = startsWith(start, "PK\x03\x04");
  if (!isZip && !isLegacyContainer(start))
    throw otherKindError(
      start,
      name,
      "a .pt file",
      ": it begins neither like a zip archive nor like the old stream of torch",
    );
  if (!isZip && pieces.length > LARGEST_STREAM) {
    const problem = `${pieces.length} bytes as one stream, of which at most ${LARGEST_STREAM} are read`;
    throw new FileError("too-big", name, `${problem}; load it in PyTorch, and save it there again`);
  }
  const value = isZip
    ? readZipContainer(pieces, name, budget, placeholders)
    : readLegacyContainer(pieces.slice(0, pieces.length), name, budget, placeholders);
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
