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

function writePlane(view: MemoryView, start: number, plane: Plane, layout: Layout): void {
  const { rows, columns, pitch } = layout;
  for (let r = 0; r < rows; r++) {
    view.set(plane.subarray(r * columns, (r + 1) * columns), start + r * pitch);
  }
}

function readPlane(view: MemoryView, start: number, plane: Plane, layout: Layout): void {
  const { rows, columns, pitch } = layout;
  for (let r = 0; r < rows; r++) {
    const from = start + r * pitch;
    plane.set(view.subarray(from, from + columns), r * columns);
  }
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
