// JPEG, WebP and TIFF: the very values of Pillow and tifffile (test/data/codecs/make.py made the files), and what is
// done about files that are broken, hostile, or of another kind.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readNpy } from "../../src/arrays/npy.ts";
import { FileError } from "../../src/errors.ts";
import type { Pixels } from "../../src/images/pixels.ts";
import { readImage } from "../../src/images/readImage.ts";
import index from "../data/codecs/index.json" with { type: "json" };

const read = (file: string): Uint8Array => readFileSync(new URL(`../data/codecs/${file}`, import.meta.url));
const names = index.images.map(({ file }) => file);

/** The pixels, or the one error that is allowed. */
async function attempt(bytes: Uint8Array, maxPixels?: number): Promise<Pixels | FileError> {
  try {
    return await readImage(bytes, { name: "x", ...(maxPixels === undefined ? {} : { maxPixels }) });
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).message).toMatch(/^x: [^\n]+$/);
    return error as FileError;
  }
}

async function refusal(bytes: Uint8Array, maxPixels?: number): Promise<FileError> {
  const result = await attempt(bytes, maxPixels);
  expect(result).toBeInstanceOf(FileError);
  return result as FileError;
}

/** The bytes with others at one place. */
function changed(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

/** The bytes with more of them at one place. */
function inserted(bytes: Uint8Array, at: number, values: ArrayLike<number>): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, at), ...Array.from(values), ...bytes.subarray(at)]);
}

function find(bytes: Uint8Array, ...values: number[]): number {
  const at = bytes.findIndex((_, start) => values.every((value, i) => bytes[start + i] === value));
  if (at < 0) throw new Error(`no ${values}`);
  return at;
}

