// TIFF files beyond those that Pillow and tifffile write (codecs.test.ts reads those): rare kinds, and malice.

import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.ts";
import { readTiff } from "../../src/images/tiff/tiff.ts";
import { makeTiff, type TiffParts } from "./makeTiff.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function refusal(tiff: Uint8Array, options?: { maxPixels?: number }): FileError {
  try {
    readTiff(tiff, { ...options, name: "x.tif" });
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).message).toMatch(/^x\.tif: [^\n]+$/);
    return error as FileError;
  }
  throw new Error("the file was accepted");
}

/** Codes of LZW, each with its number of bits. */
function lzw(...codes: [code: number, width: number][]): Uint8Array {
  const bits = codes.map(([code, width]) => code.toString(2).padStart(width, "0")).join("");
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
}

describe("readTiff", () => {
  it.each([true, false])("reads a plain image (little-endian: %s)", (littleEndian) => {
    const tiff = makeTiff({ littleEndian, pieces: [bytes(1, 2, 3, 4, 5, 6)] });
    expect(readTiff(tiff)).toEqual({
      width: 3,
      height: 2,
      channels: 1,
      maxValue: 255,
      data: bytes(1, 2, 3, 4, 5, 6),
    });
  });

  it.each<[string, TiffParts, number, number[]]>([
    ["1 bit", { fields: { 258: 1 }, pieces: [bytes(0b10100000, 0b01000000)] }, 1, [1, 0, 1, 0, 1, 0]],
    ["2 bits", { fields: { 258: 2 }, pieces: [bytes(0b11011000, 0b00000100)] }, 3, [3, 1, 2, 0, 0, 1]],
    ["4 bits", { fields: { 258: 4 }, pieces: [bytes(0x1f, 0x20, 0x34, 0x50)] }, 15, [1, 15, 2, 3, 4, 5]],
    [
      "4 bits with 0 for white",
      { fields: { 258: 4, 262: 0 }, pieces: [bytes(0x1f, 0x20, 0x34, 0x50)] },
      15,
      [14, 0, 13, 12, 11, 10],
    ],
    ["no depth, which means 1 bit", { fields: { 258: undefined }, pieces: [bytes(0xa0, 0x40)] }, 1, [1, 0, 1, 0, 1, 0]],
    [
      "samples not said to be whole",
      { fields: { 339: 4 }, pieces: [bytes(1, 2, 3, 4, 5, 6)] },
      255,
      [1, 2, 3, 4, 5, 6],
    ],
  ])("reads gray of %s", (_, parts, maxValue, values) => {
    const pixels = readTiff(makeTiff(parts));
    expect([pixels.channels, pixels.maxValue]).toEqual([1, maxValue]);
    expect([...pixels.data]).toEqual(values);
  });

  it("reads gray with alpha; of 0 for white it turns gray around, not alpha", () => {
    const parts: TiffParts = {
      width: 1,
      fields: { 262: 0, 277: 2, 258: [8, 8], 338: 2 },
      pieces: [bytes(10, 20, 30, 40)],
    };
    expect(readTiff(makeTiff(parts))).toMatchObject({ channels: 2, data: bytes(245, 20, 225, 40) });
  });

  it("takes premultiplied alpha where it is full everywhere", () => {
    const parts = (alpha: number): TiffParts => ({
      width: 1,
      height: 1,
      fields: { 277: 2, 258: [8, 8], 338: 1 },
      pieces: [bytes(7, alpha)],
    });
    expect(readTiff(makeTiff(parts(255)))).toMatchObject({ channels: 2, data: bytes(7, 255) });
    expect(refusal(makeTiff(parts(254))).message).toMatch(/multiplied by their alpha/);
  });

  it.each([
    ["256 times", 256],
    ["257 times", 257],
    ["not more than", 1],
  ])("reads palettes whose numbers are %s the colours", (_, factor) => {
    const colours = [0, 255, 10, 11, 20, 21, 30, 31].concat([40, 41, 50, 51]);
    const parts = { fields: { 258: 2, 262: 3, 320: colours.map((v) => v * factor) }, pieces: [bytes(0b00011011, 0)] };
    const { channels, maxValue, data } = readTiff(makeTiff({ ...parts, width: 4, height: 1 }));
    expect([channels, maxValue]).toEqual([3, 255]);
    expect([...data]).toEqual([0, 20, 40, 255, 21, 41, 10, 30, 50, 11, 31, 51]);
  });

  it("reads the orientation, and does not apply it", () => {
    const turned = readTiff(makeTiff({ fields: { 274: 6 }, pieces: [bytes(1, 2, 3, 4, 5, 6)] }));
    expect(turned).toMatchObject({ width: 3, height: 2, orientation: 6 });
    expect(readTiff(makeTiff({ fields: { 274: 1 } }))).not.toHaveProperty("orientation");
    expect(readTiff(makeTiff({ fields: { 274: 9 } }))).not.toHaveProperty("orientation");
  });

  it("passes thumbnails and masks over, and refuses several pages", () => {
    const small: TiffParts = { width: 1, height: 1, fields: { 254: 1 } };
    const mask: TiffParts = { width: 3, height: 2, fields: { 254: 4, 262: 4, 258: 1 } };
    expect(readTiff(makeTiff({ next: [small, mask] }))).toMatchObject({ width: 3, height: 2 });
    expect(readTiff(makeTiff({ ...small, next: [{ width: 5, height: 1 }] }))).toMatchObject({ width: 5, height: 1 });
    expect(refusal(makeTiff({ next: [small, {}] })).message).toMatch(/several images \(pages\); save the one you mean/);
    expect(refusal(makeTiff(small)).message).toMatch(/no full image/);
    expect(refusal(makeTiff({ ...small, lastNext: 8 })).message).toMatch(/run in a circle/);
    expect(refusal(makeTiff({ ...small, next: Array(1100).fill(small) })).message).toMatch(/more than 1000/);
  });

  it.each<[string, Uint8Array, number[]]>([
    ["PackBits runs and repetitions", bytes(1, 7, 8, 128, 254, 9, 0, 1), [7, 8, 9, 9, 9, 1]],
    ["PackBits that go on too long", bytes(253, 5, 100, 1, 2, 3, 4, 5), [5, 5, 5, 5, 1, 2]],
  ])("unpacks %s", (_, piece, values) => {
    expect([...readTiff(makeTiff({ fields: { 259: 32773 }, pieces: [piece] })).data]).toEqual(values);
  });

  it("unpacks LZW whose code names the string that it makes", () => {
    // 7, then (7 7), then (7 7 7): each code is the one being made.
    const piece = lzw([256, 9], [7, 9], [258, 9], [259, 9], [257, 9]);
    expect([...readTiff(makeTiff({ fields: { 259: 5 }, pieces: [piece] })).data]).toEqual([7, 7, 7, 7, 7, 7]);
  });

  it("unpacks LZW that clears its table in the middle", () => {
    const piece = lzw([256, 9], [1, 9], [2, 9], [258, 9], [256, 9], [3, 9], [4, 9], [257, 9]);
    expect([...readTiff(makeTiff({ fields: { 259: 5 }, pieces: [piece] })).data]).toEqual([1, 2, 1, 2, 3, 4]);
  });

  it.each<[string, TiffParts, RegExp]>([
    ["no width", { fields: { 256: undefined } }, /no field 256 \(width\)/],
    ["no height", { height: 0 }, /cannot be 3 x 0 pixels/],
    ["no colours", { fields: { 262: undefined } }, /no field 262/],
    ["too few samples", { fields: { 262: 2 } }, /1 samples a pixel, too few for RGB/],
    ["two widths", { fields: { 256: [3, 3] } }, /field 256 of the TIFF has 2 values; it can have 1 at most/],
    ["no strips", { fields: { 273: undefined } }, /0 offsets and 1 lengths for 1 strip/],
    ["too few strips", { fields: { 278: 1 } }, /1 offsets and 1 lengths for 2 strips/],
    ["strips of no rows", { fields: { 278: 0 } }, /strips of 3 x 0 pixels/],
    ["tiles of odd size", { fields: { 322: 16, 323: 15 } }, /tiles of 16 x 15 pixels/],
    ["huge tiles", { fields: { 322: 2 ** 20, 323: 2 ** 20 } }, /absurd for 3 x 2/],
    ["short data", { pieces: [bytes(1, 2, 3, 4, 5)] }, /5 bytes of image data in the TIFF cannot hold 3 x 2 pixels/],
    [
      "a short strip",
      { fields: { 278: 1 }, pieces: [bytes(1, 2, 3, 4), bytes(5, 6)] },
      /strip 1 of the TIFF ends early: 2 of 3 bytes/,
    ],
    ["data beyond the end", { fields: { 273: 1e6 } }, /strip 0 of the TIFF lies beyond the end of the file/],
    [
      "overlapping strips",
      { height: 100, fields: { 278: 1, 273: Array(100).fill(8), 279: Array(100).fill(99) } },
      /overlap/,
    ],
    ["a directory beyond the end", { fields: { 254: 1 }, lastNext: 1e9 }, /a directory lies beyond its \d+ bytes/],
    ["a short palette", { fields: { 262: 3, 258: 2, 320: [1, 2, 3] } }, /3 numbers in its palette, not 12/],
    ["planes of a third kind", { fields: { 284: 3 } }, /arranges its samples/],
    [
      "broken deflate",
      { fields: { 259: 8 }, pieces: [bytes(1, 2, 3, 4, 5, 6, 7)] },
      /strip 0 of the TIFF cannot be unpacked \(it does not begin as zlib data does\)/,
    ],
    [
      "LZW of unknown codes",
      { fields: { 259: 5 }, pieces: [lzw([256, 9], [300, 9])] },
      /LZW code 300 means nothing yet/,
    ],
    ["LZW that does not begin", { fields: { 259: 5 }, pieces: [lzw([258, 9])] }, /LZW code 258 means nothing yet/],
    ["LZW of the old kind", { fields: { 259: 5 }, pieces: [bytes(0, 1, 2)] }, /lowest bit first/],
    ["LZW that ends early", { fields: { 259: 5 }, pieces: [lzw([256, 9], [7, 9], [257, 9])] }, /ends early: 1 of 6/],
    ["PackBits that end early", { fields: { 259: 32773 }, pieces: [bytes(5, 1)] }, /ends early: 1 of 6/],
  ])("refuses %s as damaged", (_, parts, message) => {
    const error = refusal(makeTiff(parts));
    expect(error.message).toMatch(message);
    expect(error.code).toBe("damaged");
  });

  it.each<[string, TiffParts, RegExp]>([
    ["unknown colours", { fields: { 262: 77 } }, /colours of kind 77; convert it to RGB or gray/],
    [
      "a palette of reals",
      { fields: { 262: 3, 258: 32, 339: 3 } },
      /floating-point numbers of 32 bits in a palette image/,
    ],
    ["complex numbers", { fields: { 258: 64, 339: 6 } }, /complex or unknown numbers of 64 bits/],
    ["3 bits", { fields: { 258: 3 } }, /whole numbers of 3 bits/],
    ["mixed depths", { fields: { 262: 2, 277: 3, 258: [5, 6, 5] } }, /samples of several kinds/],
    ["unknown compression", { fields: { 259: 99 } }, /compression of kind 99; save it with LZW/],
    ["Zstandard", { fields: { 259: 50000 } }, /compression of Zstandard/],
    ["a predictor for bits", { fields: { 258: 1, 259: 5, 317: 2 } }, /predictor 2 with 1 bits/],
    ["reversed bits", { fields: { 266: 2 } }, /bits in reverse order/],
    [
      "five samples",
      { fields: { 262: 2, 277: 5, 258: [8, 8, 8, 8, 8] } },
      /5 samples a pixel: 2 beside red, green and blue/,
    ],
  ])("refuses %s by name", (_, parts, message) => {
    const error = refusal(makeTiff(parts));
    expect(error.message).toMatch(message);
    expect(error.code).toBe("unsupported");
  });

  it("refuses images above the limit before it unpacks anything", () => {
    const tiff = makeTiff({ width: 60000, height: 60000, pieces: [bytes(1)] });
    expect(refusal(tiff)).toMatchObject({
      code: "too-big",
      message: "x.tif: 60000 x 60000 pixels; at most 67108864 pixels are read",
    });
    expect(refusal(makeTiff({}), { maxPixels: 5 }).code).toBe("too-big");
    expect(readTiff(makeTiff({}), { maxPixels: 6 }).width).toBe(3);
  });

  it.each<[string, number, number]>([
    ["raw", 1, 64e6],
    ["LZW", 5, 180_000],
    ["deflate", 8, 495_000],
    ["PackBits", 32773, 7_900_000],
  ])("takes no memory for more pixels than %s data can hold", (_, compression, length) => {
    const parts = { width: 8000, height: 8000, fields: { 259: compression, 258: [64, 64, 64, 64], 339: [3, 3, 3, 3] } };
    const piece = new Uint8Array(length / 100);
    const tiff = makeTiff({ ...parts, fields: { ...parts.fields, 262: 2, 277: 4, 338: 2 }, pieces: [piece] });
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(tiff).message).toMatch(/bytes of image data in the TIFF cannot hold 8000 x 8000 pixels/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  it("does not unpack more than the image needs", () => {
    const bomb = zlibSync(new Uint8Array(50_000_000), { level: 9 });
    const before = process.cpuUsage();
    expect(refusal(makeTiff({ fields: { 259: 8 }, pieces: [bomb] })).message).toMatch(
      /strip 0 of the TIFF unpacks to far more than its pixels take/,
    );
    // Each code stands for one byte more than the one before: 4,096 codes are 8 million bytes.
    const codes: [number, number][] = [
      [256, 9],
      [7, 9],
    ];
    for (let next = 258; next < 4096; next++)
      codes.push([next, next < 511 ? 9 : next < 1023 ? 10 : next < 2047 ? 11 : 12]);
    const { data } = readTiff(makeTiff({ fields: { 259: 5 }, pieces: [lzw(...codes)] }));
    expect([...data]).toEqual([7, 7, 7, 7, 7, 7]);
    expect(process.cpuUsage(before).user).toBeLessThan(1e6);
  });

  it("fills the whole table of LZW", () => {
    const codes: [number, number][] = [
      [256, 9],
      [7, 9],
    ];
    for (let next = 258; next < 4096; next++)
      codes.push([next, next < 511 ? 9 : next < 1023 ? 10 : next < 2047 ? 11 : 12]);
    codes.push([4095, 12], [8, 12], [257, 12]);
    const total = 1 + (3839 * 3840) / 2 - 1 + 3839 + 1;
    const tiff = makeTiff({ width: total, height: 1, fields: { 259: 5 }, pieces: [lzw(...codes)] });
    const { data } = readTiff(tiff);
    expect(data.subarray(0, -1).every((value) => value === 7)).toBe(true);
    expect(data[total - 1]).toBe(8);
  });

  it("takes real numbers from 0 to 1 only", () => {
    const real = (...values: number[]): TiffParts => ({
      width: values.length,
      height: 1,
      fields: { 258: 32, 339: 3 },
      pieces: [new Uint8Array(Float32Array.from(values).buffer)],
    });
    const pixels = readTiff(makeTiff(real(0, 0.1, 1)));
    expect(pixels).toMatchObject({ maxValue: 1, data: Float32Array.of(0, 0.1, 1) });
    expect(refusal(makeTiff(real(0, 255))).message).toMatch(
      /go from 0 to 255; they must lie between 0 \(black\) and 1/,
    );
    expect(refusal(makeTiff(real(-0.5, 1))).message).toMatch(/from -0\.5 to 1/);
    expect(refusal(makeTiff(real(0, Number.NaN))).message).toMatch(/NaN/);
    expect(refusal(makeTiff(real(0, Number.POSITIVE_INFINITY))).message).toMatch(/to Infinity/);
  });
});
