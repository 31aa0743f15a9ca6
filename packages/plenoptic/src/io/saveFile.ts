// Writes a dictionary as a saved file: one that was loaded and changed, or a new one.

import { type PtValue, writeFileAtomic, writePt } from "@plenoptic-js/formats";
import { Tensor } from "@plenoptic-js/tensor";
import { shown } from "@plenoptic-js/tensor/engine";
import { checkPath } from "./places.ts";
import { fromTensor } from "./tensors.ts";

/**
 * Writes a dictionary as a .pt file that `torch.load` reads in its safe mode. A value of the dictionary may also be a
 * Tensor. What was loaded and not changed is written as it was. The file is never half-written. Node only; in a
 * browser, use `toBytes()` and offer a download.
 *
 * @throws TypeError, RangeError for values that such a file cannot hold, naming their place; FileError when it cannot
 *   be written. Nothing is written then.
 */
export async function saveFile(path: string, dict: ReadonlyMap<PtValue, PtValue | Tensor>): Promise<void> {
  if (!(dict instanceof Map)) {
    throw new TypeError(`saveFile: the dictionary is ${shown(dict)}; it must be a Map, such as loadFile() gives`);
  }
  checkPath("saveFile", path);
  const items = new Map<PtValue, PtValue>();
  for (const [key, value] of dict) items.set(key, value instanceof Tensor ? await fromTensor(value) : value);
  await writeFileAtomic(path, writePt(items, { root: rootFor(path) }));
}

/** The folder inside the archive, as torch names it: the file's name without its last extension. */
function rootFor(path: string): string {
  if (/[^ -~]/.test(path)) return "archive";
  const file = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const dot = file.lastIndexOf(".");
  return (dot > 0 ? file.slice(0, dot) : file) || "archive";
}
