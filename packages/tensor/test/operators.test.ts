// What would build a wrong model silently: JavaScript's operators on tensors, reading numbers while a function is traced,
// mixed precisions. The lines under @ts-expect-error are checked when the tests are compiled.

import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  concat,
  conv2d,
  correlateSeparable,
  einsum,
  hashTensor,
  linalg,
  ones,
  stack,
  type Tensor,
  TraceError,
  tensor,
  trace,
  where,
  zeros,
} from "../src/index.ts";

/** A tensor as someone without types has it. */
// biome-ignore lint/suspicious/noExplicitAny: what is tested is what types refuse
const x = tensor([1, 2], { dtype: "float64" }) as any;

describe("operators on tensors", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["x * 2", () => x * 2, /Tensor float64 \[2\].*x\.mul\(2\)/],
    ["2 - x", () => 2 - x, /x\.sub\(y\)/],
    ["-x", () => -x, /x\.neg\(\)/],
    ["+x", () => +x, /item\(\)/],
    ["x ** 2", () => x ** 2, /x\.square\(\)/],
    ["x > 0", () => (x > 0 ? 1 : 2), /where\(x\.gt\(0\), a, b\)/],
    ["0 <= x", () => 0 <= x, /x\.gt\(0\)/],
    ["x + 1", () => x + 1, /x\.add\(1\)/],
    ["'' + x", () => `image ` + x, /String\(x\)/],
    // biome-ignore lint/suspicious/noDoubleEquals: it is the operator that is tested
    ["x == 1", () => x == 1, /x\.eq\(y\)/],
    ["Number(x)", () => Number(x), /Number\(x\) is item\(\)/],
    ["Math.max(x, 0)", () => Math.max(x, 0), /do not work on tensors/],
    ["Float64Array.of(x)", () => Float64Array.of(x), /do not work on tensors/],
  ])("%s is refused, and told what to write", (_, use, words) => {
    expect(use).toThrow(TypeError);
    expect(use).toThrow(words);
  });

  test("a model that uses one is refused where it is traced", () => {
    const model = (image: Tensor): Tensor => ((image.mean() as unknown as number) > 0.5 ? image : image.neg());
    expect(() => trace(model, [{ shape: [2], dtype: "float32" }])).toThrow(/where\(x\.gt\(0\), a, b\)/);
  });

  test("text is still made of them", () => {
    const text = "Tensor float64 [2] { 1, 2 }";
    expect(`${x}`).toBe(text);
    expect(String(x)).toBe(text);
    expect([x, x].join("; ")).toBe(`${text}; ${text}`);
    expect(inspect({ x })).toBe(`{ x: ${text} }`);
    expect(inspect(x)).toBe(text);
    expect(x).toEqual(x);
    expect({ [x]: 1 }).toEqual({ [text]: 1 });
    expect(x == null).toBe(false);
  });

  test("operands that are no tensors are named", () => {
    expect(() => x.mul("2")).toThrow('mul: the operand is "2"; it must be a Tensor or a number');
    expect(() => x.add(undefined)).toThrow("add: the operand is undefined");
    expect(() => x.gt(true)).toThrow("gt: the operand is true");
  });
});

describe("reading numbers while a function is traced", () => {
  test.each<[string, (image: Tensor) => unknown]>([
    ["data", (image) => image.data()],
    ["dataSync", (image) => image.dataSync()],
    ["item", (image) => image.mean().item()],
    ["itemSync", (image) => image.mean().itemSync()],
    ["hashTensor", (image) => hashTensor(image)],
    ["linalg.qr", (image) => linalg.qr(image)],
    ["linalg.eigh", (image) => linalg.eigh(image)],
    ["linalg.svd", (image) => linalg.svd(image)],
  ])("%s throws at its line", (_, read) => {
    let after = false;
    const model = (image: Tensor): Tensor => {
      read(image.mul(2));
      after = true;
      return image;
    };
    expect(() => trace(model, [{ shape: [2, 2], dtype: "float32" }])).toThrow(TraceError);
    expect(after).toBe(false);
  });

  test("what they are can be looked at", () => {
    let text = "";
    trace(
      (image) => {
        text = `${image.mul(2)}`;
        return image;
      },
      [{ shape: [2], dtype: "float32" }],
    );
    expect(text).toBe("Tensor float32 [2] (not computed yet)");
  });
});

