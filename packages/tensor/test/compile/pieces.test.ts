// Products of matrices whose rows are images: no copy is made of them, and the bits are those of the copy.

import { generator, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { Program, release } from "../../src/compile/program.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import { gradient } from "../../src/graph/gradient.ts";
import type { DType, Node, Shape } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

/**
 * Compares a program with the interpreter, cut as fine as can be, its data behind so many bytes; returns the bytes that the program
 * takes.
 */
function compare(inputs: readonly Node[], y: Node, threads: number, behind = 0): number {
  const draw = generator(7);
  const untouched = inputLeaf([32], "float64");
  const buffers = { untouched, ...Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])) };
  const stacks = { first: { slots: 1 + Math.round(behind / 256), windows: ["untouched"] } };
  const program = new Program({ buffers, stacks, entries: { main: { outputs: { y } } } }, { threads, grain: 300 });
  const values = inputs.map(({ shape, dtype }) => randomArray(draw, shape, dtype, 0.01));
  values.forEach((value, i) => {
    program.set(`x${i}`, value);
  });
  program.run("main");
  const [expected] = interpret([y], new Map(inputs.map((x, i) => [x, values[i]])));
  expect(bitsOf(program.get("main.y")), inputs.map(({ shape }) => shape.join(" x ")).join(" by ")).toBe(
    bitsOf(expected),
  );
  release(program);
  return program.bytes;
}

const flat = (x: Node): Node => ops.reshape(x, [...x.shape.slice(0, -2), x.shape.at(-2)! * x.shape.at(-1)!]);

// Rows shorter and longer than a block of terms, and such that blocks begin within them.
const IMAGES: readonly Shape[] = [
  [2, 4],
  [5, 12],
  [7, 64],
  [9, 72],
  [3, 200],
  [10, 256],
  [3, 512],
  [2, 700],
  [4, 65],
];

describe.each(["float32", "float64", "complex64", "complex128"] as const)("%s", (dtype: DType) => {
  it.each([1, 2])("products and sums of products along images, %d threads", (threads) => {
    for (const image of IMAGES) {
      const x = inputLeaf([2, 3, ...image], dtype);
      const y = inputLeaf([2, 5, ...image], dtype);
      compare([x, y], ops.matmul(flat(x), flat(y), { transposeB: true }), threads);
      compare([x], ops.matmul(flat(x), flat(x), { transposeB: true }), threads);
      const matrix = inputLeaf([2, 6, 3], dtype);
      compare([matrix, x], ops.matmul(matrix, flat(x)), threads);
      // The other operand is no image, or one of another form.
      const row = inputLeaf([2, 1, image[0] * image[1]], dtype);
      compare([x, row], ops.matmul(flat(x), row, { transposeB: true }), threads);
      const turned = inputLeaf([2, 4, image[1], image[0]], dtype);
      compare([x, turned], ops.matmul(flat(turned), flat(x), { transposeB: true }), threads);
    }
  });
});

describe.each(["float32", "float64", "complex64"] as const)("convolutions with a matrix, %s", (dtype) => {
  it.each([1, 2])("%d threads", (threads) => {
    for (const [outputs, channels, groups, stride] of [
      [8, 5, 1, 1],
      [3, 140, 1, 2],
      [70, 12, 1, 1],
      [6, 2, 3, 1],
    ]) {
      const x = inputLeaf([2, channels * groups, 7, 9], dtype);
      const matrix = inputLeaf([outputs, channels], dtype === "float64" ? dtype : "float32");
      const weight = ops.reshape(matrix, [outputs, channels, 1, 1]);
      const y = ops.conv2d(x, weight, { groups, stride: [stride, stride] });
      compare([x, matrix], y, threads);
      const g = inputLeaf(y.shape, dtype);
      compare([x, matrix, g], gradient(ops, y, [x], g)[0], threads);
      // As it is, and of another array.
      compare([x, matrix], ops.add(ops.sum(y), ops.cast(ops.sum(ops.square(weight)), dtype)), threads);
      compare([x, matrix], ops.conv2d(x, ops.reshape(ops.square(matrix), weight.shape), { groups }), threads);
    }
  });
});

it("takes no more memory for a weight of one tap a channel than for a matrix", () => {
  const [x, matrix] = [inputLeaf([1, 512, 4, 4], "float32"), inputLeaf([512, 512], "float32")];
  const y = ops.conv2d(x, ops.reshape(matrix, [512, 512, 1, 1]));
  const g = inputLeaf(y.shape, "float32");
  // The matrix, and the turned one of the gradient.
  expect(compare([x, matrix, g], gradient(ops, y, [x], g)[0], 1)).toBeLessThan(2.5 * 512 * 520 * 4);
});

it("takes no memory for copies", () => {
  const x = inputLeaf([4, 256, 256], "float64");
  const gram = ops.matmul(flat(x), flat(x), { transposeB: true });
  expect(compare([x], gram, 1)).toBeLessThan(1.5 * 4 * 256 * 264 * 8);
});

it("is the same beyond 2 GiB, and across that address", () => {
  const x = inputLeaf([4, 40, 64], "float64");
  const matrix = inputLeaf([3, 4], "float64");
  const gram = ops.matmul(flat(x), flat(x), { transposeB: true });
  const product = ops.matmul(matrix, flat(x));
  for (const behind of [2.5 * 2 ** 30, 2 ** 31 - 100_000, 2 ** 31 - 50_000]) {
    compare([x], gram, 1, behind);
    compare([matrix, x], product, 1, behind);
  }
});
