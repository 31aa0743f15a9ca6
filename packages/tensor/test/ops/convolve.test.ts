// correlate1d and conv2d against plain loops, their errors and derivatives.

import { type Draw, generator, integer, pick, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { checkMultilinear } from "@plenoptic-js/proof/graphs/derivatives";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { gradient } from "../../src/graph/gradient.ts";
import { topological } from "../../src/graph/node.ts";
import { type ArrayValue, isComplex, type Plane, realOf } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

const FLOATING = ["float32", "float64", "complex64", "complex128"] as const;

/** ((p0 + p1) + p2) + ..., rounded to the plane's type at every step. */
function orderedSum(plane: Plane, products: readonly (readonly [number, number])[]): number {
  const round = plane instanceof Float32Array ? Math.fround : (v: number): number => v;
  const [first, ...rest] = products.map(([a, b]) => round(a * b));
  return rest.reduce((sum, p) => round(sum + p), first);
}

/** Compares planes with a naive computation of every element. */
function expectPlanes(y: ArrayValue, x: ArrayValue, element: (from: Plane, index: number) => number): void {
  for (const part of isComplex(x.dtype) ? (["re", "im"] as const) : (["re"] as const)) {
    const from = x[part] as Plane;
    const expected = Array.from(y.re, (_, i) => element(from, i));
    expect(Array.from(y[part] as Plane)).toEqual(expected);
  }
}

describe("correlate1d", () => {
  it("does not flip the taps and keeps only whole overlaps", () => {
    const x: ArrayValue = { dtype: "float64", shape: [4], re: Float64Array.of(1, 10, 100, 1000) };
    const taps: ArrayValue = { dtype: "float64", shape: [2], re: Float64Array.of(1, 2) };
    const [y] = interpret([ops.correlate1d(arrayLeaf(x), arrayLeaf(taps), 0)]);
    expect([...y.re]).toEqual([21, 210, 2100]);
  });

  it("keeps the sign of a zero: the first product starts the sum", () => {
    const x: ArrayValue = { dtype: "float64", shape: [3], re: Float64Array.of(-0, -0, 0) };
    const taps: ArrayValue = { dtype: "float64", shape: [2], re: Float64Array.of(1, 1) };
    const [y] = interpret([ops.correlate1d(arrayLeaf(x), arrayLeaf(taps), 0)]);
    expect([...y.re].map((v) => Object.is(v, -0))).toEqual([true, false]);
  });

  it("equals a naive sum in the order of the taps", () => {
    const draw = generator(11);
    for (let i = 0; i < 40; i++) {
      const dtype = pick(draw, FLOATING);
      const shape = [integer(draw, 1, 3), integer(draw, 3, 6), integer(draw, 3, 7)];
      const axis = integer(draw, 0, 2);
      const k = integer(draw, 1, shape[axis]);
      const x = randomArray(draw, shape, dtype);
      const taps = randomArray(draw, [k], realOf(dtype));
      const [y] = interpret([ops.correlate1d(arrayLeaf(x), arrayLeaf(taps), axis - 3)]);
      expect(y.shape).toEqual(shape.map((n, a) => (a === axis ? n - k + 1 : n)));
      expectPlanes(y, x, (from, at) => {
        const [, b, c] = y.shape;
        const index = [Math.floor(at / (b * c)), Math.floor(at / c) % b, at % c];
        const products = Array.from(taps.re, (tap, t) => {
          const [p, q, r] = index.map((v, a) => (a === axis ? v + t : v));
          return [from[(p * shape[1] + q) * shape[2] + r], tap] as const;
        });
        return orderedSum(from, products);
      });
    }
  });

  it("refuses what it cannot do", () => {
    const x = inputLeaf([2, 3], "float32");
    expect(() => ops.correlate1d(x, inputLeaf([4], "float32"), 1)).toThrow(
      /axis 1 of \[2, 3\] has 3 elements, fewer than the 4 taps/,
    );
    expect(() => ops.correlate1d(x, inputLeaf([0], "float32"), 1)).toThrow(/taps have shape \[0\]/);
    expect(() => ops.correlate1d(x, inputLeaf([2, 2], "float32"), 1)).toThrow(
      /taps have shape \[2, 2\]; they must be a vector/,
    );
    expect(() => ops.correlate1d(x, inputLeaf([2], "float64"), 1)).toThrow(/float32 and the taps are float64/);
    expect(() => ops.correlate1d(inputLeaf([3], "int32"), inputLeaf([2], "int32"), 0)).toThrow(
      /int32; it must be float32/,
    );
    expect(() => ops.correlate1d(x, inputLeaf([2], "float32"), 2)).toThrow(/axis 2 does not exist/);
  });

  it("has consistent first and second derivatives", () => {
    const draw = generator(12);
    for (let i = 0; i < 25; i++) {
      const shape = [integer(draw, 1, 3), integer(draw, 1, 5), integer(draw, 1, 6)];
      const axis = integer(draw, 0, 2);
      const dtype = pick(draw, ["float64", "complex128"] as const);
      const operands = [
        { shape, dtype },
        { shape: [integer(draw, 1, shape[axis])], dtype: "float64" },
      ] as const;
      checkMultilinear(draw, operands, (x, taps) => ops.correlate1d(x, taps, axis));
    }
  });

  it("gives the taps a zero gradient where there are no lines", () => {
    const operands = [
      { shape: [0, 4], dtype: "float64" },
      { shape: [2], dtype: "float64" },
    ] as const;
    checkMultilinear(generator(13), operands, (x, taps) => ops.correlate1d(x, taps, 1));
  });
});

interface Case {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

function randomCase(draw: Draw): Case {
  const pair = (): [number, number] => [integer(draw, 1, 3), integer(draw, 1, 3)];
  const [stride, dilation, groups] = [pair(), pair(), integer(draw, 1, 3)];
  const [channels, outputs] = [integer(draw, 1, 2), integer(draw, 1, 2) * groups];
  const taps = [integer(draw, 1, 3), integer(draw, 1, 3)];
  const sizes = taps.map((k, i) => (k - 1) * dilation[i] + 1 + integer(draw, 0, 5));
  return {
    x: [integer(draw, 1, 2), channels * groups, ...sizes],
    w: [outputs, channels, ...taps],
    stride,
    dilation,
    groups,
  };
}

describe("conv2d", () => {
  it("equals a naive sum over channels, rows and columns", () => {
    const draw = generator(21);
    for (let i = 0; i < 60; i++) {
      const c = randomCase(draw);
      const dtype = pick(draw, FLOATING);
      const x = randomArray(draw, c.x, dtype);
      const w = randomArray(draw, c.w, realOf(dtype));
      const [y] = interpret([ops.conv2d(arrayLeaf(x), arrayLeaf(w), c)]);
      const [, outputs, height, width] = y.shape;
      const span = [0, 1].map((a) => Math.floor((c.x[2 + a] - (c.w[2 + a] - 1) * c.dilation[a] - 1) / c.stride[a]) + 1);
      expect(y.shape).toEqual([c.x[0], c.w[0], ...span]);
      expectPlanes(y, x, (from, at) => {
        const [column, row] = [at % width, Math.floor(at / width) % height];
        const [output, b] = [Math.floor(at / (width * height)) % outputs, Math.floor(at / (width * height * outputs))];
        const group = Math.floor(output / (outputs / c.groups));
        const products: [number, number][] = [];
        for (let channel = 0; channel < c.w[1]; channel++) {
          for (let r = 0; r < c.w[2]; r++) {
            for (let s = 0; s < c.w[3]; s++) {
              const source = (b * c.x[1] + group * c.w[1] + channel) * c.x[2] + row * c.stride[0] + r * c.dilation[0];
              products.push([
                from[source * c.x[3] + column * c.stride[1] + s * c.dilation[1]],
                w.re[((output * c.w[1] + channel) * c.w[2] + r) * c.w[3] + s],
              ]);
            }
          }
        }
        return orderedSum(from, products);
      });
    }
  });

  it("has consistent first and second derivatives", () => {
    const draw = generator(22);
    for (let i = 0; i < 60; i++) {
      const c = randomCase(draw);
      const operands = [
        { shape: c.x, dtype: pick(draw, ["float64", "complex128"] as const) },
        { shape: c.w, dtype: "float64" },
      ] as const;
      checkMultilinear(draw, operands, (x, w) => ops.conv2d(x, w, c));
    }
  });

  it("computes no gradient of padding, to the same bits", () => {
    const draw = generator(19);
    for (const [padding, taps, stride, dilation] of [
      [
        [1, 1, 1, 1],
        [3, 3],
        [1, 1],
        [1, 1],
      ],
      [
        [0, 1, 2, 0],
        [3, 2],
        [1, 1],
        [1, 2],
      ],
      [
        [0, 0, 2, 2],
        [1, 5],
        [1, 1],
        [1, 1],
      ],
      [
        [3, 3, 0, 1],
        [4, 4],
        [1, 1],
        [1, 1],
      ],
      [
        [1, 1, 1, 1],
        [3, 3],
        [2, 2],
        [1, 1],
      ],
    ] as const) {
      const [top, bottom, left, right] = padding;
      const x = inputLeaf([2, 3, 6, 7], "float32");
      const w = inputLeaf([4, 3, ...taps], "float32");
      const sides = [
        [top, bottom],
        [left, right],
      ] as const;
      const around = ops.pad(x, sides, "constant");
      const y = ops.conv2d(around, w, { stride, dilation });
      const g = inputLeaf(y.shape, "float32");
      const [own] = gradient(ops, y, [x], g);
      const [all] = gradient(ops, y, [around], g);
      const values = new Map([x, w, g].map((leaf) => [leaf, randomArray(draw, leaf.shape, "float32", 0.1)]));
      const cut = ops.slice(all, [0, 0, top, left], x.shape, [1, 1, 1, 1]);
      const [found, expected] = interpret([own, cut], values);
      expect(bitsOf(found), `${padding}`).toBe(bitsOf(expected));
      const convolutions = topological([own]).filter(({ op }) => op.name === "conv2d");
      if (stride[0] === 1) expect(convolutions.map(({ shape }) => shape)).toEqual([x.shape]);
    }
  });

  it("has them for patches side by side", () => {
    const draw = generator(24);
    for (const [height, width, groups] of [
      [16, 16, 1],
      [21, 9, 2],
    ]) {
      const operands = [
        { shape: [2, 2, height, width], dtype: "float64" },
        { shape: [4, 2 / groups, 8, 8], dtype: "float64" },
      ] as const;
      checkMultilinear(draw, operands, (x, w) => ops.conv2d(x, w, { stride: [8, 8], groups }));
    }
  });

  it("takes an empty batch", () => {
    const operands = [
      { shape: [0, 2, 5, 5], dtype: "float64" },
      { shape: [3, 2, 2, 2], dtype: "float64" },
    ] as const;
    checkMultilinear(generator(23), operands, (x, w) => ops.conv2d(x, w, {}));
  });

  it("refuses what it cannot do", () => {
    const x = inputLeaf([1, 4, 5, 5], "float32");
    const weight = (...shape: number[]) => inputLeaf(shape, "float32");
    expect(() => ops.conv2d(inputLeaf([4, 5, 5], "float32"), weight(1, 4, 2, 2))).toThrow(
      /input is \[4, 5, 5\].*must be \[batch/,
    );
    expect(() => ops.conv2d(x, weight(1, 3, 2, 2))).toThrow(
      /has 4 channels, but the weight \[1, 3, 2, 2\] with groups 1 takes 3/,
    );
    expect(() => ops.conv2d(x, weight(3, 2, 2, 2), { groups: 2 })).toThrow(
      /groups is 2; it must divide the 3 output channels/,
    );
    expect(() => ops.conv2d(x, weight(1, 4, 3, 3), { dilation: [1, 3] })).toThrow(
      /spans 7 elements of axis 3, but .* has 5; pad/,
    );
    expect(() => ops.conv2d(x, weight(1, 4, 2, 2), { stride: [0, 1] })).toThrow(
      /stride is \[0, 1\]; it must be two integers/,
    );
    expect(() => ops.conv2d(x, weight(1, 4, 0, 2))).toThrow(/weight \[1, 4, 0, 2\] is empty/);
    expect(() => ops.conv2d(x, inputLeaf([1, 4, 2, 2], "float64"))).toThrow(/the taps must be float32, cast them/);
  });
});

describe("conv2dWeight", () => {
  it("refuses results that are not those of the convolution", () => {
    const x = inputLeaf([2, 4, 9, 9], "float32");
    const g = (...shape: number[]) => inputLeaf(shape, "float32");
    const options = { stride: [2, 2], dilation: [1, 1], groups: 2 } as const;
    expect(ops.conv2dWeight(x, g(2, 6, 4, 4), [3, 3], options).shape).toEqual([6, 2, 3, 3]);
    for (const shape of [
      [2, 6, 5, 4],
      [1, 6, 4, 4],
      [2, 5, 4, 4],
    ]) {
      expect(() => ops.conv2dWeight(x, g(...shape), [3, 3], options)).toThrow(/must be those of a conv2d of 2 groups/);
    }
    expect(() => ops.conv2dWeight(x, inputLeaf([2, 6, 4, 4], "float64"), [3, 3], options)).toThrow(/must be float32/);
    expect(() => ops.conv2dWeight(x, g(2, 6, 4, 4), [3, 0], options)).toThrow(/two integers from 1 on/);
  });
});
