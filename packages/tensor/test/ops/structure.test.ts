// Functions that move elements or combine neighbours: values by hand or by plain loops, and derivatives.

import { generator, inner, integer, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { checkMultilinear } from "@plenoptic-js/proof/graphs/derivatives";
import { describe, expect, it } from "vitest";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import {
  arange,
  convTranspose2d,
  interpolate,
  linspace,
  meshgrid,
  roll,
  Tensor,
  take,
  tensor,
} from "../../src/index.ts";
import type { ArrayValue, DType, Node, Shape } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

const input = (shape: Shape, dtype: DType = "float64"): Tensor => new Tensor(inputLeaf(shape, dtype));
const given = (value: ArrayValue): Tensor => new Tensor(arrayLeaf(value));
const values = (t: Tensor): number[] => [...t.dataSync()];
const double = (source: Parameters<typeof tensor>[0]): Tensor<"float64"> => tensor(source, { dtype: "float64" });

/** A function of tensors as one of nodes. */
const onNodes =
  (f: (...x: Tensor[]) => Tensor) =>
  (...x: Node[]): Node =>
    f(...x.map((node) => new Tensor(node))).node;

describe("roll", () => {
  it("moves elements around", () => {
    const x = double([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(values(roll(x, 1, 1))).toEqual([3, 1, 2, 6, 4, 5]);
    expect(values(roll(x, -4, -1))).toEqual([2, 3, 1, 5, 6, 4]);
    expect(values(roll(x, [1, 1], [0, 1]))).toEqual([6, 4, 5, 3, 1, 2]);
    expect(values(roll(x, [1, 1], [1, 1]))).toEqual([2, 3, 1, 5, 6, 4]);
    expect(values(roll(double([]), 3, 0))).toEqual([]);
  });

  it("is undone by the opposite shift, which is its adjoint", () => {
    const draw = generator(71);
    checkMultilinear(
      draw,
      [{ shape: [3, 5], dtype: "complex128" }],
      onNodes((x) => roll(x, [1, -2], [0, 1])),
    );
    const x = given(randomArray(draw, [4, 7], "float64"));
    expect(values(roll(roll(x, [2, 3], [0, 1]), [-2, -3], [0, 1]))).toEqual(values(x));
  });

  it("refuses shifts that do not fit", () => {
    expect(() => roll(input([3]), [1, 2], 0)).toThrow("roll: 2 shifts and 1 axes were given");
    expect(() => roll(input([3]), 0.5, 0)).toThrow("roll: the shift is 0.5; it must be a whole number");
    expect(() => roll(input([3]), 1, 1)).toThrow("roll: axis 1 does not exist");
  });
});

describe("take", () => {
  it("picks elements, counting negative indices from the end", () => {
    const x = double([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(values(take(x, [1]))).toEqual([4, 5, 6]);
    expect(values(take(x, [2, 0, -1, -3], 1))).toEqual([3, 1, 3, 1, 6, 4, 6, 4]);
    expect(take(x, Int32Array.of(), -1).shape).toEqual([2, 0]);
  });

  it("adds up the cotangents of elements that were taken twice", () => {
    checkMultilinear(
      generator(72),
      [{ shape: [3, 4], dtype: "float64" }],
      onNodes((x) => take(x, [1, 1, -1], 1)),
    );
  });

  it("refuses indices outside", () => {
    expect(() => take(input([2, 3]), [3], 1)).toThrow(
      "take: index 3 is outside axis 1 of [2, 3]; indices run from -3 to 2",
    );
    expect(() => take(input([2, 3]), [-3], 0)).toThrow("take: index -3 is outside axis 0");
    expect(() => take(input([2, 3]), [0.5], 0)).toThrow("take: index 0.5 is outside");
  });
});

describe("interpolate", () => {
  it("gives PyTorch's values", () => {
    // torch.nn.functional.interpolate(..., mode="linear" or "bilinear", align_corners=False)
    expect(values(interpolate(double([1, 2, 3, 4]), [8]))).toEqual([1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]);
    expect(values(interpolate(double([1, 2, 3, 4]), [2]))).toEqual([1.5, 3.5]);
    expect(values(interpolate(double([0, 10]), [5]))).toEqual([0, 1, 5, 9, 10].map((v) => expect.closeTo(v, 13)));
    expect(
      values(
        interpolate(
          double([
            [1, 2],
            [3, 4],
          ]),
          [4, 4],
        ),
      ),
    ).toEqual([1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4]);
    expect(values(interpolate(double([5]), [3]))).toEqual([5, 5, 5]);
  });

  it("keeps straight lines away from the edges, and does nothing to the same size", () => {
    const line = Array.from({ length: 12 }, (_, i) => 3 * i + 1);
    const got = values(interpolate(double(line), [30]));
    for (let i = 2; i < 28; i++) expect(got[i]).toBeCloseTo(3 * ((i + 0.5) * (12 / 30) - 0.5) + 1, 12);
    const x = input([3, 4]);
    expect(interpolate(x, [3, 4]).node).toBe(x.node);
  });

  it("is linear, with its adjoint", () => {
    for (const size of [
      [7, 3],
      [2, 9],
      [1, 1],
    ]) {
      checkMultilinear(
        generator(76),
        [{ shape: [2, 4, 5], dtype: "complex128" }],
        onNodes((x) => interpolate(x, size)),
      );
    }
  });

  it("refuses sizes that do not fit", () => {
    expect(() => interpolate(input([3]), [2, 2])).toThrow("interpolate: 2 sizes were given for the 1 axes of [3]");
    expect(() => interpolate(input([3]), [0])).toThrow("interpolate: axis 0 cannot go from 3 to 0 elements");
    expect(() => interpolate(input([0]), [2])).toThrow("cannot go from 0 to 2");
  });
});

describe("convTranspose2d", () => {
  const zeroPadded = (x: Node, by: readonly [number, number]): Node =>
    ops.pad(
      x,
      by.map((n) => [n, n] as const),
      "constant",
    );

  it("is the adjoint of conv2d for all strides, paddings, dilations and groups", () => {
    const draw = generator(77);
    for (let i = 0; i < 60; i++) {
      const pair = (low: number, high: number): [number, number] => [
        integer(draw, low, high),
        integer(draw, low, high),
      ];
      const [stride, dilation, padding, kernel] = [pair(1, 3), pair(1, 2), pair(0, 2), pair(1, 3)];
      const groups = integer(draw, 1, 2);
      const [channels, outputs] = [groups * integer(draw, 1, 2), groups * integer(draw, 1, 2)];
      const sides = [0, 1].map((k) => (kernel[k] - 1) * dilation[k] + 1 + integer(draw, 0, 6));
      const image = randomArray(draw, [2, channels, ...sides], "float64");
      const weight = randomArray(draw, [outputs, channels / groups, ...kernel], "float64");
      const forward = ops.conv2d(zeroPadded(arrayLeaf(image), padding), arrayLeaf(weight), {
        stride,
        dilation,
        groups,
      });
      const [y] = interpret([forward]);
      const g = randomArray(draw, y.shape, "float64");
      // Rows and columns at the far edges that the strided windows did not reach.
      const outputPadding = [0, 1].map(
        (k) => (sides[k] + 2 * padding[k] - (kernel[k] - 1) * dilation[k] - 1) % stride[k],
      ) as [number, number];
      const back = convTranspose2d(given(g), given(weight), { stride, dilation, padding, outputPadding, groups });
      expect(back.shape).toEqual(image.shape);
      const [value] = interpret([back.node]);
      expect(Math.abs(inner(value, image) - inner(y, g))).toBeLessThan(1e-12 * Math.max(1, Math.abs(inner(y, g))));
    }
  });

  it("spreads the taps", () => {
    const x = double([[[[1, 2]]]]);
    const w = double([[[[1, 10, 100]]]]);
    expect(values(convTranspose2d(x, w))).toEqual([1, 12, 120, 200]);
    expect(values(convTranspose2d(x, w, { stride: 2 }))).toEqual([1, 10, 102, 20, 200]);
    expect(values(convTranspose2d(x, w, { stride: [1, 2], padding: [0, 1], outputPadding: [0, 1] }))).toEqual([
      10, 102, 20, 200,
    ]);
    expect(
      values(
        convTranspose2d(x, w, {
          stride: 2,
          padding: [
            [0, 0],
            [1, 2],
          ],
        }),
      ),
    ).toEqual([10, 102]);
    expect(values(convTranspose2d(x, w, { dilation: [1, 2] }))).toEqual([1, 2, 10, 20, 100, 200]);
  });

  it("has derivatives by input and weight", () => {
    for (const dtype of ["float64", "complex128"] as const) {
      checkMultilinear(
        generator(78),
        [
          { shape: [2, 4, 3, 4], dtype },
          { shape: [4, 3, 2, 3], dtype: "float64" },
        ],
        onNodes((x, w) => convTranspose2d(x, w, { stride: [2, 1], padding: [1, 0], outputPadding: [1, 0], groups: 2 })),
      );
    }
  });

  it("refuses what does not fit", () => {
    const x = input([1, 2, 3, 3]);
    expect(() => convTranspose2d(x, input([3, 1, 2, 2]))).toThrow(
      "convTranspose2d: the input is [1, 2, 3, 3] and the weight [3, 1, 2, 2]",
    );
    expect(() => convTranspose2d(x, input([2, 1, 2, 2]), { groups: 3 })).toThrow(
      "groups is 3; it must divide the 2 channels",
    );
    expect(() => convTranspose2d(x, input([2, 1, 2, 2]), { outputPadding: 1 })).toThrow("outputPadding 1 is too much");
    expect(() => convTranspose2d(x, input([2, 1, 2, 2]), { padding: 2 })).toThrow(
      "axis 2 of [1, 2, 3, 3] would get 0 elements",
    );
    expect(() => convTranspose2d(x, input([2, 1, 2, 2]), { padding: -1 })).toThrow("padding is -1");
  });
});

describe("arange, linspace and meshgrid", () => {
  it("count", () => {
    expect(values(arange(0, 4))).toEqual([0, 1, 2, 3]);
    expect(values(arange(1, 0, -0.25, { dtype: "float64" }))).toEqual([1, 0.75, 0.5, 0.25]);
    expect(values(arange(3, 3))).toEqual([]);
    expect(values(arange(0, 1, 0.1, { dtype: "float64" }))[3]).toBe(3 * 0.1);
    expect([...arange(5, 8, 1, { dtype: "int32" }).dataSync()]).toEqual([5, 6, 7]);
    expect(values(linspace(0, 1, 5, { dtype: "float64" }))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(values(linspace(0.1, 0.7, 4, { dtype: "float64" }))[3]).toBe(0.7);
    expect(values(linspace(2, 5, 1))).toEqual([2]);
    expect(values(linspace(2, 5, 0))).toEqual([]);
  });

  it("span grids", () => {
    const [y, x] = meshgrid(double([1, 2]), double([10, 20, 30]));
    expect([y.shape, values(y), values(x)]).toEqual([
      [2, 3],
      [1, 1, 1, 2, 2, 2],
      [10, 20, 30, 10, 20, 30],
    ]);
  });

  it("refuse what they cannot make", () => {
    expect(() => arange(0, 1, 0)).toThrow("arange: step is 0; it must not be 0");
    expect(() => arange(0, Number.POSITIVE_INFINITY)).toThrow("arange: stop is Infinity; it must be a finite number");
    expect(() => arange(0, 1, 0.5, { dtype: "int32" })).toThrow(/0\.5.*not a 32-bit integer/);
    expect(() => linspace(0, 1, 1.5)).toThrow("linspace: count is 1.5; it must be a whole number");
    expect(() => linspace(0, 1, 3, { dtype: "complex64" })).toThrow('linspace: the dtype is "complex64"');
    expect(() => meshgrid(input([2]), input([2, 2]))).toThrow("meshgrid: operand 1 is [2, 2]; it must be a vector");
  });
});

describe("any and all", () => {
  it("look along axes", () => {
    const x = tensor<"bool">([
      [true, false],
      [true, true],
    ]);
    expect(values(x.any(1))).toEqual([1, 1]);
    expect(values(x.all(1))).toEqual([0, 1]);
    expect(values(x.all(0, { keepdims: true }))).toEqual([1, 0]);
    expect([x.any().itemSync(), x.all().itemSync()]).toEqual([1, 0]);
    const none = tensor([], { dtype: "bool" });
    expect([none.any().itemSync(), none.all().itemSync()]).toEqual([0, 1]);
  });

  it("refuse numbers", () => {
    expect(() => double([1]).any()).toThrow("any: the tensor is float64; it must be bool");
    expect(() => double([1]).all()).toThrow("all: the tensor is float64; it must be bool");
  });
});
