// What may stand for an image on the command line besides image files: arrays, and standard input.

import { readFileSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import { PtTensor, readNpy, writeNpy, writeNpyTensor } from "@plenoptic-js/formats";
import { hashTensor, tensor } from "@plenoptic-js/tensor";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readTarget } from "../src/target.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

afterEach(() => {
  vi.restoreAllMocks();
});

/** What comes from standard input. */
function pipe(bytes: Uint8Array): void {
  vi.spyOn(process as { stdin: unknown }, "stdin", "get").mockReturnValue(Readable.from([bytes]));
}

describe("an array as an image", () => {
  const values = Float64Array.of(0, 0.1, 0.2, 1 / 3, 0.5, 1);

  it.each([[[2, 3]], [[1, 1, 2, 3]]])("of shape %j has the values that stand in it", async (shape) => {
    writeFileSync("a.npy", writeNpy({ dtype: "float64", shape, data: values }));
    const target = await readTarget("a.npy");
    expect(target).toMatchObject({ name: "a.npy", stem: "a", height: 2, width: 3, conversion: "gray as stored" });
    expect(target.values).toEqual(values);
  });

  it("of small integers is divided by their largest, and colours are made gray", async () => {
    const colours = Uint8Array.of(255, 0, 0, 0, 0, 255);
    writeFileSync("a.npy", writeNpyTensor(PtTensor.of("uint8", [1, 2, 3], colours)));
    const { values: gray, conversion } = await readTarget("a.npy");
    // An axis of 1 in front is dropped, so this is [2, 3], and gray.
    expect([...gray]).toEqual([1, 0, 0, 0, 0, 1]);
    expect(conversion).toBe("gray as stored, divided by 255");
    writeFileSync("b.npy", writeNpyTensor(PtTensor.of("uint16", [2, 1, 3], Uint16Array.of(65535, 0, 0, 0, 0, 65535))));
    expect([...(await readTarget("b.npy")).values]).toEqual([0.2125, 0.0721]);
  });

  it.each<[string, PtTensor, RegExp]>([
    [
      "values up to 255",
      PtTensor.of("float32", [1, 2], Float32Array.of(0, 254)),
      /go from 0 to 254, and those of an image from 0 to 1; divide it by 255$/,
    ],
    ["values up to 65535", PtTensor.of("float64", [1, 2], Float64Array.of(3, 6e4)), /divide it by 65535$/],
    [
      "other scales",
      PtTensor.of("float32", [1, 2], Float32Array.of(-7, 1)),
      /go from -7 to 1.*scale it to that range$/,
    ],
    ["infinity", PtTensor.of("float32", [1, 2], Float32Array.of(0, 1 / 0)), /element 1 of the array is Infinity/],
    ["NaN", PtTensor.of("float32", [1, 2], Float32Array.of(Number.NaN, 0)), /element 0 of the array is NaN/],
    ["other shapes", PtTensor.of("float32", [2, 2, 2], new Float32Array(8)), /shape \[2, 2, 2\] is not one image/],
    ["one axis", PtTensor.of("float32", [2], new Float32Array(2)), /shape \[2\] is not one image/],
    ["no pixels", PtTensor.of("float32", [0, 2], new Float32Array(0)), /shape \[0, 2\] is not one image/],
    ["complex numbers", PtTensor.of("complex64", [1, 1], new Float32Array(2)), /complex64 is no image/],
    ["large integers", PtTensor.of("int64", [1, 1], new BigInt64Array(1)), /int64 is no image/],
  ])("is refused for %s", async (_, array, message) => {
    writeFileSync("a.npy", writeNpyTensor(array));
    await expect(readTarget("a.npy")).rejects.toThrow(message);
  });

  it("may have values a little outside, which are kept and told", async () => {
    const some = Float64Array.of(-0.25, 0.1, 0.2, 1.0625, 1.5, 1);
    writeFileSync("a.npy", writeNpy({ dtype: "float64", shape: [2, 3], data: some }));
    const target = await readTarget("a.npy");
    expect(target.values).toEqual(some);
    expect(target.conversion).toBe("gray as stored, 3 of 6 values outside [0, 1] (down to -0.25, up to 1.5)");
    writeFileSync("b.npy", writeNpy({ dtype: "float64", shape: [1, 2], data: Float64Array.of(0, 1 + 2 ** -40) }));
    expect((await readTarget("b.npy")).conversion).toMatch(/, 1 of 2 values outside \[0, 1\] \(up to 1\)$/);
  });

  it("that the command wrote is taken again, whatever a metamer left its range by", async () => {
    await writeGray("a.png", 40, 40);
    const free = ["--iterations", "20", "--penalty-lambda", "0", "--learning-rate", "0.3"];
    expect((await run("metamer", "a.png", ...free, "--out", "made")).code).toBe(0);
    const { code, err } = await run("represent", "made/metamer.npy", "--model", "center-surround", "--out", "seen");
    expect(code).toBe(0);
    expect(err).toMatch(/metamer\.npy, 40 x 40 pixels, gray as stored, \d+ of 1600 values outside \[0, 1\] \(/);
    const written = readNpy(readFileSync("made/metamer.npy"));
    expect((await readTarget("made/metamer.npy")).values).toEqual(written.data);
  });

  it("serves where an image is wanted", async () => {
    const levels = await writeGray("a.png", 20, 18);
    const data = Float64Array.from(levels, (level) => level / 255);
    writeFileSync("a.npy", writeNpy({ dtype: "float64", shape: [18, 20], data }));
    const { code, out, err } = await run("compare", "a.npy", "a.png", "--json");
    expect({ code, err: err.replace(/^note.*\n/gm, "") }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out).metrics[0]).toMatchObject({ metric: "mse", value: 0 });
  });
});

