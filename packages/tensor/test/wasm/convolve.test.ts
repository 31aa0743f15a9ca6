// The kernels of correlate1d and conv2d have the bits of the meaning, however their units are cut.

import { type Draw, generator, integer, pick, randomArray, randomCut } from "@plenoptic-js/proof/graphs/arrays";
import { bitsOf, runLowered } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import { type ArrayValue, type KernelDefinition, type Node, realOf } from "../../src/ops/definition.ts";
import { lowerConv2d, lowerCorrelate1d } from "../../src/wasm/kernels/convolve/convolve.ts";
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
