// Opens what Python's plenoptic, or this package, saved: as plain data, without a synthesis object.

import { FileError, readPt, readSourcePieces, type Source } from "@plenoptic-js/formats";
import { UserWarning, warn } from "../warnings.ts";
import { itemsOf } from "./items.ts";
import { maxFileBytes } from "./maxFileBytes.ts";
import { checkSource } from "./places.ts";
import { SavedFile } from "./savedFile.ts";

/**
 * The dictionary of a saved file (.pt), of any release. Tensors come as PtTensor: `data()` gives their numbers,
 * `toTensor(value)` a Tensor. Ints come as bigint, tuples as PtTuple: the table of `PtValue` says the rest.
 *
 * Of a file that holds a list, the items come by their place, `get(0)` and so on; a single tensor is `get("value")`. Objects of
 * unknown classes are placeholders, with a warning that names them.
 *
 * @throws FileError when there is no such file, or when it is damaged, holds anything else, or may not be read
 */
export async function loadFile(source: Source): Promise<SavedFile> {
  checkSource("loadFile", source);
  const { bytes, name } = await readSourcePieces(source, { maxBytes: maxFileBytes });
  const { value, warnings } = readPt(bytes, { name });
  const items = itemsOf(value);
  if (items === undefined) {
    throw new FileError("unsupported", name, "it holds neither a dictionary or list, nor a tensor");
  }
  for (const warning of warnings) warn(new UserWarning("placeholder", `loadFile: ${name}: ${warning}`));
  return SavedFile.from(items);
}