describe("mixed precisions", () => {
  const single = ones([1, 1, 3, 3], { dtype: "float32" });
  const double = ones([1, 1, 3, 3], { dtype: "float64" });
  const taps = ones([3], { dtype: "float32" });
  const mixed = [single, double];

  test.each<[string, () => unknown]>([
    // @ts-expect-error float64 and float32
    ["add", () => double.add(single)],
    // @ts-expect-error float32 and float64
    ["sub", () => single.sub(double)],
    // @ts-expect-error float64 and float32
    ["mul", () => double.mul(single)],
    // @ts-expect-error float32 and int32
    ["div", () => single.div(zeros([1], { dtype: "int32" }))],
    // @ts-expect-error float64 and float32
    ["pow", () => double.pow(single)],
    // @ts-expect-error float64 and float32
    ["maximum", () => double.maximum(single)],
    // @ts-expect-error float64 and float32
    ["gt", () => double.gt(single)],
    // @ts-expect-error float64 and float32
    ["matmul", () => double.matmul(single)],
    // @ts-expect-error float64 and float32
    ["conv2d", () => conv2d(double, single)],
    // @ts-expect-error float64 and float32
    ["correlateSeparable", () => correlateSeparable(double, taps, taps)],
    // @ts-expect-error float64 and float32
    ["where", () => where(double.gt(0), double, single)],
    // @ts-expect-error complex128 and float64: choices are of one dtype
    ["where of a complex and a real tensor", () => where(double.gt(0), double.cast("complex128"), double)],
    // @ts-expect-error float64 and float32
    ["concat", () => concat([double, single])],
    // @ts-expect-error float64 and float32, in a list
    ["concat of a list", () => concat(mixed)],
    // @ts-expect-error float32 and float64, the third
    ["stack", () => stack([single, single, double])],
    // @ts-expect-error float64 and float32
    ["einsum", () => einsum("abij,abij->", double, single)],
    // @ts-expect-error float64 and float32, the third
    ["einsum of three", () => einsum("abij,abij,abij->", double, double, single)],
    // @ts-expect-error float64 and float32, the fourth
    ["einsum of four", () => einsum("abij,abij,abij,abij->", double, double, double, single)],
    // @ts-expect-error complex128 and float32
    ["complex mul", () => double.cast("complex128").mul(single)],
  ])("%s is refused by the types and when it runs", (_, mix) => {
    expect(mix).toThrow(/operands are|float32|int32/);
  });

  test("numbers, a complex tensor with a real one, and a dtype that only the run knows are not", () => {
    const wide: Tensor = single;
    const same: Tensor<"float32"> = single.add(single).mul(2).div(single);
    const complex: Tensor<"complex64"> = single.cast("complex64").add(single);
    const both = [single.add(wide), wide.add(single), single.mul(complex), conv2d(wide, single), conv2d(single, wide)];
    const condition = single.gt(0);
    const float: Tensor<"float32" | "float64"> = single;
    const chosen: Tensor<"float32">[] = [
      where(condition, single, 0),
      where(condition, 1, single),
      concat([single, single]),
      stack([single]),
      einsum("abij->", single),
      einsum("abij,abij,abij,abij->", single, single, single, single),
    ];
    const pair = [single, single];
    const floats = [float, float];
    const unknown = [
      where(condition, single, wide),
      where(condition, wide, single),
      concat([single, wide]),
      concat([float, float]),
      stack([wide, wide, single], 1),
      stack([float].map((x) => x.neg())),
      einsum("abij,abij->", single, wide),
      einsum("abij,abij->", ...pair),
      einsum("abij,abij->", ...floats),
    ];
    const mix = [einsum("abij,abij->", single, complex), einsum("abij,abij,abij->", single, complex, single)];
    expect(new Set([...chosen, ...unknown].map((t) => t.dtype))).toEqual(new Set(["float32"]));
    expect(mix.map((t) => t.dtype)).toEqual(["complex64", "complex64"]);
    expect([same, complex, ...both].map((t) => t.dtype)).toEqual([
      "float32",
      "complex64",
      "float32",
      "float32",
      "complex64",
      "float32",
      "float32",
    ]);
  });
});
