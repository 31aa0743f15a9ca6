// Copies arrays between JavaScript (C order, no padding) and WebAssembly memory (layout.ts).

import type { ArrayValue, Plane } from "../ops/definition.ts";
import { allocatePlane, componentsOf, realOf } from "../ops/definition.ts";
import type { Layout } from "./layout.ts";

type MemoryView = Float32Array | Float64Array | Int32Array;

function viewOf(buffer: ArrayBufferLike, layout: Layout): MemoryView {
  const real = realOf(layout.dtype);
  if (real === "float32") return new Float32Array(buffer);
  if (real === "float64") return new Float64Array(buffer);
  return new Int32Array(buffer);
}

/** Rows in an array: where the first begins, and from there to the next. */
interface Rows {
  readonly array: MemoryView | Plane;
  readonly start: number;
  readonly pitch: number;
}

/** Elements of a row up to which they are copied one by one: a view of it takes longer. The weights of networks are millions of such rows. */
const SHORT = 64;

function copyRows(from: Rows, to: Rows, rows: number, columns: number): void {
  if (columns <= SHORT) {
    copyShortRows(from, to, rows, columns);
    return;
  }
  for (let r = 0; r < rows; r++) {
    const begin = from.start + r * from.pitch;
    to.array.set(from.array.subarray(begin, begin + columns), to.start + r * to.pitch);
  }
}

function copyShortRows(from: Rows, to: Rows, rows: number, columns: number): void {
  const [source, target] = [from.array, to.array];
  for (let r = 0; r < rows; r++) {
    const begin = from.start + r * from.pitch;
    const into = to.start + r * to.pitch;
    for (let k = 0; k < columns; k++) target[into + k] = source[begin + k];
  }
}

function writePlane(view: MemoryView, start: number, plane: Plane, { rows, columns, pitch }: Layout): void {
  copyRows({ array: plane, start: 0, pitch: columns }, { array: view, start, pitch }, rows, columns);
}

function readPlane(view: MemoryView, start: number, plane: Plane, { rows, columns, pitch }: Layout): void {
  copyRows({ array: view, start, pitch }, { array: plane, start: 0, pitch: columns }, rows, columns);
}

/** Writes an array at a byte address (a multiple of 16). */
export function writeArray(buffer: ArrayBufferLike, address: number, value: ArrayValue, layout: Layout): void {
  const view = viewOf(buffer, layout);
  writePlane(view, address / layout.elementBytes, value.re, layout);
  if (value.im) writePlane(view, (address + layout.planeBytes) / layout.elementBytes, value.im, layout);
}

/** Reads an array back into fresh JavaScript memory. */
export function readArray(buffer: ArrayBufferLike, address: number, layout: Layout): ArrayValue {
  const { dtype, shape, rows, columns } = layout;
  const view = viewOf(buffer, layout);
  const re = allocatePlane(dtype, rows * columns);
  readPlane(view, address / layout.elementBytes, re, layout);
  if (componentsOf(dtype) === 1) return { dtype, shape, re };
  const im = allocatePlane(dtype, rows * columns);
  readPlane(view, (address + layout.planeBytes) / layout.elementBytes, im, layout);
  return { dtype, shape, re, im };
}
