// Fourier transforms against the exact sum, and against each other where lines are long.

import { FRACTION, fixedRoots, toFixed, toNumber } from "@plenoptic-js/proof/accuracy/exactRoots";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { fourierOps } from "../../src/compile/fourierKernels.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { gradient } from "../../src/graph/gradient.ts";
import { pushforward } from "../../src/graph/pushforward.ts";
import { planOf } from "../../src/math/fft.ts";
import { rootsOfUnity } from "../../src/math/roots.ts";
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

const fft2 = (x: ArrayValue, inverse = false): ArrayValue => evaluate(fourierOps().fft2(arrayLeaf(x), inverse));
const rfft2h = (x: ArrayValue): ArrayValue => evaluate(fourierOps().rfft2h(arrayLeaf(x)));
const irfft2h = (x: ArrayValue, rows: number): ArrayValue => evaluate(fourierOps().irfft2h(arrayLeaf(x), rows));

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
function exactDft(x: ArrayValue): ArrayValue {
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
          const s = -sin[(j * k) % count];
          const at = line * step + j * stride;
          sumRe += re[at] * c;
          sumIm += re[at] * s;
          if (im[at] === 0n) continue;
          sumRe -= im[at] * s;
          sumIm += im[at] * c;
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

/** The inverse transform from the forward one: element k of one is element -k of the other. */
function reversed(x: ArrayValue): ArrayValue {
  const [rows, columns] = x.shape;
  const turn = (plane: ArrayValue["re"]): ArrayValue["re"] =>
    plane.map((_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return plane[((rows - row) % rows) * columns + ((columns - column) % columns)];
    });
  return { ...x, re: turn(x.re), im: turn(x.im as Float64Array) };
}

function firstRows(x: ArrayValue, rows: number): ArrayValue {
  const columns = x.shape[1];
  const cut = (plane: ArrayValue["re"]): ArrayValue["re"] => plane.slice(0, rows * columns);
  return { dtype: x.dtype, shape: [rows, columns], re: cut(x.re), ...(x.im && { im: cut(x.im) }) };
}

/** The inner length of a transform: of its line, or of the convolution that does it. */
const innerLength = (size: number): number => planOf(size).length;

/**
 * One rounding error for every doubling of the inner length, in quadrature; one and a half for convolutions, which go there and
 * back.
 */
function errorBound(precision: Precision, ...sizes: number[]): number {
  const epsilon = precision === 64 ? 2 ** -53 : 2 ** -24;
  const weights = sizes.map((size) => (innerLength(size) > size ? 1.5 ** 2 : 1) * Math.log2(innerLength(size)));
  return (
    epsilon *
    Math.sqrt(
      Math.max(
        1,
        weights.reduce((sum, w) => sum + w, 0),
      ),
    )
  );
}

const POWERS = [1, 2, 4, 8, 16, 32, 64];
const POWER_SIZES: [number, number][] = POWERS.flatMap((rows) =>
  POWERS.map((columns): [number, number] => [rows, columns]),
);

// Every size up to 64 as rows and as columns, beside small sizes of every kind; and larger ones.
const BESIDE = [3, 1, 5, 2, 7, 4, 6, 17, 9];
const SMALL: [number, number][] = Array.from({ length: 64 }, (_, i) => i + 1).flatMap((n): [number, number][] => [
  [n, BESIDE[n % BESIDE.length]],
  [BESIDE[(n * 4) % BESIDE.length], n],
]);
const LARGE = [96, 100, 101, 120, 127, 143, 150, 181, 243, 257, 343, 360, 509].flatMap((n): [number, number][] => [
  [n, n < 200 ? 2 : 1],
  [1, n],
]);

describe("Fourier transforms against the exact sum", () => {
  const sizes: [number, number][] = [...POWER_SIZES, [128, 32], [2, 128], ...SMALL, ...LARGE, [1000, 1]];
  it.each(sizes)("%i x %i", (rows, columns) => {
    const size = rows * columns;
    const forward = exactDft(randomArray("complex128", [rows, columns]));
    const backward = reversed(forward);
    const realForward = firstRows(exactDft(randomArray("float64", [rows, columns])), Math.floor(rows / 2) + 1);
    for (const precision of [32, 64] as const) {
      const bound = errorBound(precision, rows, columns);
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

describe("Fourier transforms of long lines", () => {
  it.each([4099, 6000, 65536, 65521])("%i elements: the exact sums, at some frequencies", (n) => {
    const z = randomArray("complex128", [1, n]);
    const { cos, sin } = fixedRoots(n);
    const [re, im] = [Array.from(z.re, toFixed), Array.from(z.im as Float64Array, toFixed)];
    const y = evaluate(fourierOps().fft(arrayLeaf(z), -1, false));
    for (const k of [0, 1, Math.floor(n / 2), n - 7]) {
      let sumRe = 0n;
      let sumIm = 0n;
      for (let j = 0; j < n; j++) {
        const turn = (j * k) % n;
        sumRe += re[j] * cos[turn] + im[j] * sin[turn];
        sumIm += im[j] * cos[turn] - re[j] * sin[turn];
      }
      const bound = 10 * errorBound(64, n) * Math.sqrt(n) * rms(parts(z));
      expect(Math.abs(y.re[k] - toNumber(sumRe >> FRACTION))).toBeLessThan(bound);
      expect(Math.abs((y.im as Float64Array)[k] - toNumber(sumIm >> FRACTION))).toBeLessThan(bound);
    }
  });
});

/** A few sizes of every kind: mixed radices, and convolutions. */
const MIXED: [number, number][] = [
  [1, 1],
  [3, 4],
  [5, 7],
  [6, 1],
  [1, 9],
  [12, 17],
  [19, 10],
  [13, 15],
  [23, 29],
];

describe("Fourier transforms of any size", () => {
  const inner = (a: ArrayValue): number => parts(a).reduce((sum, v) => sum + v * v, 0);

  it.each(MIXED)("%i x %i: keep the energy (Parseval), also counted in the half plane", (rows, columns) => {
    const n = rows * columns;
    const z = randomArray("complex128", [rows, columns]);
    expect(inner(fft2(z)) / (n * inner(z))).toBeCloseTo(1, 13);
    const x = randomArray("float64", [rows, columns]);
    const half = rfft2h(x);
    let energy = 0;
    for (let k = 0; k < half.shape[0]; k++) {
      const own = k === 0 || 2 * k === rows;
      const energyOf = (plane: ArrayValue["re"]): number =>
        Array.from(plane.slice(k * columns, (k + 1) * columns)).reduce((total, v) => total + v * v, 0);
      const sum = energyOf(half.re) + energyOf(half.im as Float64Array);
      energy += own ? sum : 2 * sum;
    }
    expect(energy / (n * inner(x))).toBeCloseTo(1, 13);
  });

  it.each(MIXED)("%i x %i: a circular shift multiplies by a phase", (rows, columns) => {
    const z = randomArray("complex128", [rows, columns]);
    const [down, right] = [rows > 1 ? 1 : 0, columns > 2 ? 2 : 0];
    const moved = allocate("complex128", z.shape);
    const phased = allocate("complex128", z.shape);
    const y = fft2(z);
    const { cos, sin } = rootsOfUnity(rows * columns, "f64");
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const from = ((i - down + rows) % rows) * columns + ((j - right + columns) % columns);
        const at = i * columns + j;
        moved.re[at] = z.re[from];
        (moved.im as Float64Array)[at] = (z.im as Float64Array)[from];
        const turns = (i * down * columns + j * right * rows) % (rows * columns);
        const [c, s] = [cos[turns], -sin[turns]];
        phased.re[at] = y.re[at] * c - (y.im as Float64Array)[at] * s;
        (phased.im as Float64Array)[at] = y.re[at] * s + (y.im as Float64Array)[at] * c;
      }
    }
    expect(relativeError(fft2(moved), phased)).toBeLessThan(3 * errorBound(64, rows, columns));
  });

  it.each(MIXED)("%i x %i: the inverse is the mirrored forward transform, bit for bit", (rows, columns) => {
    const z = randomArray("complex64", [rows, columns]);
    const conj = (x: ArrayValue): ArrayValue => ({ ...x, im: (x.im as Float32Array).map((v) => -v) });
    expect(bitsOf(fft2(z, true))).toBe(bitsOf(conj(fft2(conj(z)))));
  });

  it("along one axis are those of images with one row or one column, and fft2 is both in turn", () => {
    const z = randomArray("complex128", [3, 10, 11]);
    const both = fourierOps().fft(fourierOps().fft(arrayLeaf(z), -2, false), -1, false);
    expect(bitsOf(evaluate(both))).toBe(bitsOf(fft2(z)));
    const first = evaluate(fourierOps().fft(arrayLeaf(z), 0, true));
    const asRows = evaluate(ops.permute(fourierOps().fft(ops.permute(arrayLeaf(z), [1, 2, 0]), -1, true), [2, 0, 1]));
    expect(bitsOf(first)).toBe(bitsOf(asRows));
    const line = randomArray("complex64", [21]);
    const image: ArrayValue = { ...line, shape: [1, 21] };
    expect(bitsOf(evaluate(fourierOps().fft(arrayLeaf(line), 0, false)))).toBe(bitsOf(fft2(image)));
  });
});

describe("Fourier transforms of 256 x 256", () => {
  const n = 256;
  const z = randomArray("complex128", [n, n]);
  const x: ArrayValue = { dtype: "float64", shape: z.shape, re: z.re };

  it("have the exact sums, at some frequencies", () => {
    const { cos, sin } = fixedRoots(n);
    const [re, im] = [Array.from(z.re, toFixed), Array.from(z.im as Float64Array, toFixed)];
    const transformed = fft2(z);
    const half = rfft2h(x);
    for (const [row, column] of [
      [0, 0],
      [1, 3],
      [128, 77],
      [127, 255],
    ]) {
      const sum = [0n, 0n, 0n, 0n];
      for (let i = 0; i < n * n; i++) {
        const turn = (row * Math.floor(i / n) + column * (i % n)) % n;
        sum[0] += re[i] * cos[turn] + im[i] * sin[turn];
        sum[1] += im[i] * cos[turn] - re[i] * sin[turn];
        sum[2] += re[i] * cos[turn];
        sum[3] -= re[i] * sin[turn];
      }
      const [zRe, zIm, xRe, xIm] = sum.map((v) => toNumber(v >> FRACTION));
      const at = row * n + column;
      // A hundred times the typical error of one element.
      const bound = 100 * 2 ** -53 * n * rms(parts(z));
      expect(Math.abs(transformed.re[at] - zRe)).toBeLessThan(bound);
      expect(Math.abs((transformed.im as Float64Array)[at] - zIm)).toBeLessThan(bound);
      expect(Math.abs(half.re[at] - xRe)).toBeLessThan(bound);
      expect(Math.abs((half.im as Float64Array)[at] - xIm)).toBeLessThan(bound);
    }
  });

  it("keep the energy (Parseval) and come back", () => {
    const transformed = fft2(z);
    // Row by row, so that the sum's own rounding errors do not show.
    const energy = (v: readonly number[]): number => {
      const rows = Array.from({ length: v.length / n }, (_, i) => v.slice(i * n, (i + 1) * n));
      return rows.map((row) => row.reduce((sum, a) => sum + a * a, 0)).reduce((sum, a) => sum + a, 0);
    };
    expect(energy(parts(transformed)) / (n * n * energy(parts(z)))).toBeCloseTo(1, 12);
    const back = fft2(transformed, true);
    const scaled: ArrayValue = {
      ...z,
      re: z.re.map((v) => v * n * n),
      im: z.im!.map((v) => v * n * n),
    };
    expect(relativeError(back, scaled)).toBeLessThan(2 * errorBound(64, n * n));
  });
});

describe("Fourier transforms as operations", () => {
  it.each([
    ["fft2", (x: Node) => fourierOps().fft2(x, false), "complex64"],
    ["inverse fft2", (x: Node) => fourierOps().fft2(x, true), "complex128"],
    ["rfft2h", (x: Node) => fourierOps().rfft2h(x), "float32"],
    ["irfft2h", (x: Node) => fourierOps().irfft2h(x, 8), "complex128"],
    ["fft of columns", (x: Node) => fourierOps().fft(x, -2, false), "complex128"],
    ["fft of rows", (x: Node) => fourierOps().fft(x, -1, true), "complex64"],
  ] as const)("%s gives a batch member the bits it has alone", (name, build, dtype) => {
    const rows = name === "irfft2h" ? 5 : 8;
    const batch = randomArray(dtype, [2, 3, rows, 16]);
    const together = evaluate(build(arrayLeaf(batch)));
    const inner = rows * 16;
    const outer = sizeOf(together.shape) / 6;
    for (let b = 0; b < 6; b++) {
      const cut = (plane: ArrayValue["re"], length: number): ArrayValue["re"] =>
        plane.slice(b * length, (b + 1) * length);
      const alone: ArrayValue = {
        dtype,
        shape: [rows, 16],
        re: cut(batch.re, inner),
        ...(batch.im && { im: cut(batch.im, inner) }),
      };
      const member: ArrayValue = {
        dtype: together.dtype,
        shape: together.shape.slice(2),
        re: cut(together.re, outer),
        ...(together.im && { im: cut(together.im, outer) }),
      };
      expect(bitsOf(evaluate(build(arrayLeaf(alone))))).toBe(bitsOf(member));
    }
  });

  it("transform nothing when the batch is empty", () => {
    expect(fft2(randomArray("complex64", [0, 4, 4])).shape).toEqual([0, 4, 4]);
    expect(irfft2h(randomArray("complex64", [0, 3, 4]), 4).re.length).toBe(0);
  });

  it("transform a unit impulse and a constant without any error", () => {
    const impulse = allocate("float64", [16, 16]);
    impulse.re[0] = 1;
    expect(parts(rfft2h(impulse))).toEqual([...Array(9 * 16).fill(1), ...Array(9 * 16).fill(0)]);
    const constant = allocate("float64", [16, 16]);
    constant.re.fill(1);
    expect(parts(rfft2h(constant)).map((v) => v + 0)).toEqual([256, ...Array(2 * 9 * 16 - 1).fill(0)]);
  });

  it("irfft2h ignores what cannot belong to a real image", () => {
    const half = randomArray("complex128", [5, 8]);
    const changed: ArrayValue = { ...half, re: half.re.slice(), im: (half.im as Float64Array).slice() };
    // i times the transform of a real row is what a purely imaginary row turns into.
    const row = fft2(randomArray("complex128", [1, 8], 7));
    for (const start of [0, 32]) {
      for (let c = 0; c < 8; c++) {
        const mirrored = (8 - c) % 8;
        // Antihermitian: i times (row + its mirrored conjugate).
        changed.re[start + c] += -((row.im as Float64Array)[c] - (row.im as Float64Array)[mirrored]);
        (changed.im as Float64Array)[start + c] += row.re[c] + row.re[mirrored];
      }
    }
    expect(relativeError(irfft2h(changed, 8), irfft2h(half, 8))).toBeLessThan(1e-15);
    expect(relativeError(rfft2h(irfft2h(changed, 8)), rfft2h(irfft2h(half, 8)))).toBeLessThan(1e-15);
  });
});

describe("derivatives of Fourier transforms", () => {
  const cases: [string, DType, Shape, (x: Node) => Node][] = [];
  for (const [rows, columns] of [
    [1, 1],
    [1, 8],
    [2, 1],
    [2, 4],
    [4, 2],
    [8, 16],
    [16, 4],
    [3, 5],
    [6, 7],
    [9, 1],
    [17, 12],
    [10, 19],
  ]) {
    const size = `${rows} x ${columns}`;
    cases.push([`fft2 ${size}`, "complex128", [2, rows, columns], (x) => fourierOps().fft2(x, false)]);
    cases.push([`inverse fft2 ${size}`, "complex128", [rows, columns], (x) => fourierOps().fft2(x, true)]);
    cases.push([`fft of columns ${size}`, "complex128", [2, rows, columns], (x) => fourierOps().fft(x, -2, false)]);
    cases.push([`inverse fft of rows ${size}`, "complex128", [rows, columns], (x) => fourierOps().fft(x, -1, true)]);
    cases.push([
      `fft of the first axis ${size}`,
      "complex128",
      [columns, rows, 2],
      (x) => fourierOps().fft(x, 0, false),
    ]);
    cases.push([`rfft2h ${size}`, "float64", [2, rows, columns], (x) => fourierOps().rfft2h(x)]);
    const kept = Math.floor(rows / 2) + 1;
    cases.push([`irfft2h ${size}`, "complex128", [2, kept, columns], (x) => fourierOps().irfft2h(x, rows)]);
  }
  const inner = (a: ArrayValue, b: ArrayValue): number => {
    const [u, v] = [parts(a), parts(b)];
    return u.reduce((sum, x, i) => sum + x * v[i], 0);
  };

  it.each(cases)("%s: the gradient is the adjoint of the pushforward", (_name, dtype, shape, build) => {
    const x = inputLeaf(shape, dtype);
    const y = build(x);
    const tangent = randomArray(dtype, shape, 3);
    const cotangent = randomArray(y.dtype, y.shape, 5);
    const [gradientNode] = gradient(ops, y, [x], arrayLeaf(cotangent));
    const [pushedNode] = pushforward(ops, [y], [x], [arrayLeaf(tangent)]);
    const at = new Map([[x, randomArray(dtype, shape, 9)]]);
    const pulled = evaluate(gradientNode, at);
    const pushed = evaluate(pushedNode, at);
    // Linear operations: the derivative in a direction is the operation itself.
    expect(bitsOf(pushed)).toBe(bitsOf(evaluate(build(arrayLeaf(tangent)))));
    const scale = rms(parts(pushed)) * rms(parts(cotangent)) * parts(pushed).length;
    expect(Math.abs(inner(pushed, cotangent) - inner(tangent, pulled))).toBeLessThan(1e-14 * scale);
    // The adjoint element by element, from differences.
    for (const index of [0, 1, sizeOf(shape) - 1]) {
      for (const plane of isComplex(dtype) ? (["re", "im"] as const) : (["re"] as const)) {
        const step = allocate(dtype, shape);
        const values = step[plane] as Float64Array;
        if (index >= values.length) continue;
        values[index] = 1;
        const column = evaluate(build(arrayLeaf(step)));
        const entry = (pulled[plane] as Float64Array)[index];
        expect(Math.abs(inner(column, cotangent) - entry)).toBeLessThan(1e-12 * Math.max(1, Math.abs(entry)));
      }
    }
  });

  it("differentiate again: half the energy of the half plane, weighed, has gradient rows x columns x image", () => {
    const x = inputLeaf([8, 4], "float64");
    const X = fourierOps().rfft2h(x);
    const energy = ops.add(ops.mul(ops.real(X), ops.real(X)), ops.mul(ops.imag(X), ops.imag(X)));
    const edge = ops.full([1, 4], 0.5, "float64");
    const weights = ops.concat([edge, ops.full([3, 4], 1, "float64"), edge], 0);
    const loss = ops.sum(ops.mul(energy, weights));
    const [g] = gradient(ops, loss, [x]);
    const image = randomArray("float64", [8, 4]);
    const at = new Map([[x, image]]);
    expect(relativeError(evaluate(g, at), { ...image, re: image.re.map((v) => v * 32) })).toBeLessThan(1e-15);
    const direction = randomArray("float64", [8, 4], 2);
    const [second] = gradient(ops, ops.sum(ops.mul(g, arrayLeaf(direction))), [x]);
    expect(relativeError(evaluate(second, at), { ...image, re: direction.re.map((v) => v * 32) })).toBeLessThan(1e-15);
  });
});

describe("Fourier transforms refuse", () => {
  const leaf = (dtype: DType, shape: Shape): Node => inputLeaf(shape, dtype);
  it.each([
    [
      "too few axes",
      () => fourierOps().rfft2h(leaf("float64", [8])),
      "rfft2h: the operand has shape [8]; it needs at least two",
    ],
    [
      "a real operand",
      () => fourierOps().fft2(leaf("float32", [8, 8]), false),
      "fft2: the operand is float32; it must be complex",
    ],
    [
      "a complex operand",
      () => fourierOps().rfft2h(leaf("complex64", [8, 8])),
      "rfft2h: the operand is complex64; it must be float",
    ],
    ["integers", () => fourierOps().rfft2h(leaf("int32", [8, 8])), "rfft2h: the operand is int32"],
    [
      "no rows",
      () => fourierOps().rfft2h(leaf("float64", [0, 8])),
      "rfft2h: there are 0 rows to transform; there must be 1 to",
    ],
    [
      "too many columns",
      () => fourierOps().rfft2h(leaf("float64", [2, 65537])),
      "rfft2h: there are 65537 columns to transform; there must be 1 to 65536",
    ],
    [
      "no axis",
      () => fourierOps().fft(leaf("complex64", []), 0, false),
      "fft: axis 0 does not exist; a 0-d tensor has no axes",
    ],
    [
      "a real line",
      () => fourierOps().fft(leaf("float64", [4]), 0, false),
      "fft: the operand is float64; it must be complex64",
    ],
    [
      "an empty line",
      () => fourierOps().fft(leaf("complex64", [4, 0]), -1, false),
      "fft: there are 0 elements along the axis to transform",
    ],
    [
      "rows that are no size",
      () => fourierOps().irfft2h(leaf("complex64", [3, 4]), 4.5),
      "irfft2h: there are 4.5 rows to transform",
    ],
    [
      "rows that do not fit",
      () => fourierOps().irfft2h(leaf("complex64", [3, 4]), 8),
      "irfft2h: the operand [3, 4] has 3 rows",
    ],
  ] as const)("%s", (_name, build, message) => {
    expect(build).toThrow(message);
  });
});
