// The storages that the tensors of a file name: each is made when it is named first.

import { FileError } from "../errors.ts";
import type { PtStorage } from "../tensors/storage.ts";
import { readStorageId, type StorageId } from "./persistentId.ts";
import type { PtValue } from "./values.ts";

export class StorageTable {
  readonly byKey = new Map<string, PtStorage>();
  readonly #name: string;
  readonly #items: 5 | 6;
  readonly #make: (wanted: StorageId) => PtStorage;

  /** @param items how many items the name of a storage has */
  constructor(name: string, items: 5 | 6, make: (wanted: StorageId) => PtStorage) {
    this.#name = name;
    this.#items = items;
    this.#make = make;
  }

  /** The storage that a persistent id names. */
  readonly get = (id: PtValue): PtStorage => {
    const wanted = readStorageId(id, this.#items);
    if (wanted === undefined) {
      throw new FileError("damaged", this.#name, "a tensor names its storage in a way that torch does not");
    }
    const known = this.byKey.get(wanted.key);
    if (known === undefined) {
      const made = this.#make(wanted);
      this.byKey.set(wanted.key, made);
      return made;
    }
    if (known.dtype !== wanted.dtype || known.size !== wanted.size) {
      throw new FileError("damaged", this.#name, `storage ${JSON.stringify(wanted.key)} is said to be two things`);
    }
    return known;
  };
}
