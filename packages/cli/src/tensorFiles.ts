// Named arrays and single ones in the files that `plenoptic convert` reads and writes.

import {
  concatBytes,
  FileError,
  PtStorage,
  PtTensor,
  PtTuple,
  type PtValue,
  readNpyTensor,
  readNpz,
  readSafetensors,
  writeNpyTensor,
  writeNpz,
  writePt,
  writeSafetensors,
} from "@plenoptic-js/formats";
import { UserError } from "./failure.ts";

export const FILE_KINDS = [".pt", ".npy", ".npz", ".safetensors"] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** Image files: those that commands read, and others that people have. */
export const IMAGE_ENDINGS = /^\.(png|jpe?g|tiff?|webp|p[gnpb]m|gif|bmp|svg)$/;

/** What a file holds that is arrays. */
export interface Arrays {
  /** By name; a single array that has none is under the empty name. */
  readonly tensors: ReadonlyMap<string, PtTensor>;
  /** What else it holds, by name. */
  readonly leftOut: readonly string[];
}

/** The name that `numpy.savez` gives to an array that has none. */
const NAMELESS = "arr_0";

const single = (tensor: PtTensor): Arrays => ({ tensors: new Map([["", tensor]]), leftOut: [] });

/** Reads a file of arrays. Throws FileError. */
export function readArrays(kind: Exclude<FileKind, ".pt">, bytes: Uint8Array, name: string): Arrays {
  if (kind === ".npy") return single(readNpyTensor(bytes, { name }));
  if (kind === ".npz") {
    const { arrays, leftOut } = readNpz(bytes, { name });
    return { tensors: arrays, leftOut };
  }
  const { tensors, metadata } = readSafetensors(bytes, { name });
  return { tensors, leftOut: [...metadata.keys()].map((key) => `the text ${JSON.stringify(key)}`) };
}

/** The arrays of a .pt file that is no synthesis: a tensor, or those of a list or dictionary. */
export function plainArrays(value: PtValue, name: string): Arrays {
  if (value instanceof PtTensor) return single(value);
  const items = itemsOf(value);
  if (items === undefined) {
    throw new FileError("unsupported", name, "it holds neither a tensor, nor a list or dictionary of tensors");
  }
  const tensors = new Map<string, PtTensor>();
  const leftOut: string[] = [];
  for (const [key, item] of items) {
    const name = typeof key === "number" || typeof key === "bigint" ? String(key) : key;
    if (typeof name === "string" && name !== "" && item instanceof PtTensor && !tensors.has(name)) {
      tensors.set(name, item);
    } else {
      leftOut.push(nameOf(key));
    }
  }
  return { tensors, leftOut };
}

/** A key that is no name of an array, in words. */
function nameOf(key: PtValue): string {
  if (typeof key === "string") return key === "" ? '""' : key;
  if (key === null) return "None";
  if (key instanceof PtTuple) return "a tuple";
  return typeof key === "object" ? "an object" : String(key);
}

/** What a list or dictionary holds, by name: the items of a list have those that `numpy.savez` gives. */
function itemsOf(value: PtValue): Iterable<[PtValue, PtValue]> | undefined {
  if (value instanceof PtTuple) return itemsOf([...value]);
  if (Array.isArray(value)) return value.map((item, index) => [`arr_${index}`, item]);
  return value instanceof Map ? value : undefined;
}

/**
 * The arrays of a saved synthesis, without the underscores of their names: tensors; lists of equal tensors, stacked; and
 * lists of numbers, in float64.
 */
export function synthesisArrays(dict: ReadonlyMap<PtValue, PtValue>): Arrays {
  const tensors = new Map<string, PtTensor>();
  const leftOut: string[] = [];
  for (const [key, value] of dict) {
    const name = String(key).replace(/^_+(?=.)/, "");
    const array = value instanceof PtTensor ? value : Array.isArray(value) ? listArray(value) : undefined;
    if (array === undefined) leftOut.push(name);
    else tensors.set(tensors.has(name) ? String(key) : name, array);
  }
  return { tensors, leftOut };
}

function listArray(list: readonly PtValue[]): PtTensor | undefined {
  const [first] = list;
  if (first instanceof PtTensor) {
    const { dtype, shape } = first;
    const parts: Uint8Array[] = [];
    for (const item of list) {
      if (!(item instanceof PtTensor) || item.dtype !== dtype || item.shape.join() !== shape.join()) return undefined;
      parts.push(item.bytes());
    }
    const bytes = concatBytes(parts);
    const storage = new PtStorage(dtype, list.length * first.size, bytes);
    return new PtTensor({ dtype, shape: [list.length, ...shape], storage });
  }
  if (list.length === 0 || !list.every((item) => typeof item === "number")) return undefined;
  return PtTensor.of("float64", [list.length], Float64Array.from(list));
}

/** The bytes of a file of these arrays, and what had to be changed for it, in sentences. Throws UserError. */
export function writeArrays(
  kind: FileKind,
  arrays: ReadonlyMap<string, PtTensor>,
  path: string,
): { readonly bytes: Uint8Array; readonly changes: readonly string[] } {
  const only = arrays.get("");
  const changes: string[] = [];
  if (kind === ".pt") return { bytes: writing(path, () => writePt(only ?? new Map(arrays))), changes };
  const named = only === undefined ? arrays : new Map([[NAMELESS, only]]);
  if (kind === ".safetensors") {
    if (only !== undefined) changes.push(`the array, which had no name, is called ${NAMELESS}`);
    return { bytes: writing(path, () => writeSafetensors(named)), changes };
  }
  const known = new Map<string, PtTensor>();
  for (const [name, tensor] of named) {
    const isWidened = tensor.dtype === "bfloat16";
    if (isWidened) changes.push(`${name} is float32, which holds all its bfloat16 values: NumPy has no bfloat16`);
    known.set(name, isWidened ? PtTensor.of("float32", tensor.shape, tensor.data()) : tensor);
  }
  if (kind === ".npz") {
    if (only !== undefined) changes.push(`the array, which had no name, is called ${NAMELESS}`);
    return { bytes: writing(path, () => writeNpz(known)), changes };
  }
  const [first, ...others] = known;
  if (first === undefined || others.length > 0) {
    const names = [...known.keys()].join(", ");
    throw new UserError(`${path}: a .npy file holds one array, and these are ${known.size} (${names}); choose .npz`);
  }
  return { bytes: writing(path, () => writeNpyTensor(first[1])), changes };
}

/** What a format cannot hold is the person's to put right. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw new UserError(`${path} cannot be written: ${error.message}`);
    }
    throw error;
  }
}
