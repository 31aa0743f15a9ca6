// Networks as models of the command: `--model net.onnx --layer layer1`.

import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readImage, readNpy } from "@plenoptic-js/formats";
import { makePng } from "@plenoptic-js/proof/files/makePng";
import { makeOnnx } from "@plenoptic-js/proof/onnx/makeOnnx";
import { hashTensor, tensor } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import { beforeEach, describe, expect, it } from "vitest";
import { run } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const golden = (name: string): string =>
  fileURLToPath(new URL(`../../networks/test/data/golden/${name}`, import.meta.url));

const SIDE = 16;

beforeEach(() => {
  copyFileSync(golden("nets/resnet_dynamic_17.onnx"), "resnet.onnx");
  copyFileSync(golden("nets/vgg_17.onnx"), "vgg.onnx");
  const samples = Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i * 37 + ((i * i) % 101)) % 256);
  writeFileSync("colour.png", makePng({ width: SIDE, height: SIDE, depth: 8, colourType: 2, samples }));
  const gray = samples.slice(0, SIDE * SIDE);
  writeFileSync("gray.png", makePng({ width: SIDE, height: SIDE, depth: 8, colourType: 0, samples: gray }));
});

const layer1 = ["--model", "resnet.onnx", "--layer", "layer1"];

/** The image as the library reads it in colour. */
async function colours(path: string): Promise<po.Tensor<"float64">> {
  return po.loadImages(path, { asGray: false, dtype: "float64" });
}

describe("a metamer of a layer", () => {
  it("is what the library makes, in colour, and its recipe names the file's hash, the layers and the normalization", async () => {
    const flags = [...layer1, "--layer", "layer2", "--normalize", "imagenet", "--iterations", "3"];
    const { code, err } = await run("metamer", "colour.png", ...flags, "--out", "made", "--seed", "7");
    expect(code).toBe(0);
    expect(err).toContain("16 x 16 pixels, colour as stored, divided by 255");
    expect(err).toContain("begins with Sub, as if it normalized images itself");
    po.setSeed(7);
    const network = await po.models.readOnnx("resnet.onnx");
    const transform = po.models.normalize({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
    const model = new po.models.DeepNetFeatures(network, ["layer1", "layer2"], { transform });
    const metamer = new po.Metamer(await colours("colour.png"), model);
    await metamer.synthesize({ maxIter: 3, stopCriterion: 0 });
    const exact = readNpy(readFileSync("made/metamer.npy"));
    expect(exact.shape).toEqual([1, 3, SIDE, SIDE]);
    const recipe = JSON.parse(readFileSync("made/recipe.json", "utf8"));
    expect(recipe.result.sha256).toBe(await hashTensor(metamer.metamer));
    expect(recipe.model).toMatchObject({
      name: "DeepNetFeatures",
      file: { name: "resnet.onnx", sha256: network.identity().sha256 },
      options: {
        network: { sha256: network.identity().sha256, opset: 17 },
        returnNodes: { layer1: "layer1", layer2: "layer2" },
        transform: { name: "normalize", mean: [0.485, 0.456, 0.406] },
      },
    });
    expect(recipe.command).toContain("--model resnet.onnx --layer layer1 --layer layer2 --normalize imagenet");
    // The picture is that of the exact values.
    const { channels, data } = await readImage(readFileSync("made/metamer-16.png"));
    expect(channels).toBe(3);
    const values = exact.data as Float64Array;
    const size = SIDE * SIDE;
    for (const at of [0, 5, size - 1]) {
      for (let channel = 0; channel < 3; channel++) {
        const wanted = Math.min(Math.max(values[channel * size + at], 0), 1) * 65535;
        expect(Math.abs(data[3 * at + channel] - wanted)).toBeLessThanOrEqual(0.5);
      }
    }
  });

  it("is verified and made again with the network, by its hash; without it, or with another, it cannot be", async () => {
    await run("metamer", "gray.png", ...layer1, "--iterations", "3", "--out", "made");
    const without = await run("verify", "made/metamer.pt");
    expect(without.code).toBe(4);
    expect(without.out).toMatch(
      /its model is the layer layer1 of a network with the SHA-256 [0-9a-f]{64}, .*must be given: --model FILE\n$/,
    );
    const other = await run("verify", "made/metamer.pt", "--model", "vgg.onnx");
    expect(other.code).toBe(4);
    expect(other.out).toMatch(/the network that was given is not that of the recipe: its file has the SHA-256/);
    const same = await run("verify", "made/metamer.pt", "--model", "resnet.onnx");
    expect([same.code, same.out]).toEqual([0, expect.stringContaining("identical: 3 steps")]);
    const given = ["--model", "resnet.onnx", "--image", "gray.png"];
    const picture = await run("verify", "made/metamer.png", ...given);
    expect(picture.out).toContain("the pixels of the file (8 bits) are those of the result");
    const again = await run("run", "made/recipe.json", ...given, "--out", "again");
    expect([again.code, again.out]).toEqual([0, expect.stringContaining("Made, with the bits that the recipe tells")]);
    expect(readFileSync("again/result.npy")).toEqual(readFileSync("made/metamer.npy"));
    expect((await run("verify", "again/result-16.png", ...given)).code).toBe(0);
    const missing = await run("verify", "made/metamer.pt", "--model", "nowhere.onnx");
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining("nowhere.onnx: there is no such file")]);
  });

  it("of a network is refused to a recipe of another model", async () => {
    await run("metamer", "gray.png", "--iterations", "3", "--out", "made");
    const { code, out } = await run("verify", "made/metamer.pt", "--model", "resnet.onnx");
    expect([code, out]).toEqual([
      4,
      expect.stringContaining("a network was given, and the model of the recipe, Gaussian, is none"),
    ]);
  });

  it("reads its own exact values again, in colour or made gray", async () => {
    await run("metamer", "colour.png", ...layer1, "--iterations", "2", "--out", "made");
    const { code, err } = await run("metamer", "made/metamer.npy", ...layer1, "--iterations", "1", "--out", "next");
    expect([code, err]).toEqual([0, expect.stringContaining("16 x 16 pixels, colour as stored")]);
    const next = await po.io.loadFile("next/metamer.pt");
    expect(next).toBeDefined();
    const { sha256 } = JSON.parse(readFileSync("next/recipe.json", "utf8")).image;
    const { shape, data } = readNpy(readFileSync("made/metamer.npy"));
    expect(sha256).toBe(await hashTensor(tensor(data as Float64Array, { shape })));
  });
});

