// How tensors name their storages: `('storage', class, key, location, count)`, and in the old stream a sixth item.

import { dtypeFacts, dtypeOfStorageClass, type PtElementType } from "../tensors/dtypes.ts";
import { PtGlobal, PtTuple, type PtValue } from "./values.ts";

export interface StorageId {
  /** null for untyped storages. */
  readonly dtype: PtElementType | null;
  readonly key: string;
  readonly location: string;
  /** Elements; bytes where untyped. */
  readonly size: number;
  /** Bytes of all elements. */
  readonly bytes: number;
}

const maxTextLength = 256;

/**
 * @param items how many items the tuple must have
 * @returns undefined when it is none of the kind that torch writes
 */
export function readStorageId(id: PtValue, items: 5 | 6): StorageId | undefined {
  if (!(id instanceof PtTuple) || id.length !== items) return undefined;
  const [kind, type, key, location, count, view] = id.items;
  if (kind !== "storage" || !(type instanceof PtGlobal)) return undefined;
  if (typeof location !== "string" || location.length > maxTextLength) return undefined;
  const name = typeof key === "bigint" && key >= 0n ? String(key) : key;
  if (typeof name !== "string" || name === "" || name.length > maxTextLength) return undefined;
  const size = typeof count === "bigint" ? Number(count) : -1;
  // Views of storages went out of use before torch 1.0.
  if (!Number.isSafeInteger(size) || size < 0 || (items === 6 && view !== null)) return undefined;
  const [, className = ""] = /^torch(?:\.cuda|\.storage)?\.(\w+)$/.exec(type.name) ?? [];
  const dtype = className === "UntypedStorage" ? null : dtypeOfStorageClass(className);
  // The old stream had no untyped storages.
  if (dtype === undefined || (items === 6 && dtype === null)) return undefined;
  return { dtype, key: name, location, size, bytes: size * (dtype === null ? 1 : dtypeFacts(dtype).bytes) };
}
