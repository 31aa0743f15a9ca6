// NumPy's type codes of the elements that it shares with torch, without the sign for the byte order.

import type { PtElementType } from "./dtypes.ts";

export const numpyCodes: Readonly<Partial<Record<PtElementType, string>>> = {
  bool: "b1",
  int8: "i1",
  int16: "i2",
  int32: "i4",
  int64: "i8",
  uint8: "u1",
  uint16: "u2",
  uint32: "u4",
  uint64: "u8",
  float16: "f2",
  float32: "f4",
  float64: "f8",
  complex64: "c8",
  complex128: "c16",
};

const byCode = new Map(Object.entries(numpyCodes).map(([dtype, code]) => [code, dtype as PtElementType]));

/** The element type of a code such as `f8`; undefined for what is no number, and for numbers that torch has not. */
export function elementTypeOfCode(code: string): PtElementType | undefined {
  return byCode.get(code);
}