describe("what results are written as", () => {
  it("with the layers inside, a metamer is verified, made again and looked at without the network", async () => {
    const flags = [...layer1, "--normalize", "imagenet", "--iterations", "3", "--with-model", "--out", "made"];
    const made = await run("metamer", "colour.png", ...flags);
    expect(made.code).toBe(0);
    expect(made.err).toMatch(/Model in the \.pt file: 3 graphs, \d+ nodes, /);
    rmSync("resnet.onnx");
    const verified = await run("verify", "made/metamer.pt");
    expect([verified.code, verified.out]).toEqual([0, expect.stringContaining("identical: 3 steps")]);
    const again = await run("run", "made/metamer.pt", "--out", "again");
    expect([again.code, again.out]).toEqual([0, expect.stringContaining("Made, with the bits that the recipe tells")]);
    expect(readFileSync("again/result.npy")).toEqual(readFileSync("made/metamer.npy"));
    expect((await run("inspect", "made/metamer.pt")).out).toMatch(/\n {2}model +\S+ +float64 \[1, 3, 16, 16\] -> /);
    // A network that is given is asked first, also where the file has one.
    expect((await run("verify", "made/metamer.pt", "--model", "vgg.onnx")).code).toBe(4);
  });

  it("in colour, PNG files are encoded as asked for, measured, verified and looked at", async () => {
    const form = ["--encoding", "srgb", "--colour-chunk", "--pixels-per-degree", "30"];
    const flags = [...layer1, "--iterations", "3", ...form, "--embed-target", "--out", "made"];
    expect((await run("metamer", "colour.png", ...flags)).code).toBe(0);
    const { exports } = JSON.parse(readFileSync("made/recipe.json", "utf8"));
    const model = new po.models.DeepNetFeatures(await po.models.readOnnx("resnet.onnx"), "layer1");
    const target = await colours("colour.png");
    const exact = await po.io.loadArray(readFileSync("made/metamer.npy"));
    const loss = (x: po.Tensor): Promise<unknown> => po.metric.mse(model.forward(x), model.forward(target)).item();
    expect(exports.length).toBe(2);
    for (const { file, encoding, measures } of exports) {
      expect(encoding).toBe("srgb");
      expect(measures.loss.exact).toBeCloseTo(Number(await loss(exact)), 12);
      const verified = await run("verify", `made/${file}`, "--model", "resnet.onnx");
      expect([verified.code, verified.out]).toEqual([0, expect.stringContaining("the pixels of the file")]);
      const { out } = await run("inspect", `made/${file}`);
      expect(out).toMatch(/16 x 16, 3 channels, (8|16) bits\n/);
      expect(out).toMatch(/encoding +sRGB, (8|16) bits; programs that manage colours are told so\n/);
      expect(out).toMatch(/Target inside\n {2}image {2}float64 \[1, 3, 16, 16\]\n/);
    }
    expect((await run("inspect", "made/recipe.json")).out).toContain("resnet.onnx, SHA-256");
    const again = await run("run", "made/metamer.png", "--model", "resnet.onnx", "--out", "again");
    expect(again.code).toBe(0);
    const pixels = async (path: string): Promise<unknown> => (await readImage(readFileSync(path))).data;
    expect(await pixels("again/result-16.png")).toEqual(await pixels("made/metamer-16.png"));
  });

  it("images with eigendistortions in colour are made again at their strength", async () => {
    const flags = ["--method", "power", "--iterations", "3", "--encoding", "srgb", "--out", "made"];
    expect((await run("eigendistortion", "colour.png", ...layer1, ...flags)).code).toBe(0);
    const again = await run("run", "made/eigendistortions.pt", "--model", "resnet.onnx", "--out", "again");
    expect(again.code).toBe(0);
    for (const name of ["distorted-0-16.png", `distorted-${3 * SIDE * SIDE - 1}.png`]) {
      const { channels, data } = await readImage(readFileSync(`again/${name}`));
      expect(channels).toBe(3);
      expect(data).toEqual((await readImage(readFileSync(`made/${name}`))).data);
    }
  });

  it("an image of a recipe in colour is resized and cropped as it was", async () => {
    const vgg = ["--model", "vgg.onnx", "--layer", "features", "--iterations", "2", "--resize", "24", "--crop"];
    expect((await run("metamer", "colour.png", ...vgg, "--out", "made")).code).toBe(0);
    const given = ["verify", "made/metamer.png", "--model", "vgg.onnx", "--image", "colour.png"];
    expect((await run(...given, "--resize", "24")).code).toBe(0);
    expect((await run(...given)).code).toBe(4);
  });
});

