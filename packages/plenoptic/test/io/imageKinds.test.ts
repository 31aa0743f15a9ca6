// loadImages on files of every kind, from a folder and alone: gray and colour as docs/science/files.md, "Images", says,
// made of the values that Pillow and tifffile read.

import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNpy, writePng } from "@plenoptic-js/formats";
import { afterAll, beforeAll, expect, it } from "vitest";
import index from "../../../formats/test/data/codecs/index.json" with { type: "json" };
import * as po from "../../src/index.ts";

const data = new URL("../../../formats/test/data/codecs/", import.meta.url);
const [height, width] = [29, 37];
const size = height * width;

/** In the order in which a folder is read. */
const names = [
  "jpeg-420.jpg",
  "jpeg-gray.jpg",
  "jpeg-turned.jpg",
  "tiff-16-predictor.tif",
  "tiff-bilevel.tif",
  "tiff-float32.tif",
  "tiff-palette.tif",
  "tiff-rgba.tif",
  "tiff-white-is-0.tif",
  "webp-lossless-alpha.webp",
  "webp-lossy.webp",
  "written.png",
  "written.ppm",
];

/** What a file holds, from 0 to 1, the channels of a pixel side by side. The written ones hold what `tiff-raw` does. */
async function stored(name: string): Promise<{ channels: number; values: Float64Array }> {
  const file = name.startsWith("written") ? "tiff-raw.tif" : name;
  const entry = index.images.find((image) => image.file === file)!;
  const npy = readNpy(await readFile(new URL(file.replace(/\..*$/, ".npy"), data)));
  return { channels: npy.shape[2] ?? 1, values: Float64Array.from(npy.data, (value) => value / entry.maxValue) };
}

let folder = "";
const warnings: string[] = [];
let off: () => void;

beforeAll(async () => {
  off = po.warnings.on(({ code, message }) => warnings.push(`${code}: ${message}`));
  folder = await mkdtemp(join(tmpdir(), "image-kinds-"));
  for (const name of names) {
    if (!name.startsWith("written")) await copyFile(new URL(name, data), join(folder, name));
  }
  const rgb = Uint8Array.from(readNpy(await readFile(new URL("tiff-raw.npy", data))).data);
  await writeFile(join(folder, "written.png"), writePng({ width, height, channels: 3, maxValue: 255, data: rgb }));
  await writeFile(join(folder, "written.ppm"), Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), rgb]));
  await writeFile(join(folder, "broken.jpg"), Uint8Array.of(0xff, 0xd8, 0xff, 0xd9));
});
afterAll(async () => {
  off();
  await rm(folder, { recursive: true });
});

it("reads a folder of every kind, as gray", async () => {
  warnings.length = 0;
  const images = await po.loadImages(folder, { dtype: "float64" });
  expect(images.shape).toEqual([names.length, 1, height, width]);
  expect(warnings).toEqual([
    expect.stringMatching(/^not-an-image: loadImages: skipped .*broken\.jpg: the JPEG holds no image$/),
    expect.stringMatching(/^orientation: loadImages: .*jpeg-turned\.jpg asks .* turned .*\(EXIF orientation 6\)/),
  ]);
  const all = await images.data();
  for (const [i, name] of names.entries()) {
    const { channels, values } = await stored(name);
    const expected = Float64Array.from({ length: size }, (_, pixel) => {
      const [r, g, b, alpha = 1] = values.subarray(pixel * channels, (pixel + 1) * channels);
      if (channels === 1) return r;
      const onWhite = (value: number): number => Math.min(value * alpha + (1 - alpha), 1);
      return 0.2125 * onWhite(r) + 0.7154 * onWhite(g) + 0.0721 * onWhite(b);
    });
    expect(all.subarray(i * size, (i + 1) * size), name).toEqual(expected);
  }
});

it.each(names)("reads the channels of %s: gray three times, alpha as the fourth", async (name) => {
  const image = await po.loadImages(join(folder, name), { asGray: false, dtype: "float64" });
  const { channels, values } = await stored(name);
  expect(image.shape).toEqual([1, Math.max(channels, 3), height, width]);
  const expected = Float64Array.from({ length: image.size }, (_, i) => {
    return values[(i % size) * channels + (channels === 1 ? 0 : Math.floor(i / size))];
  });
  expect(await image.data()).toEqual(expected);
});

it("does not stack images with alpha on images without", async () => {
  await expect(po.loadImages(folder, { asGray: false })).rejects.toThrow(
    /one shape .*tiff-rgba\.tif is \[4, 29, 37\].*webp-lossy\.webp is \[3, 29, 37\]/,
  );
});
