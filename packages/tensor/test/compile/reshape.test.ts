// Reshapes that have to be copied, because rows are padded, keep every element and its bits.

import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { expect, it } from "vitest";
import { Program } from "../../src/compile/program.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import { allocate, type DType, type Shape, sizeOf } from "../../src/ops/definition.ts";

const SHAPES: readonly (readonly [Shape, Shape])[] = [
  [[3, 5], [15]],
  [[15], [3, 5]],
  [
    [6, 4],
    [8, 3],
  ],
  [
    [70, 66],
    [66, 70],
  ],
  // Pieces long enough for the engine's own copying.
  [
    [3, 70, 100],
    [3, 7000],
  ],
  [
    [2, 7000],
    [2, 70, 100],
  ],
  [
    [70, 100],
    [100, 70],
  ],
  [
    [5, 1, 257],
    [257, 5],
  ],
];

it.each(["float32", "float64", "complex64", "complex128", "int32"] as const)("%s", (dtype: DType) => {
  for (const [from, to] of SHAPES) {
    const x = inputLeaf(from, dtype);
    const program = new Program({ buffers: { x }, entries: { main: { outputs: { y: ops.reshape(x, to) } } } });
    const value = allocate(dtype, from);
    for (let i = 0; i < sizeOf(from); i++) {
      value.re[i] = i % 7 === 0 ? -0 : i % 11 === 0 && dtype !== "int32" ? 5e-324 : i + 1;
      if (value.im) value.im[i] = -i;
    }
    program.set("x", value);
    program.run("main");
    expect([from, to, bitsOf(program.get("main.y"))]).toEqual([from, to, bitsOf({ ...value, shape: to })]);
  }
});
