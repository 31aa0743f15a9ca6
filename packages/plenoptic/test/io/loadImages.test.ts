// loadImages: one file, several, a folder (docs/science/files.md, "Images").

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const gray = (value: number): Uint8Array => encode(`P2 2 1 255 ${value} 0\n`);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "load-images-"));
  for (const [name, value] of [
    ["10", 10],
    ["2", 2],
    ["A", 65],
    ["a", 97],
  ] as const) {
    await writeFile(join(folder, `${name}.pgm`), gray(value));
  }
  await writeFile(join(folder, "notes.txt"), "not an image");
  await mkdir(join(folder, "more"));
});
afterAll(() => rm(folder, { recursive: true }));

const first = async (images: po.Tensor): Promise<number[]> =>
  Array.from(await images.data())
    .filter((_, i) => i % 2 === 0)
    .map((v) => Math.round(v * 255));

describe("loadImages", () => {
  test("one image, in [0, 1], as float32 or float64", async () => {
    const path = join(folder, "10.pgm");
    const image = await po.loadImages(path);
    expect([image.shape, image.dtype]).toEqual([[1, 1, 1, 2], "float32"]);
    expect((await image.data())[0]).toBe(Math.fround(10 / 255));
    expect((await (await po.loadImages(path, { dtype: "float64" })).data())[0]).toBe(10 / 255);
    expect((await po.loadImages(gray(7))).shape).toEqual([1, 1, 1, 2]);
  });

  test("a list keeps its order", async () => {
    expect(await first(await po.loadImages([gray(9), join(folder, "2.pgm"), gray(4)]))).toEqual([9, 2, 4]);
  });

  test("a folder is read in plain order of names, other files are skipped with a warning", async () => {
    const messages: string[] = [];
    const off = po.warnings.on(({ code, message }) => messages.push(`${code}: ${message}`));
    expect(await first(await po.loadImages(folder))).toEqual([10, 2, 65, 97]);
    off();
    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatch(/not-an-image: loadImages: skipped .*more: this is a folder/);
    expect(messages[1]).toMatch(/notes.txt: .*looks like text/);
  });

  test("or in the order of a key", async () => {
    const off = po.warnings.on(() => {});
    const sortedKey = (path: string): number => -path.length;
    expect((await first(await po.loadImages(folder, { sortedKey })))[0]).toBe(10);
    off();
    await expect(po.loadImages(join(folder, "2.pgm"), { sortedKey })).rejects.toThrow(/sortedKey/);
    await expect(po.loadImages([gray(1)], { sortedKey })).rejects.toThrow(/sortedKey/);
  });

  test("colour becomes gray, or three channels", async () => {
    const rgb = encode("P3 1 1 255 255 0 51\n");
    const luminance = (await (await po.loadImages(rgb, { dtype: "float64" })).data())[0];
    expect(luminance).toBeCloseTo(0.2125 + 0.0721 * 0.2, 15);
    const colour = await po.loadImages(rgb, { asGray: false, dtype: "float64" });
    expect(colour.shape).toEqual([1, 3, 1, 1]);
    expect(Array.from(await colour.data())).toEqual([1, 0, 0.2]);
    expect((await po.loadImages(gray(51), { asGray: false })).shape).toEqual([1, 3, 1, 2]);
  });

  test("what cannot be read is named", async () => {
    await expect(po.loadImages(join(folder, "missing.png"))).rejects.toThrow(/missing.png: there is no such file/);
    await expect(po.loadImages([gray(1), join(folder, "notes.txt")])).rejects.toThrow(/notes.txt: /);
    await expect(po.loadImages(join(folder, "more"))).rejects.toThrow(/this folder holds no image/);
    await expect(po.loadImages([])).rejects.toThrow(/the list of images is empty/);
    await expect(po.loadImages([gray(1), encode("P2 1 1 255 7\n")])).rejects.toThrow(
      /one shape.*bytes in memory is \[1, 1, 2\]; bytes in memory is \[1, 1, 1\]/,
    );
    await expect(po.loadImages(gray(1), { dtype: "float16" as never })).rejects.toThrow(/"float16"/);
    await expect(po.loadImages(gray(1), { gray: true } as never)).rejects.toThrow(/asGray, sortedKey, dtype/);
  });
});
