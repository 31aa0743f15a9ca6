// Products of plain matrices that lie row by row, in blocks that rest in between.

import { addScaled, dot, type EighOf, eighSteps, type Matrix } from "@plenoptic-js/tensor/engine";
import type { Turn } from "./turn.ts";

/** a a^T of a rows x columns matrix. */
export async function gram({ rows, columns, data }: Matrix, turn: Turn): Promise<Matrix> {
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dot(data, i * columns, data, j * columns, columns);
      out[i * rows + j] = value;
      out[j * rows + i] = value;
      if (columns > 1000) await turn.rest();
    }
    await turn.rest();
  }
  return { rows, columns: rows, data: out };
}

export function transpose({ rows, columns, data }: Matrix): Matrix {
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j];
  return { rows: columns, columns: rows, data: out };
}

/** a x. */
export async function times({ rows, columns, data }: Matrix, x: Float64Array, turn: Turn): Promise<Float64Array> {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    out[i] = dot(data, i * columns, x, 0, columns);
    if (i % 64 === 0) await turn.rest();
  }
  return out;
}

/** a^T x. */
export async function transposedTimes(
  { rows, columns, data }: Matrix,
  x: Float64Array,
  turn: Turn,
): Promise<Float64Array> {
  const out = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    addScaled(x[i], data, i * columns, out, 0, columns);
    if (i % 64 === 0) await turn.rest();
  }
  return out;
}

/** eighOf, with rests. `progress` is told the share that is done. */
export async function decompose(a: Matrix, turn: Turn, progress: (share: number) => void): Promise<EighOf> {
  const steps = eighSteps(a);
  let step = steps.next();
  while (!step.done) {
    progress(step.value);
    await turn.rest();
    step = steps.next();
  }
  return step.value;
}
