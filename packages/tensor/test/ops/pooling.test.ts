// Pooling: values by definition, in plain loops, and derivatives.

import { generator, inner, integer, pick, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { checkMultilinear } from "@plenoptic-js/proof/graphs/derivatives";
import { describe, expect, it } from "vitest";
import { Program } from "../../src/engine.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { gradient } from "../../src/graph/gradient.ts";
import { pushforward } from "../../src/graph/pushforward.ts";
import { avgPool2d, maxPool2d, Tensor, tensor } from "../../src/index.ts";
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

interface Windows {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly dilation: readonly [number, number];
  readonly ceilMode: boolean;
}

/** Pooling by definition: `join` gets the elements inside the image, and how many are inside image and padding. */
function pooled(
  x: ArrayValue,
  { kernel, stride, padding, dilation, ceilMode }: Windows,
  join: (inside: number[], counted: number) => number,
): { shape: number[]; re: number[] } {
  const sizes = x.shape.slice(-2);
  const sides = sizes.map((n, i) => {
    const [before, after] = padding[i];
    const last = (n + before + after - (kernel[i] - 1) * dilation[i] - 1) / stride[i];
    const count = (ceilMode ? Math.ceil(last) : Math.floor(last)) + 1;
    return ceilMode && (count - 1) * stride[i] >= n + before ? count - 1 : count;
  });
  const [h, w] = sizes;
  const re: number[] = [];
  for (let base = 0; base < x.re.length; base += h * w) {
    for (let r = 0; r < sides[0]; r++) {
      for (let c = 0; c < sides[1]; c++) {
        const inside: number[] = [];
        let counted = 0;
        for (let y = 0; y < kernel[0]; y++) {
          for (let z = 0; z < kernel[1]; z++) {
            const row = r * stride[0] - padding[0][0] + y * dilation[0];
            const column = c * stride[1] - padding[1][0] + z * dilation[1];
            if (row < h + padding[0][1] && column < w + padding[1][1]) counted++;
            if (row >= 0 && row < h && column >= 0 && column < w) inside.push(x.re[base + row * w + column]);
          }
        }
        re.push(join(inside, counted));
      }
    }
  }
  return { shape: [...x.shape.slice(0, -2), ...sides], re };
}

const mean = (list: readonly number[], count: number): number => list.reduce((a, b) => a + b, 0) / count;

describe("pooling", () => {
  it("takes the mean and the maximum of every window", () => {
    const draw = generator(73);
    for (let i = 0; i < 120; i++) {
      const two = (least: number, most: number) => [integer(draw, least, most), integer(draw, least, most)] as const;
      const kernel = two(1, 3);
      const stride = draw() < 0.3 ? kernel : two(1, 3);
      const dilation = draw() < 0.5 ? ([1, 1] as const) : two(1, 2);
      const spans = kernel.map((k, axis) => (k - 1) * dilation[axis]);
      const padding =
        draw() < 0.4
          ? ([
              [0, 0],
              [0, 0],
            ] as const)
          : ([
              [integer(draw, 0, spans[0]), integer(draw, 0, spans[0])],
              [integer(draw, 0, spans[1]), integer(draw, 0, spans[1])],
            ] as const);
      const ceilMode = draw() < 0.5;
      const lead = pick(draw, [[], [2], [2, 3]]);
      const x = randomArray(draw, [...lead, spans[0] + integer(draw, 1, 6), spans[1] + integer(draw, 1, 6)], "float64");
      const options = { ...(stride === kernel ? {} : { stride }), padding, dilation, ceilMode };
      const all = { kernel, stride, padding, dilation, ceilMode };
      const most = pooled(x, all, (list) => Math.max(...list));
      expect([maxPool2d(given(x), kernel, options).shape, values(maxPool2d(given(x), kernel, options))]).toEqual([
        most.shape,
        most.re,
      ]);
      // A sum that begins with padding begins with +0, which changes no bit but the sign of a zero.
      const close = (list: readonly number[]) => list.map((v) => expect.closeTo(v, 13));
      const withPadding = pooled(x, all, (list, count) => mean(list, count));
      expect(values(avgPool2d(given(x), kernel, options))).toEqual(close(withPadding.re));
      const without = pooled(x, all, (list) => mean(list, list.length));
      expect(values(avgPool2d(given(x), kernel, { ...options, countIncludePad: false }))).toEqual(close(without.re));
    }
    expect(
      values(
        avgPool2d(
          double([
            [1, 2],
            [3, 6],
          ]),
          2,
        ),
      ),
    ).toEqual([3]);
    expect(values(maxPool2d(double([[1, 2, Number.NaN, 0]]), [1, 2]))).toEqual([2, Number.NaN]);
  });

  it("gives PyTorch's values at the edges", () => {
    // torch.nn.functional.avg_pool2d and max_pool2d of [[1, 2, 3], [4, 5, 6], [7, 8, 9]], kernel 2, stride 2, padding 1
    const x = double([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    expect(values(avgPool2d(x, 2, { padding: 1 }))).toEqual([0.25, 1.25, 2.75, 7]);
    expect(values(avgPool2d(x, 2, { padding: 1, countIncludePad: false }))).toEqual([1, 2.5, 5.5, 7]);
    expect(values(maxPool2d(x, 2, { padding: 1 }))).toEqual([1, 3, 7, 9]);
    expect(values(maxPool2d(x, 2, { ceilMode: true }))).toEqual([5, 6, 8, 9]);
    expect(
      values(
        maxPool2d(double([[-1, -2, -3]]), [1, 2], {
          padding: [
            [0, 0],
            [1, 0],
          ],
        }),
      ),
    ).toEqual([-1, -2]);
    expect(values(maxPool2d(tensor([[-5, -7]], { dtype: "int32" }), [1, 2], { padding: [0, 1] }))).toEqual([-5, -7]);
  });

  it("is computed by a program to the same bits, with its gradient", () => {
    const draw = generator(79);
    for (const pool of [avgPool2d, maxPool2d]) {
      const x = inputLeaf([2, 3, 9, 11], "float32");
      const y = pool(new Tensor(x), 3, {
        stride: 2,
        padding: [
          [1, 0],
          [0, 2],
        ],
        ceilMode: true,
      }).node;
      const [g] = gradient(ops, ops.sum(ops.square(y)), [x]);
      const program = new Program({ buffers: { x }, entries: { main: { outputs: { y, g } } } });
      const value = randomArray(draw, x.shape, "float32");
      program.set("x", value);
      program.run("main");
      const expected = interpret([y, g], new Map([[x, value]]));
      expect([program.get("main.y").re, program.get("main.g").re]).toEqual(expected.map(({ re }) => re));
    }
  });

  it("has a mean that is its own tangent, and its adjoint", () => {
    checkMultilinear(
      generator(74),
      [{ shape: [2, 5, 6], dtype: "complex128" }],
      onNodes((x) => avgPool2d(x, [2, 3], { stride: [1, 2], padding: 1, countIncludePad: false })),
    );
  });

  it("gives the maximum's derivative to the largest, shared equally among ties", () => {
    const x = double([
      [1, 4, 7, 7],
      [4, 4, 0, 7],
    ]);
    const y = maxPool2d(x, 2);
    const [g] = gradient(ops, y.node, [x.node], ops.like(1, y.node));
    expect([...interpret([g])[0].re]).toEqual([0, 1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 3, 0, 1 / 3]);
  });

  it("has a maximum whose derivatives are those of finite differences", () => {
    const draw = generator(75);
    const leaf = inputLeaf([2, 6, 7], "float64");
    const y = maxPool2d(new Tensor(leaf), 3, { stride: 2 }).square().node;
    const [at, direction] = [0, 1].map(() => randomArray(draw, leaf.shape, "float64"));
    const weight = randomArray(draw, y.shape, "float64");
    const moved = (step: number): ArrayValue => ({
      ...at,
      re: (at.re as Float64Array).map((v, i) => v + step * direction.re[i]),
    });
    const value = (x: ArrayValue): number => inner(interpret([y], new Map([[leaf, x]]))[0], weight);
    const difference = (value(moved(1e-6)) - value(moved(-1e-6))) / 2e-6;
    const data = new Map([[leaf, at]]);
    const [g] = interpret(gradient(ops, y, [leaf], arrayLeaf(weight)), data);
    expect(inner(g, direction)).toBeCloseTo(difference, 8);
    const tangent = pushforward(ops, [y], [leaf], [arrayLeaf(direction)]);
    expect(inner(interpret(tangent, data)[0], weight)).toBeCloseTo(difference, 8);
    // Second derivatives: of the squares of the chosen elements.
    const [twice] = interpret(
      gradient(ops, gradient(ops, y, [leaf], arrayLeaf(weight))[0], [leaf], arrayLeaf(direction)),
      data,
    );
    const slope = (x: ArrayValue): number =>
      inner(interpret(gradient(ops, y, [leaf], arrayLeaf(weight)), new Map([[leaf, x]]))[0], direction);
    expect(inner(twice, direction)).toBeCloseTo((slope(moved(1e-6)) - slope(moved(-1e-6))) / 2e-6, 8);
  });

  it("refuses windows that do not fit", () => {
    expect(() => avgPool2d(input([2, 3]), [3, 1])).toThrow(
      "avgPool2d: a window of [3, 1] does not fit into [2, 3]; pad",
    );
    expect(() => maxPool2d(input([3]), 1)).toThrow("maxPool2d: a window of [1, 1] does not fit into [3]");
    expect(() => maxPool2d(input([3, 3]), 0)).toThrow(
      "maxPool2d: the window is 0; it must be one or two integers from 1",
    );
    expect(() => maxPool2d(input([3, 3]), 1, { stride: [1, 0.5] })).toThrow("maxPool2d: stride is [1, 0.5]");
    expect(() => maxPool2d(input([3, 3]), 2, { padding: 2 })).toThrow(
      "maxPool2d: padding is 2, but a window spans 2 elements; padding must be less",
    );
    expect(() => avgPool2d(input([3, 3]), 2, { padding: [1, -1] })).toThrow(
      "avgPool2d: padding is [1, -1]; it must be",
    );
  });
});
