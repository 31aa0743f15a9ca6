// matmul against plain loops, its errors and derivatives.

import { generator, integer, pick, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { checkMultilinear } from "@plenoptic-js/proof/graphs/derivatives";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { gradient } from "../../src/graph/gradient.ts";
import { tensor } from "../../src/index.ts";
import type { ArrayValue, DType, Shape } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

const real = (shape: Shape, values: readonly number[]): ArrayValue => ({
  dtype: "float64",
  shape,
  re: Float64Array.from(values),
});

function matmul(a: ArrayValue, b: ArrayValue, transposeB = false): ArrayValue {
  return interpret([ops.matmul(arrayLeaf(a), arrayLeaf(b), { transposeB })])[0];
}

describe("matmul", () => {
  it("multiplies matrices", () => {
    const a = real([2, 3], [1, 2, 3, 4, 5, 6]);
    const product = matmul(a, real([3, 2], [7, 8, 9, 10, 11, 12]));
    expect([product.shape, [...product.re]]).toEqual([
      [2, 2],
      [58, 64, 139, 154],
    ]);
    expect([...matmul(a, real([2, 3], [7, 9, 11, 8, 10, 12]), true).re]).toEqual([58, 64, 139, 154]);
  });

  it("multiplies complex matrices", () => {
    // (1 + 2i)(3 - i) + (-i)(2 + 5i) = 5 + 5i + 5 - 2i
    const a: ArrayValue = { dtype: "complex128", shape: [1, 2], re: Float64Array.of(1, 0), im: Float64Array.of(2, -1) };
    const b: ArrayValue = { dtype: "complex128", shape: [2, 1], re: Float64Array.of(3, 2), im: Float64Array.of(-1, 5) };
    const product = matmul(a, b);
    expect([product.re[0], product.im?.[0]]).toEqual([10, 3]);
    const mixed = matmul(real([1, 2], [2, 3]), b);
    expect([mixed.re[0], mixed.im?.[0]]).toEqual([12, 13]);
  });

  it("agrees with plain sums for every batch", () => {
    const draw = generator(51);
    for (let i = 0; i < 40; i++) {
      const [rows, terms, columns] = [integer(draw, 1, 4), pick(draw, [1, 3, 64, 70, 600]), integer(draw, 1, 4)];
      const [left, right] = pick(draw, [
        [[], []],
        [[2], [2]],
        [[3, 2], [2]],
        [[2], [3, 1]],
        [[2, 3], []],
        [[], [2]],
        [
          [2, 3],
          [1, 1, 1],
        ],
      ] as [number[], number[]][]);
      const a = randomArray(draw, [...left, rows, terms], "float64");
      const b = randomArray(draw, [...right, terms, columns], "float64");
      const got = matmul(a, b);
      // Where the matrices of the operands stand, for every matrix of the result.
      const batch = got.shape.slice(0, -2);
      const matrix = (own: readonly number[], index: number): number => {
        let [at, step, rest] = [0, 1, index];
        for (let axis = batch.length - 1; axis >= 0; axis--) {
          const size = own[own.length - batch.length + axis] ?? 1;
          at += size === 1 ? 0 : (rest % batch[axis]) * step;
          step *= size;
          rest = Math.floor(rest / batch[axis]);
        }
        return at;
      };
      got.re.forEach((value, at) => {
        const index = Math.floor(at / (rows * columns));
        const [row, column] = [Math.floor(at / columns) % rows, at % columns];
        let sum = 0;
        for (let k = 0; k < terms; k++) {
          sum +=
            a.re[(matrix(left, index) * rows + row) * terms + k] *
            b.re[(matrix(right, index) * terms + k) * columns + column];
        }
        expect(Math.abs(value - sum)).toBeLessThan(1e-12);
      });
    }
  });

  it("takes vectors as rows on the left and columns on the right", () => {
    const vector = real([3], [1, 2, 3]);
    const matrix = real([2, 3], [1, 0, 1, 0, 1, 1]);
    expect([matmul(vector, vector).shape, matmul(vector, vector).re[0]]).toEqual([[], 14]);
    const column = matmul(matrix, vector);
    expect([column.shape, [...column.re]]).toEqual([[2], [4, 5]]);
    const row = matmul(vector, matrix, true);
    expect([row.shape, [...row.re]]).toEqual([[2], [4, 5]]);
    const batch = matmul(real([2, 1, 3], [1, 1, 1, 2, 2, 2]), vector);
    expect([batch.shape, [...batch.re]]).toEqual([
      [2, 1],
      [6, 12],
    ]);
    const left = matmul(vector, real([2, 3, 1], [1, 1, 1, 2, 2, 2]));
    expect([left.shape, [...left.re]]).toEqual([
      [2, 1],
      [6, 12],
    ]);
  });

  it("gives one matrix for a whole batch the bits of a batch of its copies", () => {
    const draw = generator(52);
    const a = randomArray(draw, [3, 5, 80], "float32");
    const b = randomArray(draw, [80, 6], "float32");
    const copies: ArrayValue = { dtype: "float32", shape: [3, 80, 6], re: Float32Array.of(...b.re, ...b.re, ...b.re) };
    expect(bitsOf(matmul(a, b))).toBe(bitsOf(matmul(a, copies)));
  });

  it("sums in blocks and lanes, so that long sums stay exact to a few units", () => {
    // Left to right in float32 this sum would stop growing at 2^24.
    const ones: ArrayValue = { dtype: "float32", shape: [1, 2 ** 25], re: new Float32Array(2 ** 25).fill(1) };
    expect(matmul(ones, ones, true).re[0]).toBe(2 ** 25);
  });

  it("is the adjoint and the tangent of itself, in both forms", () => {
    const draw = generator(53);
    const pairs: [DType, DType][] = [
      ["float64", "float64"],
      ["complex128", "complex128"],
      ["float64", "complex128"],
      ["complex128", "float64"],
    ];
    for (const [first, second] of pairs) {
      for (const [a, b, transposeB] of [
        [[3, 4], [4, 2], false],
        [[3, 4], [2, 4], true],
        [[2, 3, 70], [2, 70, 2], false],
        [[2, 3, 70], [2, 70], true],
        [[2, 3, 4], [4, 2], false],
        [[4], [2, 4, 3], false],
        [[2, 3, 4], [4], false],
        [[4], [4], false],
      ] as [Shape, Shape, boolean][]) {
        checkMultilinear(
          draw,
          [
            { shape: a, dtype: first },
            { shape: b, dtype: second },
          ],
          (x, y) => ops.matmul(x, y, { transposeB }),
        );
      }
    }
  });

  it("differentiates a matrix times its own transpose", () => {
    // The derivative of the sum of w[i, j] (x xT)[i, j] is (w + wT) x.
    const draw = generator(54);
    const [x, w] = [randomArray(draw, [4, 90], "float64"), randomArray(draw, [4, 4], "float64")];
    const leaf = inputLeaf(x.shape, "float64");
    const gram = ops.matmul(leaf, leaf, { transposeB: true });
    const [g] = interpret(gradient(ops, gram, [leaf], arrayLeaf(w)), new Map([[leaf, x]]));
    const both = w.re.map((v, i) => v + w.re[(i % 4) * 4 + Math.floor(i / 4)]);
    const expected = matmul(real([4, 4], [...both]), x);
    g.re.forEach((v, i) => {
      expect(Math.abs(v - expected.re[i])).toBeLessThan(1e-12);
    });
  });

  it("is a method of tensors", () => {
    const a = tensor([[1, 2]], { dtype: "float32" });
    expect(a.matmul(a, { transposeB: true }).itemSync()).toBe(5);
  });

  it.each([
    [
      "sizes that differ",
      [2, 3],
      [2, 3],
      false,
      "float32",
      /matmul: \[2, 3\] and \[2, 3\] do not fit.*\[\.\.\., K, N\]/,
    ],
    [
      "sizes of a transpose that differ",
      [2, 3],
      [3, 2],
      true,
      "float32",
      /they must be \[\.\.\., M, K\] and \[\.\.\., N, K\]/,
    ],
    ["vectors that differ", [2], [3], false, "float32", /\[2\] and \[3\] do not fit/],
    ["numbers", [], [3], false, "float32", /\[\] and \[3\] do not fit/],
    [
      "batches that differ",
      [2, 1, 3],
      [3, 3, 1],
      false,
      "float32",
      /matmul: shapes \[2\] and \[3\] do not fit together/,
    ],
    ["other precisions", [1, 3], [3, 1], false, "float64", /matmul: operands are float32 and float64/],
    ["integers", [1, 3], [3, 1], false, "int32", /matmul: operands are float32 and int32/],
  ] as [string, Shape, Shape, boolean, DType, RegExp][])("refuses %s", (_name, a, b, transposeB, dtype, message) => {
    expect(() => ops.matmul(inputLeaf(a, "float32"), inputLeaf(b, dtype), { transposeB })).toThrow(message);
  });
});
