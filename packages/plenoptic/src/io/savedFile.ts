// A saved synthesis as a dictionary: what `save` wrote, under Python's names (docs/science/files.md, "The dictionary").

import { type PtValue, writePt } from "@plenoptic-js/formats";
import { shown } from "@plenoptic-js/tensor/engine";

/** The key under which a dictionary has a value: as it was asked for, or with an underscore before it. */
function keyIn(dict: ReadonlyMap<PtValue, PtValue>, key: PtValue): PtValue {
  const has = (candidate: PtValue): boolean => Map.prototype.has.call(dict, candidate);
  return typeof key === "string" && !has(key) && has(`_${key}`) ? `_${key}` : key;
}

/**
 * The dictionary of a saved file. Python keeps most values under names with an underscore; asking for "metamer" finds
 * "_metamer", and setting "metamer" sets that.
 */
export class SavedFile extends Map<PtValue, PtValue> {
  /** The items of a dictionary, each under exactly its own name. */
  static from(dict: ReadonlyMap<PtValue, PtValue>): SavedFile {
    if (!(dict instanceof Map)) throw new TypeError(`SavedFile.from: the items are ${shown(dict)}; they must be a Map`);
    const saved = new SavedFile();
    for (const [key, value] of dict) Map.prototype.set.call(saved, key, value);
    return saved;
  }

  override get(key: PtValue): PtValue | undefined {
    return super.get(keyIn(this, key));
  }

  override has(key: PtValue): boolean {
    return super.has(keyIn(this, key));
  }

  override set(key: PtValue, value: PtValue): this {
    return super.set(keyIn(this, key), value);
  }

  override delete(key: PtValue): boolean {
    return super.delete(keyIn(this, key));
  }

  /** The bytes of a .pt file that `torch.load` reads. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return writePt(this);
  }
}
