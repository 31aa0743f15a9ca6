// Opens what Python's plenoptic, or this package, saved: as plain data, without a synthesis object.

import { FileError, readPt, readSource, type Source } from "@plenoptic-js/formats";
import { UserWarning, warn } from "../warnings.ts";
import { SavedFile } from "./savedFile.ts";

/**
 * The dictionary of a saved file (.pt), of any release. Tensors come as PtTensor: `data()` gives their numbers,
 * `toTensor(value)` a Tensor. Ints come as bigint, tuples as PtTuple: the table of `PtValue` says the rest.
 *
 * @throws FileError when there is no such file, or when it is damaged, holds no dictionary, or may not be read
 */
export async function loadFile(source: Source): Promise<SavedFile> {
  const { bytes, name } = await readSource(source, { maxBytes: maxFileBytes });
  const { value, warnings } = readPt(bytes, { name });
  if (!(value instanceof Map)) {
    throw new FileError("unsupported", name, "it holds no dictionary, so it is not a saved synthesis");
  }
  for (const warning of warnings) warn(new UserWarning("placeholder", `loadFile: ${name}: ${warning}`));
  return SavedFile.from(value);
}

/** Histories of images get large. */
export const maxFileBytes: number = 0x80000000;
