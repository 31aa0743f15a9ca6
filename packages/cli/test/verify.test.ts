// `plenoptic verify` and `plenoptic run`: files of the command, verified by themselves or with what they need; exit codes.

import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { readNpy, readPng, writeNpy, writePng } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";
import { pixelHash } from "plenoptic-js/engine";
import { beforeEach, describe, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

beforeEach(async () => {
  await writeGray("photo.png", 32, 32);
  await writeGray("other.png", 32, 32, 5);
});

const small = ["--kernel-size", "5", "--std", "1", "--iterations", "9"];
const made = async (...args: string[]): Promise<void> => {
  const { code, err } = await run(...args);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
};

/** A PNG file whose first pixel is another. */
async function withPixel(from: string, to: string): Promise<void> {
  const { data, text, ...pixels } = readPng(await readFile(from));
  data[0] ^= 1;
  await writeFile(to, writePng({ ...pixels, data }, { text: text! }));
}

describe("plenoptic verify", () => {
  it("says of every file of a metamer that it is what its recipe makes", async () => {
    await made("metamer", "photo.png", ...small, "--out", "m");
    const saved = await run("verify", "m/metamer.pt");
    expect(saved.code).toBe(0);
    expect(saved.out).toMatch(/^m\/metamer\.pt: identical: 9 steps, SHA-256 [0-9a-f]{64}\n$/);
    expect(saved.err).toMatch(/^m\/metamer\.pt: Metamer of .*under Gaussian: 9 steps of Adam, \d+ threads?\n/);
    for (const [file, bits] of [
      ["metamer.png", 8],
      ["metamer-16.png", 16],
    ] as const) {
      const { code, out } = await run("verify", `m/${file}`, "--image", "photo.png");
      expect(code).toBe(0);
      expect(out).toContain(`the pixels of the file (${bits} bits) are those of the result\n`);
    }
    expect((await run("verify", "m/recipe.json", "--image", "photo.png")).code).toBe(0);
  });

  it("has exit code 4 for what cannot be verified, and says what to give", async () => {
    await made("metamer", "photo.png", ...small, "--out", "m");
    const none = await run("verify", "m/metamer.png");
    expect(none.code).toBe(4);
    expect(none.out).toMatch(
      /cannot be verified here: the image "photo.png" is needed .*must be given: --image FILE\n$/,
    );
    const wrong = await run("verify", "m/metamer.png", "--image", "other.png");
    expect(wrong.code).toBe(4);
    expect(wrong.out).toContain("is not the image of the recipe");
    const late = await run("verify", "m/metamer.pt", "--max-time", "1e-6");
    expect(late.code).toBe(4);
    expect(late.out).toMatch(/the time was up after \d of 9 steps/);
    const image = await run("verify", "photo.png");
    expect(image.code).toBe(4);
    expect(image.out).toContain("holds no recipe");
  });

  it("has exit code 3 for what differs, and keeps 2 for files that cannot be read", async () => {
    await made("metamer", "photo.png", ...small, "--out", "m");
    await withPixel("m/metamer.png", "changed.png");
    const changed = await run("verify", "changed.png", "--image", "photo.png");
    expect(changed.code).toBe(3);
    expect(changed.out).toContain("1 pixel of the file is another");
    const recipe = JSON.parse(await readFile("m/recipe.json", "utf8"));
    recipe.marks[2][1] = "0".repeat(16);
    await writeFile("marks.json", JSON.stringify(recipe));
    const marks = await run("verify", "marks.json", "--image", "photo.png");
    expect(marks.code).toBe(3);
    expect(marks.out).toContain("differs between step 2, where they agree, and step 4");
    // Of several files, one that differs counts most.
    const all = await run("verify", "m/metamer.pt", "m/metamer.png", "marks.json", "--image", "photo.png");
    expect(all.code).toBe(3);
    expect(all.out.split("\n").map((line) => /identical|differs|cannot/.exec(line)?.[0])).toEqual([
      "identical",
      "identical",
      "differs",
      undefined,
    ]);
    expect((await run("verify", "absent.pt")).code).toBe(2);
    await writeFile("broken.json", "{");
    expect((await run("verify", "broken.json")).code).toBe(2);
  });

  it("--embed-target: PNG files of all methods need nothing else", async () => {
    await made("metamer", "photo.png", ...small, "--embed-target", "--out", "m");
    await made("mad", "photo.png", "--iterations", "3", "--embed-target", "--dtype", "float32", "--out", "mad");
    const quick = ["--model", "gaussian", "--kernel-size", "5", "--method", "power", "--iterations", "4"];
    await made("eigendistortion", "photo.png", ...quick, "--embed-target", "--out", "e");
    for (const file of ["m/metamer.png", "mad/max-mse-16.png", "e/distorted-0.png", "e/distorted-1023-16.png"]) {
      const { code, out } = await run("verify", file);
      expect(out).toMatch(/identical: .*; the pixels of the file/);
      expect(code).toBe(0);
    }
    await withPixel("e/distorted-0.png", "changed.png");
    expect((await run("verify", "changed.png")).code).toBe(3);
  });

  it("verifies all that the command makes: the four of a competition, seeds, coarse to fine, a preset", async () => {
    await made("mad", "photo.png", "--iterations", "3", "--out", "mad");
    const four = (await readdir("mad")).filter((name) => name.endsWith(".pt")).map((name) => `mad/${name}`);
    expect(four).toHaveLength(4);
    await made("mad", "photo.png", "--iterations", "3", "--weight", "2", "--direction", "max", "--out", "weighted");
    await made("metamer", "photo.png", ...small, "--seeds", "3,5", "--out", "seeds");
    const texture = ["--scales", "2", "--orientations", "2", "--width", "3", "--iterations", "2"];
    await made("metamer", "photo.png", "--preset", "texture", ...texture, "--out", "texture");
    const ctf = ["--model", "portilla-simoncelli", "--coarse-to-fine", "together", ...texture, "--out", "ctf"];
    await made("metamer", "photo.png", ...ctf);
    const files = [
      ...four,
      "weighted/max-ssim.pt",
      "seeds/seed-3/metamer.pt",
      "seeds/seed-5/metamer.pt",
      "texture/metamer.pt",
      "ctf/metamer.pt",
    ];
    const { code, out } = await run("verify", ...files);
    expect(out.trim().split("\n")).toHaveLength(files.length);
    expect(out).not.toMatch(/differs|cannot/);
    expect(code).toBe(0);
    // From their PNG files too: every start is drawn again.
    const pngs = files.map((file) => file.replace(".pt", ".png"));
    const again = await run("verify", ...pngs, "--image", "photo.png");
    expect(again.out).not.toMatch(/differs|cannot/);
    expect(again.code).toBe(0);
  });

  it("crops and resizes the image as it was", async () => {
    await writeGray("wide.png", 40, 37);
    await made("metamer", "wide.png", "--resize", "36", ...small, "--out", "m");
    expect((await run("verify", "m/metamer.png", "--image", "wide.png", "--resize", "36")).code).toBe(0);
    expect(await run("verify", "m/metamer.png", "--resize", "36")).toMatchObject({
      code: 2,
      err: "error: --resize is of the image that --image names; name it, also where it is a picture that ships\n",
    });
    const texture = ["--scales", "2", "--orientations", "2", "--width", "3", "--iterations", "2"];
    await made("metamer", "wide.png", "--preset", "texture", "--crop", ...texture, "--out", "t");
    expect((await run("verify", "t/metamer.png", "--image", "wide.png")).code).toBe(0);
  });

  it("takes a model and a metric of the person's own from --model and --optimized only", async () => {
    await writeFile("mine.mjs", "export default (x) => x.square().mean([2, 3]);");
    await writeFile("theirs.mjs", "export default (x) => x.mean([2, 3]);");
    await made("metamer", "photo.png", "--model", "./mine.mjs", "--iterations", "3", "--out", "m");
    expect((await run("verify", "m/metamer.pt")).code).toBe(4);
    const none = await run("verify", "m/metamer.png", "--image", "photo.png");
    expect(none.code).toBe(4);
    expect(none.out).toMatch(/from the file mine\.mjs .*must be given: --model FILE\n$/);
    expect((await run("verify", "m/metamer.pt", "--model", "./mine.mjs")).code).toBe(0);
    const other = await run("verify", "m/metamer.pt", "--model", "./theirs.mjs");
    expect(other.code).toBe(4);
    expect(other.out).toContain("the model that was given is another one");
    await writeFile("metric.mjs", "export default (a, b) => a.sub(b).abs().mean();");
    await made(
      "mad",
      "photo.png",
      "--optimized",
      "./metric.mjs",
      "--iterations",
      "2",
      "--direction",
      "min",
      "--out",
      "mad",
    );
    expect((await run("verify", "mad/min-metric.pt")).code).toBe(4);
    expect((await run("verify", "mad/min-metric.pt", "--optimized", "./metric.mjs")).code).toBe(0);
  });

  it("takes an image and a start in colour, or arrays of any shape, and says what does not fit", async () => {
    const dtype = "float64";
    const image = po.rand([1, 3, 16, 16], { dtype });
    const start = po.rand([1, 3, 16, 16], { dtype });
    const write = async (name: string, x: po.Tensor) =>
      writeFile(name, writeNpy({ dtype, shape: x.shape, data: await (x as po.Tensor<"float64">).data() }));
    // Values that an image file of 16 bits holds.
    await po.saveImage("image.png", image, { bits: 16 });
    const target = await po.loadImages("image.png", { asGray: false, dtype });
    const metamer = new po.Metamer(target, new po.models.Identity());
    await metamer.setup({ initialImage: start });
    await metamer.synthesize({ maxIter: 2 });
    await po.saveImage("made.png", metamer.metamer, { recipe: await metamer.recipe() });
    await write("start.npy", start);
    await write("small.npy", start.slice(2, 0, 8));
    const given = ["verify", "made.png", "--image", "image.png"];
    expect(await run(...given, "--initial", "start.npy")).toMatchObject({
      code: 0,
      out: expect.stringContaining("identical"),
    });
    expect(await run(...given, "--initial", "small.npy")).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /--initial small\.npy is \[1, 3, 8, 16\], and the recipe's is \[1, 3, 16, 16\]; give that one\n$/,
      ),
    });
    expect((await run(...given, "--initial", "image.png")).code).toBe(4);
    expect(await run(...given.slice(0, 2), "--image", "photo.png", "--initial", "start.npy")).toMatchObject({
      // It is cropped to its middle, as gray ones are.
      code: 4,
      out: expect.stringContaining("is not the image of the recipe"),
    });
    expect(await run(...given, "--resize", "8", "--initial", "start.npy")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--image image\.png is \[1, 3, 8, 8\], and the recipe's is \[1, 3, 16, 16\]/),
    });
    expect(await run(...given, "--resize", "16", "--initial", "start.npy")).toMatchObject({ code: 0 });
  });

  it("compares two results", async () => {
    await made("metamer", "photo.png", ...small, "--out", "a");
    await made("metamer", "photo.png", ...small, "--seed", "1", "--out", "b");
    await copyFile("a/metamer.pt", "copy.pt");
    const same = await run("verify", "a/metamer.pt", "copy.pt");
    expect(same).toMatchObject({ code: 0, err: "" });
    expect(same.out).toMatch(/^a\/metamer\.pt and copy\.pt: the same bits, the same recipe: SHA-256/);
    const other = await run("verify", "a/metamer.png", "b/metamer.pt");
    expect(other.code).toBe(3);
    expect(other.out).toMatch(/other bits, recipes with another state of the generators: .*they part at step 1/);
    expect((await run("verify", "a/metamer.pt", "photo.png")).code).toBe(4);
    expect((await run("verify", "a/metamer.pt", "b/metamer.pt", "--each")).code).toBe(0);
  });

  it("holds an array against the recipe beside it, and makes that again", async () => {
    await made("metamer", "photo.png", ...small, "--out", "m");
    const same = await run("verify", "m/metamer.npy", "--image", "photo.png");
    expect(same.code).toBe(0);
    expect(same.out).toMatch(/^m\/metamer\.npy: is the result of m\/recipe\.json .*\nm\/recipe\.json: identical/);
    const { data, ...array } = readNpy(await readFile("m/metamer.npy"));
    data[5] = Number(data[5]) + 2 ** -40;
    await writeFile("m/changed.npy", writeNpy({ ...array, data }));
    const changed = await run("verify", "m/changed.npy", "--image", "photo.png");
    expect(changed.code).toBe(3);
    expect(changed.out).toContain("m/changed.npy: differs: its SHA-256 is");
    await copyFile("m/metamer.npy", "alone.npy");
    expect((await run("verify", "alone.npy")).code).toBe(4);
    await made("mad", "photo.png", "--iterations", "2", "--direction", "min", "--out", "mad");
    expect((await run("verify", "mad/min-ssim.npy", "--image", "photo.png")).code).toBe(0);
  });

  it("goes on from a checkpoint", async () => {
    await made("metamer", "photo.png", ...small, "--out", "late");
    await made("metamer", "photo.png", ...small, "--iterations", "4", "--out", "early");
    const { code, out, err } = await run("verify", "late/metamer.pt", "--from", "early/metamer.pt");
    expect(code).toBe(0);
    expect(out).toMatch(/identical: .*; the first 4 steps were taken from the checkpoint\n$/);
    expect(err).toContain("the first 4 are taken from a checkpoint");
  });
});

