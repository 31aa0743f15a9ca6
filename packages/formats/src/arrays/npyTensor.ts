// NumPy arrays with every element type they share with torch, none of them changed: for converting between files. (npy.ts
// reads into the six types that are computed with.) Format: NumPy's NEP 1 and `numpy.lib.format`.

import { FileError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { dtypeFacts } from "../tensors/dtypes.ts";
import { rowMajorStrides, swapBytes } from "../tensors/elements.ts";
import { elementTypeOfCode, numpyCodes } from "../tensors/numpyCodes.ts";
import { PtStorage } from "../tensors/storage.ts";
import { PtTensor } from "../tensors/tensor.ts";
import { parseNpyHeader, writeNpyHeader } from "./npyHeader.ts";

/**
 * Reads an `.npy` file, in either byte order and axis order. The tensor looks into `bytes` where it can.
 *
 * @throws FileError for a file that is damaged or holds another type: Python objects, strings, records, dates
 */
export function readNpyTensor(bytes: Uint8Array, options: { name?: string } = {}): PtTensor {
  checkOptions("readNpyTensor()", options, ["name"]);
  const { name = "NPY" } = options;
  const { description, fortranOrder, shape, dataStart } = parseNpyHeader(bytes, name);
  const [order] = description;
  const dtype = elementTypeOfCode(description.slice(1));
  if (dtype === undefined || !(order === "<" || order === ">" || (order === "|" && dtypeFacts(dtype).bytes === 1))) {
    const hint = /^.O/.test(description) ? " (Python objects, which only Python can read, and only from friends)" : "";
    throw new FileError("unsupported", name, `arrays of type ${JSON.stringify(description)} are not read${hint}`);
  }
  const raw = bytes.subarray(dataStart);
  const size = shape.reduce((product, n) => product * n, 1);
  const needed = size * dtypeFacts(dtype).bytes;
  if (raw.length !== needed) {
    const problem = `shape [${shape.join(", ")}] of ${description} takes ${needed} bytes`;
    throw new FileError("damaged", name, `${problem}, but ${raw.length} follow the header`);
  }
  const wrong = dtype === "bool" ? raw.findIndex((value) => value > 1) : -1;
  if (wrong >= 0) {
    throw new FileError("damaged", name, `element ${wrong} of a bool array is ${raw[wrong]}, not 0 or 1`);
  }
  const storage = new PtStorage(dtype, size, order === ">" ? swapBytes(raw, dtype) : raw);
  const strides = fortranOrder ? rowMajorStrides([...shape].reverse()).reverse() : rowMajorStrides(shape);
  try {
    return new PtTensor({ dtype, shape, strides, storage });
  } catch (cause) {
    throw new FileError("unsupported", name, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * The bytes that `numpy.save` writes for these elements (format 1.0, little endian, C order), to the bit.
 *
 * @throws RangeError for types that NumPy has not: bfloat16, complex32, the 8-bit floats
 */
export function writeNpyTensor(tensor: PtTensor): Uint8Array<ArrayBuffer> {
  const code = numpyCodes[tensor.dtype];
  if (code === undefined) throw new RangeError(`NumPy has no ${tensor.dtype}`);
  const header = writeNpyHeader(`${dtypeFacts(tensor.dtype).bytes === 1 ? "|" : "<"}${code}`, tensor.shape);
  const data = tensor.bytes();
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}
