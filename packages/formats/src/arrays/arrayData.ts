// What is read from `.npy` files and written to them: plain data.

export type ArrayDtype = "float32" | "float64" | "int32" | "bool" | "complex64" | "complex128";

/** An array of numbers in C order. */
export interface ArrayData {
  readonly dtype: ArrayDtype;
  /** Sizes of the axes; `[]` for a single value. */
  readonly shape: readonly number[];
  /**
   * float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array of 0 and 1,
   * complex64 and complex128: Float32Array and Float64Array with real and imaginary parts in turn.
   */
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
}
