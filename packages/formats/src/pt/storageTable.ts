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
      const seen = (size: number, dtype: string | null): string => `${size} ${dtype ?? "bytes"}`;
      const both = `${seen(known.size, known.dtype)} and ${seen(wanted.size, wanted.dtype)}`;
      const isView = wanted.bytes === known.size * known.elementBytes;
      const problem = isView
        ? `two tensors see the same memory as different types (${both}), as .real and .imag of a complex tensor do; ` +
          "save copies of them: tensor.real.clone()"
        : `two tensors contradict each other about the memory that they share (${both}, number ${wanted.key})`;
      throw new FileError(isView ? "unsupported" : "damaged", this.#name, problem);
    }
    return known;
  };
}
