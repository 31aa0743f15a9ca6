// What reading a network says, and what it takes: files made here, field by field.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OnnxError } from "@plenoptic-js/networks";
import { readOnnx } from "@plenoptic-js/networks/onnx";
import { type MadeOnnx, makeOnnx } from "@plenoptic-js/proof/onnx/makeOnnx";
import { Tensor, tensor, trace, zeros } from "@plenoptic-js/tensor";
import { describe, expect, test } from "vitest";

const read = (made: MadeOnnx, options = {}) => readOnnx(makeOnnx(made), options);
const image = (...shape: number[]): Tensor =>
  tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sqrt(i) - 2),
    { shape },
  );
const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())];

const chain = (...ops: string[]): MadeOnnx["nodes"] =>
  ops.map((op, i) => ({
    op,
    name: `/part${i}/${op}`,
    inputs: [i === 0 ? "x" : `v${i - 1}`],
    outputs: [`v${i}`],
  }));

describe("layers", () => {
  test("before an operator that is not supported can be used; the error names all of them, and the last layer", async () => {
    const network = await read({ nodes: chain("Relu", "Neg", "Loop", "Abs", "Mystery", "Mystery"), outputs: ["v5"] });
    const [two] = network.layers(image(1, 2, 4, 4), ["part1"]);
    expect((await numbers(two))[9]).toBe(-1);
    expect(() => network.forward(image(1, 2, 4, 4))).toThrow(
      "bytes in memory: 2 operators are not supported: Loop (node /part2/Loop), Mystery (nodes /part4/Mystery, /part5/Mystery); " +
        'layers before can be used, the last is "part1"',
    );
    expect(() => network.layers(image(1, 2, 4, 4), ["part3"])).toThrow(
      "operator Loop (node /part2/Loop) is not supported: a model must have a fixed graph; layers before",
    );
    expect(network.nodes.map(({ name, shape }) => [name, shape])).toEqual([
      ["v0", [1, 2, 4, 4]],
      ["v1", [1, 2, 4, 4]],
      ...["v2", "v3", "v4", "v5"].map((name) => [name, undefined]),
    ]);
  });

  test("before it are named by what means them: a path that goes on behind the operator means a later value", async () => {
    const inside = (op: string, from: string, to: string) => ({
      op,
      name: `/gru/${op}`,
      inputs: [from],
      outputs: [to],
    });
    const nodes = [...chain("Relu"), inside("Neg", "v0", "turned"), inside("Loop", "turned", "y")];
    const network = await read({ nodes, outputs: ["y"] });
    expect(() => network.layers(image(1, 2, 4, 4), ["gru"])).toThrow('can be used, the last is "turned"');
    expect(network.layers(image(1, 2, 4, 4), ["turned"])[0].shape).toEqual([1, 2, 4, 4]);
  });

  test("of files that name no modules are found by the names of values, and a wrong name is told the nearest", async () => {
    const nodes = [
      { op: "Relu", inputs: ["x"], outputs: ["relu_1"] },
      { op: "Neg", inputs: ["relu_1"], outputs: ["neg_1"] },
    ];
    const network = await read({ nodes, outputs: ["neg_1"] });
    expect(() => network.find("relu1")).toThrow(
      'there is no layer "relu1". Its nodes do not say of which modules they are part, as in files of PyTorch before 1.13 and of other ' +
        'programs: name a value; the nearest names are "relu_1", "neg_1"',
    );
  });

  test("a block that is not there is not said to be merged into the one before", async () => {
    const conv = { op: "Conv", name: "/layer1/layer1.0/conv/Conv", inputs: ["x", "w"], outputs: ["y"] };
    const network = await read({
      nodes: [conv],
      tensors: [{ name: "w", dims: [2, 2, 1, 1], values: Float32Array.of(1, 2, 3, 4) }],
      outputs: ["y"],
    });
    expect(() => network.find("layer1.1")).toThrow('there is no layer "layer1.1"; the nearest names are "layer1.0"');
    expect(() => network.find("layer1.0.bn")).toThrow("layer1.0.bn was merged into layer1.0.conv");
  });

  test("a module whose numbers are constant is no layer, and is not said to be missing", async () => {
    const nodes = [
      { op: "Relu", name: "/pos/Relu", inputs: ["w"], outputs: ["p"] },
      { op: "Add", name: "/Add", inputs: ["x", "p"], outputs: ["y"] },
    ];
    const tensors = [{ name: "w", dims: [1], values: Float32Array.of(1) }];
    const network = await read({ nodes, tensors, outputs: ["y"] });
    expect(() => network.find("pos")).toThrow('"pos" is no layer: it does not depend on the pixels');
  });

  test("are listed with their shapes, and nothing that is no layer", async () => {
    const network = await read({
      nodes: [
        ...chain("Relu"),
        { op: "Shape", inputs: ["v0"], outputs: ["s"] },
        { op: "Greater", inputs: ["v0", "x"], outputs: ["g"] },
        { op: "Reshape", name: "/flat/Reshape", inputs: ["v0", "to"], outputs: ["y"] },
      ],
      tensors: [{ name: "to", dims: [2], values: BigInt64Array.of(0n, -1n) }],
      outputs: ["y"],
    });
    expect(network.nodes).toEqual([
      { name: "v0", node: "/part0/Relu", op: "Relu", path: "part0", shape: [1, 2, 4, 4] },
      { name: "y", node: "/flat/Reshape", op: "Reshape", path: "flat", shape: [1, 32] },
    ]);
    expect(String(network)).toBe('Network "bytes in memory", results y\n  v0  Relu  part0\n  y  Reshape  flat');
    expect(() => network.find("s")).toThrow('"s" is no layer');
  });

  test("take any size where the file leaves it open, and need `imageShape` for shapes", async () => {
    const made = { nodes: chain("GlobalAveragePool"), outputs: ["v0"], imageShape: ["n", 2, "h", "w"] };
    const open = await read(made);
    expect(open.imageShape).toEqual([null, 2, null, null]);
    expect(open.nodes[0].shape).toBeUndefined();
    expect(open.forward(image(3, 2, 5, 7)).shape).toEqual([3, 2, 1, 1]);
    expect((await read(made, { imageShape: [4, 2, 6, 6] })).nodes[0].shape).toEqual([4, 2, 1, 1]);
    await expect(read(made, { imageShape: [4, 3, 6, 6] })).rejects.toThrow(
      "imageShape is [4, 3, 6, 6]; the file takes [n, 2, h, w]",
    );
  });

  test("of a fixed batch take others, until a shape forbids it", async () => {
    const network = await read({
      nodes: [...chain("Relu"), { op: "Reshape", name: "flat", inputs: ["v0", "to"], outputs: ["y"] }],
      tensors: [{ name: "to", dims: [2], values: BigInt64Array.of(1n, 32n) }],
      outputs: ["y"],
    });
    expect(network.layers(image(3, 2, 4, 4), ["v0"])[0].shape).toEqual([3, 2, 4, 4]);
    expect(() => network.forward(image(3, 2, 4, 4))).toThrow(
      "node flat (Reshape): [3, 2, 4, 4] cannot become [1, 32]: the numbers of elements differ; the file fixes the batch at 1",
    );
  });

  test("are traced to the same graph, without hashing weights to find out", async () => {
    const values = Float32Array.from({ length: 128 * 128 }, (_, i) => (i % 7) - 3);
    const network = await read({
      nodes: [{ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
      tensors: [{ name: "w", dims: [128, 128], values }],
      imageShape: [1, 128],
      outputs: ["y"],
    });
    const { output } = trace((x) => network.forward(x), [{ shape: [1, 128], dtype: "float32" }]);
    const again = network.forward(new Tensor(output.inputs[0]));
    expect(again.node.inputs[1]).toBe(output.inputs[1]);
  });

  test("several results have no forward", async () => {
    const network = await read({ nodes: chain("Relu", "Neg"), outputs: ["v1", "v0"] });
    expect(network.outputs).toEqual(["v1", "v0"]);
    expect(() => network.forward(image(1, 2, 4, 4))).toThrow("it has 2 results, v1, v0; say which");
  });
});

describe("sets of operators", () => {
  test("padding is an attribute before opset 11", async () => {
    const attributes = { pads: [0, 0, 1, 0, 0, 0, 0, 1], mode: "edge" };
    const network = await read({
      nodes: [{ op: "Pad", inputs: ["x"], outputs: ["y"], attributes }],
      imageShape: [1, 1, 1, 2],
      outputs: ["y"],
      opset: 10,
    });
    const y = network.forward(tensor([[[[1, 2]]]], { dtype: "float64" }));
    expect([y.shape, await numbers(y)]).toEqual([
      [1, 1, 2, 3],
      [1, 2, 2, 1, 2, 2],
    ]);
  });

  test("outputs that are only named do not matter; those that are used are refused", async () => {
    const dropout = { op: "Dropout", inputs: ["x"], outputs: ["y", "mask"] };
    const network = await read({ nodes: [dropout], outputs: ["y"] });
    expect(network.forward(image(1, 2, 4, 4)).shape).toEqual([1, 2, 4, 4]);
    const used = await read({ nodes: [dropout, { op: "Neg", inputs: ["mask"], outputs: ["z"] }], outputs: ["z"] });
    expect(() => used.forward(image(1, 2, 4, 4))).toThrow("node 0 (Dropout): its output 1, mask, is not computed");
  });
});

describe("weights in other files", () => {
  const made: MadeOnnx = {
    nodes: [{ op: "Mul", inputs: ["x", "w"], outputs: ["y"] }],
    tensors: [{ name: "w", dims: [2], values: Float32Array.of(3, 5), external: ["w.bin", 4] }],
    imageShape: [1, 2],
    outputs: ["y"],
  };
  const file = new Uint8Array(Float32Array.of(9, 3, 5).buffer);
  const one = tensor([[1, 1]], { dtype: "float64" });

  test("are given by name, by a function, or lie beside the file", async () => {
    for (const external of [{ "w.bin": file }, new Map([["w.bin", new Blob([file])]]), () => file]) {
      const network = await read(made, { external });
      expect(await numbers(network.forward(one))).toEqual([3, 5]);
    }
    const folder = mkdtempSync(join(tmpdir(), "onnx-"));
    try {
      writeFileSync(join(folder, "net.onnx"), makeOnnx(made));
      await expect(readOnnx(join(folder, "net.onnx"))).rejects.toThrow(
        'the array "w" is in the file "w.bin": w.bin: there is no such file beside it; the exporter wrote it there: move both together',
      );
      writeFileSync(join(folder, "w.bin"), file);
      const network = await readOnnx(join(folder, "net.onnx"));
      expect(await numbers(network.forward(one))).toEqual([3, 5]);
      expect(Object.keys(network.identity().external as object)).toEqual(["w.bin"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("that are not given are named", async () => {
    const words = "its weights are in other files: w.bin (for w); give them by the option external";
    await expect(read(made)).rejects.toThrow(words);
    await expect(read(made, { external: {} })).rejects.toThrow(words);
    const error = await read(made, { external: { "w.bin": new Uint8Array(8) } }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OnnxError);
    expect(error).toMatchObject({ code: "external", problem: 'the array "w" ends at byte 12 of "w.bin", which has 8' });
  });
});

test("files and images that do not fit are refused", async () => {
  const bytes = makeOnnx({ nodes: chain("Relu"), outputs: ["v0"] });
  await expect(readOnnx(bytes, { maxBytes: 10 })).rejects.toThrow("at most 10 bytes");
  await expect(readOnnx(bytes, { imageInput: "y" })).rejects.toThrow('imageInput is "y", but its inputs are x');
  await expect(readOnnx(bytes, { nothing: 1 } as object)).rejects.toThrow('has no option "nothing"');
  await expect(readOnnx(new TextEncoder().encode("Dear diary, today"))).rejects.toThrow(
    'this is no ONNX file, but text: "Dear diary, today". A network of PyTorch becomes one by torch.onnx.export',
  );
  const network = await readOnnx(bytes);
  expect(() => network.forward(zeros([1, 2, 4], { dtype: "float64" }))).toThrow(
    "the image is [1, 2, 4]; the network takes [any, 2, any, any]",
  );
  expect(() => network.forward(zeros([1, 2, 4, 4], { dtype: "int32" }))).toThrow(
    "the image is int32; it must be float32 or float64",
  );
});
