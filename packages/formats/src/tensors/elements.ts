// From the raw bytes of a storage to numbers: views by strides, lazy conjugation and negation, half precision.
// All bytes are little-endian, as in the files. IEEE 754 binary16; bfloat16 is the upper half of a binary32.

import { requireLittleEndian } from "./byteOrder.ts";
import { dtypeFacts, type PtElementType } from "./dtypes.ts";

requireLittleEndian();

/** Typed arrays that hold elements. Complex numbers are interleaved. */
export type PtArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

/** Strides of an array in row-major order, as torch writes them: a size of 0 counts as 1. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= Math.max(shape[axis], 1);
  }
  return strides;
}

/**
 * The elements of a view in row-major order. A copy.
 *
 * @param offset, strides in elements; the view lies inside `bytes`
 */
export function gather(
  bytes: Uint8Array,
  width: number,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const contiguous = rowMajorStrides(shape);
  if (count === 0 || shape.every((size, axis) => size === 1 || strides[axis] === contiguous[axis])) {
    return bytes.slice(offset * width, (offset + count) * width);
  }
  const out = new Uint8Array(count * width);
  walk(shape, strides, (from, to) => {
    for (let byte = 0; byte < width; byte++) out[to * width + byte] = bytes[(offset + from) * width + byte];
  });
  return out;
}

/** Visits the elements of a view in row-major order: where each lies, from the first one on, and how many came before it. */
function walk(shape: readonly number[], strides: readonly number[], visit: (from: number, to: number) => void): void {
  const count = shape.reduce((product, size) => product * size, 1);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    visit(from, to);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      index[axis] = 0;
    }
  }
}

/** Turns elements into their conjugates (`conj`) or negatives (`neg`), in place. Integers wrap. */
export function applyBits(bytes: Uint8Array, dtype: PtElementType, conj: boolean, neg: boolean): void {
  const { bytes: width, parts } = dtypeFacts(dtype);
  const partBytes = width / parts;
  const isFloat = /^(b?float|complex)/.test(dtype);
  for (let start = 0, part = 0; start < bytes.length; start += partBytes, part++) {
    const flips = neg !== (conj && parts === 2 && part % 2 === 1);
    if (!flips) continue;
    if (isFloat) bytes[start + partBytes - 1] ^= 0x80;
    else negateInteger(bytes, start, partBytes);
  }
}

function negateInteger(bytes: Uint8Array, start: number, width: number): void {
  let carry = 1;
  for (let i = start; i < start + width; i++) {
    const sum = (~bytes[i] & 255) + carry;
    bytes[i] = sum & 255;
    carry = sum >> 8;
  }
}

/** Reverses the bytes of every real number, for files of big-endian machines. A copy. */
export function swapBytes(bytes: Uint8Array, dtype: PtElementType): Uint8Array {
  const { bytes: width, parts } = dtypeFacts(dtype);
  const out = bytes.slice();
  for (let start = 0; start < out.length; start += width / parts) out.subarray(start, start + width / parts).reverse();
  return out;
}

/**
 * Elements as numbers. Half precision is widened, which is exact; bool is 0 and 1.
 *
 * @param bytes whole elements, with a buffer of their own
 * @throws RangeError for the 8-bit floats
 */
export function toNumbers(bytes: Uint8Array, dtype: PtElementType): PtArray {
  const { buffer, byteOffset, length } = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const of = <T>(Type: new (buffer: ArrayBufferLike, offset: number, length: number) => T, width: number): T =>
    new Type(buffer, byteOffset, length / width);
  switch (dtype) {
    case "float32":
    case "complex64":
      return of(Float32Array, 4);
    case "float64":
    case "complex128":
      return of(Float64Array, 8);
    case "float16":
    case "complex32":
      return Float32Array.from(of(Uint16Array, 2), widenHalf);
    case "bfloat16":
      return widenBrain(of(Uint16Array, 2));
    case "int64":
      return of(BigInt64Array, 8);
    case "uint64":
      return of(BigUint64Array, 8);
    case "int32":
      return of(Int32Array, 4);
    case "uint32":
      return of(Uint32Array, 4);
    case "int16":
      return of(Int16Array, 2);
    case "uint16":
      return of(Uint16Array, 2);
    case "int8":
      return of(Int8Array, 1);
    case "uint8":
    case "bool":
      return of(Uint8Array, 1);
    case "float8_e4m3fn":
    case "float8_e4m3fnuz":
    case "float8_e5m2":
    case "float8_e5m2fnuz":
    case "float8_e8m0fnu":
      throw new RangeError(`numbers of type ${dtype} are not decoded; bytes() gives them as they are`);
  }
}

/** The value of a binary16. */
function widenHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  // All of this is exact: small whole numbers, divided by powers of two.
  if (exponent === 0) return (sign * fraction) / 0x1000000;
  return (sign * (1024 + fraction) * (1 << exponent)) / 0x2000000;
}

function widenBrain(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}

/** Sets every NaN to the one bit pattern that files hold, in place, so that equal results give equal files. */
export function canonicalNaN(numbers: Float32Array | Float64Array): void {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.byteLength / 4);
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isNaN(numbers[i])) continue;
    if (numbers instanceof Float32Array) {
      words[i] = 0x7fc00000;
    } else {
      words[2 * i] = 0;
      words[2 * i + 1] = 0x7ff80000;
    }
  }
}