describe("readImage", () => {
  it.each(index.images)("reads $file exactly", async ({ file, maxValue, ...entry }) => {
    const pixels = await readImage(read(file), { name: file });
    const expected = readNpy(read(file.replace(/\..*$/, ".npy")));
    const [height, width, channels = 1] = expected.shape;
    expect([pixels.height, pixels.width, pixels.channels]).toEqual([height, width, channels]);
    expect([pixels.maxValue, pixels.orientation]).toEqual([maxValue, entry.orientation]);
    expect(pixels.data.length).toBe(expected.data.length);
    const gaps = Array.from(expected.data, (value, i) => Math.abs(value - pixels.data[i]));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(entry.within ?? 0);
  });

  it.each(index.refused)("refuses $file", async ({ file, code, message }) => {
    const error = await refusal(read(file));
    expect(error.message).toMatch(new RegExp(message));
    expect(error.code).toBe(code);
  });

  it("reads several at once, and leaves no trace of a browser in Node", async () => {
    const together = await Promise.all(names.map((file) => readImage(read(file), { name: file })));
    for (const [i, file] of names.entries()) expect(together[i]).toEqual(await readImage(read(file), { name: file }));
    expect("ImageData" in globalThis).toBe(false);
  });

  it("does not touch the bytes it is given", async () => {
    for (const file of names) {
      const bytes = read(file);
      await readImage(bytes, { name: file });
      expect(Buffer.compare(bytes, read(file))).toBe(0);
    }
  });

  it.each(names)("refuses a cut-off %s, or reads what is whole in it", async (file) => {
    const bytes = read(file);
    const whole = await readImage(bytes, { name: "x" });
    for (const part of [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1]) {
      // A TIFF may end in something that is not needed; the others have an end marker or a length.
      const result = await attempt(bytes.subarray(0, Math.min(Math.floor(bytes.length * part), bytes.length - 1)));
      if (file.endsWith(".tif") && !(result instanceof FileError)) expect(result).toEqual(whole);
      else expect(result).toMatchObject({ code: "damaged" });
    }
  });

  it.each(["jpeg-420.jpg", "webp-lossy.webp", "webp-lossless-alpha.webp", "tiff-raw.tif"])(
    "counts the pixels of %s before it decodes them",
    async (file) => {
      const error = await refusal(read(file), 29 * 37 - 1);
      expect(error).toMatchObject({ code: "too-big", message: "x: 37 x 29 pixels; at most 1072 pixels are read" });
      expect(await attempt(read(file), 29 * 37)).toMatchObject({ width: 37, height: 29 });
    },
  );

  it.each([
    ["jpeg-420.jpg", "jpeg-rgb.jpg"],
    ["jpeg-progressive.jpg", "jpeg-gray.jpg"],
    ["webp-lossy.webp", "webp-lossless.webp"],
    ["webp-lossless-alpha.webp", "webp-lossy-alpha.webp"],
  ])("reads the next file after it failed at a broken %s", async (broken, next) => {
    const bytes = read(broken);
    const noise = changed(bytes, bytes.length >> 1, ...Array(60).fill(0xff));
    const whole = await readImage(read(next), { name: next });
    for (let round = 0; round < 20; round++) {
      expect((await refusal(noise)).code).toBe("damaged");
      expect(await readImage(read(next), { name: next })).toEqual(whole);
    }
    // And at the same time.
    const [failed, read1, read2] = await Promise.all([refusal(noise), attempt(read(next)), attempt(read(next))]);
    expect([failed.code, read1, read2]).toEqual(["damaged", whole, whole]);
    expect("ImageData" in globalThis).toBe(false);
  });

  it("takes no long time over a small file that claims to be as large as is allowed", async () => {
    const baseline = read("jpeg-420.jpg");
    const progressive = read("jpeg-progressive-444.jpg");
    const side = [0x20, 0x00];
    const manyScans = changed(progressive, find(progressive, 0xff, 0xc2) + 5, ...side, ...side);
    const scan = progressive.subarray(find(progressive, 0xff, 0xda)).subarray(0, 14);
    const files = [
      changed(baseline, find(baseline, 0xff, 0xc0) + 5, ...side, ...side),
      inserted(
        manyScans,
        manyScans.length - 2,
        Array(150)
          .fill([...scan])
          .flat(),
      ),
      changed(read("webp-lossy.webp"), 26, 0, 0x20, 0, 0x20),
      changed(read("webp-lossless.webp"), 21, 0xff, 0xdf, 0xff, 0x07),
    ];
    const start = performance.now();
    for (const bytes of files) {
      expect((await refusal(bytes, 8192 * 8192 - 1)).message).toMatch(/^x: 8192 x 8192 pixels; at most/);
      expect((await refusal(bytes)).message).toMatch(/image data of the (JPEG|WebP) cannot be decoded/);
    }
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe("JPEG", () => {
  const jpeg = read("jpeg-420.jpg");
  const frame = find(jpeg, 0xff, 0xc0);
  const end = jpeg.length - 2;

  it.each<[string, Uint8Array, RegExp]>([
    ["arithmetic coding", changed(jpeg, frame + 1, 0xc9), /a JPEG with arithmetic coding, which is not read/],
    ["lossless coding", changed(jpeg, frame + 1, 0xc3), /a lossless JPEG/],
    ["12 bits", changed(jpeg, frame + 4, 12), /a JPEG of 12 bits, which is not read; convert to PNG/],
  ])("refuses %s by name", async (_, bytes, message) => {
    const error = await refusal(bytes);
    expect(error.message).toMatch(message);
    expect(error.code).toBe("unsupported");
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["no end marker", jpeg.subarray(0, end), /cut off: it has no end marker/],
    ["no image", Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), /holds no image/],
    ["a height that comes later", changed(jpeg, frame + 5, 0, 0), /cannot be 37 x 0 pixels/],
    ["two frames", inserted(jpeg, frame, jpeg.subarray(frame, frame + 19)), /describes its image twice/],
    ["a frame of the wrong length", changed(jpeg, frame + 9, 1), /in the wrong number of bytes/],
    ["a segment without a length", inserted(jpeg, 2, [0xff, 0xe5, 0, 1]), /a segment of 1 bytes/],
    ["missing data", Uint8Array.from([...jpeg.subarray(0, end - 300), 0xff, 0xd9]), /premature end of data segment/],
    [
      "noise in the data",
      changed(jpeg, end - 300, ...Array(50).fill([0xff, 0]).flat()),
      /cannot be decoded \(Corrupt JPEG data/,
    ],
    ["countless scans", inserted(jpeg, end, Array(300).fill([0xff, 0xda, 0, 2]).flat()), /more than 200 scans/],
  ])("refuses %s as damaged", async (_, bytes, message) => {
    const error = await refusal(bytes);
    expect(error.message).toMatch(message);
    expect(error.code).toBe("damaged");
  });

  it("lets bytes be that stand between the image and its end, or behind it", async () => {
    const whole = await readImage(jpeg, { name: "x" });
    expect(await readImage(inserted(jpeg, end, [0, 0, 0]), { name: "x" })).toEqual(whole);
    expect(await readImage(inserted(jpeg, jpeg.length, jpeg), { name: "x" })).toEqual(whole);
  });
});

describe("WebP", () => {
  const lossy = read("webp-lossy.webp");
  const lossless = read("webp-lossless.webp");
  const extended = read("webp-lossy-alpha.webp");

  it.each<[string, Uint8Array, RegExp]>([
    ["12 bytes", lossy.subarray(0, 12), /cut off: 12 of \d+ bytes/],
    ["no image", Uint8Array.from([...lossy.subarray(0, 4), 4, 0, 0, 0, ...lossy.subarray(8, 12)]), /holds no image/],
    ["a chunk that goes too far", changed(lossy, 16, 0xff, 0xff), /ends inside its "VP8 " chunk/],
    ["another kind of frame", changed(lossy, 20, lossy[20] | 1), /\(VP8\) does not begin as it should/],
    ["another version", changed(lossless, 24, lossless[24] | 0x20), /\(VP8L\) does not begin as it should/],
    ["another size outside than inside", changed(extended, 24, 40), /says 41 x 29 pixels, but holds 37 x 29/],
    ["noise", changed(lossless, 26, ...Array(60).fill(0xff)), /cannot be decoded/],
  ])("refuses %s as damaged", async (_, bytes, message) => {
    const error = await refusal(bytes);
    expect(error.message).toMatch(message);
    expect(error.code).toBe("damaged");
  });
});
