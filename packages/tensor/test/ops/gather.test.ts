// gatherSum, padding and concat: values by hand, errors, derivatives.

import { generator, integer, pick, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { checkMultilinear } from "@plenoptic-js/proof/graphs/derivatives";
import { describe, expect, it } from "vitest";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { pad, tensor } from "../../src/index.ts";
import type { PaddingMode } from "../../src/math/indexTables.ts";
import type { ArrayValue, DType, Shape } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

const real = (shape: Shape, values: readonly number[], dtype: DType = "float64"): ArrayValue => ({
  dtype,
  shape,
  re:
    dtype === "int32"
      ? Int32Array.from(values)
      : dtype === "float32"
        ? Float32Array.from(values)
        : Float64Array.from(values),
});

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

function gathered(x: ArrayValue, axis: number, lists: readonly (readonly number[])[]): ArrayValue {
  const starts = [0];
  for (const list of lists) starts.push(starts[starts.length - 1] + list.length);
  return interpret([ops.gatherSum(arrayLeaf(x), axis, Int32Array.from(starts), Int32Array.from(lists.flat()))])[0];
}

describe("gatherSum", () => {
  it("sums the listed elements along the axis", () => {
    const x = real([2, 3], [1, 2, 3, 10, 20, 30]);
    expect([...gathered(x, -1, [[2], [], [0, 1, 1], [0, 2]]).re]).toEqual([3, 0, 5, 4, 30, 0, 50, 40]);
    expect([...gathered(x, 0, [[1, 0], [0], []]).re]).toEqual([11, 22, 33, 1, 2, 3, 0, 0, 0]);
  });

  it("adds in the order of the list, rounding every sum", () => {
    const x = real([4], [1, 2 ** -24, 2 ** -24, -1], "float32");
    expect([
      ...gathered(x, 0, [
        [0, 1, 2],
        [1, 2, 0],
        [1, 2, 0, 3],
      ]).re,
    ]).toEqual([1, 1 + 2 ** -23, 2 ** -23]);
  });

  it("copies single elements with their sign and gives +0 for nothing", () => {
    const out = gathered(real([2], [-0, 5]), 0, [[0], [], [0, 0]]).re;
    expect([...out].map((v) => Object.is(v, -0))).toEqual([true, false, true]);
    expect(Object.is(out[1], 0)).toBe(true);
  });

  it("wraps int32, copies bool and sums complex planes apart", () => {
    expect([...gathered(real([2], [0x7fffffff, 1], "int32"), 0, [[0, 1]]).re]).toEqual([-0x80000000]);
    expect([...gathered({ dtype: "bool", shape: [2], re: Uint8Array.of(0, 1) }, 0, [[1], [], [0]]).re]).toEqual([
      1, 0, 0,
    ]);
    const z = { dtype: "complex128", shape: [2], re: Float64Array.of(1, 2), im: Float64Array.of(-3, 5) } as const;
    const sum = gathered(z, 0, [[0, 1]]);
    expect([sum.re[0], sum.im?.[0]]).toEqual([3, 2]);
  });

  it("refuses broken tables", () => {
    const x = inputLeaf([2, 3], "float32");
    expect(() => ops.gatherSum(x, 1, Int32Array.of(0, 1), Int32Array.of(3))).toThrow(
      /index 3 is outside axis 1 of \[2, 3\]/,
    );
    expect(() => ops.gatherSum(x, 1, Int32Array.of(0, 2), Int32Array.of(0))).toThrow(
      /starts must run from 0 to .* 1; it is 0 to 2/,
    );
    expect(() => ops.gatherSum(x, 1, Int32Array.of(0, 2, 1, 2), Int32Array.of(0, 1))).toThrow(
      /starts fall from 2 to 1 at 1/,
    );
    expect(() => ops.gatherSum(x, 1, new Int32Array(0), new Int32Array(0))).toThrow(/it is empty/);
    const truth = inputLeaf([2], "bool");
    expect(() => ops.gatherSum(truth, 0, Int32Array.of(0, 2), Int32Array.of(0, 1))).toThrow(
      /sums 2 bool elements; cast/,
    );
  });

  it("has itself as forward and its transpose as reverse derivative", () => {
    const draw = generator(1);
    for (let i = 0; i < 30; i++) {
      const shape = [integer(draw, 1, 3), integer(draw, 1, 5), integer(draw, 1, 6)];
      const axis = integer(draw, 0, 2);
      const starts = [0];
      for (let k = integer(draw, 0, 6); k > 0; k--) starts.push(starts[starts.length - 1] + integer(draw, 0, 3));
      const indices = Int32Array.from({ length: starts[starts.length - 1] }, () => integer(draw, 0, shape[axis] - 1));
      const dtype = pick(draw, ["float64", "complex128"] as const);
      checkMultilinear(draw, [{ shape, dtype }], (x) => ops.gatherSum(x, axis, Int32Array.from(starts), indices));
    }
  });
});

describe("padding", () => {
  it("reflects as the example of torch.nn.ReflectionPad2d", () => {
    const [y] = interpret([
      ops.pad(
        arrayLeaf(real([1, 1, 3, 3], count(9))),
        [
          [2, 0],
          [2, 0],
        ],
        "reflect",
      ),
    ]);
    expect(y.shape).toEqual([1, 1, 5, 5]);
    expect([...y.re]).toEqual([8, 7, 6, 7, 8, 5, 4, 3, 4, 5, 2, 1, 0, 1, 2, 5, 4, 3, 4, 5, 8, 7, 6, 7, 8]);
  });

  it("agrees with indexing by a formula of its own", () => {
    const draw = generator(2);
    // The source of position p on an axis of n elements; every mode as a walk instead of a table.
    const source: Record<PaddingMode, (p: number, n: number) => number> = {
      constant: (p, n) => (p < 0 || p >= n ? -1 : p),
      circular: (p, n) => ((p % n) + n) % n,
      reflect: (p, n) => n - 1 - Math.abs(n - 1 - Math.abs(p)),
      replicate: (p, n) => Math.min(Math.max(p, 0), n - 1),
    };
    for (const mode of ["constant", "circular", "reflect", "replicate"] as const) {
      for (let i = 0; i < 10; i++) {
        const [h, w] = [integer(draw, 1, 5), integer(draw, 1, 6)];
        const most = mode === "reflect" ? -1 : 0;
        const amount = (n: number): [number, number] => [integer(draw, 0, n + most), integer(draw, 0, n + most)];
        const padding = [amount(h), amount(w)];
        const x = randomArray(draw, [2, h, w], "float64");
        const [y] = interpret([ops.pad(arrayLeaf(x), padding, mode)]);
        const [H, W] = [h + padding[0][0] + padding[0][1], w + padding[1][0] + padding[1][1]];
        expect(y.shape).toEqual([2, H, W]);
        for (let b = 0; b < 2; b++) {
          for (let r = 0; r < H; r++) {
            for (let c = 0; c < W; c++) {
              const [sr, sc] = [source[mode](r - padding[0][0], h), source[mode](c - padding[1][0], w)];
              expect(y.re[(b * H + r) * W + c]).toBe(sr < 0 || sc < 0 ? 0 : x.re[(b * h + sr) * w + sc]);
            }
          }
        }
      }
    }
  });
});

describe("padding with a value", () => {
  const x = tensor([1, 2, 3, 4], { shape: [2, 2], dtype: "float64" });
  const around = (value: number, ...sides: [number, number][]): number[] => [
    ...pad(x, sides, "constant", value).dataSync(),
  ];

  it("puts it before and after, and crops where there is less than nothing", () => {
    expect(around(7, [1, 0])).toEqual([7, 1, 2, 7, 3, 4]);
    expect(around(-0, [0, 1])).toEqual([1, 2, -0, 3, 4, -0]);
    expect(around(7, [0, 1], [-1, 1])).toEqual([2, 7, 4, 7, 7, 7]);
    expect(around(Number.NEGATIVE_INFINITY, [1, -2], [0, 0])).toEqual(new Array(2).fill(Number.NEGATIVE_INFINITY));
    const whole = tensor([5], { dtype: "int32" });
    expect([...pad(whole, [[1, 0]], "constant", -3).dataSync()]).toEqual([-3, 5]);
  });

  it("hands the cotangent back to what was there", () => {
    checkMultilinear(generator(3), [{ shape: [2, 3], dtype: "float64" }], (node) =>
      ops.sub(ops.pad(node, [[1, 2]], "constant", 2), ops.pad(ops.like(0, node), [[1, 2]], "constant", 2)),
    );
  });

  it("is refused where it means nothing", () => {
    expect(() => pad(x, [[1, 1]], "reflect", 2)).toThrow("pad: the value is 2, but mode reflect repeats what is there");
    expect(() => pad(x.cast("complex128"), [[1, 1]], "constant", 2)).toThrow("but the tensor is complex128; only 0");
    expect(() => pad(x.cast("int32"), [[1, 1]], "constant", 0.5)).toThrow("the value is 0.5, but the tensor is int32");
  });
});

describe("concat", () => {
  it("joins along any axis", () => {
    const a = real([2, 1, 2], [1, 2, 3, 4]);
    const b = real([2, 2, 2], [5, 6, 7, 8, 9, 10, 11, 12]);
    const [y] = interpret([ops.concat([arrayLeaf(a), arrayLeaf(b)], 1)]);
    expect(y.shape).toEqual([2, 3, 2]);
    expect([...y.re]).toEqual([1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12]);
    const empty = real([0], []);
    expect([...interpret([ops.concat([empty, real([2], [1, 2]), empty].map(arrayLeaf), 0)])[0].re]).toEqual([1, 2]);
  });

  it("refuses shapes and dtypes that do not join", () => {
    const a = inputLeaf([2, 3], "float32");
    expect(() => ops.concat([a, inputLeaf([3, 3], "float32")], 1)).toThrow(
      /\[2, 3\] and \[3, 3\] do not join along axis 1/,
    );
    expect(() => ops.concat([a, inputLeaf([2], "float32")], 0)).toThrow(/do not join/);
    expect(() => ops.concat([a, inputLeaf([2, 3], "float64")], 0)).toThrow(/float32 and float64/);
  });

  it("splits its cotangent", () => {
    const draw = generator(3);
    for (const axis of [0, 1, 2]) {
      const shape = [2, 3, 4];
      const other = shape.map((n, i) => (i === axis ? 5 : n));
      checkMultilinear(draw, [{ shape, dtype: "float64" }], (x) =>
        ops.concat([x, ops.full(other, 0, "float64"), x], axis),
      );
      checkMultilinear(draw, [{ shape, dtype: "complex128" }], (x) => ops.concat([x, x], axis));
    }
  });
});
