// Tensors in files of arrays: NumPy's .npy and .npz, and .safetensors.

import {
  FileError,
  PtTensor,
  readNpyTensor,
  readNpz,
  readSafetensors,
  readSource,
  type Source,
  writeFileAtomic,
  writeNpyTensor,
  writeNpz,
  writeSafetensors,
} from "@plenoptic-js/formats";
import { Tensor } from "@plenoptic-js/tensor";
import { shown } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../warnings.ts";
import { maxFileBytes } from "./maxFileBytes.ts";
import { checkPath, checkSource } from "./places.ts";
import { fromTensor, toTensor } from "./tensors.ts";

/** How a file of arrays is written, by the ending of its name. */
export type ArrayFileKind = ".npy" | ".npz" | ".safetensors";
const KINDS = [".npy", ".npz", ".safetensors"] as const;

/** What is written: one tensor, or several by name. */
export type Arrays = Tensor | ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>;

/** The name that `numpy.savez` gives to an array that has none. */
const NAMELESS = "arr_0";

/**
 * The arrays of a file, by name: of .npz or .safetensors, or the one of .npy, which is called `arr_0`. What kind of file it is is told
 * by its first bytes. The dtype is that of the file, or a wider one that holds all values: float16 becomes float32, small integers
 * int32, large ones float64. What is no number is left out, with a warning.
 *
 * @throws FileError when there is no such file, or when it is damaged, is something else, or may not be read
 * @throws RangeError for integers that no dtype holds exactly
 */
export async function loadArrays(source: Source): Promise<Map<string, Tensor>> {
  checkSource("loadArrays", source);
  const { bytes, name } = await readSource(source, { maxBytes: maxFileBytes });
  const { arrays, leftOut } = readArrays(bytes, name);
  if (leftOut.length > 0) warn(new UserWarning("left-out", `loadArrays: ${name}: left out ${leftOut.join(", ")}`));
  return new Map([...arrays].map(([key, array]) => [key, widened(array, `${name}: ${key}`)]));
}

/**
 * The one array of a file, as `numpy.load` gives it for a .npy file.
 *
 * @throws FileError as loadArrays does, and when the file holds several arrays, or none
 */
export async function loadArray(source: Source): Promise<Tensor> {
  checkSource("loadArray", source);
  const arrays = await loadArrays(source);
  const [first, ...others] = arrays;
  if (first === undefined || others.length > 0) {
    const name = typeof source === "string" ? source : "the file";
    const names = [...arrays.keys()].join(", ");
    throw new FileError("unsupported", name, `it holds ${arrays.size} arrays (${names}), not one; use loadArrays()`);
  }
  return first[1];
}

/**
 * Writes arrays to a file of the kind that its name says: `numpy.load` reads .npy (one array) and .npz. The file is never
 * half-written. Node only; in a browser, use `encodeArrays` and offer a download.
 *
 * @throws RangeError for another ending, several arrays for .npy, and names and dtypes that the kind cannot hold; FileError
 *   when the file cannot be written. Nothing is written then.
 */
export async function saveArrays(path: string, arrays: Arrays): Promise<void> {
  checkPath("saveArrays", path);
  const kind = KINDS.find((ending) => path.toLowerCase().endsWith(ending));
  if (kind === undefined) throw new RangeError(`saveArrays: ${path} must end in one of ${KINDS.join(", ")}`);
  await writeFileAtomic(path, await encodeArrays(kind, arrays));
}

/**
 * The bytes that `saveArrays` writes. Equal arrays give equal bytes. A single tensor is called `arr_0` where a name is needed.
 *
 * @throws RangeError, TypeError as saveArrays does
 */
export async function encodeArrays(kind: ArrayFileKind, arrays: Arrays): Promise<Uint8Array<ArrayBuffer>> {
  if (!KINDS.includes(kind))
    throw new RangeError(`encodeArrays: the kind must be one of ${KINDS.join(", ")}, not ${shown(kind)}`);
  const tensors = new Map<string, PtTensor>();
  for (const [name, array] of itemsOf(arrays)) {
    if (!(array instanceof Tensor))
      throw new TypeError(`encodeArrays: ${name} is ${shown(array)}, no Tensor; make one with po.tensor()`);
    tensors.set(name, await fromTensor(array));
  }
  if (kind === ".npz") return writeNpz(tensors);
  if (kind === ".safetensors") return writeSafetensors(tensors);
  const [first, ...others] = tensors.values();
  if (first === undefined || others.length > 0) {
    throw new RangeError(`encodeArrays: a .npy file holds one array, and these are ${tensors.size}; choose .npz`);
  }
  return writeNpyTensor(first);
}

function itemsOf(arrays: Arrays): Iterable<[string, Tensor]> {
  if (arrays instanceof Tensor) return [[NAMELESS, arrays]];
  if (arrays instanceof Map) return arrays;
  if (Object.prototype.toString.call(arrays) === "[object Object]") return Object.entries(arrays);
  throw new TypeError(
    `encodeArrays: arrays is ${shown(arrays)}; it must be a Tensor, a Map of tensors by name, or an object of them`,
  );
}

function readArrays(bytes: Uint8Array, name: string): { arrays: Map<string, PtTensor>; leftOut: readonly string[] } {
  const start = String.fromCharCode(...bytes.subarray(0, 6));
  if (start === "\x93NUMPY") return { arrays: new Map([[NAMELESS, readNpyTensor(bytes, { name })]]), leftOut: [] };
  if (start.startsWith("PK")) return readNpz(bytes, { name });
  const { tensors } = readSafetensors(bytes, { name });
  return { arrays: tensors, leftOut: [] };
}

/** The tensor of a file; large integers in float64, where that is exact. */
function widened(array: PtTensor, what: string): Tensor {
  const { dtype, shape } = array;
  if (dtype !== "int64" && dtype !== "uint64" && dtype !== "uint32") return toTensor(array);
  const numbers = Float64Array.from(array.data() as ArrayLike<number | bigint>, Number);
  const wrong = numbers.findIndex((value) => !Number.isSafeInteger(value));
  if (wrong >= 0)
    throw new RangeError(`${what}: element ${wrong} is about ${numbers[wrong]}, which float64 would round`);
  return toTensor(PtTensor.of("float64", shape, numbers));
}