describe("what stands in files for it", () => {
  it("a saved synthesis says as much as its PNG files, and goes on without what is no longer so", async () => {
    await writeFile("mine.mjs", "export default (x) => x.square().mean([2, 3]);");
    await made(
      "metamer",
      "photo.png",
      "--model",
      "./mine.mjs",
      "--iterations",
      "3",
      "--pixels-per-degree",
      "20",
      "--out",
      "m",
    );
    const whole = JSON.parse(await readFile("m/recipe.json", "utf8"));
    expect((await po.replay.read("m/metamer.pt")).recipe).toEqual(whole);
    const { code, out } = await run("verify", "m/metamer.pt");
    expect(code).toBe(4);
    expect(out).toMatch(/from the file mine\.mjs \(SHA-256 .*must be given: --model FILE\n$/);
    const image = await po.loadImages("photo.png", { dtype: "float64" });
    const metamer = new po.Metamer(image, (x) => x.square().mean([2, 3]));
    await metamer.load("m/metamer.pt");
    await metamer.synthesize({ maxIter: 2 });
    const { recipe } = await po.replay.read(await metamer.toBytes());
    expect(recipe.image).toEqual(whole.image);
    expect(recipe.model!.file).toEqual(whole.model.file);
    expect(recipe.random).toEqual(whole.random);
    expect(recipe).not.toHaveProperty("exports");
    expect(recipe.result!.iterations).toBe(5);
    expect(recipe.result).not.toHaveProperty("finalLoss");
  });

  it("pixel hashes, bits and encoding of every export", async () => {
    await made("metamer", "photo.png", ...small, "--out", "m");
    const { exports, marks } = JSON.parse(await readFile("m/recipe.json", "utf8"));
    expect(marks.map(([step]: [number]) => step)).toEqual([1, 2, 4, 8]);
    for (const { file, bits, encoding, pixels } of exports) {
      const { data, height, width } = readPng(await readFile(`m/${file}`));
      expect({ bits, encoding, pixels }).toEqual({
        bits: data instanceof Uint8Array ? 8 : 16,
        encoding: "linear",
        pixels: pixelHash(data, [height, width]),
      });
    }
  });

  it("the target, in as many bytes as it has, only where it is asked for", async () => {
    await made("metamer", "photo.png", ...small, "--out", "m");
    expect(readPng(await readFile("m/metamer.png")).text?.has("plenoptic-target")).toBe(false);
    await made("metamer", "photo.png", ...small, "--embed-target", "--out", "n");
    const text = readPng(await readFile("n/metamer.png")).text?.get("plenoptic-target");
    expect(JSON.parse(text!)).toMatchObject({ dtype: "float64", shape: [1, 1, 32, 32], levels: 255 });
    await made("metamer", "photo.png", "--resize", "20", ...small, "--embed-target", "--out", "r");
    const exact = JSON.parse(readPng(await readFile("r/metamer.png")).text!.get("plenoptic-target")!);
    expect(Object.keys(exact)).toEqual(["dtype", "shape", "data"]);
    expect((await run("verify", "r/metamer.png")).code).toBe(0);
  });
});

describe("plenoptic run", () => {
  it("makes what a recipe says, and files that are verified again", async () => {
    await made("metamer", "photo.png", ...small, "--out", "m");
    const { code, out } = await run("run", "m/recipe.json", "--image", "photo.png", "--out", "again");
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Made, with the bits that the recipe tells\n {2}SHA-256 {2}[0-9a-f]{64}\n {2}folder {3}again\n$/,
    );
    expect((await readdir("again")).sort()).toEqual([
      "history.csv",
      "plenoptic-files.json",
      "recipe.json",
      "result-16.png",
      "result.npy",
      "result.png",
      "result.pt",
    ]);
    expect(readNpy(await readFile("again/result.npy"))).toEqual(readNpy(await readFile("m/metamer.npy")));
    expect(readPng(await readFile("again/result.png")).data).toEqual(readPng(await readFile("m/metamer.png")).data);
    const [again, first] = [await po.io.loadFile("again/result.pt"), await po.io.loadFile("m/metamer.pt")];
    expect(again.get("losses")).toHaveLength(9);
    expect(again.get("losses")).toEqual(first.get("losses"));
    expect((await run("verify", "again/result.pt", "again/recipe.json", "--each", "--image", "photo.png")).code).toBe(
      0,
    );
  });

  it("makes eigendistortions and competitions", async () => {
    const quick = ["--model", "gaussian", "--kernel-size", "5", "--method", "power", "--iterations", "4"];
    await made("eigendistortion", "photo.png", ...quick, "--out", "e");
    await made("run", "e/eigendistortions.pt", "--out", "again");
    const files = (await readdir("e")).filter((name) => /^distorted-|^eigenvalues/.test(name));
    expect(files).toHaveLength(8);
    const others = ["plenoptic-files.json", "recipe.json", "result.npy", "result.pt"];
    expect((await readdir("again")).sort()).toEqual([...files, ...others].sort());
    for (const name of files) {
      const [again, first] = [await readFile(`again/${name}`), await readFile(`e/${name}`)];
      if (name.endsWith(".png")) expect(readPng(again).data).toEqual(readPng(first).data);
      else expect(again.equals(first)).toBe(true);
    }
    // What was made can be verified, and made again from any of its files.
    const verified = await run(
      "verify",
      "again/distorted-1023-16.png",
      "again/result.pt",
      "--each",
      "--image",
      "photo.png",
    );
    expect(verified).toMatchObject({ code: 0, out: expect.stringMatching(/identical[\s\S]*identical/) });
    await made("run", "again/result.pt", "--out", "third");
    expect((await readdir("third")).sort()).toEqual([...files, ...others].sort());
    expect(readNpy(await readFile("again/result.npy")).data).toEqual(
      readNpy(await readFile("e/eigendistortions.npy")).data,
    );
    await made("mad", "photo.png", "--iterations", "2", "--direction", "min", "--out", "mad");
    await made("run", "mad/min-ssim.png", "--image", "photo.png");
    expect((await run("verify", "min-ssim-again/result.pt")).code).toBe(0);
  });

  it("names no file after what a recipe says that makes no sense", async () => {
    const quick = ["--model", "gaussian", "--kernel-size", "5", "--method", "power", "--iterations", "4"];
    await made("eigendistortion", "photo.png", ...quick, "--out", "e");
    const recipe = JSON.parse(await readFile("e/recipe.json", "utf8"));
    for (const eigenindex of [["../../x"], [-1], [1.5], [1024], new Array(2000).fill(0), "0"]) {
      await writeFile("odd.json", JSON.stringify({ ...recipe, result: { ...recipe.result, eigenindex } }));
      await made("run", "odd.json", "--image", "photo.png", "--out", "odd", "--overwrite");
      expect((await readdir("odd")).filter((name) => name.startsWith("distorted"))).toEqual([]);
    }
  });

  it("has exit codes too, and writes nothing where it cannot be run", async () => {
    await made("metamer", "photo.png", ...small, "--out", "m");
    const none = await run("run", "m/recipe.json");
    expect(none.code).toBe(4);
    expect(none.err).toMatch(/error: m\/recipe\.json cannot be run here: the image "photo\.png" is needed/);
    expect(await readdir(".")).toEqual(["m", "other.png", "photo.png"]);
    const recipe = JSON.parse(await readFile("m/recipe.json", "utf8"));
    recipe.calls[0].options.optimizer.lr = 0.02;
    await writeFile("other.json", JSON.stringify(recipe));
    const other = await run("run", "other.json", "--image", "photo.png", "--out", "n");
    expect(other.code).toBe(3);
    expect(other.out).toContain(`with other bits than the recipe tells (${recipe.result.sha256})`);
    expect(await readdir("n")).toContain("result.pt");
  });

  it("says that there is nothing to make of a file that was saved before its search", async () => {
    const file = new URL("../../plenoptic/test/data/withModel/eigendistortion.pt", import.meta.url);
    await copyFile(file, "unsearched.pt");
    const { code, err } = await run("run", "unsearched.pt");
    expect(err).toMatch(/unsearched\.pt: there is nothing to make: its recipe has no search/);
    expect(code).toBe(2);
  });
});
