// Between the tensors of files and those that are computed with.

import { type PtElementType, PtTensor } from "@plenoptic-js/formats";
import { type DType, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkBoolean, checkTensor, heldValue, shown } from "@plenoptic-js/tensor/engine";

/** The types that become tensors of ours, and as what. All values fit. */
const ours: Readonly<Partial<Record<PtElementType, DType>>> = {
  float32: "float32",
  float64: "float64",
  complex64: "complex64",
  complex128: "complex128",
  int32: "int32",
  bool: "bool",
  float16: "float32",
  bfloat16: "float32",
  int16: "int32",
  int8: "int32",
  uint8: "int32",
  uint16: "int32",
};

/**
 * The numbers of a file's tensor as a Tensor of the same dtype, or of a wider one that holds them all: half precision
 * becomes float32, integers of up to 16 bits become int32.
 *
 * @throws RangeError for types that would not fit: int64, uint32, uint64, complex32, 8-bit floats
 */
export function toTensor(saved: PtTensor): Tensor {
  if (!(saved instanceof PtTensor)) {
    throw new TypeError(`toTensor: ${shown(saved)} was given; it must be a PtTensor, as loadFile() gives`);
  }
  const dtype = ours[saved.dtype];
  if (dtype === undefined) {
    throw new RangeError(`toTensor: ${saved.dtype} fits no dtype of a Tensor; take the numbers with data() instead`);
  }
  const data = saved.data();
  const exact = data instanceof Int16Array || data instanceof Int8Array || data instanceof Uint16Array;
  const numbers = exact ? Int32Array.from(data) : (data as Float32Array | Float64Array | Int32Array | Uint8Array);
  return tensor(numbers, { shape: saved.shape, dtype });
}

/** As fromTensor, on the values that the Tensor holds, where they are real: nobody may change them. */
export async function heldTensor(source: Tensor): Promise<PtTensor> {
  if (source.dtype.startsWith("complex")) return fromTensor(source);
  return PtTensor.taking(source.dtype, source.shape, heldValue(source).re);
}

/** The values of a Tensor, computed now if needed, as a tensor of a file. */
export async function fromTensor(source: Tensor, requiresGrad = false): Promise<PtTensor> {
  checkTensor("fromTensor", "the source", source);
  checkBoolean("fromTensor", "requiresGrad", requiresGrad);
  return PtTensor.taking(source.dtype, source.shape, await source.data(), requiresGrad);
}
