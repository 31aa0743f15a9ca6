// A .pt file as a stream, as torch wrote it before 1.6 and still does with `_use_new_zipfile_serialization=False`: five
// pickles one after another, then the storages. A tensor comes before the bytes of its storage.

import { FileError } from "../errors.ts";
import { swapBytes } from "../tensors/elements.ts";
import { PtStorage } from "../tensors/storage.ts";
import { KeyTable } from "./keys.ts";
import type { Budget } from "./limits.ts";
import { type PickleContext, readPickle } from "./pickleReader.ts";
import { StorageTable } from "./storageTable.ts";
import type { PtValue } from "./values.ts";

/** The first pickle: the int 0x1950a86a20f9469cfc6c. */
const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

const protocolVersion = 1001n;

export function isLegacyContainer(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => byte === bytes[i]);
}

/** @param placeholders gets the names of unknown classes and functions */
export function readLegacyContainer(
  bytes: Uint8Array,
  name: string,
  budget: Budget,
  placeholders: Set<string>,
): PtValue {
  const storages = new StorageTable(name, 6, ({ dtype, size, location, bytes: needed }) => {
    if (needed > bytes.length) {
      throw new FileError("damaged", name, `a storage of ${size} elements is larger than the whole file`);
    }
    budget.spend(200);
    return new PtStorage(dtype, size, undefined, location);
  });
  const context: PickleContext = {
    name,
    budget,
    keys: new KeyTable(),
    maxTensorBytes: budget.limits.maxMemory,
    storage: storages.get,
    placeholders,
  };

  const version = readPickle(bytes, magic.length, context);
  if (version.value !== protocolVersion) {
    throw new FileError("unsupported", name, `the stream has protocol ${String(version.value)}; only 1001 is known`);
  }
  const system = readPickle(bytes, version.end, context);
  const littleEndian = system.value instanceof Map ? system.value.get("little_endian") : undefined;
  if (typeof littleEndian !== "boolean") throw new FileError("damaged", name, "the stream does not say its byte order");
  const object = readPickle(bytes, system.end, context);
  const keys = readPickle(bytes, object.end, context);
  fillStorages(bytes, keys.end, keys.value, storages.byKey, littleEndian, budget, name);
  return object.value;
}

/** Reads the storages that follow the pickles: for each key an int64 count, and the elements. */
function fillStorages(
  bytes: Uint8Array,
  start: number,
  keys: PtValue,
  storages: Map<string, PtStorage>,
  littleEndian: boolean,
  budget: Budget,
  name: string,
): void {
  if (!Array.isArray(keys)) throw new FileError("damaged", name, "the stream has no list of storages");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const missing = new Map(storages);
  let at = start;
  for (const key of keys) {
    const storage = typeof key === "string" ? missing.get(key) : undefined;
    if (storage === undefined || storage.dtype === null) {
      throw new FileError("damaged", name, "the stream holds a storage twice, or one that nothing names");
    }
    missing.delete(key as string);
    const length = storage.size * storage.elementBytes;
    if (at + 8 + length > bytes.length) {
      throw new FileError("damaged", name, "the stream is cut off inside a storage; copy or download it again");
    }
    const count = view.getBigInt64(at, true);
    if (count !== BigInt(storage.size)) {
      throw new FileError("damaged", name, `a storage has ${count} elements where ${storage.size} are said to be`);
    }
    const raw = bytes.subarray(at + 8, at + 8 + length);
    if (!littleEndian) budget.spend(length);
    storage.fill(littleEndian ? raw : swapBytes(raw, storage.dtype));
    at += 8 + length;
  }
  if (missing.size > 0) throw new FileError("damaged", name, `the stream lacks ${missing.size} storages`);
}
