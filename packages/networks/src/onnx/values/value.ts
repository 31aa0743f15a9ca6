// What the values of a network are while it is traced: numbers that are known, or tensors.

import { sha256Hex } from "@plenoptic-js/formats";
import { type FloatDType, full, type Shape, type Tensor } from "@plenoptic-js/tensor";
import { fromValue, heldValue } from "@plenoptic-js/tensor/engine";
import type { Elementary } from "../file/tensorInfo.ts";

/** What the elements of a value are. Numbers of the image's precision are `float`, whatever the file stores. */
export type Kind = "float" | "bool" | "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64";

/** An array whose numbers are known while the network is traced: shapes, indices, small constants. */
export interface Known {
  readonly known: true;
  readonly kind: Kind;
  readonly shape: Shape;
  /** Floating numbers are kept as float64. Whole numbers are exact up to 2^53. */
  readonly data: Elementary;
}

/** What is computed by the program: it depends on pixels, or is a large weight. */
export interface Traced {
  readonly known: false;
  readonly kind: Kind;
  readonly shape: Shape;
  readonly tensor: Tensor;
}

export type Value = Known | Traced;

export const traced = (tensor: Tensor, kind: Kind = "float"): Traced => ({
  known: false,
  kind,
  shape: tensor.shape,
  tensor,
});

export const known = (kind: Kind, shape: Shape, data: Elementary): Known => ({ known: true, kind, shape, data });

/** Numbers as tensors, the same tensor for the same numbers, so that tracing twice gives the same graph. */
export class Constants {
  readonly #made = new Map<string, Tensor>();

  of({ kind, shape, data }: Known, dtype: FloatDType): Tensor {
    if (kind === "bool")
      return this.#array(
        shape,
        "bool",
        Uint8Array.from(data, (x) => (x === 0 ? 0 : 1)),
      );
    // One number is part of the structure.
    if (data.length === 1) return full(shape, dtype === "float32" ? Math.fround(data[0]) : data[0], { dtype });
    return this.#array(shape, dtype, dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data));
  }

  #array(shape: Shape, dtype: FloatDType | "bool", re: Float32Array | Float64Array | Uint8Array): Tensor {
    const bytes = new Uint8Array(re.buffer, re.byteOffset, re.byteLength);
    const key = `${dtype} ${shape.join(",")} ${sha256Hex(bytes)}`;
    const tensor = this.#made.get(key) ?? fromValue({ dtype, shape: [...shape], re });
    this.#made.set(key, tensor);
    return tensor;
  }
}

/** The numbers of a tensor that depends on nothing unknown. */
export const numbersOf = (tensor: Tensor): Elementary => heldValue(tensor).re;
