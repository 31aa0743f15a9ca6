// The kernels of correlate1d and conv2d have the bits of the meaning, however their units are cut.

import { type Draw, generator, integer, pick, randomArray, randomCut } from "@plenoptic-js/proof/graphs/arrays";
import { bitsOf, runLowered } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import { type ArrayValue, type KernelDefinition, type Node, realOf } from "../../src/ops/definition.ts";
import { lowerConv2d, lowerCorrelate1d } from "../../src/wasm/kernels/convolve/convolve.ts";
import { lowerConv2dWeight } from "../../src/wasm/kernels/convolve/weight.ts";
import type { Lowered } from "../../src/wasm/kernels/kernel.ts";

const FLOATING = ["float32", "float64", "complex64", "complex128"] as const;

/** The kernel's result must be the meaning's, bit for bit, however the units are cut. */
function expectSameBits(draw: Draw, node: Node, lower: (node: Node) => Lowered, special: number): void {
  const inputs: ArrayValue[] = node.inputs.map((x) => randomArray(draw, x.shape, x.dtype, special));
  const expected = (node.op as KernelDefinition).evaluate(inputs, node);
  const actual = runLowered(lower(node), inputs, node, { cut: randomCut(draw) });
  expect(bitsOf(actual)).toBe(bitsOf(expected));
}

describe("correlate1d kernel", () => {
  it("has the meaning's bits for all axes, widths and special values", () => {
    const draw = generator(31);
    for (let i = 0; i < 120; i++) {
      const dtype = FLOATING[i % 4];
      const shape = Array.from({ length: integer(draw, 1, 4) }, () => integer(draw, 1, 4));
      // Widths of less than a vector, of a few vectors, and of more than a tile.
      if (i % 3 > 0) shape[shape.length - 1] = integer(draw, 1, 80);
      const axis = integer(draw, 0, shape.length - 1);
      if (axis < shape.length - 1) shape[axis] = integer(draw, 1, 25);
      const taps = integer(draw, 1, Math.min(shape[axis], 12));
      const node = ops.correlate1d(inputLeaf(shape, dtype), inputLeaf([taps], realOf(dtype)), axis);
      expectSameBits(draw, node, lowerCorrelate1d, pick(draw, [0, 0.1, 0.6]));
    }
  });

  it("keeps zeros' signs and subnormal products", () => {
    const draw = generator(32);
    for (const dtype of FLOATING) {
      for (const taps of [1, 2, 5]) {
        const node = ops.correlate1d(inputLeaf([3, 21], dtype), inputLeaf([taps], realOf(dtype)), 1);
        const value = (n: number): number => pick(draw, [0, -0, 1, -1, n, -n]);
        const tiny = realOf(dtype) === "float64" ? 1e-160 : 1e-22;
        const inputs = node.inputs.map((x) => {
          const array = randomArray(draw, x.shape, x.dtype);
          for (const plane of array.im ? [array.re, array.im] : [array.re]) {
            for (let k = 0; k < plane.length; k++) plane[k] = value(tiny);
          }
          return array;
        });
        const expected = (node.op as KernelDefinition).evaluate(inputs, node);
        expect(bitsOf(runLowered(lowerCorrelate1d(node), inputs, node, { cut: randomCut(draw) }))).toBe(
          bitsOf(expected),
        );
      }
    }
  });

  it("takes arrays without lines", () => {
    const draw = generator(33);
    for (const [shape, axis] of [
      [[0, 5], 1],
      [[5, 0], 0],
      [[0, 5, 3], 1],
    ] as const) {
      expectSameBits(
        draw,
        ops.correlate1d(inputLeaf(shape, "float64"), inputLeaf([2], "float64"), axis),
        lowerCorrelate1d,
        0,
      );
    }
  });
});

