// DeepNetFeatures, and what makes networks for it. Values are those of golden cases (golden.test.ts); here is the rest.

import { fileURLToPath } from "node:url";
import { PtStorage, PtTensor } from "@plenoptic-js/formats";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { savedName } from "../../src/synthesis/saving/dictionary/names.ts";

const { DeepNetFeatures, layers, normalize, readOnnx, sequential } = po.models;

const double = (count: number, shape: number[]): po.Tensor<"float64"> =>
  po.tensor(
    Array.from({ length: count }, (_, i) => Math.sqrt(i + 1) - 2),
    { shape, dtype: "float64" },
  );

const toy = (): po.models.Network =>
  sequential([
    ["stem.conv", layers.conv2d({ weight: double(54, [2, 3, 3, 3]), bias: double(2, [2]), padding: 1, stride: 2 })],
    ["stem.relu", (x) => x.relu()],
    ["pool", (x) => po.avgPool2d(x, 2)],
    ["flatten", layers.flatten],
    ["head", layers.linear({ weight: double(16, [2, 8]) })],
  ]);

const image = (dtype: po.FloatDType = "float64"): po.Tensor => {
  po.setSeed(1);
  return po.rand([2, 3, 8, 8], { dtype });
};

describe("layers", () => {
  test("come in the network's order, whatever is asked first, under their new names", async () => {
    const model = new DeepNetFeatures(
      toy(),
      new Map([
        ["head", "late"],
        ["stem", "early"],
      ]),
    );
    const representation = model.forward(image());
    expect(representation.shape).toEqual([2, 2 * 16 + 2]);
    const parts = model.convertToDict(representation);
    expect([...parts].map(([key, { shape }]) => [key, shape])).toEqual([
      ["early", [2, 2, 4, 4]],
      ["late", [2, 2]],
    ]);
    const [early, late] = toy().layers(image(), ["stem.relu", "head"]);
    expect(await parts.get("early")?.data()).toEqual(await early.data());
    expect(await parts.get("late")?.data()).toEqual(await late.data());
    expect(await model.convertToTensor(parts).data()).toEqual(await representation.data());
  });

  test("two names of one layer both get it", async () => {
    const model = new DeepNetFeatures(toy(), { stem: "a", "stem.relu": "b" });
    const parts = model.convertToDict(model.forward(image()));
    expect(await parts.get("b")?.data()).toEqual(await parts.get("a")?.data());
  });

  test("are of the image's precision", () => {
    const model = new DeepNetFeatures(toy(), "head");
    expect(model.forward(image("float32")).dtype).toBe("float32");
    expect(model.forward(image("float64")).dtype).toBe("float64");
  });

  test("are traced to one graph, and metamers are made of them", async () => {
    const model = new DeepNetFeatures(toy(), "stem", {
      transform: normalize({ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] }),
    });
    po.validate.validateModel(model, { imageShape: [2, 3, 8, 8], imageDtype: "float64" });
    const metamer = new po.Metamer(image(), model);
    await metamer.synthesize({ maxIter: 5, stopCriterion: 0 });
    expect(metamer.losses[5]).toBeLessThan(metamer.losses[0]);
    expect(savedName(model)).toBe("plenoptic.models.feature_extractor.DeepNetFeatures");
    const other = new po.Metamer(image(), new DeepNetFeatures(toy(), "stem", { transform: model.transform }));
    await other.load(await metamer.toBytes());
    expect(other.numIter).toBe(5);
    const wrong = new po.Metamer(image(), new DeepNetFeatures(toy(), "head"));
    await expect(wrong.load(await metamer.toBytes())).rejects.toThrow();
  });

  test("are drawn as a picture and a chart", async () => {
    const model = new DeepNetFeatures(toy(), ["stem", "head"]);
    const figure = await po.plot.plotRepresentation(model, model.forward(image()));
    for (const title of ["stem avg across channels", "stem per channel (n=2)", "head"]) {
      expect(figure.svg).toContain(title);
    }
    expect(() => model.representationPanels(model.forward(image()), 2)).toThrow(
      "batchIdx is 2; it must be from 0 to 1",
    );
  });

  test("need shapes to be taken apart", () => {
    const model = new DeepNetFeatures(toy(), "head");
    expect(() => model.convertToDict(po.zeros([2, 2]))).toThrow("Call forward or convertToTensor before this function");
    model.forward(image());
    expect(() => model.convertToDict(po.zeros([2, 3]))).toThrow("the representation is [2, 3]; it must be [batch, 2]");
    expect(() => model.convertToTensor(new Map([["a", po.zeros([3])]]))).toThrow(
      'the layer "a" is [3], without an axis',
    );
  });
});

