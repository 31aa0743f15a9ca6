import { describe, expect, it } from "vitest";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { gradient } from "../../src/graph/gradient.ts";
import { pushforward } from "../../src/graph/pushforward.ts";
import {
  type ArrayValue,
  allocate,
  type DType,
  isComplex,
  type Node,
  type Shape,
  sizeOf,
} from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { FRACTION, fixedRoots, toFixed, toNumber } from "../math/exactRoots.ts";
import { bitsOf } from "../wasm/harness.ts";

type Precision = 32 | 64;
const real = (p: Precision): DType => (p === 64 ? "float64" : "float32");
const complex = (p: Precision): DType => (p === 64 ? "complex128" : "complex64");

/** Pseudo-random multiples of 2^-20 between -1/2 and 1/2: exact in float32. */
function draw(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 12) / 1048576 - 0.5;
  };
}

function randomArray(dtype: DType, shape: Shape, seed = 1): ArrayValue {
  const out = allocate(dtype, shape);
  const next = draw(seed);
  for (let i = 0; i < sizeOf(shape); i++) {
    out.re[i] = next();
    if (out.im) out.im[i] = next();
  }
  return out;
}

function evaluate(node: Node, inputs: ReadonlyMap<Node, ArrayValue> = new Map()): ArrayValue {
  return interpret([node], inputs)[0];
}

const fft2 = (x: ArrayValue, inverse = false): ArrayValue => evaluate(ops.fft2(arrayLeaf(x), inverse));
const rfft2h = (x: ArrayValue): ArrayValue => evaluate(ops.rfft2h(arrayLeaf(x)));
const irfft2h = (x: ArrayValue, rows: number): ArrayValue => evaluate(ops.irfft2h(arrayLeaf(x), rows));

/** Real and imaginary parts in one list. */
function parts(x: ArrayValue): number[] {
  return [...x.re, ...(x.im ?? new Float64Array(x.re.length))];
}

function rms(x: readonly number[]): number {
  return Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
}

function relativeError(x: ArrayValue, exact: ArrayValue): number {
  const wanted = parts(exact);
  return rms(parts(x).map((v, i) => v - wanted[i])) / rms(wanted);
}

/** The direct double sum, one axis after the other, in exact products of 256-bit fixed-point numbers. */
function exactDft(x: ArrayValue, inverse: boolean): ArrayValue {
  const [rows, columns] = x.shape;
  let re = Array.from(x.re, toFixed);
  let im = x.im ? Array.from(x.im, toFixed) : re.map(() => 0n);
  const along = (count: number, stride: number, lines: number, step: number): void => {
    const { cos, sin } = fixedRoots(count);
    const outRe = re.slice();
    const outIm = im.slice();
    for (let line = 0; line < lines; line++) {
      for (let k = 0; k < count; k++) {
        let sumRe = 0n;
        let sumIm = 0n;
        for (let j = 0; j < count; j++) {
          const c = cos[(j * k) % count];
          const s = inverse ? sin[(j * k) % count] : -sin[(j * k) % count];
          const at = line * step + j * stride;
          sumRe += re[at] * c - im[at] * s;
          sumIm += re[at] * s + im[at] * c;
        }
        outRe[line * step + k * stride] = sumRe >> FRACTION;
        outIm[line * step + k * stride] = sumIm >> FRACTION;
      }
    }
    re = outRe;
    im = outIm;
  };
  along(rows, columns, columns, 1);
  along(columns, 1, rows, columns);
  const number = (plane: bigint[]): Float64Array => Float64Array.from(plane, toNumber);
  return { dtype: "complex128", shape: x.shape, re: number(re), im: number(im) };
}

function firstRows(x: ArrayValue, rows: number): ArrayValue {
  const columns = x.shape[1];
  const cut = (plane: ArrayValue["re"]): ArrayValue["re"] => plane.slice(0, rows * columns);
  return { dtype: x.dtype, shape: [rows, columns], re: cut(x.re), ...(x.im && { im: cut(x.im) }) };
}

/** Root mean square errors grow with the square root of the number of stages. */
function errorBound(precision: Precision, size: number): number {
  const epsilon = precision === 64 ? 2 ** -53 : 2 ** -24;
  return 0.6 * epsilon * Math.sqrt(Math.max(1, Math.log2(size)));
}

const SIDES = [1, 2, 4, 8, 16, 32, 64];
const SIZES: [number, number][] = SIDES.flatMap((rows) => SIDES.map((columns): [number, number] => [rows, columns]));

describe("Fourier transforms against the exact sum", () => {
  const sizes: [number, number][] = [...SIZES, [128, 32], [2, 128]];
  it.each(sizes)("%i x %i", (rows, columns) => {
    const size = rows * columns;
    const forward = exactDft(randomArray("complex128", [rows, columns]), false);
    const backward = exactDft(randomArray("complex128", [rows, columns]), true);
    const realForward = firstRows(exactDft(randomArray("float64", [rows, columns]), false), Math.floor(rows / 2) + 1);
    for (const precision of [32, 64] as const) {
      const bound = errorBound(precision, size);
      const z = randomArray(complex(precision), [rows, columns]);
      expect(relativeError(fft2(z), forward)).toBeLessThanOrEqual(bound);
      expect(relativeError(fft2(z, true), backward)).toBeLessThanOrEqual(bound);
      const x = randomArray(real(precision), [rows, columns]);
      const half = rfft2h(x);
      expect(half.shape).toEqual([Math.floor(rows / 2) + 1, columns]);
      expect(relativeError(half, realForward)).toBeLessThanOrEqual(bound);
      const back = irfft2h(half, rows);
      const scaled: ArrayValue = { ...x, re: x.re.map((v) => v * size) };
      expect(relativeError(back, scaled)).toBeLessThanOrEqual(2 * bound);
    }
  });
});