describe("conv2d kernel", () => {
  it("has the meaning's bits for all strides, dilations, groups, widths and special values", () => {
    const draw = generator(34);
    for (let i = 0; i < 160; i++) {
      const dtype = FLOATING[i % 4];
      const pair = (): [number, number] => [integer(draw, 1, 3), integer(draw, 1, 3)];
      const stride: [number, number] = i % 2 === 0 ? [integer(draw, 1, 3), 1] : pair();
      const [dilation, groups] = [pair(), integer(draw, 1, 3)];
      const [channels, outputs] = [integer(draw, 1, 3), integer(draw, 1, 2) * groups];
      const taps = [integer(draw, 1, 4), integer(draw, 1, 4)];
      const height = (taps[0] - 1) * dilation[0] + integer(draw, 1, 20);
      const width = (taps[1] - 1) * dilation[1] + integer(draw, 1, i % 5 === 0 ? 90 : 20);
      const x = inputLeaf([integer(draw, 1, 2), channels * groups, height, width], dtype);
      const w = inputLeaf([outputs, channels, ...taps], realOf(dtype));
      const node = ops.conv2d(x, w, { stride, dilation, groups });
      expectSameBits(draw, node, lowerConv2d, pick(draw, [0, 0.1, 0.6]));
    }
  });

  it("has them for every number of outputs, and more taps than are done at a time", () => {
    const draw = generator(37);
    for (let i = 0; i < 60; i++) {
      const dtype = FLOATING[i % 4];
      const groups = pick(draw, [1, 1, 2]);
      const outputs = integer(draw, 1, 13) * groups;
      const [channels, taps] = pick(draw, [
        [3, [1, 1]],
        [140, [1, 1]],
        [45, [3, 1]],
        [40, [3, 3]],
        [5, [6, 5]],
      ] as const);
      const stride: [number, number] = [integer(draw, 1, 2), pick(draw, [1, 1, 2, 3, 5])];
      const sides = taps.map((k, axis) => k - 1 + integer(draw, 1, axis === 0 ? 19 : 41));
      const x = inputLeaf([integer(draw, 1, 2), channels * groups, ...sides], dtype);
      const w = inputLeaf([outputs, channels, ...taps], realOf(dtype));
      expectSameBits(draw, ops.conv2d(x, w, { stride, groups }), lowerConv2d, pick(draw, [0, 0.01, 0.1]));
    }
  });

  it("has them for rows of several blocks of columns", () => {
    const draw = generator(38);
    for (const dtype of FLOATING) {
      for (const [kind, width] of [
        [3, 333],
        [1, 333],
        [1, 1100],
        [3, 1100],
      ]) {
        const node = ops.conv2d(inputLeaf([1, 2, 9, width], dtype), inputLeaf([5, 2, 3, kind], realOf(dtype)));
        expectSameBits(draw, node, lowerConv2d, 0.01);
      }
    }
  });

  it("takes weights as large as images, and an empty batch", () => {
    const draw = generator(35);
    for (const dtype of FLOATING) {
      const weight = inputLeaf([2, 2, 40, 70], realOf(dtype));
      expectSameBits(draw, ops.conv2d(inputLeaf([1, 2, 43, 75], dtype), weight, {}), lowerConv2d, 0);
      expectSameBits(draw, ops.conv2d(inputLeaf([0, 2, 43, 75], dtype), weight, {}), lowerConv2d, 0);
    }
  });

  it("gives a batch member the bits it has alone", () => {
    const draw = generator(36);
    const w = inputLeaf([3, 2, 3, 3], "float32");
    const batch = ops.conv2d(inputLeaf([3, 2, 19, 23], "float32"), w, {});
    const alone = ops.conv2d(inputLeaf([1, 2, 19, 23], "float32"), w, {});
    const inputs = batch.inputs.map((x) => randomArray(draw, x.shape, x.dtype));
    const all = runLowered(lowerConv2d(batch), inputs, batch);
    for (let b = 0; b < 3; b++) {
      const size = 2 * 19 * 23;
      const image: ArrayValue = {
        ...inputs[0],
        shape: [1, 2, 19, 23],
        re: inputs[0].re.slice(b * size, (b + 1) * size),
      };
      const one = runLowered(lowerConv2d(alone), [image, inputs[1]], alone);
      expect(one.re).toEqual(all.re.subarray(b * one.re.length, (b + 1) * one.re.length));
    }
  });
});

describe("conv2dWeight kernel", () => {
  const node = (
    draw: Draw,
    dtype: "float32" | "float64",
    sizes: { width: number; height: number; batch: number },
  ): Node => {
    const pair = (): [number, number] => [integer(draw, 1, 3), integer(draw, 1, 3)];
    const [dilation, groups] = [pair(), integer(draw, 1, 2)];
    const stride: [number, number] = [integer(draw, 1, 2), pick(draw, [1, 1, 2, 3])];
    const size = [integer(draw, 1, 4), integer(draw, 1, 4)];
    const { batch, height, width } = sizes;
    const sides = [height, width].map(
      (n, i) => (n - 1) * stride[i] + (size[i] - 1) * dilation[i] + 1 + integer(draw, 0, stride[i] - 1),
    );
    const x = inputLeaf([batch, integer(draw, 1, 3) * groups, ...sides], dtype);
    const g = inputLeaf([batch, integer(draw, 1, 9) * groups, height, width], dtype);
    return ops.conv2dWeight(x, g, size, { stride, dilation, groups });
  };

  it("has the meaning's bits for all widths, strides, dilations, groups and special values", () => {
    const draw = generator(39);
    for (let i = 0; i < 120; i++) {
      const sizes = { width: integer(draw, 1, 40), height: integer(draw, 1, 30), batch: integer(draw, 1, 3) };
      expectSameBits(
        draw,
        node(draw, pick(draw, ["float32", "float64"]), sizes),
        lowerConv2dWeight,
        pick(draw, [0, 0.01]),
      );
    }
  });

  it("has them for rows that are blocks, and wider ones", () => {
    const draw = generator(40);
    for (const width of [255, 256, 257, 511, 512, 513, 1030]) {
      for (const dtype of ["float32", "float64"] as const) {
        expectSameBits(draw, node(draw, dtype, { width, height: 3, batch: 2 }), lowerConv2dWeight, 0);
      }
    }
  });

  it("has them for many taps", () => {
    const draw = generator(41);
    for (const dtype of ["float32", "float64"] as const) {
      const [x, g] = [inputLeaf([2, 25, 12, 17], dtype), inputLeaf([2, 6, 10, 15], dtype)];
      const options = { stride: [1, 1], dilation: [1, 1], groups: 1 } as const;
      expectSameBits(draw, ops.conv2dWeight(x, g, [3, 3], options), lowerConv2dWeight, 0);
    }
  });
});