describe("networks from files", () => {
  const file = fileURLToPath(new URL("../../../networks/test/data/golden/nets/resnet_dynamo.onnx", import.meta.url));

  test("have layers by the paths of modules, and weights beside them", async () => {
    const network = await readOnnx(file);
    const model = new DeepNetFeatures(network, ["layer2", "layer1.0.relu"]);
    // The file says how large its images are.
    expect([...model.convertToDict(po.zeros([1, 10 * 4 * 4 + 6 * 8 * 8])).keys()]).toEqual(["layer1.0.relu", "layer2"]);
    expect(network.nodes.find(({ path }) => path === "layer1.0.relu")).toMatchObject({
      op: "Relu",
      shape: [2, 6, 8, 8],
    });
    expect(model.options).toMatchObject({
      network: {
        opset: 18,
        sha256: "2dc8fa8346db239738ff6afe76e69652a55fcf5fb12eb7af698651a6c49e84b9",
        external: { "resnet_dynamo.onnx.data": "193dd1a992550cf6c5727e49ab03dcd4ef14232ad6b8c2d350181f7c4dff1be8" },
      },
      returnNodes: { layer2: "layer2" },
      transform: null,
    });
    expect(JSON.stringify(model.options)).not.toContain("/");
  });

  test("say what is wrong with a name or an image", async () => {
    const network = await readOnnx(file);
    expect(() => new DeepNetFeatures(network, "layer9")).toThrow(
      /there is no layer "layer9"; the nearest names are "layer1", "layer2"/,
    );
    const model = new DeepNetFeatures(network, "layer1");
    expect(() => model.forward(po.zeros([1, 1, 32, 32]))).toThrow("images in colour: repeat a gray one");
    expect(() => model.forward(po.zeros([3, 32, 32]))).toThrow(
      "the image is [3, 32, 32]; the network takes [any, 3, any, any]",
    );
    const merged = await readOnnx(file.replace("resnet_dynamo", "resnet_17"));
    expect(() => new DeepNetFeatures(merged, "layer1.0.bn1")).toThrow(
      'layer1.0.bn1 was merged into layer1.0.conv1 when the file was exported; ask for "layer1.0.conv1", or export with',
    );
  });
});

describe("networks that are written down", () => {
  test("take weights of files", async () => {
    const storage = new PtStorage("float32", 2, new Uint8Array(Float32Array.of(2, 3).buffer));
    const weight = new PtTensor({ dtype: "float32", shape: [1, 2], storage });
    const network = sequential([["fc", layers.linear({ weight })]]);
    expect(await network.forward(po.tensor([[1, 10]], { dtype: "float64" })).data()).toEqual(Float64Array.of(32));
  });

  test.each([
    [() => sequential([]), "sequential: there are no layers"],
    [() => sequential([["a", 3 as never]]), 'sequential: layer 0 is ["a", 3]; it must be'],
    [
      () =>
        sequential([
          ["a", layers.flatten],
          ["a", layers.flatten],
        ]),
      'sequential: two layers are called "a"',
    ],
    [() => layers.linear({ weight: po.zeros([2]) }), "layers.linear: weight is [2]; it must have 2 axes"],
    [() => layers.conv2d({ weight: 3 as never }), "layers.conv2d: weight is 3; it must be a Tensor"],
    [() => normalize({ mean: [0], std: [0] }), "normalize: mean is [0] and std [0]"],
    [() => normalize({ mean: [0.5], std: [1] })(po.zeros([1, 3, 2, 2])), "it must be [batch, 1, height, width]"],
    [
      () => new DeepNetFeatures({} as never, "a"),
      "DeepNetFeatures: the network is an empty object; it must be one that readOnnx",
    ],
    [() => new DeepNetFeatures(toy(), []), "DeepNetFeatures: no layers are wanted"],
    [() => new DeepNetFeatures(toy(), { head: "x", pool: "x" }), 'DeepNetFeatures: two results are called "x"'],
  ])("%s", (make, words) => {
    expect(make).toThrow(words);
  });
});