it("tells once, in few digits, that values lie outside", async () => {
  const data = Float64Array.from({ length: 24 * 20 }, (_, i) => (i % 7) / 5 - 0.1234567890123);
  writeFileSync("out.npy", writeNpy({ dtype: "float64", shape: [20, 24], data }));
  const small = ["--model", "gaussian", "--kernel-size", "5", "--iterations", "1", "--out", "made"];
  const { code, err } = await run("metamer", "out.npy", ...small);
  expect(code).toBe(0);
  expect(err.match(/outside|should lie/g)).toEqual(["outside"]);
  expect(err).toMatch(/outside \[0, 1\] \(down to -0\.123, up to 1\.08\)/);
  writeFileSync("far.npy", writeNpy({ dtype: "float64", shape: [20, 24], data: data.map((x) => 100.123456 * x) }));
  await expect(readTarget("far.npy")).rejects.toThrow(/the values of the array go from -12\.4 to 108, and/);
});

describe("standard input", () => {
  it("gives an image of any kind", async () => {
    await writeGray("a.png", 5, 4);
    const { values } = await readTarget("a.png");
    pipe(readFileSync("a.png"));
    expect(await readTarget("-")).toMatchObject({
      typed: "-",
      name: "stdin",
      stem: "stdin",
      height: 4,
      width: 5,
      values,
    });
    pipe(writeNpy({ dtype: "float64", shape: [4, 5], data: values }));
    expect((await readTarget("-")).values).toEqual(values);
  });

  it.each([
    ["metamer", "recipe.json", ["--iterations", "2", "--model", "identity"]],
    ["eigendistortion", "recipe.json", ["--iterations", "3", "--model", "gaussian", "--kernel-size", "5"]],
    [
      "mad",
      "max-ssim.recipe.json",
      ["--iterations", "2", "--direction", "max", "--optimized", "ssim", "--reference", "mse"],
    ],
  ])("stands in the recipe of %s as it was typed, with the hash of the image", async (command, file, flags) => {
    await writeGray("a.png", 24, 20);
    const { values } = await readTarget("a.png");
    pipe(readFileSync("a.png"));
    const { code, err } = await run(command, "-", ...flags, "--out", "made");
    expect({ code, err }).toMatchObject({ code: 0 });
    const recipe = JSON.parse(readFileSync(`made/${file}`, "utf8"));
    expect(recipe.command).toMatch(new RegExp(`^plenoptic ${command} - --`));
    expect(recipe.image).toMatchObject({
      name: "stdin",
      sha256: await hashTensor(tensor(values, { shape: [1, 1, 20, 24], dtype: "float64" })),
    });
    // The page says where the file goes; of a file that is called "-" it does not.
    expect(readFileSync("made/report.html", "utf8")).toContain(`${recipe.command} &lt; FILE`);
    writeFileSync("-", readFileSync("a.png"));
    await run(command, "./-", ...flags, "--out", "file");
    expect(JSON.parse(readFileSync(`file/${file}`, "utf8")).command).toMatch(
      new RegExp(`^plenoptic ${command} \\./- --`),
    );
    expect(readFileSync("file/report.html", "utf8")).not.toContain("&lt; FILE");
  });

  it("is one image, not two", async () => {
    await writeGray("a.png", 24, 20);
    pipe(readFileSync("a.png"));
    expect(await run("compare", "-", "-")).toEqual({
      code: 2,
      out: "",
      err: "error: only one of the images can be - (standard input); give the other as a file\n",
    });
    expect((await run("compare", "-", "a.png")).code).toBe(0);
  });

  it("is named in errors", async () => {
    pipe(new Uint8Array());
    await expect(readTarget("-")).rejects.toThrow(/^standard input: the file is empty$/);
    pipe(new TextEncoder().encode("Dear diary"));
    await expect(readTarget("-")).rejects.toThrow(/^standard input: .*looks like text/);
    const terminal = Object.assign(Readable.from([]), { isTTY: true });
    vi.spyOn(process as { stdin: unknown }, "stdin", "get").mockReturnValue(terminal);
    await expect(readTarget("-")).rejects.toThrow(/nothing is piped into it/);
  });
});
