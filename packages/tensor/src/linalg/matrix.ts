// Plain matrices: what the decompositions work on.

import { ShapeError } from "../ops/rules.ts";

/** A matrix of float64 numbers, row by row: entry [i, j] is `data[i * columns + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Refuses sizes that do not fit the data, and entries that are not finite. */
export function checkMatrix(caller: string, { rows, columns, data }: Matrix): void {
  const sizes = [rows, columns].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!sizes || data.length !== rows * columns) {
    throw new ShapeError(`${caller}: ${data.length} numbers do not fill a matrix of ${rows} rows, ${columns} columns`);
  }
  const at = data.findIndex((x) => !Number.isFinite(x));
  if (at >= 0) {
    throw new RangeError(
      `${caller}: entry [${Math.floor(at / columns)}, ${at % columns}] is ${data[at]}; all entries must be finite`,
    );
  }
}

/** Side of the square tiles in which a matrix is transposed, so that both sides stay in the cache. */
const TILE = 32;

/** The entries column by column. */
export function transpose({ rows, columns, data }: Matrix): Matrix {
  const out = new Float64Array(data.length);
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(rows, top + TILE);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(columns, left + TILE);
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) out[j * rows + i] = data[i * columns + j];
      }
    }
  }
  return { rows: columns, columns: rows, data: out };
}

/** The largest entry without its sign; 0 of an empty array. */
export function largest(data: Float64Array): number {
  let max = 0;
  for (let i = 0; i < data.length; i++) max = Math.max(max, Math.abs(data[i]));
  return max;
}

/** The largest power of two that float64 multiplies by in one step here; further ways take several. */
const STRIDE = 1000;

/** 2 to the power k, |k| at most STRIDE. */
function powerOfTwo(k: number): number {
  const step = k < 0 ? 0.5 : 2;
  let power = 1;
  for (let i = Math.abs(k); i > 0; i--) power *= step;
  return power;
}

/** The data times 2 to the power k, in place. Exact but for what leaves the range of float64. */
export function scale(data: Float64Array, k: number): void {
  for (let left = k; left !== 0; ) {
    const stride = Math.max(-STRIDE, Math.min(STRIDE, left));
    const factor = powerOfTwo(stride);
    for (let i = 0; i < data.length; i++) data[i] *= factor;
    left -= stride;
  }
}

/** The exponent e of a positive number x: 2^e <= x < 2^(e + 1). */
export function exponentOf(x: number): number {
  let e = 0;
  let y = x;
  for (; y >= 2; e++) y /= 2;
  for (; y < 1; e--) y *= 2;
  return e;
}

/** Refuses results that left the range of their dtype. */
export function checkRange(caller: string, data: Float32Array | Float64Array): void {
  if (data.some((x) => !Number.isFinite(x))) {
    throw new RangeError(`${caller}: a result is too large for its dtype; scale the matrix down`);
  }
}
