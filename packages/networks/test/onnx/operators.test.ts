// Operators that the golden cases lack, beside PyTorch's values and gradients in float64 (data/operators.py).

import { readFileSync } from "node:fs";
import { readOnnx } from "@plenoptic-js/networks/onnx";
import { type MadeAttribute, makeOnnx } from "@plenoptic-js/proof/onnx/makeOnnx";
import { gradient, type Tensor, tensor } from "@plenoptic-js/tensor";
import { expect, test } from "vitest";

interface Listed {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly op: string;
  readonly opset: number;
  readonly attributes: Readonly<Record<string, number | string | number[]>>;
  readonly tensors: Readonly<Record<string, Listed>>;
  readonly x: Listed;
  readonly y: Listed;
  readonly w: Listed;
  readonly gradient: Listed;
}

const { cases } = JSON.parse(readFileSync(new URL("../data/operators.json", import.meta.url), "utf8")) as {
  cases: readonly Case[];
};

const FLOATS = new Set(["scale"]);

const fileOf = ({ op, opset, attributes, tensors, x }: Case): Uint8Array => {
  const entries = Object.entries(attributes).map(([name, value]): [string, MadeAttribute] => [
    name,
    FLOATS.has(name) ? { float: Number(value) } : value,
  ]);
  const names = Object.keys(tensors);
  return makeOnnx({
    nodes: [{ op, inputs: ["x", ...names], outputs: ["y"], attributes: Object.fromEntries(entries) }],
    tensors: names.map((name) => {
      const { shape, data } = tensors[name];
      return { name, dims: shape, values: Float32Array.from(data) };
    }),
    imageShape: x.shape,
    outputs: ["y"],
    opset,
  });
};

/** The largest difference, beside the largest number. */
async function difference(found: Tensor, { shape, data }: Listed): Promise<number> {
  expect(found.shape).toEqual(shape);
  const values = await found.data();
  const size = Math.max(...data.map(Math.abs));
  return Math.max(...data.map((value, i) => Math.abs(value - values[i]))) / size;
}

test.each(cases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
  const network = await readOnnx(fileOf(one));
  for (const [dtype, tolerance] of [
    ["float64", 1e-13],
    ["float32", 1e-5],
  ] as const) {
    const as = ({ shape, data }: Listed): Tensor => tensor(Float64Array.from(data), { shape, dtype });
    const x = as(one.x);
    const y = network.forward(x);
    expect(await difference(y, one.y)).toBeLessThan(tolerance);
    expect(await difference(gradient(y.mul(as(one.w)).sum(), x), one.gradient)).toBeLessThan(tolerance);
  }
});

test("where all of a window is 0 a norm has no slope", async () => {
  const network = await readOnnx(
    makeOnnx({
      nodes: [{ op: "LpPool", inputs: ["x"], outputs: ["y"], attributes: { kernel_shape: [1, 2], strides: [1, 2] } }],
      imageShape: [1, 1, 1, 4],
      outputs: ["y"],
    }),
  );
  const x = tensor([[[[0, 0, 5, -12]]]], { dtype: "float64" });
  const y = network.forward(x);
  expect([...(await y.data())]).toEqual([0, 13]);
  const [first, second, third] = await gradient(y.sum(), x).data();
  expect([first, second, third]).toEqual([0, 0, expect.closeTo(5 / 13, 15)]);
});

test("places that depend on the pixels are refused", async () => {
  const network = await readOnnx(
    makeOnnx({
      nodes: [{ op: "GridSample", inputs: ["x", "x"], outputs: ["y"] }],
      imageShape: [1, 2, 2, 2],
      outputs: ["y"],
    }),
  );
  expect(() => network.forward(tensor(new Float64Array(8), { shape: [1, 2, 2, 2] }))).toThrow(
    "its grid depends on the pixels, or on an array of many numbers",
  );
});
