// The kernels of gatherSum and concat have the bits of the meaning, however their units are cut.

import { type Draw, generator, integer, pick, randomArray, randomCut } from "@plenoptic-js/proof/graphs/arrays";
import { bitsOf, runLowered } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { lowerKernel } from "../../src/compile/kernels.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import { type IndexTable, padTable, spreadTable, transposeTable } from "../../src/math/indexTables.ts";
import type { ArrayValue, DType, KernelDefinition, Node } from "../../src/ops/definition.ts";

const DTYPES: readonly DType[] = ["float32", "float64", "complex64", "complex128", "int32", "bool"];

/** The kernel's result must be the meaning's, bit for bit, however the units are cut. */
function expectSameBits(draw: Draw, node: Node, inputs: readonly ArrayValue[]): void {
  const expected = (node.op as KernelDefinition).evaluate(inputs, node);
  const actual = runLowered(lowerKernel(node), inputs, node, { cut: randomCut(draw) });
  expect(bitsOf(actual)).toBe(bitsOf(expected));
}

function table(starts: readonly number[], indices: readonly number[]): IndexTable {
  return { starts: Int32Array.from(starts), indices: Int32Array.from(indices) };
}

function singles(length: number, source: (i: number) => number): IndexTable {
  return table(
    Array.from({ length: length + 1 }, (_, i) => i),
    Array.from({ length }, (_, i) => source(i)),
  );
}

/** Tables of every kind the kernels treat apart, for an axis of n > 0 elements. */
const TABLES: Readonly<Record<string, (draw: Draw, n: number) => IndexTable>> = {
  constant: (draw, n) => padTable(n, integer(draw, -n, 9), integer(draw, 0, 9), "constant"),
  reflect: (draw, n) => padTable(n, integer(draw, 0, n - 1), integer(draw, 0, n - 1), "reflect"),
  circular: (draw, n) => padTable(n, integer(draw, 0, n), integer(draw, 0, n), "circular"),
  replicate: (draw, n) => padTable(n, integer(draw, 0, 9), integer(draw, 0, 9), "replicate"),
  spread: (draw, n) => {
    const [step, offset] = [integer(draw, 1, 7), integer(draw, 0, 9)];
    return spreadTable(n, step, offset, offset + (n - 1) * step + 1 + integer(draw, 0, 9));
  },
  thinned: (draw, n) => {
    const step = integer(draw, 1, 3);
    return singles(Math.ceil(n / step), (i) => i * step);
  },
  turned: (_, n) => singles(n, (i) => n - 1 - i),
  rolled: (draw, n) => {
    const shift = integer(draw, 0, n);
    return singles(n, (i) => (i + shift) % n);
  },
  repeated: (draw, n) => {
    const times = integer(draw, 1, 5);
    return singles(n * times, (i) => Math.floor(i / times));
  },
  random: (draw, n) => {
    const starts = [0];
    for (let i = integer(draw, 0, 40); i > 0; i--) starts.push(starts[starts.length - 1] + integer(draw, 0, 3));
    return table(
      starts,
      Array.from({ length: starts[starts.length - 1] }, () => integer(draw, 0, n - 1)),
    );
  },
};

function isCopy({ starts }: IndexTable): boolean {
  return starts.every((s, i) => i === 0 || s - starts[i - 1] <= 1);
}

describe("gatherSum kernels", () => {
  it.each(Object.keys(TABLES))("%s tables and their transposes", (name) => {
    const draw = generator(name.length * 31 + 7);
    for (let i = 0; i < 40; i++) {
      const shape = Array.from({ length: integer(draw, 1, 4) }, () => integer(draw, 1, 4));
      const axis = integer(draw, 0, shape.length - 1);
      shape[axis] = integer(draw, 1, 40);
      // Long rows have padding of their own (layout.ts).
      if (axis < shape.length - 1 && i % 4 === 0) shape[shape.length - 1] = integer(draw, 60, 75);
      const dtype = pick(draw, DTYPES);
      const n = shape[axis];
      const forward = TABLES[name](draw, n);
      const m = forward.starts.length - 1;
      const cases: [number, IndexTable][] = [
        [n, forward],
        [m, transposeTable(forward.starts, forward.indices, n)],
      ];
      for (const [size, t] of cases) {
        if (dtype === "bool" && !isCopy(t)) continue;
        const from = shape.map((s, k) => (k === axis ? size : s));
        const node = ops.gatherSum(inputLeaf(from, dtype), axis, t.starts, t.indices);
        expectSameBits(draw, node, [randomArray(draw, from, dtype, pick(draw, [0, 0.3]))]);
      }
    }
  });

  it("takes empty arrays and empty results", () => {
    const draw = generator(5);
    for (const dtype of DTYPES) {
      for (const axis of [0, 1]) {
        const padded = padTable(0, 2, 3, "constant");
        const shape = [4, 4];
        shape[axis] = 0;
        const grown = ops.gatherSum(inputLeaf(shape, dtype), axis, padded.starts, padded.indices);
        expectSameBits(draw, grown, [randomArray(draw, shape, dtype)]);
        const cropped = padTable(4, -2, -2, "constant");
        const none = ops.gatherSum(inputLeaf([4, 4], dtype), axis, cropped.starts, cropped.indices);
        expectSameBits(draw, none, [randomArray(draw, [4, 4], dtype)]);
        const kept = padTable(4, 1, 1, "constant");
        shape[1 - axis] = 0;
        shape[axis] = 4;
        const still = ops.gatherSum(inputLeaf(shape, dtype), axis, kept.starts, kept.indices);
        expectSameBits(draw, still, [randomArray(draw, shape, dtype)]);
      }
    }
  });

  it("shares one function among all shapes of an element type", () => {
    const keys = new Set<string>();
    for (const shape of [
      [3, 9],
      [70, 70],
      [3, 5, 64],
    ]) {
      for (const axis of [0, -1]) {
        const t = padTable(shape.at(axis) as number, 1, 2, "reflect");
        for (const { kernel } of lowerKernel(ops.gatherSum(inputLeaf(shape, "complex64"), axis, t.starts, t.indices))
          .steps) {
          keys.add(kernel.key);
        }
      }
    }
    expect([...keys].sort()).toEqual(["gatherColumns/f32", "gatherRows/f32"]);
  });
});

describe("concat kernels", () => {
  it("joins arrays of all dtypes along all axes", () => {
    const draw = generator(6);
    for (let i = 0; i < 120; i++) {
      const dtype = DTYPES[i % DTYPES.length];
      const shape = Array.from({ length: integer(draw, 1, 4) }, () => pick(draw, [0, 1, 2, 3, 5, 67]));
      if (shape.length === 4) shape[0] = 1;
      const axis = integer(draw, 0, shape.length - 1);
      const shapes = Array.from({ length: integer(draw, 2, 4) }, () =>
        shape.map((n, k) => (k === axis ? integer(draw, 0, 9) : n)),
      );
      const node = ops.concat(
        shapes.map((s) => inputLeaf(s, dtype)),
        axis,
      );
      expectSameBits(
        draw,
        node,
        shapes.map((s) => randomArray(draw, s, dtype, 0.3)),
      );
    }
  });
});
