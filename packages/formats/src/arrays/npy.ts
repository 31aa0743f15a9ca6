// NumPy's .npy files, formats 1.0, 2.0 and 3.0. Format: NumPy's NEP 1 and `numpy.lib.format`.

import { FileError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { gather } from "../tensors/elements.ts";
import { whatIs } from "../whatIs.ts";
import { withArticle } from "../withArticle.ts";
import type { ArrayData, ArrayDtype } from "./arrayData.ts";
import { parseNpyHeader, writeNpyHeader } from "./npyHeader.ts";

const descriptions: Record<ArrayDtype, string> = {
  float32: "<f4",
  float64: "<f8",
  int32: "<i4",
  bool: "|b1",
  complex64: "<c8",
  complex128: "<c16",
};

/** How one stored number is read: into which dtype, from how many bytes, how many numbers an element has. */
interface Reader {
  readonly dtype: ArrayDtype;
  readonly bytes: number;
  readonly parts: 1 | 2;
  read(view: DataView, offset: number, littleEndian: boolean): number;
}

const float32 = (view: DataView, offset: number, little: boolean): number => view.getFloat32(offset, little);
const float64 = (view: DataView, offset: number, little: boolean): number => view.getFloat64(offset, little);

/** By NumPy's type code. Integers go where every value fits: int32, else float64. */
const readers = new Map<string, Reader>(
  Object.entries({
    b1: { dtype: "bool", bytes: 1, parts: 1, read: (view, offset) => view.getUint8(offset) },
    i1: { dtype: "int32", bytes: 1, parts: 1, read: (view, offset) => view.getInt8(offset) },
    u1: { dtype: "int32", bytes: 1, parts: 1, read: (view, offset) => view.getUint8(offset) },
    i2: { dtype: "int32", bytes: 2, parts: 1, read: (view, offset, little) => view.getInt16(offset, little) },
    u2: { dtype: "int32", bytes: 2, parts: 1, read: (view, offset, little) => view.getUint16(offset, little) },
    i4: { dtype: "int32", bytes: 4, parts: 1, read: (view, offset, little) => view.getInt32(offset, little) },
    u4: { dtype: "float64", bytes: 4, parts: 1, read: (view, offset, little) => view.getUint32(offset, little) },
    i8: { dtype: "float64", bytes: 8, parts: 1, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
    u8: { dtype: "float64", bytes: 8, parts: 1, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
    f4: { dtype: "float32", bytes: 4, parts: 1, read: float32 },
    f8: { dtype: "float64", bytes: 8, parts: 1, read: float64 },
    c8: { dtype: "complex64", bytes: 4, parts: 2, read: float32 },
    c16: { dtype: "complex128", bytes: 8, parts: 2, read: float64 },
  } satisfies Record<string, Reader>),
);

/**
 * The bytes that `numpy.save` writes for this array (format 1.0, little endian, C order). Every NaN is
 * written with the bits of `numpy.nan`, so that equal results give equal files.
 *
 * @throws RangeError when dtype, shape and data do not fit together
 */
export function writeNpy(array: ArrayData): Uint8Array<ArrayBuffer> {
  const { dtype, shape, data } = array;
  const expected = allocate(dtype, 0);
  if (expected.constructor !== data?.constructor) {
    throw new RangeError(`${dtype} data must be ${withArticle(expected.constructor.name)}, not ${whatIs(data)}`);
  }
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new RangeError(`the sizes of a shape must be whole numbers from 0 up, not [${shape.join(", ")}]`);
  }
  const parts = dtype === "complex64" || dtype === "complex128" ? 2 : 1;
  const count = shape.reduce((product, size) => product * size, 1) * parts;
  if (data.length !== count) {
    throw new RangeError(`shape [${shape.join(", ")}] of ${dtype} needs ${count} numbers, got ${data.length}`);
  }
  const header = writeNpyHeader(descriptions[dtype], shape);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  const view = new DataView(bytes.buffer, header.length);
  for (let index = 0; index < data.length; index++) {
    const value = data[index];
    if (data instanceof Uint8Array) {
      if (value > 1) throw new RangeError(`bool data holds 0 and 1, but element ${index} is ${value}`);
      view.setUint8(index, value);
    } else if (data instanceof Int32Array) {
      view.setInt32(4 * index, value, true);
    } else if (data instanceof Float32Array) {
      if (Number.isNaN(value)) view.setUint32(4 * index, 0x7fc00000, true);
      else view.setFloat32(4 * index, value, true);
    } else if (Number.isNaN(value)) {
      view.setBigUint64(8 * index, 0x7ff8000000000000n, true);
    } else {
      view.setFloat64(8 * index, value, true);
    }
  }
  return bytes;
}

/**
 * Reads an `.npy` file, in either byte order and axis order, into C order.
 *
 * Besides the six dtypes: integers of 8 and 16 bits become int32; uint32, int64 and uint64 become float64, refused
 * where that would round. Arrays of Python objects, strings, records and other types are refused, never guessed.
 *
 * @throws FileError for a file that is damaged or holds another type
 */
export function readNpy(bytes: Uint8Array, options: { name?: string } = {}): ArrayData {
  checkOptions("readNpy()", options, ["name"]);
  const { name = "NPY" } = options;
  const { description, fortranOrder, shape, dataStart } = parseNpyHeader(bytes, name);
  const reader = readers.get(description.slice(1));
  const order = description[0];
  if (reader === undefined || !(order === "<" || order === ">" || (order === "|" && reader.bytes === 1))) {
    const isObject = /^.O/.test(description);
    const hint = isObject ? " (Python objects, which only Python can read safely from files it trusts)" : "";
    throw new FileError("unsupported", name, `arrays of type ${JSON.stringify(description)} are not read${hint}`);
  }
  const count = shape.reduce((product, size) => product * size, 1) * reader.parts;
  const found = bytes.length - dataStart;
  if (count * reader.bytes !== found) {
    const needed = `shape [${shape.join(", ")}] of ${description} takes ${count * reader.bytes} bytes`;
    throw new FileError("damaged", name, `${needed}, but ${found} follow the header`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart, found);
  const data = allocate(reader.dtype, count);
  for (let index = 0; index < count; index++) {
    const value = reader.read(view, index * reader.bytes, order === "<");
    if (reader.dtype === "float64" && description[1] !== "f" && !Number.isSafeInteger(value)) {
      throw new FileError("unsupported", name, `element ${index} is about ${value}, too big to be exact in float64`);
    }
    if (reader.dtype === "bool" && value > 1) {
      throw new FileError("damaged", name, `element ${index} of a bool array is ${value}, not 0 or 1`);
    }
    data[index] = value;
  }
  return { dtype: reader.dtype, shape, data: fortranOrder ? toCOrder(data, shape, reader.parts) : data };
}

function allocate(dtype: ArrayDtype, length: number): ArrayData["data"] {
  if (dtype === "bool") return new Uint8Array(length);
  if (dtype === "int32") return new Int32Array(length);
  return dtype === "float32" || dtype === "complex64" ? new Float32Array(length) : new Float64Array(length);
}

/** From first axis fastest to last axis fastest. */
function toCOrder(data: ArrayData["data"], shape: readonly number[], parts: number): ArrayData["data"] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const gathered = gather(bytes, data.BYTES_PER_ELEMENT * parts, shape, strides, 0);
  return new (data.constructor as new (buffer: ArrayBufferLike) => ArrayData["data"])(gathered.buffer);
}
