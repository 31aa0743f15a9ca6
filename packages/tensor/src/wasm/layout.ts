// Where an array's elements lie in WebAssembly memory.
//
// Every plane is stored as rows (all axes but the last, C order) of `pitch` elements. Rows are padded so that
// vector code may read and write whole vectors (padding holds garbage, never read as data), and, for longer
// rows, so that walking down a column does not hit the same cache set at every step (this is worth 10 to 45 % in
// a Fourier transform's column pass). Complex arrays are two planes, real first. The layout is a function of
// shape and dtype alone.

import { componentsOf, type DType, realOf, type Shape, sizeOf } from "../ops/definition.ts";

export interface Layout {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Bytes per element of one plane: 8 for float64, else 4 (bool is stored as 32-bit 0 or 1). */
  readonly elementBytes: 4 | 8;
  readonly rows: number;
  readonly columns: number;
  /** Elements from one row to the next. A multiple of 16 bytes' worth of elements. */
  readonly pitch: number;
  readonly planeBytes: number;
  readonly components: 1 | 2;
  readonly bytes: number;
}

/** Every place starts at a multiple of this: a cache line pair, and any vector's alignment. */
const ALIGNMENT = 128;

/** Nothing lies in the first bytes of a memory, and vector reads may run a little past the last array. */
export const GUARD = 4096;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

function pitchOf(columns: number, rows: number, elementBytes: number): number {
  const lanes = 16 / elementBytes;
  const rounded = Math.ceil(columns / lanes) * lanes;
  // Long rows: eight elements more, so that successive rows start in different cache sets.
  return rows > 1 && columns >= 64 ? Math.ceil(columns / 8) * 8 + 8 : rounded;
}

/** Planes of a page multiple get one more line, so that the two planes of a complex array do not share cache sets. */
function planeBytesOf(bytes: number): number {
  const aligned = align(bytes);
  return aligned > 0 && aligned % 4096 === 0 ? aligned + ALIGNMENT : aligned;
}

/** The layout of an array of this shape and dtype. */
export function layoutOf(shape: Shape, dtype: DType): Layout {
  const elementBytes = realOf(dtype) === "float64" ? 8 : 4;
  const columns = shape.length === 0 ? 1 : shape[shape.length - 1];
  const rows = columns === 0 ? 0 : sizeOf(shape) / columns;
  const pitch = pitchOf(columns, rows, elementBytes);
  const planeBytes = planeBytesOf(rows * pitch * elementBytes);
  const components = componentsOf(dtype);
  return { shape, dtype, elementBytes, rows, columns, pitch, planeBytes, components, bytes: planeBytes * components };
}

/** Bytes from one row to the next. */
export function rowBytes({ pitch, elementBytes }: Layout): number {
  return pitch * elementBytes;
}