describe("other commands", () => {
  it("represent names the layer and the place of every number", async () => {
    const { code, out } = await run("represent", "gray.png", ...layer1, "--layer", "fc", "--out", "made");
    expect(code).toBe(0);
    expect(out).toMatch(/^group +count .*\nlayer1 +96 .*\nfc +8 /m);
    const lines = readFileSync("made/representation.csv", "utf8").trimEnd().split("\n");
    expect(lines[0]).toBe("layer,channel,row,column,value");
    expect(lines[2]).toMatch(/^layer1,0,0,1,/);
    expect(lines[97]).toMatch(/^fc,0,,,/);
    const network = await po.models.readOnnx("resnet.onnx");
    const [, fc] = network.layers(await colours("gray.png"), ["layer1", "fc"]);
    expect(lines.slice(97).map((line) => Number(line.split(",")[4]))).toEqual(Array.from(await fc.data()));
  });

  it("eigendistortion counts three numbers a pixel", async () => {
    const { code, out } = await run("eigendistortion", "colour.png", ...layer1, "--out", "made");
    expect(code).toBe(0);
    expect(out).toContain(String(3 * SIDE * SIDE - 1));
    expect(readNpy(readFileSync("made/eigendistortions.npy")).shape).toEqual([2, 3, SIDE, SIDE]);
    expect((await run("verify", "made/eigendistortions.pt", "--model", "resnet.onnx")).code).toBe(0);
  });
});

describe("images of another size than the file says", () => {
  it("are taken where the layers can be computed, with a note", async () => {
    const flags = [
      "--model",
      "vgg.onnx",
      "--layer",
      "features",
      "--resize",
      "24",
      "--iterations",
      "1",
      "--out",
      "made",
    ];
    const { code, err } = await run("metamer", "gray.png", ...flags);
    expect(code).toBe(0);
    expect(err).toContain(
      "note: vgg.onnx was exported for images of 16 x 16 pixels, and looks here at one of 24 x 24; for its own size, add --resize 16x16, or --crop",
    );
    expect(err).toContain("begins with a convolution and subtracts no mean itself; if it was trained");
  });

  it("are not to be normalized twice: a network that begins with a product does it itself, too", async () => {
    const made = makeOnnx({
      nodes: [
        { op: "Mul", name: "/Mul", inputs: ["x", "w"], outputs: ["twice"] },
        { op: "Relu", name: "/relu/Relu", inputs: ["twice"], outputs: ["y"] },
      ],
      tensors: [{ name: "w", dims: [1], values: Float32Array.of(2) }],
      imageShape: [1, 3, "h", "w"],
      outputs: ["y"],
    });
    writeFileSync("own.onnx", made);
    const flags = ["--model", "own.onnx", "--layer", "relu", "--iterations", "1"];
    const { err } = await run("metamer", "colour.png", ...flags, "--normalize", "imagenet", "--out", "twice");
    expect(err).toContain("own.onnx begins with Mul, as if it normalized images itself");
    expect((await run("metamer", "colour.png", ...flags, "--out", "once")).err).not.toContain("note:");
  });

  it("are cropped to it, or refused with the way out", async () => {
    const flags = ["--model", "vgg.onnx", "--layer", "classifier", "--resize", "24", "--iterations", "1"];
    const { code, err } = await run("metamer", "gray.png", ...flags);
    expect(code).toBe(2);
    expect(err).toMatch(
      /Its file says that its images are 16 x 16 pixels, and this one is 24 x 24: add --resize 16x16, or --crop to use the middle 16 x 16 pixels\n$/,
    );
    expect((await run("metamer", "gray.png", ...flags, "--crop", "--out", "made")).code).toBe(0);
    const small = await run("metamer", "gray.png", ...flags.map((flag) => (flag === "24" ? "8" : flag)), "--crop");
    expect([small.code, small.err]).toEqual([
      2,
      expect.stringContaining("so there is nothing to crop; add --resize 16x16 instead"),
    ]);
  });
});

