// A tensor of a file: a view of a storage, as `torch._utils._rebuild_tensor_v2` describes it.

import { whatIs } from "../whatIs.ts";
import { dtypeFacts, type PtElementType } from "./dtypes.ts";
import { applyBits, canonicalNaN, gather, type PtArray, rowMajorStrides, toNumbers } from "./elements.ts";
import { PtStorage } from "./storage.ts";

/** What makes a PtTensor. Sizes, strides and offset are in elements. */
export interface PtTensorParts {
  readonly dtype: PtElementType;
  readonly shape: readonly number[];
  readonly storage: PtStorage;
  /** Default: those of row-major order. */
  readonly strides?: readonly number[];
  /** Where in the storage the first element is. Default 0. */
  readonly offset?: number;
  /** Default false. */
  readonly requiresGrad?: boolean;
  /** Whether it is an `nn.Parameter`. Default false. */
  readonly isParameter?: boolean;
  /** Whether the stored elements are conjugates of what is meant. Default false. */
  readonly conj?: boolean;
  /** Whether the stored elements are negatives of what is meant. Default false. */
  readonly neg?: boolean;
  /** Python attributes that were set on it, if there were any: a value like all others of the file. */
  readonly attributes?: unknown;
}

/** torch itself stops at 64. */
const maxAxes = 64;

/** A tensor as the file holds it: not computed with, but looked at, and written again. */
export class PtTensor {
  readonly dtype: PtElementType;
  readonly shape: readonly number[];
  readonly storage: PtStorage;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly requiresGrad: boolean;
  readonly isParameter: boolean;
  readonly conj: boolean;
  readonly neg: boolean;
  readonly attributes: unknown;

  /** @throws RangeError when the view does not lie inside its storage, or is none that torch can have */
  constructor(parts: PtTensorParts) {
    this.dtype = parts.dtype;
    this.shape = [...parts.shape];
    this.storage = parts.storage;
    this.strides = parts.strides === undefined ? rowMajorStrides(parts.shape) : [...parts.strides];
    this.offset = parts.offset ?? 0;
    this.requiresGrad = parts.requiresGrad ?? false;
    this.isParameter = parts.isParameter ?? false;
    this.conj = parts.conj ?? false;
    this.neg = parts.neg ?? false;
    this.attributes = parts.attributes;
    this.#check();
  }

  #check(): void {
    const { shape, strides, offset, storage, dtype } = this;
    if (shape.length > maxAxes) throw new RangeError(`a tensor of ${shape.length} axes; at most ${maxAxes} are read`);
    if (shape.length !== strides.length) {
      throw new RangeError(`a tensor of ${shape.length} sizes and ${strides.length} strides`);
    }
    const bad = [...shape, ...strides, offset].find((value) => !Number.isSafeInteger(value) || value < 0);
    if (bad !== undefined) {
      throw new RangeError(`sizes, strides and offset of a tensor are whole numbers from 0 up, but one is ${bad}`);
    }
    if (storage.dtype !== null && storage.dtype !== dtype) {
      throw new RangeError(`a tensor of ${dtype} on a storage of ${storage.dtype}`);
    }
    const isComplex = dtype.startsWith("complex");
    if (this.conj && !isComplex) throw new RangeError(`a tensor of ${dtype} has no conjugate`);
    if (this.requiresGrad && !isComplex && !/^b?float/.test(dtype)) {
      throw new RangeError(`a tensor of ${dtype} has no gradient`);
    }
    if (shape.includes(0)) return;
    // In whole numbers without bound: a product may exceed what a double holds.
    const last = shape.reduce((sum, size, axis) => sum + BigInt(size - 1) * BigInt(strides[axis]), BigInt(offset));
    const elementBytes = storage.dtype === null ? dtypeFacts(dtype).bytes : 1;
    if ((last + 1n) * BigInt(elementBytes) > BigInt(storage.size)) {
      const where = `shape [${shape.join(", ")}], strides [${strides.join(", ")}], offset ${offset}`;
      throw new RangeError(`a tensor (${where}) reaches beyond its storage of ${storage.size}`);
    }
    if (!Number.isSafeInteger(this.size)) throw new RangeError(`a tensor of shape [${shape.join(", ")}] is too big`);
  }

  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  /** The elements in row-major order as little-endian bytes; bool is 0 and 1. A copy. */
  bytes(): Uint8Array {
    const { storage, dtype, shape, strides, offset } = this;
    const out = gather(storage.bytes, dtypeFacts(dtype).bytes, shape, strides, offset);
    if (this.conj || this.neg) applyBits(out, dtype, this.conj, this.neg);
    if (dtype === "bool") for (let i = 0; i < out.length; i++) out[i] = out[i] === 0 ? 0 : 1;
    return out;
  }

  /**
   * The elements in row-major order. A copy. Half precision is widened to float32; complex numbers are interleaved;
   * bool is 0 and 1; int64 and uint64 are bigints.
   *
   * @throws RangeError for 8-bit floats, of which only `bytes()` is to be had
   */
  data(): PtArray {
    return toNumbers(this.bytes(), this.dtype);
  }

  /**
   * A tensor with a storage of its own. NaNs get the one bit pattern that files of ours hold.
   *
   * @param data complex numbers interleaved; bool as 0 and 1; int64 as bigints. It is copied.
   * @throws RangeError when dtype, shape and data do not fit together
   */
  static of(dtype: PtElementType, shape: readonly number[], data: PtArray, requiresGrad = false): PtTensor {
    // What is no array is refused there.
    return PtTensor.taking(dtype, shape, ArrayBuffer.isView(data) ? data.slice() : data, requiresGrad);
  }

  /**
   * As `of`, without a copy: the data belongs to the tensor from now on.
   *
   * @throws RangeError when dtype, shape and data do not fit together
   */
  static taking(dtype: PtElementType, shape: readonly number[], data: PtArray, requiresGrad = false): PtTensor {
    const size = shape.reduce((product, n) => product * n, 1);
    return new PtTensor({
      dtype,
      shape,
      storage: new PtStorage(dtype, size, bytesOf(dtype, shape, data)),
      requiresGrad,
    });
  }

  /**
   * As `taking`, with data that is made when it is asked for, each time anew: what is written is never there as a whole.
   *
   * @param make gives the same each time
   */
  static later(dtype: PtElementType, shape: readonly number[], make: () => PtArray): PtTensor {
    const size = shape.reduce((product, n) => product * n, 1);
    return new PtTensor({ dtype, shape, storage: new PtStorage(dtype, size, () => bytesOf(dtype, shape, make())) });
  }
}

/** The bytes of numbers that fit dtype and shape, in place. */
function bytesOf(dtype: PtElementType, shape: readonly number[], data: PtArray): Uint8Array {
  const expected = toNumbers(new Uint8Array(), dtype).constructor;
  const { bytes: width } = dtypeFacts(dtype);
  const size = shape.reduce((product, n) => product * n, 1);
  if (data?.constructor !== expected || data.BYTES_PER_ELEMENT > width) {
    throw new RangeError(`PtTensor.of: ${dtype} is not made from ${whatIs(data)}`);
  }
  if (data.byteLength !== size * width) {
    throw new RangeError(`PtTensor.of: ${data.length} numbers do not fill ${dtype} [${shape.join(", ")}]`);
  }
  if (data instanceof Float32Array || data instanceof Float64Array) canonicalNaN(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
