// The Fourier kernels have the bits of the meaning, however their units are cut.

import { bitsOf, runLowered } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { fourierOps } from "../../src/compile/fourierKernels.ts";
import { lowerKernel } from "../../src/compile/kernels.ts";
import { inputLeaf } from "../../src/graph/build.ts";
import {
  type ArrayValue,
  allocate,
  type DType,
  type KernelDefinition,
  type Node,
  type Shape,
  sizeOf,
} from "../../src/ops/definition.ts";

type Precision = 32 | 64;

function draw(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Values between -1/2 and 1/2; one in `every` is special. */
function randomArray(dtype: DType, shape: Shape, seed: number, special: readonly number[], every: number): ArrayValue {
  const out = allocate(dtype, shape);
  const next = draw(seed);
  const value = (): number =>
    next() * every < 1 && special.length > 0 ? special[Math.floor(next() * special.length)] : next() - 0.5;
  for (let i = 0; i < sizeOf(shape); i++) {
    out.re[i] = value();
    if (out.im) out.im[i] = value();
  }
  return out;
}

/** Every operation on images of this size: its node and a name. */
function operations(precision: Precision, batch: Shape, rows: number, columns: number): [string, Node][] {
  const real: DType = precision === 64 ? "float64" : "float32";
  const complex: DType = precision === 64 ? "complex128" : "complex64";
  const leaf = (dtype: DType, height: number): Node => inputLeaf([...batch, height, columns], dtype);
  const kept = Math.floor(rows / 2) + 1;
  return [
    ["fft of rows", fourierOps().fft(leaf(complex, rows), -1, rows % 2 === 0)],
    ["fft of columns", fourierOps().fft(leaf(complex, rows), -2, rows % 2 === 1)],
    ["fft2", fourierOps().fft2(leaf(complex, rows), false)],
    ["inverse fft2", fourierOps().fft2(leaf(complex, rows), true)],
    ["rfft2h", fourierOps().rfft2h(leaf(real, rows))],
    ["irfft2h", fourierOps().irfft2h(leaf(complex, kept), rows)],
  ];
}

/** Names of the operations whose kernel does not give the bits of the meaning. Units are cut at random. */
function differences(
  precision: Precision,
  batch: Shape,
  rows: number,
  columns: number,
  special: readonly number[] = [],
  every = 8,
): string[] {
  const cuts = draw(rows * 1000 + columns);
  const cut = (units: number): number[] => {
    const inside = [cuts(), cuts(), cuts()].map((x) => Math.floor(x * (units + 1)));
    return [0, ...inside.sort((a, b) => a - b), units];
  };
  return operations(precision, batch, rows, columns)
    .filter(([, node]) => {
      const { shape, dtype } = node.inputs[0];
      const x = randomArray(dtype, shape, rows * 7 + columns, special, every);
      const meaning = (node.op as KernelDefinition).evaluate([x], node);
      return bitsOf(runLowered(lowerKernel(node), [x], node, { cut })) !== bitsOf(meaning);
    })
    .map(([name]) => `${name} float${precision} [${[...batch, rows, columns].join(", ")}]`);
}

const SIDES = [1, 2, 4, 8, 16, 32, 64];

// Sizes whose rows or pairs of columns fill vectors and groups in every way; small ones of every radix, and convolutions.
const BESIDE = [3, 10, 1, 6, 2, 9, 4, 17, 5, 12, 7];

describe.each([32, 64] as const)("Fourier kernels have the bits of the meaning, float%i", (precision) => {
  it.each(SIDES)("for %i rows and every number of columns", (rows) => {
    expect(SIDES.flatMap((columns) => differences(precision, [], rows, columns))).toEqual([]);
  });

  it.each([
    [128, 32],
    [32, 128],
    [256, 256],
    [512, 4],
    [1, 4096],
    [4096, 1],
    [4096, 2],
    [2, 2048],
    [1024, 8],
    [96, 100],
    [100, 96],
    [101, 30],
    [9, 127],
    [181, 18],
    [6, 243],
    [360, 3],
    [7, 509],
    [1000, 1],
    [1, 1000],
    [1, 4099],
    [5000, 1],
    // Columns in two passes.
    [1024, 136],
    [1500, 48],
    [2048, 32],
  ])("for %i x %i", (rows, columns) => {
    expect(differences(precision, [], rows, columns)).toEqual([]);
  });

  it("for every number of rows and of columns up to 64", () => {
    const sizes = Array.from({ length: 64 }, (_, i) => i + 1);
    const beside = (n: number): number => BESIDE[n % BESIDE.length];
    const wrong = sizes.flatMap((n) => [
      ...differences(precision, [], n, beside(n)),
      ...differences(precision, [], beside(n + 5), n),
    ]);
    expect(wrong).toEqual([]);
  });

  it.each([
    [1, 1],
    [1, 2],
    [2, 2],
    [4, 4],
    [8, 1],
    [8, 2],
    [16, 8],
    [64, 64],
    [3, 7],
    [11, 2],
    [17, 9],
    [10, 33],
  ])("for batches of %i x %i", (rows, columns) => {
    expect(differences(precision, [2, 3], rows, columns)).toEqual([]);
    expect(differences(precision, [0], rows, columns)).toEqual([]);
  });

  it.each([
    ["negative zeros", [-0], 1],
    ["zeros of both signs", [0, -0], 1],
    ["NaN", [Number.NaN], 100],
    ["infinities", [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 30],
    ["subnormal numbers", precision === 64 ? [5e-324, -3e-310, 2e-308] : [1e-45, -3e-41, 1e-38], 1],
    ["numbers near overflow", precision === 64 ? [1.7e308, -1.2e308] : [3.3e38, -2e38], 2],
    ["numbers of very different size", precision === 64 ? [1e300, 1e-300, -1e-308] : [1e30, 1e-30, -1e-38], 2],
  ] as const)("for %s", (_name, special, every) => {
    for (const [rows, columns] of [
      [1, 4],
      [4, 1],
      [2, 8],
      [8, 2],
      [16, 16],
      [32, 64],
      [3, 5],
      [17, 7],
      [6, 19],
      [12, 21],
    ]) {
      expect(differences(precision, [2], rows, columns, special, every)).toEqual([]);
    }
  });
});

describe("Fourier kernels", () => {
  const steps = (build: (x: Node) => Node, dtype: DType, shape: Shape) =>
    lowerKernel(build(inputLeaf(shape, dtype))).steps;

  it("cuts columns into groups of whole cache lines, and rows one by one", () => {
    const [columns, rows] = steps((x) => fourierOps().fft2(x, false), "complex128", [3, 64, 256]);
    expect(columns.units).toBe(3 * (256 / 16));
    expect(rows.units).toBe(3 * 64);
    const [halves, halfRows] = steps((x) => fourierOps().rfft2h(x), "float32", [3, 64, 256]);
    expect(halves.units).toBe(3 * (128 / 16));
    expect(halfRows.units).toBe(3 * 33);
  });

  it("takes long columns in two passes, where groups need not overlap", () => {
    const counts = (shape: Shape): number[] =>
      steps((x) => fourierOps().fft(x, -2, false), "complex128", shape).map((s) => s.units);
    // Blocks of 64 rows and of 16, groups of 64 vectors at most.
    expect(counts([3, 1024, 64])).toEqual([3 * 16, 3 * 64]);
    expect(counts([3, 1024, 136])).toEqual([3 * 16 * 2, 3 * 64 * 2]);
    // 67 vectors.
    expect(counts([3, 1024, 134]).length).toBe(1);
    expect(counts([3, 512, 64]).length).toBe(1);
    // 1021 is prime.
    expect(counts([3, 1021, 64]).length).toBe(1);
  });

  it("does only the rows of a half plane that are read", () => {
    const node = fourierOps().rfft2h(inputLeaf([3, 64, 128], "float64"));
    expect(lowerKernel(node, { rowsRead: 5 }).steps.map((s) => s.units)).toEqual([3 * 8, 3 * 5]);
  });

  it("takes as many rows at once as a vector has lanes where they do not fill vectors", () => {
    const [, rows] = steps((x) => fourierOps().fft2(x, false), "complex64", [3, 5, 50]);
    expect(rows.units).toBe(4);
    const [lines] = steps((x) => fourierOps().fft(x, -1, false), "complex128", [7, 101]);
    expect(lines.units).toBe(4);
  });

  it("shares kernels between batches, and between nothing that differs", () => {
    const keys = (build: (x: Node) => Node, dtype: DType, shape: Shape): string[] =>
      steps(build, dtype, shape).map((step) => step.kernel.key);
    const forward = (x: Node): Node => fourierOps().fft2(x, false);
    const inverse = (x: Node): Node => fourierOps().fft2(x, true);
    const back = (x: Node): Node => fourierOps().irfft2h(x, 128);
    expect(keys(forward, "complex64", [64, 128])).toEqual(keys(forward, "complex64", [2, 5, 64, 128]));
    expect(keys(fourierOps().rfft2h, "float64", [64, 128])).toEqual(keys(fourierOps().rfft2h, "float64", [4, 64, 128]));
    expect(keys(back, "complex128", [65, 128])).toEqual(keys(back, "complex128", [4, 65, 128]));
    expect(keys(forward, "complex64", [30, 17])).toEqual(keys(forward, "complex64", [2, 5, 30, 17]));
    const all = [
      ...keys(fourierOps().rfft2h, "float32", [64, 129]),
      ...keys(fourierOps().rfft2h, "float32", [64, 130]),
      ...keys(forward, "complex64", [64, 128]),
      ...keys(inverse, "complex64", [64, 128]),
      ...keys(forward, "complex128", [64, 128]),
      ...keys(forward, "complex64", [128, 64]),
      ...keys(fourierOps().rfft2h, "float32", [128, 256]).slice(0, 1),
      ...keys(back, "complex64", [65, 256]).slice(1),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