describe("mistakes", () => {
  it("numbers for images from 0 to 255 are noticed", async () => {
    const flags = [...layer1, "--mean", "123.7,116.3,103.5", "--std", "58.4,57.1,57.4", "--out", "made"];
    const { code, err } = await run("represent", "gray.png", ...flags);
    expect([code, err]).toEqual([
      0,
      expect.stringContaining("is for values from 0 to 255; divide those numbers by 255"),
    ]);
  });

  it("a network is no metric", async () => {
    const { code, err } = await run("mad", "gray.png", "--optimized", "resnet.onnx", "--reference", "mse");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/resnet\.onnx is a network, and no metric; .*docs\/deep-nets\.md/),
    ]);
  });

  const one = ["--model", "resnet.onnx"];
  it.each([
    [
      "no layer",
      one,
      /^error: resnet\.onnx: say which layer is the model, for example --layer conv1 .*; plenoptic inspect resnet\.onnx lists all\n$/,
    ],
    [
      "an unknown layer",
      [...one, "--layer", "layr1"],
      /there is no layer "layr1"; the nearest names are "layer1", "layer2", .*("[^"]+"(, )?){8}\n$/,
    ],
    ["layers in a list", [...one, "--layer", "layer1,layer2"], /Of several layers, give --layer once for each\n$/],
    ["a merged normalization", [...one, "--layer", "layer1.0.bn1"], /bn1 was merged into layer1\.0\.conv1/],
    [
      "a file of PyTorch",
      ["--model", "resnet.pth", "--layer", "layer1"],
      /resnet\.pth is a file of PyTorch; a model is an ONNX file, which PyTorch writes by torch\.onnx\.export/,
    ],
    ["a file that is not there", ["--model", "no.onnx", "--layer", "layer1"], /no\.onnx: there is no such file/],
    [
      "a file of another kind",
      ["--model", golden("hostile/zip.onnx"), "--layer", "layer1"],
      /no ONNX file, but a zip archive .*torch\.onnx\.export\n$/,
    ],
    [
      "a layer of another model",
      ["--layer", "layer1"],
      /^error: --layer is of networks, and the model is gaussian; name one: --model net\.onnx\n$/,
    ],
    [
      "a spread of another model",
      ["--std", "1,2,3"],
      /--std 1,2,3 is of networks, and the model is gaussian; give one number/,
    ],
    [
      "an option of another model",
      [...one, "--layer", "layer1", "--kernel-size", "3"],
      /resnet\.onnx is a network, so --kernel-size means nothing to it/,
    ],
    [
      "two normalizations",
      [...one, "--layer", "layer1", "--normalize", "imagenet", "--mean", "0.5"],
      /cannot be used with option '--mean/,
    ],
    ["two channels", [...one, "--layer", "layer1", "--mean", "1,2"], /a number for each channel with commas between/],
    ["no spread", [...one, "--layer", "layer1", "--std", "0,0,0"], /std above 0/],
    [
      "scales",
      [...one, "--layer", "layer1", "--coarse-to-fine", "together"],
      /has no scales for --coarse-to-fine; choose --model portilla-simoncelli/,
    ],
  ])("%s", async (_, flags, words) => {
    const { code, err } = await run("metamer", "gray.png", ...flags, "--iterations", "1");
    expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  });
});

