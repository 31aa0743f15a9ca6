// Transforms inside of programs: what the compiler leaves out because nobody reads it, or knows to be zero, changes no bits.

import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { fourierOps } from "../../src/compile/fourierKernels.ts";
import { Program } from "../../src/compile/program.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import { type ArrayValue, allocate, type DType, type Node, type Shape, sizeOf } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

/** Numbers of both signs, some of them zeros. */
function values(dtype: DType, shape: Shape): ArrayValue {
  const value = allocate(dtype, shape);
  for (let i = 0; i < sizeOf(shape); i++) {
    value.re[i] = i % 13 === 0 ? -0 : ((i * 7919) % 1009) / 1009 - 0.5;
    if (value.im) value.im[i] = i % 11 === 0 ? 0 : ((i * 104729) % 1013) / 1013 - 0.5;
  }
  return value;
}

/** Whether interpreter and program agree, on one thread and on two. */
function agrees(dtype: DType, shape: Shape, build: (x: Node) => readonly Node[]): boolean {
  const x = inputLeaf(shape, dtype);
  const outputs = build(x);
  const value = values(dtype, shape);
  const expected = interpret(outputs, new Map([[x, value]])).map(bitsOf);
  return [1, 2].every((threads) => {
    const named = Object.fromEntries(outputs.map((node, i) => [`o${i}`, node]));
    const program = new Program({ buffers: { x }, entries: { main: { outputs: named } } }, { threads, grain: 0 });
    program.set("x", value);
    program.run("main");
    return expected.every((bits, i) => bitsOf(program.get(`main.o${i}`)) === bits);
  });
}

const rowsOf = (x: Node, from: number, count: number): Node =>
  ops.slice(x, [0, from, 0], [x.shape[0], count, x.shape[2]], [1, 1, 1]);

const double = (x: Node): Node => ops.add(x, x);

describe.each(["float32", "float64"] as const)("transforms of %s of which only some rows are read", (dtype) => {
  it.each([16, 20, 64])("%i columns", (columns) => {
    const shape = [2, 24, columns];
    expect(agrees(dtype, shape, (x) => [double(rowsOf(fourierOps().rfft2h(x), 0, 3))])).toBe(true);
    expect(agrees(dtype, shape, (x) => [double(rowsOf(fourierOps().rfft2h(x), 2, 4))])).toBe(true);
    expect(
      agrees(dtype, shape, (x) => {
        const y = fourierOps().rfft2h(x);
        return [double(rowsOf(y, 0, 2)), double(rowsOf(y, 5, 8))];
      }),
    ).toBe(true);
    // All of it, as an output, by a kernel, and after a view.
    expect(agrees(dtype, shape, (x) => [fourierOps().rfft2h(x), double(rowsOf(fourierOps().rfft2h(x), 0, 3))])).toBe(
      true,
    );
    expect(
      agrees(dtype, shape, (x) => {
        const y = fourierOps().rfft2h(x);
        return [double(rowsOf(y, 0, 3)), fourierOps().irfft2h(y, 24)];
      }),
    ).toBe(true);
    expect(agrees(dtype, shape, (x) => [double(ops.reshape(fourierOps().rfft2h(x), [26 * columns]))])).toBe(true);
  });
});

describe.each(["float32", "float64"] as const)("transforms of %s of half planes that end with zeros", (dtype) => {
  const complex: DType = dtype === "float32" ? "complex64" : "complex128";
  const padded = (x: Node, rows: number): Node =>
    ops.pad(
      x,
      [
        [0, rows - x.shape[1]],
        [0, 0],
      ],
      "constant",
    );
  it.each([
    [16, 24],
    [64, 24],
    [64, 7],
    // Without kernels that know zeros.
    [20, 24],
    [48, 24],
  ])("%i columns, %i rows", (columns, rows) => {
    const kept = Math.floor(rows / 2) + 1;
    const shape = [2, 3, columns];
    expect(agrees(complex, shape, (x) => [fourierOps().irfft2h(padded(x, kept), rows)])).toBe(true);
    expect(agrees(complex, shape, (x) => [fourierOps().irfft2h(padded(double(x), kept), rows)])).toBe(true);
    // Others read the zeros too.
    expect(
      agrees(complex, shape, (x) => {
        const y = padded(x, kept);
        return [fourierOps().irfft2h(y, rows), y, double(y)];
      }),
    ).toBe(true);
    // Zeros elsewhere.
    expect(
      agrees(complex, shape, (x) => [
        fourierOps().irfft2h(
          ops.pad(
            x,
            [
              [kept - 3, 0],
              [0, 0],
            ],
            "constant",
          ),
          rows,
        ),
      ]),
    ).toBe(true);
    expect(
      agrees(complex, [2, kept, columns - 8], (x) => [fourierOps().irfft2h(ops.pad(x, [[0, 8]], "constant"), rows)]),
    ).toBe(true);
  });
});
