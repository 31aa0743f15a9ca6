// po.io.loadArrays and its kin, and po.saveImage: tensors to files of arrays and images, and back.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PtTensor, readPng, writeNpyTensor, writeNpz, writePng } from "@plenoptic-js/formats";
import { hashTensor, type Tensor, tensor } from "@plenoptic-js/tensor";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as po from "../../src/index.ts";
import { type AnyWarning, on } from "../../src/warnings.ts";

const stranger = (file: string): string =>
  fileURLToPath(new URL(`../../../formats/test/data/cases/${file}`, import.meta.url));

let folder: string;
const seen: string[] = [];
let off: () => void;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plenoptic-"));
  seen.length = 0;
  off = on((warning: AnyWarning) => seen.push(String(warning)));
});
afterEach(async () => {
  off();
  await rm(folder, { recursive: true });
});

const some: Readonly<Record<string, Tensor>> = {
  image: tensor([0, 0.25, 0.1, 1], { shape: [1, 1, 2, 2], dtype: "float64" }),
  counts: tensor([1, -2], { shape: [2], dtype: "int32" }),
  mask: tensor([0, 1], { shape: [2], dtype: "bool" }),
};

describe("arrays", () => {
  it.each([".npz", ".safetensors"] as const)("%s: to a file and to bytes, and back to the same bits", async (kind) => {
    const path = join(folder, `a${kind}`);
    await po.io.saveArrays(path, some);
    const bytes = await po.io.encodeArrays(kind, new Map(Object.entries(some)));
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
    for (const source of [path, bytes, new Blob([Uint8Array.from(bytes)])]) {
      const back = await po.io.loadArrays(source);
      expect(new Set(back.keys())).toEqual(new Set(Object.keys(some)));
      for (const [name, array] of back) {
        expect(await hashTensor(array)).toBe(await hashTensor(some[name]));
      }
    }
    expect(seen).toEqual([]);
  });

  it(".npy holds one", async () => {
    const path = join(folder, "a.npy");
    await po.io.saveArrays(path, some.image);
    expect(await hashTensor(await po.io.loadArray(path))).toBe(await hashTensor(some.image));
    expect([...(await po.io.loadArrays(path)).keys()]).toEqual(["arr_0"]);
    await expect(po.io.saveArrays(path, some)).rejects.toThrow(/holds one array, and these are 3; choose \.npz/);
    await expect(po.io.loadArray(await po.io.encodeArrays(".npz", some))).rejects.toThrow(/holds 3 arrays \(image, /);
  });

  it("widens what no dtype holds, and never rounds", async () => {
    const int64 = (value: bigint): Uint8Array => writeNpyTensor(PtTensor.of("int64", [1], BigInt64Array.of(value)));
    const large = await po.io.loadArray(int64(2n ** 40n));
    expect([large.dtype, ...(await large.data())]).toEqual(["float64", 2 ** 40]);
    await expect(po.io.loadArray(int64(2n ** 60n))).rejects.toThrow(/element 0 is about .*float64 would round/);
    const bytes = writeNpz(new Map([["small", PtTensor.of("uint8", [2], Uint8Array.of(3, 255))]]));
    const small = (await po.io.loadArrays(bytes)).get("small");
    expect([small?.dtype, ...((await small?.data()) ?? [])]).toEqual(["int32", 3, 255]);
  });

  it("warns of what it leaves out", async () => {
    expect([...(await po.io.loadArrays(stranger("with_strings.npz"))).keys()]).toEqual(["image"]);
    expect(seen).toEqual([expect.stringMatching(/left out labels \(arrays of type "<U6" are not read\)/)]);
  });

  it("refuses what cannot be, and writes nothing", async () => {
    await expect(po.io.saveArrays(join(folder, "a.mat"), some)).rejects.toThrow(/must end in one of \.npy, \.npz/);
    const complex = tensor([1, 2], { shape: [1], dtype: "complex128" });
    await expect(po.io.saveArrays(join(folder, "a.safetensors"), { complex })).rejects.toThrow(/no complex128/);
    await expect(po.io.saveArrays(join(folder, "a.npz"), { a: 1 as unknown as Tensor })).rejects.toThrow(/no Tensor/);
    await expect(po.io.loadArrays(stranger("html.safetensors"))).rejects.toThrow(/this is a web page/);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("po.io.loadFile of strangers' files", () => {
  it("takes lists, keys that are ints, and a tensor alone", async () => {
    const list = await po.io.loadFile(stranger("list_of_tensors.pt"));
    expect([...list.keys()]).toEqual([0, 1]);
    expect(list.get(0)).toBeInstanceOf(po.io.PtTensor);
    expect((await po.io.loadFile(stranger("intkeys.pt"))).get(0)).toBeInstanceOf(po.io.PtTensor);
    const path = join(folder, "one.pt");
    await po.io.saveFile(path, new Map([["x", some.image]]));
    const tensorAlone = (await po.io.loadFile(path)).get("x");
    const { writePt } = await import("@plenoptic-js/formats");
    const alone = await po.io.loadFile(writePt(tensorAlone as PtTensor));
    expect(po.io.toTensor(alone.get("value") as PtTensor).shape).toEqual([1, 1, 2, 2]);
  });

  it("names objects of unknown classes", async () => {
    const saved = await po.io.loadFile(stranger("argparse.pt"));
    expect(saved.get("args")).toBeInstanceOf(po.io.PtObject);
    expect(seen).toEqual([expect.stringMatching(/argparse\.Namespace/)]);
  });
});

describe("saveImage", () => {
  it.each([
    [8, 255],
    [16, 65535],
  ] as const)("in %i bits: rounds to the nearest step, and says how much that changed", async (bits, most) => {
    const path = join(folder, "a.png");
    const image = tensor([0, 0.25, 0.1, 1], { shape: [1, 1, 2, 2], dtype: "float64" });
    const { clipped, maxRoundingError } = await po.saveImage(path, image, { bits });
    expect(clipped).toEqual({ below: 0, above: 0 });
    const { data, maxValue } = readPng(await readFile(path));
    expect(maxValue).toBe(most);
    const steps = [0, 0.25, 0.1, 1].map((value) => Math.round(value * most));
    expect([...data]).toEqual(steps);
    const errors = [0, 0.25, 0.1, 1].map((value, i) => Math.abs(steps[i] / most - value));
    expect(maxRoundingError).toBe(Math.max(...errors));
    expect(seen).toEqual([]);
  });

  it("keeps colours, and gives the same bytes without a disk", async () => {
    const colours = tensor([0, 1, 0.2, 0.4, 0.6, 0.8], { shape: [3, 1, 2], dtype: "float32" });
    const { bytes } = await po.encodeImage(colours);
    expect(readPng(bytes)).toMatchObject({ width: 2, height: 1, channels: 3 });
    expect([...readPng(bytes).data]).toEqual([0, 51, 153, 255, 102, 204]);
    const path = join(folder, "a.png");
    await po.saveImage(path, colours);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
    const back = await po.loadImages(bytes, { asGray: false });
    expect(await hashTensor(back.reshape([3, 1, 2]))).toBe(await hashTensor(colours));
  });

  it("gives back what loadImages gave, with alpha", async () => {
    // Two pixels of gray and alpha.
    const data = new Uint8Array([10, 255, 200, 51]);
    const file = writePng({ width: 2, height: 1, channels: 2, maxValue: 255, data });
    const loaded = await po.loadImages(file, { asGray: false });
    const { bytes } = await po.encodeImage(loaded);
    expect([...readPng(bytes).data]).toEqual([10, 10, 10, 255, 200, 200, 200, 51]);
    expect(await hashTensor(await po.loadImages(bytes, { asGray: false }))).toBe(await hashTensor(loaded));
  });

  it("clips with a word", async () => {
    const { clipped } = await po.encodeImage(tensor([-1, 0.5, 2, 3], { shape: [2, 2], dtype: "float32" }));
    expect(clipped).toEqual({ below: 1, above: 2 });
    expect(seen).toEqual([expect.stringMatching(/1 value below 0 and 2 above 1 were moved there/)]);
  });

  it("refuses what is no image, and writes nothing", async () => {
    const ok = tensor([0, 1], { shape: [1, 2], dtype: "float32" });
    const save = async (path: string, image: Tensor, options = {}): Promise<unknown> =>
      po.saveImage(join(folder, path), image as Tensor<"float32">, options);
    await expect(save("a.jpg", ok)).rejects.toThrow(/must end in \.png/);
    await expect(save("a.png", ok.reshape([2, 1, 1, 1]))).rejects.toThrow(/the image has shape \[2, 1, 1, 1\]/);
    // Two channels may be anything, not gray and alpha.
    await expect(save("a.png", ok.reshape([1, 2, 1, 1]))).rejects.toThrow(
      /shape \[1, 2, 1, 1\]; it must be .* with 1, 3 or 4 channels\. One channel alone is image\.slice\(1, 0, 1\)$/,
    );
    await expect(save("a.png", ok.reshape([2, 1, 1]))).rejects.toThrow(/alone is image\.slice\(0, 0, 1\)$/);
    await expect(save("a.png", ok, { bits: 12 })).rejects.toThrow(/bits is 12; it must be 8 or 16/);
    await expect(save("a.png", tensor([0, 1], { shape: [1, 2], dtype: "int32" }))).rejects.toThrow(
      /the image is int32/,
    );
    await expect(save("a.png", tensor([0, Number.NaN], { shape: [1, 2], dtype: "float32" }))).rejects.toThrow(/NaN/);
    expect(await readdir(folder)).toEqual([]);
  });
});