describe("plenoptic inspect", () => {
  it("tells what a network is, what its layers take, and how they are called", async () => {
    const { code, out } = await run("inspect", "resnet.onnx", "--size", "32x16");
    expect(code).toBe(0);
    expect(out).toMatch(/^resnet\.onnx: a network of opset 17, written by pytorch 2\.13\.0\n/);
    expect(out).toContain(
      "  image       image, float32, batch x 3 x height x width (batch x channels x height x width)\n",
    );
    expect(out).toContain("  parameters  2598 (float32), 0.0104 MB\n");
    expect(out).toContain("9 Conv, 8 Relu, 3 Add, 1 Div");
    expect(out).toContain("all are supported");
    expect(out).toContain("What a layer takes, for images of 1 x 3 x 16 x 32:");
    expect(out).toMatch(/\nlayer2 +1 x 10 x 2 x 4 /);
    // layer1.0 means its last value, the one above; the sum before that is named by its value.
    expect(out).toMatch(/\n\(layer1\.0\) +Add +1 x 6 x 4 x 8 +\/layer1\/layer1\.0\/Add_output_0\n/);
    expect(out).toMatch(/\nA module in brackets has later values; .*\n$/);
    expect(out).toMatch(/\nlayer1\.0\.relu_1 +Relu +1 x 6 x 4 x 8 +\/layer1\/layer1\.0\/relu_1\/Relu_output_0\n/);
  });

  it("counts multiply-adds as they are counted by hand", async () => {
    const { out } = await run("inspect", "vgg.onnx", "--json", "--layer", "features.0");
    const { costs, imageShape } = JSON.parse(out) as {
      costs: { shape: number[]; multiplyAdds: number }[];
      imageShape: number[];
    };
    const [{ shape, multiplyAdds }] = costs;
    // A 3 x 3 convolution of three channels.
    expect(imageShape.slice(1)).toEqual([3, 16, 16]);
    expect(multiplyAdds).toBe(shape.reduce((a, b) => a * b, 1) * 3 * 9);
  });

  it("names operators that are not supported, and the last layer before them", async () => {
    const { code, out } = await run("inspect", golden("hostile/custom_domain.onnx"));
    expect(code).toBe(0);
    expect(out).toMatch(/not supported: /);
    expect(out).toMatch(/ {2}note {8}operator .* is not supported/);
  });

  it("says of other files what it always said, and of those of PyTorch how to export them", async () => {
    expect((await run("inspect", "resnet.pth")).err).toMatch(/is a file of PyTorch; .*torch\.onnx\.export/);
    expect((await run("inspect", "x.pt", "--layer", "a")).err).toMatch(/--layer and --size are of networks/);
    const unknown = await run("inspect", "resnet.onnx", "--layer", "layr1");
    expect(unknown.err).toMatch(/^error: resnet\.onnx: there is no layer "layr1"; the nearest names are .*\n$/);
    expect(unknown.code).toBe(2);
    expect((await run("inspect", golden("hostile/half.onnx"))).code).toBe(2);
  });
});

describe("--preset deep-metamer", () => {
  it("is the library's, for the layers of a network, and judged by the criterion of the literature", async () => {
    const flags = ["--preset", "deep-metamer", ...layer1, "--iterations", "3", "--out", "made", "--seed", "4"];
    const { code, out } = await run("metamer", "gray.png", ...flags);
    expect(code).toBe(0);
    expect(out).toContain("By the criterion for metamers of networks (Feather et al. 2023) it is");
    const recipe = JSON.parse(readFileSync("made/recipe.json", "utf8"));
    po.setSeed(4);
    const network = await po.models.readOnnx("resnet.onnx");
    const metamer = await po.presets.deepMetamer(await colours("gray.png"), network, "layer1");
    await metamer.synthesize({ maxIter: 3, stopCriterion: 0 });
    expect(recipe.result.sha256).toBe(await hashTensor(metamer.metamer));
    expect(recipe.command).toContain("--preset deep-metamer --model resnet.onnx --layer layer1");
    expect(readFileSync("made/report.html", "utf8")).toContain("layer1, to be matched");
    expect((await run("verify", "made/metamer.pt", "--model", "resnet.onnx")).code).toBe(0);
  });

  it("needs a network, as others need none", async () => {
    expect((await run("metamer", "gray.png", "--preset", "deep-metamer")).err).toMatch(
      /--preset deep-metamer is for layers of networks; name one: --model net\.onnx --layer NAME\n$/,
    );
    expect((await run("metamer", "gray.png", "--preset", "texture", "--model", "gaussian")).err).toMatch(
      /--preset texture has its own model, portilla-simoncelli, so --model gaussian means nothing to it; leave one out\n$/,
    );
  });
});
